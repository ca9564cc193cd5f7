"""Sent twice, written once: the answer is kept with what it tells of, under its sender's key.

Key and work are one transaction. A second request under the same key waits for the first to end:
it gets the same answer, or does the work itself if the first one failed. Only what was written is
kept: a refusal leaves the key free for what is sent corrected.
"""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.db import connection, transaction
from django.http import HttpResponse
from django.utils.translation import gettext as _
from rest_framework.request import Request

from mmn_registry.accounts.models import KeptAnswer

from .refusals import Refused

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
KEPT_HOURS = 48
# In quotation marks, as the draft of the header has it, or without.
KEY = re.compile(r'"?([!#-~]{1,200})"?')
JSON = "application/json"

CLAIM = f"""
INSERT INTO accounts_keptanswer
    (id, owner_id, token, key, fingerprint, etag, location, body, kept_at)
VALUES (gen_random_uuid(), %s, %s, %s, %s, '', '', '', statement_timestamp())
ON CONFLICT (owner_id, token, key) DO UPDATE
    SET fingerprint = excluded.fingerprint, kept_at = excluded.kept_at,
        status = NULL, etag = '', location = '', body = ''
    WHERE accounts_keptanswer.kept_at < statement_timestamp() - interval '{KEPT_HOURS} hours'
RETURNING id
"""  # noqa: S608 — a number of ours


FORGET = f"""
DELETE FROM accounts_keptanswer
WHERE kept_at < statement_timestamp() - interval '{KEPT_HOURS} hours'
"""  # noqa: S608
FORGET_COUNTS = """
DELETE FROM accounts_requestcount WHERE since < statement_timestamp() - interval '1 day'
"""


def forget_old() -> int:
    """Remove the answers whose time is over; safe to do twice. Gives back how many they were."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(FORGET_COUNTS)
        cursor.execute(FORGET)
        return cursor.rowcount


@dataclass(frozen=True)
class Answer:
    """An answer that can be given again, word for word."""

    status: HTTPStatus
    content: Any
    etag: str = ""
    location: str = ""

    @property
    def headers(self) -> dict[str, str]:
        return _headers(self.etag, self.location)

    @property
    def body(self) -> str:
        return json.dumps(self.content, ensure_ascii=False, separators=(",", ":"))

    def response(self) -> HttpResponse:
        return _response(self.status, self.body, self.headers)


def _headers(etag: str, location: str) -> dict[str, str]:
    told = {"ETag": etag, "Location": location}
    return {name: value for name, value in told.items() if value}


def _response(status: int, body: str, headers: dict[str, str]) -> HttpResponse:
    return HttpResponse(body, content_type=JSON, status=status, headers=headers)


def key_of(request: Request, *, needed: bool) -> str:
    """The key that came with a request; "" where none came and none is needed."""
    said = request.headers.get(HEADER, "").strip()
    if not said and not needed:
        return ""
    found = KEY.fullmatch(said)
    if found:
        return found[1]
    message = _(
        "Give this request a key of its own in the header `Idempotency-Key`, such as a UUID: sent "
        "again with the same key, it writes nothing twice."
    )
    if said:
        message = _("An `Idempotency-Key` is 1 to 200 visible characters, such as a UUID.")
    raise Refused(HTTPStatus.BAD_REQUEST, "idempotency_key_needed", message)


def fingerprint(request: Request, sent: Any) -> str:
    """Alike for the same request, however its body is spelt."""
    canonical = json.dumps(sent, sort_keys=True, separators=(",", ":"), default=str)
    # Two versions of a record are two requests.
    read = request.headers.get("If-Match", "")
    told = f"{request.method} {request.path} {read}\n{canonical}"
    return hashlib.sha256(told.encode()).hexdigest()


def once(request: Request, key: str, sent: Any, work: Callable[[], Answer]) -> HttpResponse:
    """Do the work and keep its answer, or give the answer that was kept; without a key, do it.

    Raises
    ------
    Refused
        422 if another request was sent under this key.
    """
    with transaction.atomic():
        if not key:
            return work().response()
        asked, who = fingerprint(request, sent), _who(request)
        with connection.cursor() as cursor:
            cursor.execute(CLAIM, [*who.values(), key, asked])
            claimed = cursor.fetchone()
        if claimed is None:
            return _given_before(KeptAnswer.objects.get(key=key, **who), asked)
        answer = work()
        body = answer.body
        KeptAnswer.objects.filter(pk=claimed[0]).update(
            status=answer.status, etag=answer.etag, location=answer.location, body=body
        )
    return _response(answer.status, body, answer.headers)


def _who(request: Request) -> dict[str, str]:
    token = str(request.auth.identifier) if request.auth else ""
    return {"owner_id": str(request.user.pk), "token": token}


def _given_before(kept: KeptAnswer, asked: str) -> HttpResponse:
    if kept.fingerprint != asked:
        message = _("Another request was sent under this key. Send this one with a key of its own.")
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "key_of_another_request", message)
    headers = _headers(kept.etag, kept.location) | {REPLAYED: "true"}
    return _response(kept.status, kept.body, headers)
