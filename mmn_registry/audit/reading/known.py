"""Rows as they were known at a time, put together from what was written until then."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from mmn_registry.audit.models import Entry
from mmn_registry.audit.vocabulary import EntryKind, Operation

from .entries import Values, loaded

KNOWN = """
WITH written AS (
    SELECT seq, table_name, record_id, operation, xid, action_id, at FROM audit_entry
    WHERE {where} AND kind = 'write'
), known AS (
    SELECT * FROM written AS w
    WHERE at <= %(at)s AND table_name = ANY (%(tables)s) AND NOT EXISTS (
        -- Nobody knew of what was being written while it was.
        SELECT FROM written AS later
        WHERE later.at > %(at)s AND later.xid = w.xid AND later.action_id = w.action_id)
)
SELECT k.table_name, k.record_id, jsonb_object_agg(told.key, told.value ORDER BY k.seq)::text
FROM known AS k
JOIN registry_trail_values(ARRAY(SELECT seq FROM known)) AS v ON v.seq = k.seq
CROSS JOIN LATERAL jsonb_each(v.new) AS told
GROUP BY k.table_name, k.record_id
HAVING NOT bool_or(k.operation = 'delete')
"""


class Row(NamedTuple):
    """A row of a watched table, as the trail names it."""

    table: str
    record_id: str


class NotInTrail(Exception):
    """Records are older than the trail, which cannot say how they were; ``tables`` hold them."""

    def __init__(self, tables: frozenset[str]):
        super().__init__(", ".join(sorted(tables)))
        self.tables = tables


def records_as_known(
    patient_id: UUID, at: datetime, tables: Iterable[str], recorded: Iterable[Row]
) -> dict[str, list[Values]]:
    """Rows of a patient as they stood at a time, by table; those then voided, too.

    Raises
    ------
    NotInTrail
        If the trail did not see the beginning of all of ``recorded``, the rows in these tables now.
    """
    _check_reach(Entry.objects.filter(patient_id=patient_id), recorded)
    asked = {"patient": patient_id, "at": at, "tables": list(tables)}
    return _as_known("patient_id = %(patient)s", asked)


def rows_of_centre_as_known(
    table: str, centre_id: UUID, at: datetime, recorded: Iterable[Row]
) -> list[Values]:
    """The same for what belongs to a centre and to no patient."""
    whose = {"patient_id": None, "table_name": table, "centre_id": centre_id}
    _check_reach(Entry.objects.filter(**whose), recorded)
    where = "patient_id IS NULL AND table_name = ANY (%(tables)s) AND centre_id = %(centre)s"
    asked = {"tables": [table], "centre": centre_id, "at": at}
    return _as_known(where, asked).get(table, [])


def _check_reach(entries, recorded: Iterable[Row]) -> None:
    """A row that was never changed has left no entry at all: only the tables themselves know it."""
    begun = entries.filter(kind=EntryKind.WRITE, operation=Operation.INSERT)
    older = set(recorded) - {Row(*row) for row in begun.values_list("table_name", "record_id")}
    if older:
        raise NotInTrail(frozenset(row.table for row in older))


def _as_known(where: str, asked: Mapping[str, object]) -> dict[str, list[Values]]:
    tables: dict[str, list[Values]] = {}
    with connection.cursor() as cursor:
        cursor.execute(KNOWN.format(where=where), asked)
        for table, record_id, told in cursor.fetchall():
            tables.setdefault(table, []).append({"id": record_id, **loaded(told)})
    return tables


def recorded_since(table: str, record_id: UUID, patient_id: UUID) -> datetime | None:
    """When the trail saw a patient's row begin; None where it did not."""
    begun = Entry.objects.filter(
        patient_id=patient_id,
        kind=EntryKind.WRITE,
        operation=Operation.INSERT,
        table_name=table,
        record_id=str(record_id),
    )
    return begun.values_list("at", flat=True).first()
