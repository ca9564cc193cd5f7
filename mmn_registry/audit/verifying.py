"""Verifying: is every entry as it was sealed, is the chain whole, is it the one that was anchored?

Everything is read from one snapshot, so that writers and the sealer may go on meanwhile.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from django.db import connections

from mmn_registry.snapshot import one_snapshot

from .anchors import Anchor
from .coverage import gaps
from .hashes import FORMULA, ROOT, Sealed
from .sealing import ALIAS

SEALS_AT_ONCE = 1000
ENTRIES_AT_ONCE = 200_000
# An entry is sealed within minutes, or when the transaction that wrote it has ended.
LONGEST_TRANSACTION = timedelta(days=1)
CLOCK_TOLERANCE = timedelta(hours=1)

SEALS = f"""
SELECT {", ".join(Sealed.columns())}, hash FROM audit_seal
WHERE batch > %s ORDER BY batch LIMIT {SEALS_AT_ONCE}
"""  # noqa: S608
ENTRIES = f"""
SELECT s.batch, count(e.seq), max(e.seq), {ROOT}, min(e.at), max(e.at)
FROM audit_seal AS s
CROSS JOIN LATERAL unnest(s.entries::int8multirange) AS part(numbers)
JOIN audit_entry AS e ON e.seq >= lower(part.numbers) AND e.seq < upper(part.numbers)
WHERE s.batch = ANY(%s) GROUP BY s.batch
"""  # noqa: S608
NEVER_SEALED = """
SELECT e.seq FROM audit_entry AS e, (
    SELECT coalesce(range_agg(numbers), '{}') AS numbers
    FROM audit_seal AS s CROSS JOIN LATERAL unnest(s.entries::int8multirange) AS part(numbers)
) AS sealed
WHERE e.seq <= %s AND NOT e.seq <@ sealed.numbers ORDER BY e.seq LIMIT 10
"""
COUNT = "SELECT count(*) FROM audit_entry"


@dataclass(frozen=True)
class Finding:
    """What is not as it was; ``batch`` is the seal that says so, None where it is about no seal."""

    batch: int | None
    text: str

    def __str__(self):
        return self.text if self.batch is None else f"Seal {self.batch}: {self.text}"


@dataclass
class Verification:
    """What was looked at, and what was found."""

    entries: int = 0
    sealed: int = 0
    seals: int = 0
    anchors: int = 0
    findings: list[Finding] = field(default_factory=list)

    def add(self, batch: int | None, text: str) -> None:
        self.findings.append(Finding(batch, text))

    @property
    def first_bad_batch(self) -> int | None:
        batches = [found.batch for found in self.findings if found.batch is not None]
        return min(batches, default=None)


def verify(*anchor_files: Path) -> Verification:
    """Look at all of it, and compare with the anchors of these files."""
    found = Verification()
    # Before the snapshot: what is anchored later is none of its business.
    anchors = list(_read_anchors(anchor_files, found))
    with one_snapshot(ALIAS), connections[ALIAS].cursor() as cursor:
        chain = Chain(found, anchored={anchor.batch for anchor in anchors})
        for seals in _seals(cursor):
            for group in _groups(list(chain.follow(seals))):
                _verify_entries(cursor, group, found)
        _verify_anchors(anchors, chain, found)
        for (seq,) in cursor.execute(NEVER_SEALED, [chain.settled]).fetchall():
            found.add(
                None, f"Entry {seq} was slipped in: when its time was sealed, it was not there."
            )
        (found.entries,) = cursor.execute(COUNT).fetchone()
        for gap in gaps(cursor):
            found.add(None, f"{gap}.")
    found.findings.sort(key=lambda one: (one.batch is None, one.batch or 0))
    return found


def _seals(cursor) -> Iterator[list[tuple[Sealed, bytes]]]:
    """All seals in order, some at a time, each with the hash that stands beside it."""
    batch = 0
    while rows := cursor.execute(SEALS, [batch]).fetchall():
        yield [
            (Sealed(*told[:-2], root=bytes(told[-2]), previous=bytes(told[-1])), bytes(chain_hash))
            for *told, chain_hash in rows
        ]
        batch = rows[-1][0]


class Chain:
    """Follows the seals one by one: each must continue the one before."""

    def __init__(self, found: Verification, anchored: set[int]):
        self.found = found
        self.anchored = anchored
        self.hashes: dict[int, bytes] = {}  # of the anchored seals
        self.batch = 0
        self.hash = b""
        self.settled = 0
        self.sealed_at: datetime | None = None

    def follow(
        self, seals: Iterable[tuple[Sealed, bytes]]
    ) -> Iterator[tuple[Sealed, datetime | None]]:
        """Each seal with the time of the one before it."""
        for seal, chain_hash in seals:
            for batch, fault in self._faults(seal, chain_hash):
                self.found.add(batch, fault)
            yield seal, self.sealed_at
            self.batch, self.hash, self.settled = seal.batch, chain_hash, seal.settled
            self.sealed_at = seal.sealed_at
            if seal.batch in self.anchored:
                self.hashes[seal.batch] = chain_hash

    def _faults(self, seal: Sealed, chain_hash: bytes) -> Iterator[tuple[int, str]]:
        if seal.batch != self.batch + 1:
            yield self.batch + 1, f"it is gone; the next that is there is {seal.batch}."
        elif seal.previous != self.hash:
            yield seal.batch, "it does not continue the seal before it."
        if seal.formula != FORMULA:
            yield seal.batch, f"nobody here knows formula {seal.formula}."
        elif seal.chain_hash() != chain_hash:
            yield seal.batch, "what it says was changed."


Group = Mapping[int, tuple[Sealed, datetime | None]]


def _groups(seals: Iterable[tuple[Sealed, datetime | None]]) -> Iterator[Group]:
    """As many seals as are verified in one statement."""
    group, entries = {}, 0
    for seal, sealed_before in seals:
        group[seal.batch] = seal, sealed_before
        entries += seal.count
        if entries >= ENTRIES_AT_ONCE:
            yield group
            group, entries = {}, 0
    if group:
        yield group


def _verify_entries(cursor, group: Group, found: Verification) -> None:
    """The entries of some seals, as they stand, against what was sealed."""
    rows = cursor.execute(ENTRIES, [list(group)]).fetchall()
    standing = {batch: told for batch, *told in rows}
    for batch, (seal, sealed_before) in group.items():
        count, last_seq, root, first_at, last_at = standing.get(batch, (0, None, b"", None, None))
        found.seals += 1
        found.sealed += count
        if count != seal.count:
            found.add(batch, f"{seal.count} entries were sealed, {count} are there.")
        elif last_seq != seal.last_seq or bytes(root) != seal.root:
            found.add(batch, f"of its {count} entries some are not what was sealed.")
        elif sealed_before and first_at < sealed_before - LONGEST_TRANSACTION:
            found.add(batch, f"an entry says {first_at}, long before it was sealed.")
        elif last_at > seal.sealed_at + CLOCK_TOLERANCE:
            found.add(batch, f"an entry says {last_at}, after it was sealed.")


def _read_anchors(files: Iterable[Path], found: Verification) -> Iterator[Anchor]:
    for file in files:
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
            try:
                yield Anchor.read(line)
            except ValueError:
                found.add(None, f"{file}, line {number} is no anchor.")


def _verify_anchors(anchors: Iterable[Anchor], chain: Chain, found: Verification) -> None:
    for anchor in anchors:
        found.anchors += 1
        standing = chain.hashes.get(anchor.batch)
        if anchor.batch > chain.batch:
            gone = f"it is gone with all after it; seal {anchor.batch} was anchored at {anchor.at}."
            found.add(chain.batch + 1, gone)
        elif standing is None:
            found.add(anchor.batch, f"it was anchored at {anchor.at}, and is gone.")
        elif standing.hex() != anchor.hash:
            found.add(anchor.batch, f"another one was anchored at {anchor.at}.")
