"""What every rule asks about a cohort, computed once: treatment, contact, examinations."""

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd

from outcomes.derivation.columns import Bools, Columns, Floats, Ints, Words
from outcomes.derivation.courses import (
    ROUTES,
    course_columns,
    course_starts,
    infusion_day_columns,
    last_contact_days,
    latest_day,
    recent_interval_days,
)
from outcomes.derivation.examinations import (
    NO_EXAMINATION,
    Examinations,
    baseline,
    examinations,
    month_6,
    reference,
)
from outcomes.derivation.frames import Records, known_on
from outcomes.derivation.relapse import Grips, vigorimeter_grips
from outcomes.derivation.rules import RULES, Rules
from outcomes.derivation.timeline import Timeline, codes, distinct_days, study_id_index, take_or_nan

_ROUTE_OR_NONE = pd.Index([*ROUTES, ""], dtype="str")


@dataclass(frozen=True)
class CohortFacts:
    """Facts of the patients included on a day, one value per patient in the order of ``study_ids``.

    Days are counted from 1970-01-01, NaN for none; examinations are positions in ``exams``, -1 for
    none.
    """

    as_of_day: int
    records: Records  # as known on that day
    study_ids: pd.Index
    patients: Columns  # the recorded table in the order of study_ids
    infusion_days: Columns
    courses: Columns
    given: Timeline  # distinct infusion days of any route
    starts: Timeline  # distinct course starts of any route
    exams: Examinations
    grips: Grips
    index_day: Floats
    last_infusion_day: Floats
    last_visit_day: Floats
    last_contact_day: Floats
    expected_at_start: Floats  # interval expected at each of ``starts``, from those up to it
    expected_interval_days: Floats  # from all courses; NaN without one
    baseline: Ints
    month_6: Ints
    reference: Ints

    def codes_of(self, table: Columns) -> Ints:
        """Position of each row's patient; -1 for nobody of the cohort."""
        return codes(table.words("study_id"), self.study_ids)

    def exam_days(self, position: Ints) -> Floats:
        """Days of examinations; NaN where there is none."""
        return self.exams.timeline.day_at(position)

    def has_any(self, patient: Ints) -> Bools:
        """Whether each patient is among these codes."""
        among = np.zeros(len(self.study_ids), dtype=bool)
        among[patient] = True
        return among

    @property
    def everyone(self) -> Ints:
        """The code of each patient."""
        return np.arange(len(self.study_ids))


def cohort_facts(records: Records, as_of: date, rules: Rules = RULES) -> CohortFacts:
    """Gather what the rules ask about the patients included on or before a day.

    Parameters
    ----------
    records : Records, whole
    as_of : date
        What is dated after it is not known (rules, section 0).
    rules : Rules

    Returns
    -------
    CohortFacts, patients sorted bytewise by study id.
    """
    known = known_on(records, as_of)
    study_ids = study_id_index(known.columns("patients").words("study_id"))
    everyone = np.arange(len(study_ids))
    days = infusion_day_columns(known, rules)
    courses = course_columns(days, rules)
    given = distinct_days(codes(days.words("study_id"), study_ids), days.key_days("given_on"))
    starts = course_starts(courses, study_ids)
    exams = examinations(known.columns("muscle_scores"), study_ids, rules)
    index_day = starts.day_at(starts.first_from(everyone, np.full(len(everyone), -np.inf)))
    last_infusion_day = given.day_at(given.last_until(everyone, np.full(len(everyone), np.inf)))
    expected_at_start = recent_interval_days(starts, rules)
    last_start = starts.last_until(everyone, np.full(len(everyone), np.inf))
    return CohortFacts(
        as_of_day=int(np.datetime64(as_of, "D").astype(np.int64)),
        records=known,
        study_ids=study_ids,
        patients=_in_order(known.columns("patients"), study_ids),
        infusion_days=days,
        courses=courses,
        given=given,
        starts=starts,
        exams=exams,
        grips=vigorimeter_grips(known.columns("grip_strengths"), study_ids),
        index_day=index_day,
        last_infusion_day=last_infusion_day,
        last_visit_day=latest_day(known.columns("visits"), "visited_on", study_ids),
        last_contact_day=last_contact_days(known, study_ids),
        expected_at_start=expected_at_start,
        expected_interval_days=take_or_nan(expected_at_start, last_start),
        baseline=baseline(exams, index_day, rules),
        month_6=month_6(exams, index_day, rules),
        reference=_where_given(
            last_infusion_day, reference(exams, everyone, last_infusion_day, rules)
        ),
    )


def with_other_examinations(facts: CohortFacts, rules: Rules) -> CohortFacts:
    """The same facts, but examinations are read by other rules.

    Parameters
    ----------
    facts : CohortFacts
    rules : Rules
        They differ from those of the facts in what counts as graded only.

    Returns
    -------
    CohortFacts of the same patients.
    """
    exams = examinations(facts.records.columns("muscle_scores"), facts.study_ids, rules)
    last = facts.last_infusion_day
    return replace(
        facts,
        exams=exams,
        baseline=baseline(exams, facts.index_day, rules),
        month_6=month_6(exams, facts.index_day, rules),
        reference=_where_given(last, reference(exams, facts.everyone, last, rules)),
    )


def first_routes(facts: CohortFacts) -> Words:
    """Route of each patient's index course; IV wins if two routes begin that day.

    Parameters
    ----------
    facts : CohortFacts

    Returns
    -------
    One word per patient; ``""`` without an infusion.
    """
    patient = facts.codes_of(facts.courses)
    is_index = facts.courses.key_days("started_on") == facts.index_day[patient]
    # ROUTES begins with IV, so the smallest code wins.
    first = np.full(len(facts.study_ids), len(ROUTES))
    route = codes(facts.courses.words("route"), ROUTES)
    np.minimum.at(first, patient[is_index], route[is_index])
    return Words(first, _ROUTE_OR_NONE)


def course_counts(facts: CohortFacts, until_day: Floats) -> Ints:
    """Courses of each patient, all routes added, that start on or before a day.

    Parameters
    ----------
    facts : CohortFacts
    until_day : one day per patient; inf for all of them, NaN for none. [days since 1970-01-01]

    Returns
    -------
    One count per patient.
    """
    patient = facts.codes_of(facts.courses)
    is_counted = facts.courses.key_days("started_on") <= until_day[patient]
    return np.bincount(patient[is_counted], minlength=len(facts.study_ids))


def _where_given(last_infusion_day: Floats, position: Ints) -> Ints:
    return np.where(np.isnan(last_infusion_day), NO_EXAMINATION, position)


def _in_order(patients: Columns, study_ids: pd.Index) -> Columns:
    return patients.rows(np.argsort(codes(patients.words("study_id"), study_ids), kind="stable"))
