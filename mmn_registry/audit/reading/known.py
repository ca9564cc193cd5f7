"""Rows as they were known at a time, put together from what was written until then."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import connection

from .entries import Values, loaded

KNOWN = """
WITH written AS (
    SELECT seq, table_name, record_id, operation, xid, action_id, at FROM audit_entry
    WHERE {where} AND kind = 'write'
), known AS (
    SELECT * FROM written AS w WHERE at <= %(at)s AND NOT EXISTS (
        -- Nobody knew of what was being written while it was.
        SELECT FROM written AS later
        WHERE later.at > %(at)s AND later.xid = w.xid AND later.action_id = w.action_id)
)
SELECT k.table_name, k.record_id, jsonb_object_agg(told.key, told.value ORDER BY k.seq)::text,
    bool_or(k.operation = 'insert')
FROM known AS k
JOIN registry_trail_values(ARRAY(SELECT seq FROM known)) AS v ON v.seq = k.seq
CROSS JOIN LATERAL jsonb_each(v.new) AS told
GROUP BY k.table_name, k.record_id
HAVING NOT bool_or(k.operation = 'delete')
"""


class NotInTrail(Exception):
    """A record is older than the trail: how it was before its first change is not known."""


def records_as_known(patient_id: UUID, at: datetime) -> dict[str, list[Values]]:
    """All rows of a patient as they stood at a time, by table; those then voided, too.

    Raises
    ------
    NotInTrail
        If the trail does not hold them from the beginning.
    """
    return _as_known("patient_id = %(patient)s", {"patient": patient_id, "at": at})


def rows_of_centre_as_known(table: str, centre_id: UUID, at: datetime) -> list[Values]:
    """The same for what belongs to a centre and to no patient."""
    where = "patient_id IS NULL AND table_name = %(table)s AND centre_id = %(centre)s"
    asked = {"table": table, "centre": centre_id, "at": at}
    return _as_known(where, asked).get(table, [])


def _as_known(where: str, asked: Mapping[str, object]) -> dict[str, list[Values]]:
    tables: dict[str, list[Values]] = {}
    with connection.cursor() as cursor:
        cursor.execute(KNOWN.format(where=where), asked)
        for table, record_id, told, from_the_beginning in cursor.fetchall():
            if not from_the_beginning:
                raise NotInTrail(f"{table} {record_id}")
            tables.setdefault(table, []).append({"id": record_id, **loaded(told)})
    return tables
