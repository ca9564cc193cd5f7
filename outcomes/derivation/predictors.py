"""What was known at the start, and whether it goes with a short-term response (rules, section 8).

The page says "no evidence of" and shows intervals; nothing here can say "no effect".
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from outcomes.derivation.block_criteria import EFNS_PNS_2010
from outcomes.derivation.conduction import graded_segments
from outcomes.derivation.counting import answers
from outcomes.derivation.derive import Outcomes
from outcomes.derivation.frames import Records, known_on
from outcomes.derivation.inference import benjamini_hochberg, distribution, fisher, mann_whitney
from outcomes.derivation.response import Response
from outcomes.derivation.rules import RULES, Rules
from patients.vocabulary import (
    LIMB_REGION,
    BlockGrade,
    FindingKind,
    FindingState,
    LaboratoryInterpretation,
    LaboratoryTest,
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


def predictor_values(records: Records, outcomes: Outcomes) -> pd.DataFrame:
    """Values of all predictors of the evaluable patients of the primary table.

    Parameters
    ----------
    records : Records
        What was recorded; what is dated after ``outcomes.as_of`` is left out.
    outcomes : Outcomes
        What was derived from the same records.

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
    known = known_on(records, outcomes.as_of)
    derived = evaluable_of_primary(outcomes.patients)
    recorded = known.patients.set_index("study_id").reindex(derived.index)
    findings = known.findings.rename(columns={"observed_on": "on"})
    laboratory = known.laboratory.rename(columns={"taken_on": "on"})
    return pd.DataFrame(
        {
            "age_at_onset_years": recorded["onset_on"].dt.year - recorded["birth_year"],
            "sex": _two_levels(recorded["sex"], [Sex.FEMALE], [Sex.MALE]),
            "onset_to_treatment_years": derived["onset_to_treatment_years"],
            "affected_muscles": derived["affected"].astype("float64"),
            "affected_limb_regions": _affected_limb_regions(outcomes, derived.index),
            "mrc_140": _sum_score_at_baseline(outcomes, derived["baseline_on"]),
            "atrophy": _yes_or_no(recorded["atrophy_at_baseline"]),
            "conduction_blocks": _conduction_blocks(known, outcomes, derived["index_on"]),
            "anti_gm1_igm": _anti_gm1_igm(laboratory, derived.index),
            "csf_protein_g_per_l": _latest_value(
                laboratory, LaboratoryTest.CSF_PROTEIN, "g/L", derived["baseline_on"]
            ),
            "ck_u_per_l": _latest_value(
                laboratory, LaboratoryTest.CK, "U/L", derived["baseline_on"]
            ),
            "reflexes_lost": _reflexes_lost(findings, derived["baseline_on"]),
            "responder": derived["short_term_response"] == Response.RESPONDER,
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


def _two_levels(answers: pd.Series, first: Sequence[str], second: Sequence[str]) -> pd.Series:
    is_first, is_second = answers.isin(list(first)), answers.isin(list(second))
    return is_first.astype("boolean").where(is_first | is_second)


def _yes_or_no(answers: pd.Series) -> pd.Series:
    return _two_levels(answers, [YesNoUnknown.YES], [YesNoUnknown.NO])


def _affected_limb_regions(outcomes: Outcomes, study_ids: pd.Index) -> pd.Series:
    muscles, rules = outcomes.muscle_changes, outcomes.rules
    affected = muscles[muscles["baseline_thirds"] < rules.affected_below_thirds]
    regions = pd.DataFrame(
        {
            "study_id": affected["study_id"].astype("str"),
            "side": affected["side"].astype("str"),
            "region": affected["muscle"].astype("str").map(LIMB_REGION),
        }
    ).drop_duplicates()
    return _count_by_patient(regions["study_id"], study_ids)


def _count_by_patient(study_id: pd.Series, study_ids: pd.Index) -> pd.Series:
    return study_id.value_counts().reindex(study_ids, fill_value=0).astype("float64")


def _sum_score_at_baseline(outcomes: Outcomes, baseline_on: pd.Series) -> pd.Series:
    scores = outcomes.sum_scores[outcomes.sum_scores["muscle_set"] == "MRC-140"]
    day = baseline_on.reindex(scores["study_id"].astype("str")).to_numpy()
    at_baseline = scores[scores["visited_on"].to_numpy() == day]
    study_id = pd.Index(at_baseline["study_id"].astype("str"))
    points: pd.Series = at_baseline["points"].set_axis(study_id).reindex(baseline_on.index)
    return points


def _conduction_blocks(known: Records, outcomes: Outcomes, index_on: pd.Series) -> pd.Series:
    segments = _latest_study(known.nerve_segments, index_on, outcomes.rules)
    rules = replace(outcomes.rules, criteria=EFNS_PNS_2010.name)
    graded = graded_segments(segments, known.patients, known.lower_limits, rules)
    has_block = graded["grade"].isin([BlockGrade.DEFINITE, BlockGrade.PROBABLE])
    study_id = segments["study_id"].astype("str")
    counted = _count_by_patient(study_id[has_block], index_on.index)
    return counted.where(index_on.index.isin(study_id))


def _latest_study(segments: pd.DataFrame, index_on: pd.Series, rules: Rules) -> pd.DataFrame:
    until = index_on + pd.Timedelta(days=rules.first_study_days)
    eligible = _on_or_before(segments.rename(columns={"studied_on": "on"}), until)
    latest = eligible.groupby("study_id", observed=True)["on"].transform("max")
    return segments.loc[eligible.index[eligible["on"] == latest]]


def _anti_gm1_igm(laboratory: pd.DataFrame, study_ids: pd.Index) -> pd.Series:
    is_read = (laboratory["test"] == LaboratoryTest.ANTI_GM1_IGM) & (
        laboratory["interpretation"] != ""
    )
    latest = _latest(laboratory[is_read], study_ids)["interpretation"]
    raised = [LaboratoryInterpretation.POSITIVE, LaboratoryInterpretation.HIGH]
    return _two_levels(latest, raised, [LaboratoryInterpretation.NEGATIVE])


def _latest_value(
    laboratory: pd.DataFrame, test: str, unit: str, baseline_on: pd.Series
) -> pd.Series:
    is_measured = (
        (laboratory["test"] == test) & (laboratory["unit"] == unit) & laboratory["value"].notna()
    )
    samples = _on_or_before(laboratory[is_measured], baseline_on)
    return _latest(samples, baseline_on.index)["value"]


def _reflexes_lost(findings: pd.DataFrame, baseline_on: pd.Series) -> pd.Series:
    is_answered = (findings["finding"] == FindingKind.REFLEXES_REDUCED_OR_ABSENT) & findings[
        "state"
    ].isin([FindingState.PRESENT, FindingState.ABSENT])
    latest = _latest(_on_or_before(findings[is_answered], baseline_on), baseline_on.index)["state"]
    return _two_levels(latest, [FindingState.PRESENT], [FindingState.ABSENT])


def _on_or_before(frame: pd.DataFrame, until: pd.Series) -> pd.DataFrame:
    last_day = until.reindex(frame["study_id"].astype("str")).to_numpy()
    return frame[frame["on"].to_numpy() <= last_day]


def _latest(frame: pd.DataFrame, study_ids: pd.Index) -> pd.DataFrame:
    """The last record of each patient; all missing where there is none."""
    named = frame.assign(study_id=frame["study_id"].astype("str"))
    last = named.sort_values("on", kind="stable").drop_duplicates("study_id", keep="last")
    return last.set_index("study_id").reindex(study_ids)


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
