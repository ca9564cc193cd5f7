"""What was known at the start, and whether it goes with a short-term response (rules, section 8).

The page says "no evidence of" and shows intervals; nothing here can say "no effect".
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from outcomes.derivation.cohort_facts import CohortFacts
from outcomes.derivation.columns import Bools, Columns, Floats, Ints, answered
from outcomes.derivation.counting import answers
from outcomes.derivation.derive import Outcomes
from outcomes.derivation.diagnostic_answers import NO, UNKNOWN, YES, Answers, anti_gm1_answers
from outcomes.derivation.examinations import MUSCLES, NOT_GRADED
from outcomes.derivation.inference import benjamini_hochberg, distribution, fisher, mann_whitney
from outcomes.derivation.response import Response
from outcomes.derivation.rules import RULES, Rules
from outcomes.derivation.timeline import sorted_timeline, take_or_nan
from patients.vocabulary import (
    LIMB_REGION,
    BlockGrade,
    FindingKind,
    FindingState,
    LaboratoryTest,
    Muscle,
    Sex,
    YesNoUnknown,
)

NUMBERS = {
    "age_at_onset_years": "years",
    "onset_to_treatment_years": "years",
    "affected_muscles": "muscles",
    "affected_limb_regions": "regions",
    "mrc_140": "points",
    "conduction_blocks": "segments",
    "csf_protein_g_per_l": "g/L",
    "ck_u_per_l": "U/L",
}
# The level named first is the one an odds ratio above 1 speaks for.
LEVELS = {
    "sex": ("female", "male"),
    "atrophy": ("yes", "no"),
    "anti_gm1_igm": ("yes", "no"),
    "reflexes_lost": ("yes", "no"),
}
# In the order of the rules.
PREDICTORS = (
    "age_at_onset_years",
    "sex",
    "onset_to_treatment_years",
    "affected_muscles",
    "affected_limb_regions",
    "mrc_140",
    "atrophy",
    "conduction_blocks",
    "anti_gm1_igm",
    "csf_protein_g_per_l",
    "ck_u_per_l",
    "reflexes_lost",
)

Line = dict[str, Any]

# The limb region of each column of the grade matrix, left and right apart.
_REGIONS = np.array([f"{side} {LIMB_REGION[Muscle(muscle)]}" for muscle, side in MUSCLES])


def predictor_values(outcomes: Outcomes) -> pd.DataFrame:
    """Values of all predictors of the evaluable patients of the primary table.

    Parameters
    ----------
    outcomes : Outcomes

    Returns
    -------
    DataFrame indexed by ``study_id``, one row per patient: the columns of ``PREDICTORS``, numbers
    as float64 (NaN = missing) and two levels as boolean (True = first level of ``LEVELS``,
    missing otherwise), and ``responder`` (bool).

    Raises
    ------
    KeyError
        If a frame lacks a column.

    References
    ----------
    .. [1] J.-M. Léger et al. (L08), J. Neurol. Neurosurg. Psychiatry 79:93-96, 2008.
    """
    facts = outcomes.facts
    is_about = _is_about(outcomes)
    values = predictor_columns(outcomes).assign(
        responder=outcomes.by_patient.words("short_term_response").is_(Response.RESPONDER)
    )
    rows = values.select([*PREDICTORS, "responder"]).where(is_about)
    return rows.frame(pd.Index(facts.study_ids[is_about]))


def predictor_columns(outcomes: Outcomes) -> Columns:
    """What `predictor_values` returns, a row for everybody; missing for whom they are not about."""
    facts, derived = outcomes.facts, outcomes.by_patient
    patients, known = facts.patients, facts.records
    baseline_day = facts.exam_days(facts.baseline)
    laboratory = known.columns("laboratory")
    onset_year = patients.dates("onset_on").astype("datetime64[Y]")
    birth_year = patients.floats("birth_year")
    anti_gm1 = anti_gm1_answers(laboratory, facts.study_ids)
    reflexes = _reflexes(facts, baseline_day)
    numbers = {
        "age_at_onset_years": np.where(
            np.isnat(onset_year), np.nan, onset_year.astype(np.int64) + 1970 - birth_year
        ),
        "onset_to_treatment_years": derived.floats("onset_to_treatment_years"),
        "affected_muscles": derived.floats("affected"),
        "affected_limb_regions": _affected_limb_regions(facts, outcomes.rules),
        "mrc_140": derived.floats("mrc_sum_baseline"),
        "conduction_blocks": _conduction_blocks(outcomes),
        "csf_protein_g_per_l": _latest_value(
            facts, LaboratoryTest.CSF_PROTEIN, "g/L", baseline_day
        ),
        "ck_u_per_l": _latest_value(facts, LaboratoryTest.CK, "U/L", baseline_day),
    }
    sex, atrophy = patients.words("sex"), patients.words("atrophy_at_baseline")
    levels = {
        "sex": (sex.is_(Sex.FEMALE), sex.is_(Sex.MALE)),
        "atrophy": (atrophy.is_(YesNoUnknown.YES), atrophy.is_(YesNoUnknown.NO)),
        "anti_gm1_igm": (anti_gm1 == YES, anti_gm1 == NO),
        "reflexes_lost": (reflexes == YES, reflexes == NO),
    }
    is_about = _is_about(outcomes)
    return Columns.named(
        {name: np.where(is_about, values, np.nan) for name, values in numbers.items()}
        | {
            name: answered(first, (first | second) & is_about)
            for name, (first, second) in levels.items()
        }
    )


def predictor_table(values: pd.DataFrame, rules: Rules = RULES) -> list[Line]:
    """Compare responders with non-responders, one line per predictor.

    Parameters
    ----------
    values : DataFrame as :func:`predictor_values` returns it
    rules : Rules
        ``group_needed`` patients in every level and group, ``exact_up_to`` for the rank test.

    Returns
    -------
    list of dict, one per predictor in the order of ``PREDICTORS``
        ``name``, ``test`` (``fisher_exact`` or ``mann_whitney``), ``method`` (``exact``,
        ``asymptotic``), ``n`` and ``missing`` [patients], ``p_value``, ``q_value``
        (Benjamini-Hochberg over the lines with a p-value); ``effect`` with ``estimate``,
        ``ci_low``, ``ci_high``: ``odds_ratio`` (above 1 = more responders among *yes*, *female*)
        or ``difference`` responders − non-responders in ``unit``. The description: ``levels`` with
        ``n``, ``responders``, ``proportion``, or ``groups`` with their distribution.
        Where a level or group has too few patients there is only the description, the rest is
        None. Beside a p-value, an estimate or upper limit of None is without bound.

    Raises
    ------
    KeyError
        If a predictor's column is missing.

    References
    ----------
    .. [1] R. A. Fisher, J. R. Stat. Soc. 98(1):39-82, 1935. doi:10.2307/2342435
    .. [2] J. L. Hodges, E. L. Lehmann, Ann. Math. Stat. 34(2):598-611, 1963.
       doi:10.1214/aoms/1177704172
    .. [3] Y. Benjamini, Y. Hochberg, J. R. Stat. Soc. B 57(1):289-300, 1995.
       doi:10.1111/j.2517-6161.1995.tb02031.x
    """
    lines = [
        _two_level_line(name, values[name], values["responder"], rules)
        if name in LEVELS
        else _number_line(name, values[name], values["responder"], rules)
        for name in PREDICTORS
    ]
    adjusted = benjamini_hochberg([line["p_value"] for line in lines])
    return [{**line, "q_value": q} for line, q in zip(lines, adjusted, strict=True)]


def evaluable_of_primary(patients: pd.DataFrame) -> pd.DataFrame:
    """Rows of ``Outcomes.patients`` that predictors are about: primary table, evaluable."""
    is_evaluable = patients["short_term_response"] != Response.NOT_EVALUABLE
    return patients[patients["in_primary_table"] & is_evaluable]


def _is_about(outcomes: Outcomes) -> Bools:
    response = outcomes.by_patient.words("short_term_response")
    is_primary = outcomes.by_patient.bools("in_primary_table")
    return is_primary & ~response.is_(Response.NOT_EVALUABLE)


def _affected_limb_regions(facts: CohortFacts, rules: Rules) -> Floats:
    """Limb regions with a muscle below grade 5 at baseline, left and right apart. [regions]"""
    patients = np.flatnonzero(facts.baseline >= 0)
    thirds = facts.exams.thirds[facts.baseline[patients]]
    is_affected = (thirds != NOT_GRADED) & (thirds < rules.affected_below_thirds)
    regions = np.zeros(len(facts.study_ids))
    for region in np.unique(_REGIONS):
        regions[patients] += is_affected[:, region == _REGIONS].any(axis=1)
    return regions


def _conduction_blocks(outcomes: Outcomes) -> Floats:
    """Blocked segments of the latest study by 30 days after the index; NaN without a study."""
    facts, rules = outcomes.facts, outcomes.rules
    segments = outcomes.guideline_segments
    patient, day = facts.codes_of(segments), segments.key_days("studied_on")
    is_ours = (patient >= 0) & (day <= (facts.index_day + rules.first_study_days)[patient])
    latest = np.full(len(facts.study_ids), -np.inf)
    np.maximum.at(latest, patient[is_ours], day[is_ours])
    is_blocked = segments.words("grade").is_in([BlockGrade.DEFINITE, BlockGrade.PROBABLE])
    is_counted = is_ours & (day == latest[patient]) & is_blocked
    blocks = np.bincount(patient[is_counted], minlength=len(latest))
    return np.where(np.isneginf(latest), np.nan, blocks)


def _latest_value(facts: CohortFacts, test: LaboratoryTest, unit: str, until_day: Floats) -> Floats:
    laboratory = facts.records.columns("laboratory")
    value = laboratory.floats("value")
    is_measured = laboratory.words("test").is_(test) & laboratory.words("unit").is_(unit)
    latest = _latest(facts, laboratory, "taken_on", is_measured & ~np.isnan(value), until_day)
    return take_or_nan(value, latest)


def _reflexes(facts: CohortFacts, until_day: Floats) -> Answers:
    """Whether reflexes were reduced or absent, by the last answer on or before a day."""
    findings = facts.records.columns("findings")
    state = findings.words("state")
    is_present, is_absent = state.is_(FindingState.PRESENT), state.is_(FindingState.ABSENT)
    is_asked = findings.words("finding").is_(FindingKind.REFLEXES_REDUCED_OR_ABSENT)
    latest = _latest(facts, findings, "observed_on", is_asked & (is_present | is_absent), until_day)
    # A position of -1 means no answer, and reads the one appended last.
    return np.append(np.where(is_present, YES, NO), UNKNOWN)[latest]


def _latest(
    facts: CohortFacts, table: Columns, dated_by: str, chosen: Bools, until_day: Floats
) -> Ints:
    """Position of each patient's last chosen record on or before a day; -1 where there is none."""
    patient, day = facts.codes_of(table), table.key_days(dated_by)
    rows = np.flatnonzero(chosen & (patient >= 0) & (day <= until_day[patient]))
    _, order = sorted_timeline(patient[rows], day[rows])
    latest = np.full(len(facts.study_ids), -1)
    latest[patient[rows][order]] = rows[order]  # ascending in time: the last one written stays
    return latest


def _two_level_line(name: str, has: pd.Series, responder: pd.Series, rules: Rules) -> Line:
    has_it, is_known = answers(has)
    responded = responder.to_numpy(np.bool_)
    counts = [
        (int((responded & own).sum()), int(own.sum())) for own in (has_it, is_known & ~has_it)
    ]
    (k_with, n_with), (k_without, n_without) = counts
    known, responders = n_with + n_without, k_with + k_without
    smallest = min(n_with, n_without, responders, known - responders)
    line = {
        "name": name,
        "test": "fisher_exact",
        "method": None,
        "n": known,
        "missing": len(has) - known,
        **_untested("odds_ratio", None),
        "levels": {
            level: {"n": n, "responders": k, "proportion": k / n if n else None}
            for level, (k, n) in zip(LEVELS[name], counts, strict=True)
        },
    }
    if smallest < rules.group_needed:
        return line
    result = fisher(k_with, n_with, k_without, n_without)
    return line | {
        "method": "exact",
        "p_value": result.p_value,
        "estimate": _bounded(result.odds_ratio),
        "ci_low": result.ci_low,
        "ci_high": _bounded(result.ci_high),
        "ci_level": 0.95,
    }


def _number_line(name: str, values: pd.Series, responder: pd.Series, rules: Rules) -> Line:
    numbers, responded = values.to_numpy(np.float64), responder.to_numpy(np.bool_)
    is_known = ~np.isnan(numbers)
    groups = {
        "responder": numbers[is_known & responded],
        "non_responder": numbers[is_known & ~responded],
    }
    n = sum(len(group) for group in groups.values())
    line = {
        "name": name,
        "test": "mann_whitney",
        "method": None,
        "n": n,
        "missing": len(values) - n,
        **_untested("difference", NUMBERS[name]),
        "groups": {group: distribution(own)._asdict() for group, own in groups.items()},
    }
    if min(len(group) for group in groups.values()) < rules.group_needed:
        return line
    first, second = groups.values()
    result = mann_whitney(first, second, rules.exact_up_to)
    return line | {
        "method": result.method,
        "p_value": result.p_value,
        "estimate": result.difference,
        "ci_low": result.ci_low,
        "ci_high": result.ci_high,
        "ci_level": result.ci_level,
    }


def _untested(effect: str, unit: str | None) -> Line:
    return {
        "p_value": None,
        "q_value": None,
        "effect": effect,
        "unit": unit,
        "estimate": None,
        "ci_low": None,
        "ci_high": None,
        "ci_level": None,
    }


def _bounded(value: float | None) -> float | None:
    """JSON has no infinity: a value without bound is None."""
    return value if value is not None and math.isfinite(value) else None
