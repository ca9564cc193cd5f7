"""Sealing: new entries of the trail are hashed together and chained to what was sealed before.

Writers never wait for it: entries are written unchained, and a seal names by their numbers those
that it found. Numbers may become visible out of order, or never, where a transaction took long or
was taken back; ``settled`` says up to where nothing can appear any more.
"""

from collections.abc import Iterator

from django.db import ProgrammingError, connections, transaction
from psycopg.errors import InsufficientPrivilege

from mmn_registry.postgres import PostgresProblem

from .hashes import FORMULA, ROOT, Sealed

ALIAS = "audit"
# One sealer at a time: a number of our own among PostgreSQL's advisory locks.
SEALING = 0x4D4D4E02
ENTRIES_PER_SEAL = 50_000

LAST = "SELECT batch, settled, hash FROM audit_seal ORDER BY batch DESC LIMIT 1"
# Who has drawn a number by now has a transaction number already, and ours, asked for next, is
# higher: that is the horizon.
DRAWN = "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM audit_entry_seq_seq"
HORIZON = "SELECT pg_current_xact_id()::text::bigint"
# Up to here every number was drawn by a transaction that has ended by now. After a dump was
# restored elsewhere, where transactions are counted anew, new seals soon answer this again.
ENDED = """
SELECT drawn FROM audit_seal
WHERE horizon <= pg_snapshot_xmin(pg_current_snapshot())::text::bigint
ORDER BY batch DESC LIMIT 1
"""
NEW_ENTRIES = f"""
WITH sealed AS (
    SELECT coalesce(range_agg(entries::int8multirange), '{{}}') AS entries
    FROM audit_seal WHERE last_seq > %(settled)s
), e AS (
    SELECT audit_entry.* FROM audit_entry, sealed
    WHERE seq > %(settled)s AND NOT seq <@ sealed.entries
    ORDER BY seq LIMIT %(limit)s
)
SELECT count(*), max(seq), range_agg(int8range(seq, seq, '[]'))::text, {ROOT}, clock_timestamp()
FROM e
"""  # noqa: S608


class MayNotSeal(PostgresProblem):
    """Whoever connects has no right to add seals."""


def seal() -> int:
    """Seal what is new, in as many seals as it takes; how many entries."""
    try:
        return sum(_seals())
    except ProgrammingError as problem:
        if not isinstance(problem.__cause__, InsufficientPrivilege):
            raise
        user = connections[ALIAS].settings_dict["USER"]
        raise MayNotSeal(
            f"{user or 'This role'} may not seal the trail. Set DATABASE_AUDIT_URL to a "
            "connection as mmn_audit."
        ) from None


def _seals() -> Iterator[int]:
    count = ENTRIES_PER_SEAL
    while count == ENTRIES_PER_SEAL:
        with transaction.atomic(using=ALIAS), connections[ALIAS].cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SEALING])
            new = _next_seal(cursor)
            if new is not None:
                _insert(cursor, new)
            count = new.count if new else 0
        yield count


def _next_seal(cursor) -> Sealed | None:
    """A seal of the entries with the lowest numbers, if there are any. The order matters."""
    batch, settled, previous = cursor.execute(LAST).fetchone() or (0, 0, b"")
    (drawn,) = cursor.execute(DRAWN).fetchone()
    (horizon,) = cursor.execute(HORIZON).fetchone()
    (ended,) = cursor.execute(ENDED).fetchone() or (0,)
    asked = {"settled": settled, "limit": ENTRIES_PER_SEAL}
    count, last_seq, entries, root, sealed_at = cursor.execute(NEW_ENTRIES, asked).fetchone()
    if not count:
        return None
    if count == ENTRIES_PER_SEAL:
        ended = min(ended, last_seq)  # more may wait behind these
    return Sealed(
        batch=batch + 1,
        sealed_at=sealed_at,
        formula=FORMULA,
        entries=entries,
        count=count,
        last_seq=last_seq,
        settled=max(settled, ended),
        drawn=drawn,
        horizon=horizon,
        root=bytes(root),
        previous=bytes(previous),
    )


def _insert(cursor, new: Sealed) -> None:
    columns = [*Sealed.columns(), "hash"]
    values = [*(getattr(new, name) for name in Sealed.columns()), new.chain_hash()]
    places = ", ".join("%s" for _ in columns)
    cursor.execute(
        f"INSERT INTO audit_seal ({', '.join(columns)}) VALUES ({places})",  # noqa: S608
        values,
    )
