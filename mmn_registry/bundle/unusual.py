"""Unusual values that a bundle brings: the questions that the forms ask, in their words and codes.

A bundle is stored all the same: what it says was decided where it was written. Who loads it is
told, and may confirm the values in their own name; otherwise they stay open questions.
Asked of rows that are new or changed, once they are stored and before the transaction ends. SQL
finds the few that may raise a question; whether they do, the functions of the forms say.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from uuid import UUID

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
from patients import unusual as at_visit
from patients import unusual_conduction as conduction
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
from patients.models import Confirmation, LaboratoryResult, NerveConductionStudy, Patient, Visit
from patients.models.record import Record
from patients.selectors import (
    known_before,
    list_studies,
    list_visits,
    measured,
    segment_key,
    study_before,
)
from patients.unusual import Unusual, grip_name, unusual_at_visit
from patients.unusual_conduction import unusual_in_study, unusual_limit
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

OF_NAMED = """
    JOIN patients_patient AS patient ON patient.id = of.patient_id
    JOIN {named} AS named ON named.study_id = patient.study_id
    WHERE of.voided_at IS NULL AND patient.voided_at IS NULL
"""
VISITS_TO_ASK = """
WITH visit AS (
    SELECT of.id, of.patient_id, of.visited_on, of.weight_kg, patient.included_on
    FROM patients_visit AS of {of_named}
), weighed AS (
    SELECT id, patient_id, weight_kg,
        lag(weight_kg) OVER (PARTITION BY patient_id ORDER BY visited_on) AS last
    FROM visit WHERE weight_kg IS NOT NULL
), graded AS (
    SELECT visit.id, visit.patient_id, score.mrc_thirds, lag(score.mrc_thirds) OVER (
        PARTITION BY visit.patient_id, score.muscle, score.side ORDER BY visit.visited_on) AS last
    FROM visit JOIN patients_musclescore AS score ON score.visit_id = visit.id
    WHERE score.voided_at IS NULL
), gripped AS (
    SELECT visit.id, visit.patient_id, grip.value, lag(grip.value) OVER (
        PARTITION BY visit.patient_id, grip.device, grip.side ORDER BY visit.visited_on) AS last
    FROM visit JOIN patients_gripstrength AS grip ON grip.visit_id = visit.id
    WHERE grip.voided_at IS NULL
)
SELECT patient_id, id FROM visit WHERE included_on - visited_on > %(days_before)s
UNION SELECT patient_id, id FROM weighed WHERE CASE
    WHEN last IS NULL THEN NOT weight_kg BETWEEN %(low_kg)s AND %(high_kg)s
    ELSE abs(weight_kg - last) > %(weight_change)s * last END
UNION SELECT patient_id, id FROM graded WHERE abs(mrc_thirds - last) >= %(thirds)s
UNION SELECT patient_id, id FROM gripped WHERE abs(value - last) >= %(grip_change)s
"""


def _of_visits(staging: Staging) -> Iterator[UnusualRow]:
    if not staging.sheets.keys() & {VISITS, MUSCLE_SCORES, GRIP_STRENGTHS}:
        return
    low_kg, high_kg = at_visit.SELDOM_WEIGHT_KG
    limits = {
        "days_before": at_visit.DAYS_BEFORE_INCLUSION,
        "low_kg": low_kg,
        "high_kg": high_kg,
        "weight_change": at_visit.WEIGHT_CHANGE,
        "thirds": at_visit.GRADE_CHANGE_THIRDS,
        "grip_change": at_visit.GRIP_CHANGE,
    }
    asked: list[tuple[Table, Key, str, Unusual, Record]] = []
    for patient_id, visit_ids in _to_ask(staging, VISITS_TO_ASK, limits):
        patient = Patient.objects.get(pk=patient_id)
        visits = list(list_visits(patient).select_related("patient"))
        for visit in visits:
            if visit.pk in visit_ids:
                asked += _questions_at(visit, visits)
    yield from _rows(staging, asked)


def _questions_at(visit: Visit, visits: list[Visit]):
    key = (visit.patient.study_id, visit.visited_on.isoformat())
    grips = {(grip.device, grip.side): grip.value for grip in visit.grip_strengths.all()}
    of_grip = {grip_name(*place): place for place in grips}
    for question in unusual_at_visit(
        visited_on=visit.visited_on,
        included_on=visit.patient.included_on,
        weight_kg=visit.weight_kg,
        grades={(s.muscle, s.side): s.mrc_grade for s in visit.muscle_scores.all()},
        grips=grips,
        before=known_before(visits, visit.visited_on, but=visit),
    ):
        if question.field in of_grip:
            device, side = of_grip[question.field]
            yield GRIP_STRENGTHS, (*key, side, device), "value", question, visit
        elif "-" in question.field:
            place = question.field.split("-")
            yield MUSCLE_SCORES, (*key, *place), "mrc_grade", question, visit
        else:
            yield VISITS, key, question.field, question, visit


# ── Nerve studies ────────────────────────────────────────────────────────────────────────────

STUDIES_TO_ASK = """
WITH study AS (
    SELECT of.id, of.patient_id, of.studied_on
    FROM patients_nerveconductionstudy AS of {of_named}
), segment AS (
    SELECT study.id AS study, study.patient_id, s.*,
        lag(s.distal_amplitude_mv) OVER one AS last_distal,
        lag(s.proximal_amplitude_mv) OVER one AS last_proximal
    FROM study JOIN patients_nervesegment AS s ON s.study_id = study.id
    WHERE s.voided_at IS NULL
    WINDOW one AS (PARTITION BY study.patient_id, s.nerve, s.side, s.distal_site, s.proximal_site
        ORDER BY study.studied_on)
)
SELECT DISTINCT patient_id, study FROM segment WHERE
    greatest(distal_amplitude_mv, proximal_amplitude_mv) > %(most_mv)s
    OR distal_amplitude_mv >= %(microvolts)s * last_distal
    OR proximal_amplitude_mv >= %(microvolts)s * last_proximal
    OR proximal_amplitude_mv > %(factor)s * distal_amplitude_mv
    OR proximal_area_mv_ms > %(factor)s * distal_area_mv_ms
    OR NOT distal_duration_ms BETWEEN %(shortest_ms)s AND %(longest_ms)s
    OR NOT proximal_duration_ms BETWEEN %(shortest_ms)s AND %(longest_ms)s
    OR distal_area_mv_ms > distal_amplitude_mv * distal_duration_ms
    OR proximal_area_mv_ms > proximal_amplitude_mv * proximal_duration_ms
    OR NOT distance_mm BETWEEN %(long_mm)s AND %(farthest_mm)s
    OR NOT distal_amplitude_lln_mv BETWEEN %(low_limit)s AND %(high_limit)s
"""


def _of_studies(staging: Staging) -> Iterator[UnusualRow]:
    if NERVE_SEGMENTS not in staging.sheets:
        return
    limits = {
        "most_mv": conduction.SELDOM_AMPLITUDE_MV,
        "microvolts": conduction.MICROVOLTS_PER_MV,
        "factor": conduction.PROXIMAL_FACTOR,
        "shortest_ms": conduction.SELDOM_DURATION_MS[0],
        "longest_ms": conduction.SELDOM_DURATION_MS[1],
        "long_mm": conduction.SHORTEST_LONG_MM,
        "farthest_mm": conduction.SELDOM_DISTANCE_MM[1],
        "low_limit": conduction.SELDOM_LIMIT_MV[0],
        "high_limit": conduction.SELDOM_LIMIT_MV[1],
    }
    asked: list[tuple[Table, Key, str, Unusual, Record]] = []
    for patient_id, study_ids in _to_ask(staging, STUDIES_TO_ASK, limits):
        patient = Patient.objects.get(pk=patient_id)
        studies = list(list_studies(patient).select_related("patient"))
        for study in studies:
            if study.pk in study_ids:
                asked += _questions_of(study, studies)
    yield from _rows(staging, asked)


def _questions_of(study: NerveConductionStudy, studies: list[NerveConductionStudy]):
    key = (study.patient.study_id, study.studied_on.isoformat())
    segments = {segment_key(s): measured(s) for s in study.segments.all()}
    before = study_before(studies, study.studied_on, but=study.pk)
    for question in unusual_in_study(segments, before):
        name, segment = read_input(question.field)
        yield NERVE_SEGMENTS, (*key, *segment), FIELDS[name], question, study


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


def _to_ask(
    staging: Staging, query: str, limits: dict[str, Any]
) -> Iterator[tuple[UUID, set[UUID]]]:
    """Records that may raise a question, patient by patient."""
    of_named = SQL(OF_NAMED).format(named=NAMED_PATIENTS)
    staging.cursor.execute(SQL(query).format(of_named=of_named), limits)
    found_ids = sorted(staging.cursor.fetchall())
    for patient_id, rows in groupby(found_ids, key=lambda row: row[0]):
        yield patient_id, {record_id for _patient, record_id in rows}


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
