"""Which tables the trail watches: one line in a migration for each.

    audited("patients_musclescore", patient=[("patients_visit", "visit_id"), PATIENT])

From then on every row that is inserted, changed or deleted, in whichever way, becomes an entry
(``registry_trail()``), and TRUNCATE is refused. The triggers fire after all others, also where
``session_replication_role`` silences those.
"""

from collections.abc import Sequence
from itertools import pairwise

from django.db import migrations

PATIENT = ("patients_patient", "patient_id")

EVENTS = {
    "INSERT": "NEW TABLE AS new_rows",
    "UPDATE": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "DELETE": "OLD TABLE AS old_rows",
}
# After `registry_…`: what a rule refuses is not written first.
TRIGGERS = {event: f"trail_{event.lower()}" for event in EVENTS}
TRUNCATE_TRIGGER = "trail_refuses_truncate"


def audited(
    table: str,
    *,
    patient: Sequence[tuple[str, str]] | None = None,
    centre: str = "NULL",
    key: str = "id",
    secret: Sequence[str] = (),
    left_out: Sequence[str] = (),
) -> migrations.RunSQL:
    """Triggers of one table.

    Parameters
    ----------
    patient
        The way to the patient, by (table, column that names it) from parent to parent; the last
        is the patient's own table. An empty way: the rows are patients. None: of no patient.
    centre
        SQL for the centre of a row ``r`` that belongs to no patient, e.g. ``r.centre_id``.
    key
        The column that identifies a row.
    secret
        Columns whose values are never written, only that they changed.
    left_out
        Columns that are not written at all; a change of nothing else is no entry.
    """
    arguments = [key, *_subject(patient, centre), _array(secret), _array(left_out)]
    create, drop = [_finding(patient)] if patient else [], []
    for event, rows in EVENTS.items():
        create += [
            f"CREATE TRIGGER {TRIGGERS[event]} AFTER {event} ON {table} REFERENCING {rows} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION registry_trail({_literals(arguments)})",
            f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {TRIGGERS[event]}",
        ]
        drop.append(f"DROP TRIGGER {TRIGGERS[event]} ON {table}")
    return migrations.RunSQL(
        [*create, *never_truncated(table)],
        [f"DROP TRIGGER {TRUNCATE_TRIGGER} ON {table}", *reversed(drop)],
    )


def never_truncated(table: str) -> list[str]:
    return [
        f"CREATE TRIGGER {TRUNCATE_TRIGGER} BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION registry_refuse_truncate()",
        f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {TRUNCATE_TRIGGER}",
    ]


def _subject(way: Sequence[tuple[str, str]] | None, centre: str) -> list[str]:
    """SQL for patient, study id and centre of a row ``r``; for parts of a patient, as ``s``, the
    column that leads there and the function that follows it."""
    if way is None:
        return ["NULL", "''", centre, "", ""]
    if not way:
        return ["r.id", "r.study_id", "r.centre_id", "", ""]
    (parent, column), *_above = way
    return ["s.patient_id", "coalesce(s.study_id, '')", "s.centre_id", column, _finder(parent)]


def _finder(parent: str) -> str:
    return f"trail_subject_of_{parent}"


def _finding(way: Sequence[tuple[str, str]]) -> str:
    """The function that goes from a row of ``parent`` up to the patient.

    Step by step and always by index: a join would hang on statistics, and those of a table that is
    just being filled may say that it is empty.
    """
    steps = "".join(
        f"    SELECT parent.{column} FROM public.{table} AS parent WHERE parent.id = k INTO k;\n"  # noqa: S608
        for (table, _), (_, column) in pairwise(way)
    )
    return f"""
CREATE OR REPLACE FUNCTION {_finder(way[0][0])}(
    k uuid, OUT patient_id uuid, OUT study_id text, OUT centre_id uuid)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp SET enable_seqscan = off AS $$
BEGIN
{steps}    SELECT p.id, p.study_id, p.centre_id FROM public.{way[-1][0]} AS p WHERE p.id = k
    INTO patient_id, study_id, centre_id;
END $$"""  # noqa: S608


def _array(columns: Sequence[str]) -> str:
    return "{" + ",".join(columns) + "}"


def _literals(arguments: Sequence[str]) -> str:
    return ", ".join("'" + argument.replace("'", "''") + "'" for argument in arguments)
