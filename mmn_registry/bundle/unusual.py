"""Unusual values that a bundle brings: the questions that the forms ask, in their words and codes.

A bundle is stored all the same: what it says was decided where it was written. Who loads it is
told, and may confirm the values in their own name; otherwise they stay open questions.
Asked of rows that are new or changed, once they are stored and before the transaction ends.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from django.db.models import QuerySet
from psycopg.sql import SQL

from mmn_registry.bundle.staging import (
    COMMA,
    NAMED_PATIENTS,
    Staging,
    found,
    of,
    staged,
)
from mmn_registry.interchange import Table
from patients.actions import confirm
from patients.forms.segment_sheet import FIELDS, read_input
from patients.interchange import (
    GRIP_STRENGTHS,
    LABORATORY,
    LOWER_LIMITS,
    MUSCLE_SCORES,
    NERVE_SEGMENTS,
    VISITS,
)
from patients.models import Confirmation, LaboratoryResult, Patient
from patients.models.record import Record
from patients.questions import Question, unusual_studies, unusual_visits
from patients.unusual import Unusual, grip_name
from patients.unusual_conduction import unusual_limit
from patients.unusual_laboratory import unusual_result

Key = tuple[str, ...]


@dataclass(frozen=True)
class UnusualRow:
    """A question about a value of a row; `record` is None where nobody can answer it by name."""

    file: str
    row: int
    key: Key
    column: str
    question: Unusual
    record: Record | None

    def __str__(self) -> str:
        key = ", ".join(self.key)
        where = f"{self.file}, row {self.row} ({key}), {self.column}"
        return f"{where}: {self.question.sentence} [{self.question.code}]"


def unusual_rows(staging: Staging) -> list[UnusualRow]:
    """Every question that new and changed rows raise and nobody has answered, by file and row."""
    rows = [row for ask in ASKERS for row in ask(staging)]
    records = {row.record.pk for row in rows if row.record}
    answered = {
        (answer.record_id, answer.key)
        for answer in Confirmation.objects.filter(record_id__in=records)
    }
    return [r for r in rows if not r.record or (r.record.pk, r.question.key) not in answered]


def confirm_all(rows: Iterable[UnusualRow], *, by) -> int:
    """Note that ``by`` said these values are right; how many were noted."""
    answers = [(row.record, row.question) for row in rows if row.record]
    for record, questions in groupby(answers, key=lambda answer: answer[0]):
        confirm(record, [question for _record, question in questions], by=by)
    return len(answers)


# ── Visits ───────────────────────────────────────────────────────────────────────────────────


def _of_visits(staging: Staging) -> Iterator[UnusualRow]:
    if staging.sheets.keys() & {VISITS, MUSCLE_SCORES, GRIP_STRENGTHS}:
        yield from _rows(staging, [_in_files(q) for q in unusual_visits(_named(staging))])


def _in_files(question: Question) -> tuple[Table, Key, str, Unusual, Record]:
    """Which row of which file a question about a visit is about."""
    visit, name = question.record, question.asked.field
    key = (question.study_id, visit.visited_on.isoformat())
    of_grip = {grip_name(g.device, g.side): (g.side, g.device) for g in visit.grip_strengths.all()}
    if name in of_grip:
        return GRIP_STRENGTHS, (*key, *of_grip[name]), "value", question.asked, visit
    if "-" in name:
        return MUSCLE_SCORES, (*key, *name.split("-")), "mrc_grade", question.asked, visit
    return VISITS, key, name, question.asked, visit


# ── Nerve studies ────────────────────────────────────────────────────────────────────────────


def _of_studies(staging: Staging) -> Iterator[UnusualRow]:
    if NERVE_SEGMENTS not in staging.sheets:
        return
    asked = []
    for question in unusual_studies(_named(staging)):
        name, segment = read_input(question.asked.field)
        study = question.record
        key = (question.study_id, study.studied_on.isoformat(), *segment)
        asked.append((NERVE_SEGMENTS, key, FIELDS[name], question.asked, study))
    yield from _rows(staging, asked)


# ── Laboratory, lower limits ─────────────────────────────────────────────────────────────────


def _of_laboratory(staging: Staging) -> Iterator[UnusualRow]:
    if LABORATORY not in staging.sheets:
        return
    asked = [
        ((study_id, taken_on.isoformat(), test), question)
        for _row, study_id, taken_on, test, value, unit in _written(
            staging, LABORATORY, "study_id", "taken_on", "test", "value", "unit"
        )
        for question in unusual_result(test=test, value=value, unit=unit or "")
    ]
    study_ids = {study_id for (study_id, _day, _test), _question in asked}
    standing = LaboratoryResult.objects.filter(patient__study_id__in=study_ids)
    records = {
        (result.patient.study_id, result.taken_on.isoformat(), result.test): result
        for result in standing.select_related("patient")
    }
    yield from _rows(staging, [(LABORATORY, key, q.field, q, records[key]) for key, q in asked])


def _of_limits(staging: Staging) -> Iterator[UnusualRow]:
    if LOWER_LIMITS not in staging.sheets:
        return
    for row, centre, nerve, valid_from, limit_mv in _written(
        staging, LOWER_LIMITS, "centre", "nerve", "valid_from", "distal_amplitude_lln_mv"
    ):
        for question in unusual_limit(limit_mv):
            key = (centre, nerve, valid_from.isoformat())
            yield UnusualRow(LOWER_LIMITS.file, row, key, question.field, question, None)


Asker = Callable[[Staging], Iterator[UnusualRow]]
ASKERS: tuple[Asker, ...] = (_of_visits, _of_studies, _of_laboratory, _of_limits)


# ── What they share ──────────────────────────────────────────────────────────────────────────


def _named(staging: Staging) -> QuerySet[Patient]:
    """Patients whom the bundle names."""
    staging.cursor.execute(SQL("SELECT study_id FROM {}").format(NAMED_PATIENTS))
    return Patient.objects.filter(study_id__in=[study_id for (study_id,) in staging.cursor])


def _written(staging: Staging, table: Table, *columns: str) -> list[tuple]:
    """Rows of a file that are new or changed, each after its number."""
    query = SQL(
        "SELECT s.row, {} FROM {} AS s LEFT JOIN {} AS found ON found.row = s.row "
        "WHERE found.row IS NULL OR found.differs ORDER BY s.row"
    ).format(COMMA.join(of("s", c) for c in columns), staged(table), found(table))
    staging.cursor.execute(query)
    return staging.cursor.fetchall()


def _rows(
    staging: Staging, asked: list[tuple[Table, Key, str, Unusual, Record]]
) -> Iterator[UnusualRow]:
    """The questions at the rows that raise them; those of rows that stood before are left out."""
    told = []
    for table in {table for table, *_rest in asked if table in staging.sheets}:
        keys = [column.name for column in table.keys]
        wanted = {key for asking, key, *_rest in asked if asking is table}
        numbers = {}
        for row, *values in _written(staging, table, *keys):
            key = tuple(v if isinstance(v, str) else v.isoformat() for v in values)
            if key in wanted:
                numbers[key] = row
        told += [
            UnusualRow(table.file, numbers[key], key, column, question, record)
            for asking, key, column, question, record in asked
            if asking is table and key in numbers
        ]
    yield from sorted(told, key=lambda row: (row.file, row.row))
