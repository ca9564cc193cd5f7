"""Who is acting, for whom and why: what the database is told with every statement.

A door (page, API, command, worker) says once who acts; the engine carries it to PostgreSQL with
each transaction, signed, and row-level security and the trail stand on it. Without a principal in
force no patient's row can be read or written.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final, Literal, TypeVar
from uuid import UUID, uuid4

EVERYWHERE: Final = "*"
Item = TypeVar("Item")
Reach = frozenset[UUID] | Literal["*"]  # the centres a right reaches
NOWHERE: Reach = frozenset()


class Right(StrEnum):
    """What row-level security tells apart; roles and permissions are made of these in accounts."""

    READ = "read"  # as those who treat: every patient of the centre
    RESEARCH = "research"  # pseudonymised: but those who withdrew their consent to research
    WRITE = "write"
    IDENTITY = "identity"
    TRAIL = "trail"


class Kind(StrEnum):
    USER = "user"
    TOKEN = "token"  # noqa: S105 — a kind of principal
    OPERATOR = "operator"  # whoever has a shell on the server
    WORKER = "worker"


@dataclass(frozen=True)
class Principal:
    """Somebody, with what they may reach."""

    kind: Kind
    actor_id: UUID | None = None  # the user; None for an operator and the worker
    name: str = ""  # the command of an operator or the worker, the id of a token
    reach: Mapping[Right, Reach] = field(default_factory=dict)

    def reaches(self, right: Right, centre_id: UUID) -> bool:
        centres = self.reach.get(right, NOWHERE)
        return centres == EVERYWHERE or centre_id in centres


def operator(command: str) -> Principal:
    """Commands run by who administers the server see and may do everything, and are named."""
    return Principal(Kind.OPERATOR, name=command, reach=dict.fromkeys(Right, EVERYWHERE))


@dataclass(frozen=True)
class Action:
    """What a person would call one thing done, however many rows it writes."""

    verb: str
    reason: str = ""
    id: UUID = field(default_factory=uuid4)


@dataclass(frozen=True)
class InForce:
    """A principal at work: in which request, doing what."""

    principal: Principal
    request_id: str = ""
    action: Action | None = None
    exports: bool = False  # all of something was asked for: a statement may take its time


_in_force: ContextVar[InForce | None] = ContextVar("mmn_principal", default=None)
_request_id: ContextVar[str] = ContextVar("mmn_request_id", default="")


def at_work() -> InForce | None:
    return _in_force.get()


def current() -> Principal | None:
    """Who acts now; None where nobody was named."""
    now = _in_force.get()
    return now.principal if now else None


@contextmanager
def in_force(principal: Principal | None, *, request_id: str = "") -> Iterator[None]:
    """Meanwhile every statement of this thread is the principal's; None: nobody's."""
    now = InForce(principal, request_id or _request_id.get()) if principal else None
    before = _in_force.set(now)
    try:
        yield
    finally:
        _in_force.reset(before)


def request_id() -> str:
    """Of the request that is answered now; empty outside of one."""
    return _request_id.get()


@contextmanager
def answering(request_id: str) -> Iterator[None]:
    """Whoever acts meanwhile acts in this request."""
    before = _request_id.set(request_id)
    try:
        yield
    finally:
        _request_id.reset(before)


@contextmanager
def exporting() -> Iterator[None]:
    """Meanwhile a statement may take as long as all of a table needs."""
    now = _in_force.get()
    with resumed(replace(now, exports=True) if now else None):
        yield


@contextmanager
def resumed(now: InForce | None) -> Iterator[None]:
    """The same again, in another thread or after its view has returned."""
    before = _in_force.set(now)
    try:
        yield
    finally:
        _in_force.reset(before)


def carried(items: Iterable[Item]) -> Iterator[Item]:
    """Items that are made while who is in force now is in force, whenever they are asked for.

    What a view streams is made after the view has returned.
    """
    return _made_under(_in_force.get(), iter(items))


def _made_under(now: InForce | None, made: Iterator[Item]) -> Iterator[Item]:
    while True:
        with resumed(now):
            try:
                item = next(made)
            except StopIteration:
                return
        yield item


@contextmanager
def named_action(verb: str, reason: str = "") -> Iterator[None]:
    """Rows written meanwhile belong to one action; an action inside another is part of it."""
    now = _in_force.get()
    if now is None or now.action is not None:
        yield
        return
    with resumed(replace(now, action=Action(verb, reason))):
        yield


# ── What goes to PostgreSQL, which verifies it in registry_context() ─────────────────────────


class ContextKey:
    """The key that signs contexts: known to the web processes and to the owner's table alone."""

    HASH_BLOCK_BYTES = 64

    def __init__(self, secret: str) -> None:
        # The secret signs other things too: a key for this alone.
        self._key = hmac.digest(secret.encode(), b"mmn registry: row-level context", "sha256")
        self.id = hashlib.sha256(b"id of " + self._key).hexdigest()[:16]

    @property
    def pads(self) -> tuple[bytes, bytes]:
        """The inner and the outer block of HMAC, which PostgreSQL needs, having only SHA-256."""
        block = self._key.ljust(self.HASH_BLOCK_BYTES, b"\0")
        return bytes(b ^ 0x36 for b in block), bytes(b ^ 0x5C for b in block)

    def signed(self, text: str) -> str:
        mac = hmac.digest(self._key, text.encode(), "sha256").hex()
        return f"{self.id}:{mac}:{text}"


def context(now: InForce, *, backend_pid: int, valid_until: float) -> str:
    """What the database is told, bound to one of its processes and to a time."""
    principal, action = now.principal, now.action
    told = {
        "kind": principal.kind,
        "actor": str(principal.actor_id) if principal.actor_id else None,
        "name": principal.name,
        "request": now.request_id,
        "action": str(action.id) if action else None,
        "verb": action.verb if action else "",
        "reason": action.reason if action else "",
        "reach": {right: _listed(reach) for right, reach in principal.reach.items()},
        "pid": backend_pid,
        "until": valid_until,
    }
    return json.dumps(told, separators=(",", ":"))


def _listed(reach: Reach) -> str | list[str]:
    return EVERYWHERE if reach == EVERYWHERE else sorted(map(str, reach))
