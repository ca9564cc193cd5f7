"""All outcomes of a cohort as of a day: the parts of the rules put together."""

from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

import pandas as pd

from outcomes.derivation.block_change import block_change
from outcomes.derivation.cohort_facts import CohortFacts, cohort_facts
from outcomes.derivation.conduction import graded_segments
from outcomes.derivation.diagnosis import EFNS_PNS_2010, diagnosis
from outcomes.derivation.dose import dose_outcomes, dose_steps
from outcomes.derivation.evidence import examinations_used
from outcomes.derivation.frames import Records
from outcomes.derivation.outcome_columns import (
    long_term_columns,
    off_treatment,
    short_term_columns,
    treatment_columns,
)
from outcomes.derivation.relapse import relapse_evidence
from outcomes.derivation.response import muscle_changes
from outcomes.derivation.responsiveness import declining_responsiveness
from outcomes.derivation.rules import RULES, Rules
from outcomes.derivation.strength import grip_response, mrc_sum_response, sum_scores

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
    patients: pd.DataFrame
    courses: pd.DataFrame
    segments: pd.DataFrame
    segment_changes: pd.DataFrame
    dose_steps: pd.DataFrame
    facts: CohortFacts = field(repr=False)

    @cached_property
    def examinations(self) -> pd.DataFrame:
        return examinations_used(self.facts, self.rules)

    @cached_property
    def muscle_changes(self) -> pd.DataFrame:
        facts = self.facts
        return muscle_changes(facts.exams, facts.baseline, facts.month_6, self.rules)

    @cached_property
    def relapses(self) -> pd.DataFrame:
        off = off_treatment(self.facts, self.rules)
        return relapse_evidence(off, self.facts.exams, self.facts.grips, self.rules)

    @cached_property
    def sum_scores(self) -> pd.DataFrame:
        return sum_scores(self.facts.exams)


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
    known, off = facts.records, off_treatment(facts, rules)
    treatment = treatment_columns(facts, rules)
    short_term = short_term_columns(facts, rules)
    long_term = long_term_columns(facts, short_term["short_term_response"], off, rules)
    segments = graded_segments(known.nerve_segments, known.patients, known.lower_limits, rules)
    blocks, segment_changes = block_change(segments, treatment["index_on"], rules)
    steps = dose_steps(facts.courses, rules)
    doses = _dose_columns(facts, treatment, steps, rules)
    variants = _variant_columns(facts, short_term, rules)
    category = _diagnosis_columns(facts, segments, rules)
    parts = [treatment, short_term, variants, long_term, blocks, doses, category]
    return Outcomes(
        as_of=as_of,
        rules=rules,
        patients=_in_published_order(pd.concat(parts, axis=1)),
        courses=facts.courses,
        segments=segments,
        segment_changes=segment_changes,
        dose_steps=steps,
        facts=facts,
    )


def _dose_columns(
    facts: CohortFacts, treatment: pd.DataFrame, steps: pd.DataFrame, rules: Rules
) -> pd.DataFrame:
    index_on, contact_on = treatment["index_on"], treatment["last_contact_on"]
    doses = dose_outcomes(steps, index_on, contact_on, facts.records.visits, rules)
    declining = declining_responsiveness(
        doses["dose_trend"], facts.exams, facts.records.grip_strengths, index_on, rules
    )
    return doses.assign(declining_responsiveness=declining)


def _variant_columns(facts: CohortFacts, short_term: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    by_sum = mrc_sum_response(facts.exams, facts.baseline, facts.month_6, rules=rules)
    by_grip = grip_response(facts.grips, short_term["baseline_on"], short_term["month6_on"], rules)
    return by_sum.join(by_grip)


def _diagnosis_columns(facts: CohortFacts, segments: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """The guideline's category rests on the guideline's blocks, whichever set is asked for."""
    known = facts.records
    if rules.criteria != DIAGNOSTIC_CRITERIA:
        guideline = replace(rules, criteria=DIAGNOSTIC_CRITERIA)
        segments = graded_segments(
            known.nerve_segments, known.patients, known.lower_limits, guideline
        )
    return diagnosis(known.findings, segments, known.laboratory, facts.study_ids)


def _in_published_order(columns: pd.DataFrame) -> pd.DataFrame:
    others = [column for column in columns if column not in OUTCOME_COLUMNS]
    texts = dict.fromkeys(columns.select_dtypes(["object", "str", "category"]), "str")
    return columns[[*OUTCOME_COLUMNS, *others]].astype(texts)
