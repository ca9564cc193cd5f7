"""Columns of the outcome table, one function per section of the rules."""

import numpy as np
import pandas as pd

from outcomes.derivation import long_term
from outcomes.derivation.cohort_facts import CohortFacts, course_counts, first_routes
from outcomes.derivation.columns import (
    Bools,
    Column,
    Columns,
    Floats,
    Ints,
    Words,
    answered,
    counted,
    together,
)
from outcomes.derivation.courses import allowed_gap_days
from outcomes.derivation.evidence import days_around
from outcomes.derivation.examinations import cycle_phase
from outcomes.derivation.relapse import Spells, first_relapse_day
from outcomes.derivation.remission import Course, remission_times
from outcomes.derivation.response import (
    muscle_counts,
    short_term_response,
    stopped_for_inefficacy_day,
)
from outcomes.derivation.rules import RULES, Rules
from outcomes.derivation.timeline import dates, middle_days

TREATMENT_HISTORY = {"no": "naive", "yes": "pretreated", "unknown": "unknown"}
_ANSWERS = pd.Index(list(TREATMENT_HISTORY), dtype="str")
_HISTORIES = pd.Index(list(TREATMENT_HISTORY.values()), dtype="str")
_UNKNOWN = list(TREATMENT_HISTORY).index("unknown")


def treatment_columns(facts: CohortFacts, rules: Rules = RULES) -> Columns:
    """What was recorded of each patient, and the frame of the treatment (rules, section 1).

    Parameters
    ----------
    facts : CohortFacts
    rules : Rules

    Returns
    -------
    Columns, one row per patient: ``centre``, ``sex``, ``birth_year``, ``included_on``,
    ``treatment_history``, ``index_on``, ``onset_to_treatment_years`` [years], ``first_route``,
    ``in_primary_table`` (naive, index course by IV or no infusion), ``courses``,
    ``last_infusion_on``, ``expected_interval_days`` [days], ``last_contact_on``.
    """
    patients = facts.patients
    onset_day = middle_days(patients.dates("onset_on"), patients.words("onset_precision"))
    history = _history(patients.words("prior_immunoglobulin"))
    route = first_routes(facts)
    return together(
        patients.select(["centre", "sex", "birth_year", "included_on"]),
        Columns.named(
            {
                "treatment_history": history,
                "index_on": dates(facts.index_day),
                "onset_to_treatment_years": (facts.index_day - onset_day) / rules.year_days,
                "first_route": route,
                "in_primary_table": history.is_("naive") & route.is_in([rules.primary_route, ""]),
                "courses": _whole(course_counts(facts, np.full(len(patients), np.inf))),
                "last_infusion_on": dates(facts.last_infusion_day),
                "expected_interval_days": facts.expected_interval_days,
                "last_contact_on": dates(facts.last_contact_day),
            }
        ),
    )


def _history(prior_immunoglobulin: Words) -> Words:
    """What is known of earlier treatment; what nobody answered is unknown."""
    answer = prior_immunoglobulin.codes(_ANSWERS)
    return Words(np.where(answer < 0, _UNKNOWN, answer), _HISTORIES, is_categorical=False)


def short_term_columns(facts: CohortFacts, rules: Rules = RULES) -> Columns:
    """Response at six months, with the flags that change nothing (rules, section 3).

    Parameters
    ----------
    facts : CohortFacts
    rules : Rules

    Returns
    -------
    Columns, one row per patient: the columns of `response.muscle_counts` and
    `response.short_term_response`, ``baseline_on``, ``month6_on``, ``stopped_for_inefficacy_on``
    (line 4), and the flags ``few_courses`` (fewer than 2 by day 183), ``co_treated`` (another
    immunotherapy started before the month-6 examination, or before day 183 without one),
    ``month6_at_trough`` and ``carried_forward_month6`` (baseline or month 6 has a grade copied from
    an earlier visit).
    """
    regimens = facts.records.columns("regimens")
    stopped_day = stopped_for_inefficacy_day(
        regimens, facts.codes_of(regimens), facts.index_day, rules
    )
    counts = muscle_counts(facts.exams, facts.baseline, facts.month_6, rules)
    response = short_term_response(
        counts,
        index_day=facts.index_day,
        baseline=facts.baseline,
        month_6=facts.month_6,
        is_stopped_for_inefficacy=np.isfinite(stopped_day),
        as_of_day=facts.as_of_day,
        rules=rules,
    )
    month_6_day = facts.exam_days(facts.month_6)
    phase = cycle_phase(*days_around(facts, facts.everyone, month_6_day), rules)
    early = course_counts(facts, facts.index_day + rules.early_courses_by_day)
    flags = {
        "baseline_on": dates(facts.exam_days(facts.baseline)),
        "month6_on": dates(month_6_day),
        "stopped_for_inefficacy_on": dates(stopped_day),
        "few_courses": np.isfinite(facts.index_day) & (early < rules.early_courses_needed),
        "co_treated": _co_treated(facts, month_6_day, rules),
        "month6_at_trough": phase == "trough",
        "carried_forward_month6": _uses_carried_forward(facts),
    }
    return together(counts, response, Columns.named(flags))


def long_term_columns(
    facts: CohortFacts,
    short_term_response: Words,
    off_treatment: Spells,
    rules: Rules = RULES,
) -> Columns:
    """Long-term status, its flags, follow-up, and the times of survival curves (section 4).

    Parameters
    ----------
    facts : CohortFacts
    short_term_response : one `response.Response` per patient
    off_treatment : Spells as `off_treatment` returns
    rules : Rules

    Returns
    -------
    Columns, one row per patient: the columns of `long_term.long_term_status`,
    `long_term.response_known` and `remission.remission_times`; ``follow_up_days``, ``off_days``,
    ``death_days`` (from index) [days]; ``on_treatment``, ``reference_on``, ``relapse_on``;
    ``dependency_proven``, ``relapsed_after_remission``, ``lost_to_follow_up`` (boolean).
    """
    opinion = facts.patients.words("clinician_response")
    response = long_term.response_known(short_term_response, opinion)
    relapse_day = _relapse_day(facts, off_treatment, rules)
    truths = _status_facts(facts, response.words("response"), relapse_day, rules)
    found = long_term.long_term_status(truths, rules)
    times = remission_times(
        Course(facts.index_day, facts.last_visit_day, facts.last_contact_day),
        facts.given,
        has_response=response.words("response").is_("yes"),
        exams=facts.exams,
        grips=facts.grips,
        rules=rules,
    )
    is_dependent = found.words("long_term_group").is_(long_term.LongTermGroup.DEPENDENT)
    flags: dict[str, Column] = {
        "follow_up_days": _whole(truths.floats("follow_up_days")),
        "off_days": _whole(truths.floats("off_days")),
        "death_days": facts.patients.days("deceased_on") - facts.index_day,
        "on_treatment": truths.bools("on_treatment"),
        "reference_on": dates(facts.exam_days(facts.reference)),
        "relapse_on": dates(relapse_day),
        "dependency_proven": answered(_dependency_proven(facts, rules), is_dependent),
        "relapsed_after_remission": answered(
            long_term.has_long_gap(facts.given, len(facts.study_ids), rules),
            np.isfinite(facts.index_day),
        ),
        "lost_to_follow_up": answered(_lost(facts, rules), np.isfinite(facts.last_contact_day)),
    }
    return together(found, response, times, Columns.named(flags))


def is_on_treatment(facts: CohortFacts, rules: Rules = RULES) -> Bools:
    """Whether each patient is on treatment at last contact (rules, section 1).

    Parameters
    ----------
    facts : CohortFacts
    rules : Rules

    Returns
    -------
    One value per patient; False without an infusion.
    """
    # Nothing given lies after last contact: recorded infusions are contact, home treatment ends
    # with the last visit. So the expected interval up to last contact is that of all courses.
    allowed = allowed_gap_days(facts.expected_interval_days, rules)
    return facts.last_infusion_day >= facts.last_contact_day - allowed


def off_treatment(facts: CohortFacts, rules: Rules = RULES) -> Spells:
    """The open time since the last infusion day of every patient who is off treatment.

    Parameters
    ----------
    facts : CohortFacts
    rules : Rules

    Returns
    -------
    Spells, one per patient with an infusion who is not on treatment at last contact.
    """
    is_off = np.isfinite(facts.last_infusion_day) & ~is_on_treatment(facts, rules)
    patient = np.flatnonzero(is_off)
    return Spells(patient, facts.last_infusion_day[patient], np.full(len(patient), np.inf))


def _status_facts(
    facts: CohortFacts, response: Words, relapse_day: Floats, rules: Rules
) -> Columns:
    regimens = facts.records.columns("regimens")
    drugs = facts.records.columns("immunosuppressants")
    regimen_of, contact_day = facts.codes_of(regimens), facts.last_contact_day
    late_day = facts.last_infusion_day + rules.remission_days
    return Columns.named(
        {
            "follow_up_days": contact_day - facts.index_day,
            "off_days": long_term.off_days(facts.last_infusion_day, facts.last_visit_day),
            "response": response,
            "on_treatment": is_on_treatment(facts, rules),
            "immunosuppressant": long_term.is_running(
                facts.codes_of(drugs),
                drugs.days("started_on"),
                drugs.days("ended_on"),
                contact_day,
            ),
            "open_regimen": long_term.open_regimen(regimens, regimen_of, contact_day),
            "relapsed": np.isfinite(relapse_day),
            "last_regimen_failed": long_term.last_regimen_failed(regimens, regimen_of, contact_day),
            "examined_late": facts.exams.timeline.first_from(facts.everyone, late_day) >= 0,
        }
    )


def _relapse_day(facts: CohortFacts, off_treatment: Spells, rules: Rules) -> Floats:
    first = np.full(len(facts.study_ids), np.nan)
    first[off_treatment.patient] = first_relapse_day(off_treatment, facts.exams, facts.grips, rules)
    return first


def _dependency_proven(facts: CohortFacts, rules: Rules) -> Bools:
    attempts = facts.records.columns("dose_attempts")
    failed = long_term.failed_attempt(attempts, facts.codes_of(attempts), facts.last_contact_day)
    gaps = long_term.long_gaps(
        facts.courses, facts.codes_of(facts.courses), facts.starts, facts.expected_at_start, rules
    )
    relapse_day = first_relapse_day(gaps, facts.exams, facts.grips, rules)
    return failed | facts.has_any(gaps.patient[np.isfinite(relapse_day)])


def _lost(facts: CohortFacts, rules: Rules) -> Bools:
    is_alive = np.isnat(facts.patients.dates("deceased_on"))
    return is_alive & (facts.as_of_day - facts.last_contact_day > rules.lost_after_days)


def _co_treated(facts: CohortFacts, month_6_day: Floats, rules: Rules) -> Bools:
    drugs = facts.records.columns("immunosuppressants")
    target_day = facts.index_day + rules.month_6_target_day
    before_day = np.where(np.isnan(month_6_day), target_day, month_6_day)
    patient = facts.codes_of(drugs)
    is_before = (patient >= 0) & (drugs.days("started_on") < before_day[patient])
    return facts.has_any(patient[is_before])


def _uses_carried_forward(facts: CohortFacts) -> Bools:
    # A position of -1 means no examination, and reads the False appended last.
    has_copied = np.append(facts.exams.has_carried_forward, False)
    uses: Bools = has_copied[facts.baseline] | has_copied[facts.month_6]
    return uses


def _whole(numbers: Floats | Ints) -> pd.arrays.IntegerArray:
    return counted(numbers, np.isfinite(numbers))
