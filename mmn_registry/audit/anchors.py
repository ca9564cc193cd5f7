"""Anchors: hashes of the chain kept outside the database, one line each.

Who can rewrite the database can rewrite the whole chain, but not what stands elsewhere. An anchor
names no patient and no person: it may be printed, posted and signed.
"""

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.db import connections

from .sealing import ALIAS

LAST = "SELECT batch, hash FROM audit_seal ORDER BY batch DESC LIMIT 1"


@dataclass(frozen=True)
class Anchor:
    """The chain as it ended at some time: the last seal and its hash."""

    at: str
    batch: int
    hash: str

    def __str__(self):
        return f"{self.at} {self.batch} {self.hash}"

    @classmethod
    def read(cls, line: str) -> "Anchor":
        """Raises ValueError for a line that is none."""
        at, batch, hexadecimal = line.split()
        if len(bytes.fromhex(hexadecimal)) != 32:
            raise ValueError(line)
        return cls(datetime.fromisoformat(at).isoformat(), int(batch), hexadecimal)


def last_anchor() -> Anchor | None:
    """The end of the chain now; None while nothing was sealed."""
    with connections[ALIAS].cursor() as cursor:
        last = cursor.execute(LAST).fetchone()
    if last is None:
        return None
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return Anchor(now, last[0], bytes(last[1]).hex())


def append(anchor: Anchor, path: Path) -> None:
    """Add a line, and be sure that it is on the disk; the same end of the chain is told once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    known = path.read_text(encoding="ascii").splitlines() if path.exists() else []
    if known and known[-1].split()[1:] == [str(anchor.batch), anchor.hash]:
        return
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, f"{anchor}\n".encode("ascii"))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
