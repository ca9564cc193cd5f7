"""What a database holds, in one hash per table that does not depend on the order of rows.

Two dumps of the same rows differ; these hashes do not: of each row as text its SHA-256, sorted,
and the SHA-256 of those. Sequences are left out: a server that was restored goes on a little
further, and gaps mean nothing.
"""

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from psycopg import IsolationLevel, sql

# How a value is written depends on these; a cluster's own settings must not.
FORM = (
    "SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO, YMD'; "
    "SET LOCAL IntervalStyle = 'iso_8601'; SET LOCAL extra_float_digits = 1; "
    "SET LOCAL bytea_output = 'hex'; SET LOCAL row_security = off; "
    "SET LOCAL statement_timeout = 0"
)
# Tables that are not logged come back empty: nobody expects their rows.
TABLES = """
SELECT c.relname, quote_ident(n.nspname) || '.' || quote_ident(c.relname)
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND n.nspname = 'public'
ORDER BY c.relname COLLATE "C"
"""
DIGESTS = """
COPY (
    SELECT encode(sha256(convert_to(t::text, 'UTF8')), 'hex') COLLATE "C" AS digest
    FROM ONLY {} AS t ORDER BY 1
) TO STDOUT
"""
Held = dict[str, tuple[int, str]]  # rows and hash, by table
QUIET_SECONDS = 120.0


@dataclass(frozen=True)
class Moment:
    """One state of the database, and where in the WAL it is."""

    lsn: str
    at: str
    tables: Held
    anchor: str


def held(connection: psycopg.Connection) -> Held:
    """Every table, read within the transaction that the connection is in."""
    with connection.cursor() as cursor:
        cursor.execute(FORM)  # type: ignore[arg-type]
        tables = cursor.execute(TABLES).fetchall()
        return {name: _digest(cursor, quoted) for name, quoted in tables}


def _digest(cursor: psycopg.Cursor, table: str) -> tuple[int, str]:
    found, rows = hashlib.sha256(), 0
    with cursor.copy(sql.SQL(DIGESTS).format(sql.SQL(table))) as lines:  # type: ignore[arg-type]
        for block in lines:
            found.update(block)
            rows += bytes(block).count(b"\n")
    return rows, found.hexdigest()


def differences(before: Held, after: Held) -> list[str]:
    """A sentence per table that does not hold the same."""
    said = []
    for table in sorted({*before, *after}):
        if table not in after:
            said.append(f"{table} is missing.")
        elif table not in before:
            said.append(f"{table} should not be there.")
        elif before[table][0] != after[table][0]:
            said.append(f"{table} has {after[table][0]} rows; {before[table][0]} were backed up.")
        elif before[table] != after[table]:
            said.append(f"{table}: of its {after[table][0]} rows some are not what was backed up.")
    return said


ANCHOR = "SELECT batch, encode(hash, 'hex') FROM audit_seal ORDER BY batch DESC LIMIT 1"


def moment(connection: psycopg.Connection) -> Moment | None:
    """What the database holds, as of a place in the WAL; writers go on meanwhile.

    A snapshot shows what had been committed, a place in the WAL what had been written: they agree
    when nothing was on its way at that moment. None if there is no such moment for two minutes.
    """
    deadline = time.monotonic() + QUIET_SECONDS
    while time.monotonic() < deadline:
        with _quiet_snapshot(connection) as found:
            if found is not None:
                tables = held(connection)
                anchor = ""
                if "audit_seal" in tables:
                    sealed = connection.execute(ANCHOR).fetchone()
                    anchor = f"{found[1]} {sealed[0]} {sealed[1]}" if sealed else ""
                return Moment(found[0], found[1], tables, anchor)
        time.sleep(0.01)
    return None


PLACE = "SELECT pg_current_wal_insert_lsn()::text"
SNAPSHOT = """
SELECT pg_current_wal_insert_lsn()::text,
    pg_snapshot_xmin(pg_current_snapshot()) = pg_snapshot_xmax(pg_current_snapshot()),
    to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"')
"""


@contextmanager
def _quiet_snapshot(connection: psycopg.Connection) -> Iterator[tuple[str, str] | None]:
    """A snapshot while nothing was written and nobody was writing; None if somebody was."""
    before = connection.execute(PLACE).fetchone()
    connection.isolation_level, connection.read_only = IsolationLevel.REPEATABLE_READ, True
    try:
        with connection.transaction():
            found = connection.execute(SNAPSHOT).fetchone()
            if before is None or found is None:
                raise AssertionError
            quiet = found[0] == before[0] and found[1]
            yield (found[0], found[2]) if quiet else None
    finally:
        connection.isolation_level = connection.read_only = None
