"""Notes: what is in the trail although no row was written, as reads, exports and sign-ins.

A note says route and number, and which patient or row by id: no value, no name, no address.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar
from uuid import UUID

from django.db import connection, connections, transaction
from psycopg import IsolationLevel

from mmn_registry import principal

from .vocabulary import EntryKind

Item = TypeVar("Item")


def note(
    kind: EntryKind,
    *,
    route: str,
    table: str = "",
    record_id: object = "",
    centre_id: UUID | None = None,
    rows: int | None = None,
) -> None:
    """Write an entry in the name of whoever is in force; an error is a reason to do no more."""
    told = (kind.value, route, table, str(record_id), centre_id, rows)
    _write("SELECT registry_note(%s, %s, %s, %s, %s, %s)", told)


def note_patient(kind: EntryKind, study_id: str, *, route: str, rows: int | None = None) -> None:
    """The same about a patient. A study id that nobody has is not written down."""
    _write("SELECT registry_note_patient(%s, %s, %s, %s)", (kind.value, route, study_id, rows))


def _write(call: str, told: Sequence[object]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(call, told)


@contextmanager
def noted_snapshot(using: str = "default") -> Iterator[None]:
    """A transaction that sees one moment, for reading together with the note that says so.

    Inside a transaction that has begun already, that one.
    """
    if connections[using].in_atomic_block:
        yield
        return
    connections[using].ensure_connection()
    driver = connections[using].connection
    driver.isolation_level = IsolationLevel.REPEATABLE_READ
    try:
        with transaction.atomic(using=using):
            yield
    finally:
        driver.isolation_level = None  # as the server has it


def noted_export(items: Iterable[Item], *, route: str, study_id: str = "") -> Iterator[Item]:
    """Items on their way out, of one patient or of many: noted before the first is read, and how
    many they were at the end.

    Twice, because a stream may be cut off where nothing can be noted any more.
    """
    note_rows(EntryKind.EXPORT, route=route, study_id=study_id)
    exporting = principal.at_work()  # who may have gone when the rows end
    count = 0
    try:
        for item in items:
            count += 1
            yield item
    finally:
        with principal.resumed(exporting):
            note_rows(EntryKind.EXPORT, route=route, study_id=study_id, rows=count)


def note_rows(kind: EntryKind, *, route: str, study_id: str = "", rows: int | None = None) -> None:
    """Of one patient, if one was asked for, else of no one in particular."""
    if study_id:
        note_patient(kind, study_id, route=route, rows=rows)
    else:
        note(kind, route=route, rows=rows)
