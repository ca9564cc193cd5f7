"""Columns of the outcome table, one function per section of the rules."""

import numpy as np
import pandas as pd

from outcomes.derivation import long_term
from outcomes.derivation.cohort_facts import CohortFacts, course_counts, first_routes
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
from outcomes.derivation.timeline import Bools, Floats, Ints, dates, middle_days, whole_days

TREATMENT_HISTORY = {"no": "naive", "yes": "pretreated", "unknown": "unknown"}


def treatment_columns(facts: CohortFacts, rules: Rules = RULES) -> pd.DataFrame:
    """What was recorded of each patient, and the frame of the treatment (rules, section 1).

    Parameters
    ----------
    facts : CohortFacts
    rules : Rules

    Returns
    -------
    DataFrame by ``study_id``: ``centre``, ``sex``, ``birth_year``, ``included_on``,
    ``treatment_history``, ``index_on``, ``onset_to_treatment_years`` [years], ``first_route``,
    ``in_primary_table`` (naive, index course by IV or no infusion), ``courses``,
    ``last_infusion_on``, ``expected_interval_days`` [days], ``last_contact_on``.
    """
    patients = facts.patients
    onset_day = middle_days(patients["onset_on"], patients["onset_precision"])
    history = (
        patients["prior_immunoglobulin"].map(TREATMENT_HISTORY).fillna("unknown").astype("str")
    )
    first_route = first_routes(facts)
    return patients[["centre", "sex", "birth_year", "included_on"]].assign(
        treatment_history=history,
        index_on=dates(facts.index_day),
        onset_to_treatment_years=(facts.index_day - onset_day) / rules.year_days,
        first_route=first_route,
        in_primary_table=(history == "naive") & first_route.isin([rules.primary_route, ""]),
        courses=_whole(course_counts(facts, np.full(len(patients), np.inf))),
        last_infusion_on=dates(facts.last_infusion_day),
        expected_interval_days=facts.expected_interval_days,
        last_contact_on=dates(facts.last_contact_day),
    )


def short_term_columns(facts: CohortFacts, rules: Rules = RULES) -> pd.DataFrame:
    """Response at six months, with the flags that change nothing (rules, section 3).

    Parameters
    ----------
    facts : CohortFacts
    rules : Rules

    Returns
    -------
    DataFrame by ``study_id``: the columns of `response.muscle_counts` and
    `response.short_term_response`, ``baseline_on``, ``month6_on``, ``stopped_for_inefficacy_on``
    (line 4), and the flags ``few_courses`` (fewer than 2 by day 183), ``co_treated`` (another
    immunotherapy started before the month-6 examination, or before day 183 without one),
    ``month6_at_trough`` and ``carried_forward_month6`` (baseline or month 6 has a grade copied from
    an earlier visit).
    """
    regimens = facts.records.regimens
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
    both = pd.concat([counts, response], axis=1).set_index(facts.study_ids)
    return both.assign(
        baseline_on=dates(facts.exam_days(facts.baseline)),
        month6_on=dates(month_6_day),
        stopped_for_inefficacy_on=dates(stopped_day),
        few_courses=np.isfinite(facts.index_day) & (early < rules.early_courses_needed),
        co_treated=_co_treated(facts, month_6_day, rules),
        month6_at_trough=phase == "trough",
        carried_forward_month6=_uses_carried_forward(facts),
    )


def long_term_columns(
    facts: CohortFacts,
    short_term_response: pd.Series,
    off_treatment: Spells,
    rules: Rules = RULES,
) -> pd.DataFrame:
    """Long-term status, its flags, follow-up, and the times of survival curves (section 4).

    Parameters
    ----------
    facts : CohortFacts
    short_term_response : Series of `response.Response` by ``study_id``
    off_treatment : Spells as `off_treatment` returns
    rules : Rules

    Returns
    -------
    DataFrame by ``study_id``: the columns of `long_term.long_term_status`,
    `long_term.response_known` and `remission.remission_times`; ``follow_up_days``, ``off_days``,
    ``death_days`` (from index) [days]; ``on_treatment``, ``reference_on``, ``relapse_on``;
    ``dependency_proven``, ``relapsed_after_remission``, ``lost_to_follow_up`` (boolean).
    """
    response = long_term.response_known(short_term_response, facts.patients["clinician_response"])
    relapse_day = _relapse_day(facts, off_treatment, rules)
    truths = _status_facts(facts, response["response"], relapse_day, rules)
    found = long_term.long_term_status(truths, rules)
    times = remission_times(
        Course(facts.index_day, facts.last_visit_day, facts.last_contact_day),
        facts.given,
        has_response=(response["response"] == "yes").to_numpy(dtype=bool),
        exams=facts.exams,
        grips=facts.grips,
        rules=rules,
    )
    is_dependent = found["long_term_group"] == long_term.LongTermGroup.DEPENDENT
    return pd.concat([found, response, times.set_index(facts.study_ids)], axis=1).assign(
        follow_up_days=_whole(truths["follow_up_days"]),
        off_days=_whole(truths["off_days"]),
        death_days=whole_days(facts.patients["deceased_on"]) - facts.index_day,
        on_treatment=truths["on_treatment"],
        reference_on=dates(facts.exam_days(facts.reference)),
        relapse_on=dates(relapse_day),
        dependency_proven=_where(is_dependent.to_numpy(), _dependency_proven(facts, rules)),
        relapsed_after_remission=_where(
            np.isfinite(facts.index_day),
            long_term.has_long_gap(facts.given, len(facts.study_ids), rules),
        ),
        lost_to_follow_up=_where(np.isfinite(facts.last_contact_day), _lost(facts, rules)),
    )


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
    facts: CohortFacts, response: pd.Series, relapse_day: Floats, rules: Rules
) -> pd.DataFrame:
    regimens, drugs = facts.records.regimens, facts.records.immunosuppressants
    regimen_of, contact_day = facts.codes_of(regimens), facts.last_contact_day
    late_day = facts.last_infusion_day + rules.remission_days
    return pd.DataFrame(
        {
            "follow_up_days": contact_day - facts.index_day,
            "off_days": long_term.off_days(facts.last_infusion_day, facts.last_visit_day),
            "response": response,
            "on_treatment": is_on_treatment(facts, rules),
            "immunosuppressant": long_term.is_running(
                facts.codes_of(drugs),
                whole_days(drugs["started_on"]),
                whole_days(drugs["ended_on"]),
                contact_day,
            ),
            "open_regimen": long_term.open_regimen(regimens, regimen_of, contact_day),
            "relapsed": np.isfinite(relapse_day),
            "last_regimen_failed": long_term.last_regimen_failed(regimens, regimen_of, contact_day),
            "examined_late": facts.exams.timeline.first_from(facts.everyone, late_day) >= 0,
        },
        index=facts.study_ids,
    )


def _relapse_day(facts: CohortFacts, off_treatment: Spells, rules: Rules) -> Floats:
    first = np.full(len(facts.study_ids), np.nan)
    first[off_treatment.patient] = first_relapse_day(off_treatment, facts.exams, facts.grips, rules)
    return first


def _dependency_proven(facts: CohortFacts, rules: Rules) -> Bools:
    attempts = facts.records.dose_attempts
    failed = long_term.failed_attempt(attempts, facts.codes_of(attempts), facts.last_contact_day)
    gaps = long_term.long_gaps(
        facts.courses, facts.codes_of(facts.courses), facts.starts, facts.expected_at_start, rules
    )
    relapse_day = first_relapse_day(gaps, facts.exams, facts.grips, rules)
    return failed | facts.has_any(gaps.patient[np.isfinite(relapse_day)])


def _lost(facts: CohortFacts, rules: Rules) -> Bools:
    is_alive = facts.patients["deceased_on"].isna().to_numpy(dtype=bool)
    return is_alive & (facts.as_of_day - facts.last_contact_day > rules.lost_after_days)


def _co_treated(facts: CohortFacts, month_6_day: Floats, rules: Rules) -> Bools:
    drugs = facts.records.immunosuppressants
    target_day = facts.index_day + rules.month_6_target_day
    before_day = np.where(np.isnan(month_6_day), target_day, month_6_day)
    patient = facts.codes_of(drugs)
    is_before = (patient >= 0) & (whole_days(drugs["started_on"]) < before_day[patient])
    return facts.has_any(patient[is_before])


def _uses_carried_forward(facts: CohortFacts) -> Bools:
    # A position of -1 means no examination, and reads the False appended last.
    has_copied = np.append(facts.exams.has_carried_forward, False)
    uses: Bools = has_copied[facts.baseline] | has_copied[facts.month_6]
    return uses


def _whole(numbers: Floats | Ints | pd.Series) -> pd.api.extensions.ExtensionArray:
    """Counts without an index of their own; NaN becomes missing."""
    return pd.Series(np.asarray(numbers)).astype("Int64").array


def _where(is_there: Bools, truth: Bools) -> pd.api.extensions.ExtensionArray:
    return pd.arrays.BooleanArray(truth, ~is_there)
