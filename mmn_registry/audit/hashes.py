"""What is hashed of the trail, and how: SHA-256 of PostgreSQL and of Python, and nothing else.

The statements are sent whole, so that no function stored in the database is trusted with them.
"""

import hashlib
from dataclasses import dataclass, fields
from datetime import UTC, datetime

# Stands in each seal: another formula some day will leave the older seals verifiable.
FORMULA = 1
# Every column, unambiguously: JSON quotes texts, an instant counts microseconds.
ENTRY_HASH = """sha256(convert_to(json_build_array(
    e.seq, (extract(epoch FROM e.at) * 1000000)::bigint, e.xid, e.database_role, e.kind,
    e.actor_kind, e.actor_id, e.actor_name, e.action_id, e.verb, e.reason, e.request_id, e.route,
    e.table_name, e.operation, e.record_id, e.patient_id, e.study_id, e.centre_id, e.changed,
    e.rows, e.old, e.new)::text, 'UTF8'))"""
ROOT = f"sha256(string_agg({ENTRY_HASH}, ''::bytea ORDER BY e.seq))"


@dataclass(frozen=True)
class Sealed:
    """What a row of ``audit_seal`` says: all of it covered by its hash, which continues the last.

    Its fields are the table's columns, in order, but for the hash itself.
    """

    batch: int
    sealed_at: datetime
    formula: int
    entries: str
    count: int
    last_seq: int
    settled: int
    drawn: int
    horizon: int
    root: bytes
    previous: bytes

    @classmethod
    def columns(cls) -> list[str]:
        return [field.name for field in fields(cls)]

    def chain_hash(self) -> bytes:
        """The hash that the next seal continues, and that anchors keep."""
        numbers = (self.batch, self.formula, self.count, self.last_seq, self.settled)
        numbers += (self.drawn, self.horizon)
        sealed_at = self.sealed_at.astimezone(UTC).isoformat(timespec="microseconds")
        told = f"{sealed_at} {self.entries} {' '.join(map(str, numbers))}"
        return hashlib.sha256(self.previous + self.root + told.encode()).digest()
