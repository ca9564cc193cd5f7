"""All outcomes of a cohort as of a day: the parts of the rules put together."""

from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

import pandas as pd

from outcomes.derivation.block_change import block_change_columns
from outcomes.derivation.cohort_facts import CohortFacts, cohort_facts
from outcomes.derivation.columns import Columns, together
from outcomes.derivation.conduction import graded_columns
from outcomes.derivation.diagnosis import EFNS_PNS_2010, diagnosis_columns
from outcomes.derivation.dose import Treatment, dose_columns, dose_step_columns
from outcomes.derivation.evidence import examination_columns
from outcomes.derivation.frames import Records
from outcomes.derivation.outcome_columns import (
    long_term_columns,
    off_treatment,
    short_term_columns,
    treatment_columns,
)
from outcomes.derivation.relapse import relapse_columns
from outcomes.derivation.response import muscle_change_columns
from outcomes.derivation.responsiveness import declining_answers
from outcomes.derivation.rules import RULES, Rules
from outcomes.derivation.strength import grip_columns, mrc_sum_columns, sum_score_columns

# The names are fixed, so that anyone can check the numbers from outside.
OUTCOME_COLUMNS = (
    "treatment_history",
    "index_on",
    "baseline_on",
    "month6_on",
    "affected",
    "improvable",
    "improved",
    "worsened",
    "short_term_response",
    "short_term_reason",
    "strict_response",
    "provisional",
    "last_contact_on",
    "follow_up_days",
    "off_days",
    "long_term_status",
    "long_term_group",
    "dependency_proven",
    "relapsed_after_remission",
    "lost_to_follow_up",
    "blocks_first",
    "blocks_last",
    "block_change",
    "block_change_reason",
    "courses",
    "weekly_dose_g",
    "weekly_dose_g_per_kg",
    "dose_ratio",
    "dose_trend",
    "dose_reason",
    "declining_responsiveness",
)

DIAGNOSTIC_CRITERIA = EFNS_PNS_2010.name


@dataclass(frozen=True)
class Outcomes:
    """What the rules say about a cohort as of a day, and what it rests on.

    ``patients`` has one row per patient included on or before ``as_of``, indexed by ``study_id``
    (sorted bytewise): `OUTCOME_COLUMNS` in their order, then what pages and statistics add. Dates
    are datetime64[s], counts Int64, yes/no columns boolean, doses float64; codes are text, ``""``
    where there is no value. The other frames hold the records used, patient by patient; those that
    only a patient's page or a predictor reads are made when they are asked for.
    """

    as_of: date
    rules: Rules
    facts: CohortFacts = field(repr=False)
    by_patient: Columns = field(repr=False)  # the rows of ``patients``, in its order
    segment_columns: Columns = field(repr=False)
    guideline_segments: Columns = field(repr=False)  # the same, graded for the diagnosis
    segment_change_columns: Columns = field(repr=False)
    dose_step_columns: Columns = field(repr=False)

    @cached_property
    def patients(self) -> pd.DataFrame:
        return self.by_patient.frame(self.facts.study_ids)

    @cached_property
    def courses(self) -> pd.DataFrame:
        return self.facts.courses.frame()

    @cached_property
    def segments(self) -> pd.DataFrame:
        return self.segment_columns.frame()

    @cached_property
    def segment_changes(self) -> pd.DataFrame:
        return self.segment_change_columns.frame()

    @cached_property
    def dose_steps(self) -> pd.DataFrame:
        return self.dose_step_columns.frame()

    @cached_property
    def examinations(self) -> pd.DataFrame:
        return self.examination_columns.frame()

    @cached_property
    def muscle_changes(self) -> pd.DataFrame:
        return self.muscle_change_columns.frame()

    @cached_property
    def relapses(self) -> pd.DataFrame:
        return self.relapse_columns.frame()

    @cached_property
    def sum_scores(self) -> pd.DataFrame:
        return self.sum_score_columns.frame()

    @cached_property
    def examination_columns(self) -> Columns:
        return examination_columns(self.facts, self.rules)

    @cached_property
    def muscle_change_columns(self) -> Columns:
        facts = self.facts
        return muscle_change_columns(facts.exams, facts.baseline, facts.month_6, self.rules)

    @cached_property
    def relapse_columns(self) -> Columns:
        off = off_treatment(self.facts, self.rules)
        return relapse_columns(off, self.facts.exams, self.facts.grips, self.rules)

    @cached_property
    def sum_score_columns(self) -> Columns:
        return sum_score_columns(self.facts.exams)


def derive(records: Records, as_of: date, rules: Rules = RULES) -> Outcomes:
    """Derive every outcome of every patient included on or before a day.

    Parameters
    ----------
    records : Records
        The recorded tables, whole: what is dated after ``as_of`` is left out here.
    as_of : date
        The day as of which the question is asked.
    rules : Rules
        The rule set; version 1 unless another is asked for.

    Returns
    -------
    Outcomes. A result that cannot be had is missing, with a reason beside it; nothing is imputed.

    References
    ----------
    .. [1] J.-M. Léger et al., "Intravenous immunoglobulin as short- and long-term therapy of
       multifocal motor neuropathy: a retrospective study of response to IVIg and of its
       predictive criteria in 40 patients," J. Neurol. Neurosurg. Psychiatry 79(1):93-96, 2008
       (L08).
    .. [2] J.-M. Léger et al., "Multifocal motor neuropathy: a retrospective study of the response
       to high-dose intravenous immunoglobulin (IVIg) and current perspectives for diagnosis and
       treatment," Bull. Acad. Natl. Med. 191(7):1395-1407, 2007 (L07; in French).
    .. [3] EFNS/PNS Joint Task Force, "Guideline on management of multifocal motor neuropathy
       (G10)," J. Peripher. Nerv. Syst. 15(4):295-301, 2010. doi:10.1111/j.1529-8027.2010.00290.x
    """
    facts = cohort_facts(records, as_of, rules)
    known, study_ids = facts.records, facts.study_ids
    short_term = short_term_columns(facts, rules)
    response = short_term.words("short_term_response")
    segments = _graded(known, rules)
    # The guideline's category rests on the guideline's blocks, whichever set is asked for.
    is_guideline = rules.criteria == DIAGNOSTIC_CRITERIA
    by_guideline = (
        segments if is_guideline else _graded(known, replace(rules, criteria=DIAGNOSTIC_CRITERIA))
    )
    blocks, segment_changes = block_change_columns(segments, study_ids, facts.index_day, rules)
    steps = dose_step_columns(facts.courses, rules)
    parts = [
        treatment_columns(facts, rules),
        short_term,
        mrc_sum_columns(facts.exams, facts.baseline, facts.month_6, rules=rules),
        grip_columns(
            facts.grips, facts.exam_days(facts.baseline), facts.exam_days(facts.month_6), rules
        ),
        long_term_columns(facts, response, off_treatment(facts, rules), rules),
        blocks,
        _doses(facts, steps, rules),
        diagnosis_columns(
            known.columns("findings"), by_guideline, known.columns("laboratory"), study_ids
        ),
    ]
    return Outcomes(
        as_of=as_of,
        rules=rules,
        facts=facts,
        by_patient=_in_published_order(together(*parts)),
        segment_columns=segments,
        guideline_segments=by_guideline,
        segment_change_columns=segment_changes,
        dose_step_columns=steps,
    )


def _graded(known: Records, rules: Rules) -> Columns:
    segments, limits = known.columns("nerve_segments"), known.columns("lower_limits")
    return graded_columns(segments, known.columns("patients"), limits, rules)


def _doses(facts: CohortFacts, steps: Columns, rules: Rules) -> Columns:
    treatment = Treatment(facts.study_ids, facts.index_day, facts.last_contact_day)
    doses = dose_columns(steps, treatment, facts.records.columns("visits"), rules)
    trend = doses.words("dose_trend")
    declining = declining_answers(trend, facts.exams, facts.grips, facts.index_day, rules)
    return doses.assign(declining_responsiveness=declining)


def _in_published_order(columns: Columns) -> Columns:
    others = [column for column in columns.names if column not in OUTCOME_COLUMNS]
    return columns.select([*OUTCOME_COLUMNS, *others]).with_texts()
