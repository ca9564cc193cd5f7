"""The tables of a cohort: what Léger et al. printed, and what stands beside it (rules, 3 to 8).

Every proportion carries its denominator and its exact interval, and what was not evaluable is
counted by reason. Numbers are not rounded; where there is nobody to count, they are None.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from enum import StrEnum
from typing import Any, Protocol

import pandas as pd

from outcomes.derivation.block_change import BlockChange, BlockChangeReason
from outcomes.derivation.cohort_facts import with_other_examinations
from outcomes.derivation.columns import Columns
from outcomes.derivation.curves import (
    EventCurve,
    event_curve,
    times_to_relapse,
    times_to_remission,
)
from outcomes.derivation.derive import Outcomes
from outcomes.derivation.diagnosis import DiagnosisCategory
from outcomes.derivation.dose import DoseReason, DoseTrend
from outcomes.derivation.frames import Records
from outcomes.derivation.inference import binomial_p, distribution, proportion
from outcomes.derivation.long_term import GROUP_OF, LongTermGroup, LongTermStatus
from outcomes.derivation.outcome_columns import short_term_columns
from outcomes.derivation.predictors import predictor_table, predictor_values
from outcomes.derivation.response import Response, ResponseReason
from outcomes.derivation.rules import Rules
from outcomes.derivation.survival import read_curve

Table = dict[str, Any]

YEARS_READ = (1, 2, 3, 5, 10)  # where a curve is read for the summary


class Derived(Protocol):
    """What of `derive.Outcomes` the tables are made of."""

    @property
    def as_of(self) -> date: ...
    @property
    def rules(self) -> Rules: ...
    @property
    def patients(self) -> pd.DataFrame: ...


class TreatmentHistory(StrEnum):
    NAIVE = "naive"
    PRETREATED = "pretreated"
    UNKNOWN = "unknown"


def cohort_summary(records: Records, outcomes: Outcomes) -> Table:
    """All tables of a cohort, predictors and sensitivity tables included.

    Parameters
    ----------
    records : Records
        What was recorded.
    outcomes : Outcomes
        What was derived from the same records. Its patients may be a filtered part.

    Returns
    -------
    dict as :func:`summarise` returns it.

    Raises
    ------
    KeyError
        If a frame lacks a column.

    References
    ----------
    .. [1] J.-M. Léger et al. (L08), J. Neurol. Neurosurg. Psychiatry 79:93-96, 2008.
    """
    values = predictor_values(outcomes)
    return summarise(
        outcomes,
        predictors=predictor_table(values, outcomes.rules),
        without_carried_forward=patients_without_carried_forward(records, outcomes),
    )


def summarise(
    outcomes: Derived,
    *,
    predictors: Iterable[Table] = (),
    without_carried_forward: pd.DataFrame | None = None,
) -> Table:
    """The tables of a cohort from its derived patients alone.

    Parameters
    ----------
    outcomes : Outcomes, or whatever has its ``patients``, ``as_of`` and ``rules``
    predictors : lines of :func:`outcomes.derivation.predictors.predictor_table`
    without_carried_forward : DataFrame as ``Outcomes.patients``, or None
        The same patients derived without grades carried forward; None leaves that table out.

    Returns
    -------
    dict of Python scalars, lists and dicts, ready for JSON
        ``as_of``, ``rules``, numbers of patients, ``diagnosis`` (patients by category),
        ``short_term`` (the primary table ``naive``, secondary tables and variants),
        ``long_term``, ``block_change``, ``follow_up_years`` [years], ``dose`` [g/week],
        ``time_to_remission`` and ``time_to_relapse`` [days],
        ``predictors``. Proportions 0–1 with Clopper-Pearson 95 % limits; None without a
        denominator; reasons and statuses that nobody has are left out.

    Raises
    ------
    KeyError
        If a column is missing.

    References
    ----------
    .. [1] J.-M. Léger et al. (L08), "Intravenous immunoglobulin as short- and long-term therapy of
       multifocal motor neuropathy: a retrospective study of response to IVIg and of its
       predictive criteria in 40 patients," J. Neurol. Neurosurg. Psychiatry 79(1):93-96, 2008.
    .. [2] C. J. Clopper, E. S. Pearson, Biometrika 26(4):404-413, 1934.
    """
    patients, rules = outcomes.patients, outcomes.rules
    history = patients["treatment_history"]
    is_naive = history == TreatmentHistory.NAIVE
    return {
        "as_of": outcomes.as_of.isoformat(),
        "rules": {"name": rules.rule_set, "version": rules.version, "criteria": rules.criteria},
        "patients": len(patients),
        "naive": int(is_naive.sum()),
        "pretreated": int((history == TreatmentHistory.PRETREATED).sum()),
        "unknown_history": int((history == TreatmentHistory.UNKNOWN).sum()),
        "diagnosis": _counts(patients["diagnosis_category"], DiagnosisCategory),
        "short_term": _short_term(patients, rules, without_carried_forward),
        "long_term": _long_term(patients),
        "block_change": {
            "naive": _block_change(patients[is_naive]),
            "all": _block_change(patients),
        },
        "follow_up_years": distribution(patients["follow_up_days"] / rules.year_days)._asdict(),
        "dose": _dose(patients),
        "time_to_remission": _curve(event_curve(times_to_remission(patients)), rules),
        "time_to_relapse": _curve(event_curve(times_to_relapse(patients, rules=rules)), rules),
        "predictors": list(predictors),
    }


def patients_without_carried_forward(records: Records, outcomes: Outcomes) -> pd.DataFrame:
    """The cohort's patients with the response had grades carried forward not been graded.

    Parameters
    ----------
    records : Records
    outcomes : Outcomes
        Derived from the same records.

    Returns
    -------
    DataFrame as ``outcomes.patients``, same patients; the columns of
    `outcome_columns.short_term_columns` are derived again where there is such a grade. Nobody
    else's examinations can change, and no infusion does.

    Raises
    ------
    KeyError
        If a frame lacks a column.

    References
    ----------
    .. [1] J.-M. Léger et al. (L08), J. Neurol. Neurosurg. Psychiatry 79:93-96, 2008.
    """
    again = uncarried_columns(records, outcomes)
    return outcomes.patients.assign(**again.with_texts().frame(outcomes.facts.study_ids))


def uncarried_columns(records: Records, outcomes: Outcomes) -> Columns:
    """What `patients_without_carried_forward` derives again; no column if there is nothing to."""
    rules = replace(outcomes.rules, leave_out_carried_forward=True)
    origins = records.columns("muscle_scores").words("origin")
    if not origins.is_in(rules.carried_forward_origins).any():
        return outcomes.by_patient.select([])
    return short_term_columns(with_other_examinations(outcomes.facts, rules), rules)


def _short_term(
    patients: pd.DataFrame, rules: Rules, without_carried_forward: pd.DataFrame | None
) -> Table:
    history, is_primary = patients["treatment_history"], patients["in_primary_table"]
    is_naive = history == TreatmentHistory.NAIVE
    primary = patients[is_primary]
    tables = {
        "naive": _response_table(primary, rules),
        "pretreated": _response_table(patients[history == TreatmentHistory.PRETREATED], rules),
        "unknown_history": _response_table(patients[history == TreatmentHistory.UNKNOWN], rules),
        "naive_first_subcutaneous": _response_table(patients[is_naive & ~is_primary], rules),
        "naive_without_other_immunotherapy": _response_table(
            primary[~_is_true(primary["co_treated"])], rules
        ),
    }
    if without_carried_forward is not None:
        again = without_carried_forward[without_carried_forward["in_primary_table"]]
        tables["naive_without_carried_forward"] = _response_table(again, rules)
    return tables | {
        "naive_variants": {
            "strict": _true_of_known(primary["strict_response"]),
            "grip": _variant(primary["grip_response"]),
            "mrc_sum": _variant(primary["mrc_sum_response"]),
        },
        "naive_by_centre": {
            str(centre): _response_table(own, rules)
            for centre, own in primary.groupby("centre", sort=True, observed=True)
        },
    }


def _response_table(patients: pd.DataFrame, rules: Rules) -> Table:
    response, reason = patients["short_term_response"], patients["short_term_reason"]
    is_evaluable = response != Response.NOT_EVALUABLE
    responders, evaluable = int((response == Response.RESPONDER).sum()), int(is_evaluable.sum())
    result = proportion(responders, evaluable)
    unknown = len(patients) - evaluable
    return {
        "patients": len(patients),
        "evaluable": evaluable,
        "responders": responders,
        "proportion": result.proportion,
        "ci_low": result.ci_low,
        "ci_high": result.ci_high,
        "reference": rules.reference_proportion,
        "p_value": binomial_p(responders, evaluable, rules.reference_proportion),
        "not_evaluable": _counts(reason[~is_evaluable], ResponseReason),
        "stopped_for_inefficacy": int((reason == ResponseReason.STOPPED_FOR_INEFFICACY).sum()),
        "provisional": int(_is_true(patients["provisional"]).sum()),
        "worst_case": proportion(responders, len(patients))._asdict(),
        "best_case": proportion(responders + unknown, len(patients))._asdict(),
    }


def _variant(response: pd.Series) -> Table:
    """Another definition of response, over those of the table whom it can judge."""
    judged = response[response != Response.NOT_EVALUABLE]
    return proportion(int((judged == Response.RESPONDER).sum()), len(judged))._asdict()


def _long_term(patients: pd.DataFrame) -> Table:
    status, group = patients["long_term_status"], patients["long_term_group"]
    is_classified = group != LongTermGroup.NOT_CLASSIFIED
    classified = int(is_classified.sum())
    groups = {
        str(name): _share(int((group == name).sum()), classified)
        for name in (LongTermGroup.REMISSION, LongTermGroup.DEPENDENT, LongTermGroup.OTHER)
    }
    without_response = int((status == LongTermStatus.TREATED_WITHOUT_RESPONSE).sum())
    groups[LongTermGroup.DEPENDENT]["without_response"] = without_response
    flags = ("dependency_proven", "relapsed_after_remission", "lost_to_follow_up")
    return {
        "classified": classified,
        **groups,
        "not_classified": _counts(status[~is_classified], LongTermStatus),
        "statuses": {
            name: {"group": str(GROUP_OF[LongTermStatus(name)]), **_share(n, len(patients))}
            for name, n in _counts(status, LongTermStatus).items()
        },
        **{flag: _true_of_known(patients[flag]) for flag in flags},
    }


def _block_change(patients: pd.DataFrame) -> Table:
    change, reason = patients["block_change"], patients["block_change_reason"]
    is_evaluable = change != BlockChange.NOT_EVALUABLE
    counts = {
        str(kind): int((change == kind).sum())
        for kind in (BlockChange.DECREASED, BlockChange.UNCHANGED, BlockChange.INCREASED)
    }
    evaluable = patients[is_evaluable]
    better = counts[BlockChange.DECREASED] + counts[BlockChange.UNCHANGED]
    return {
        **counts,
        "not_evaluable": _counts(reason[~is_evaluable], BlockChangeReason),
        "patients": len(patients),
        "evaluable": len(evaluable),
        "decreased_or_unchanged": proportion(better, len(evaluable))._asdict(),
        "segments_with_block": {
            "first": int(evaluable["blocks_first"].sum()),
            "last": int(evaluable["blocks_last"].sum()),
        },
        "nerves_with_block": {
            "first": int(evaluable["nerves_blocked_first"].sum()),
            "last": int(evaluable["nerves_blocked_last"].sum()),
        },
    }


def _dose(patients: pd.DataFrame) -> Table:
    trend, reason = patients["dose_trend"], patients["dose_reason"]
    return {
        "weekly_dose_g": distribution(patients["weekly_dose_g"])._asdict(),
        "weekly_dose_g_per_kg": distribution(patients["weekly_dose_g_per_kg"])._asdict(),
        "trend": _counts(trend[trend != ""], DoseTrend),
        "declining_responsiveness": _true_of_known(patients["declining_responsiveness"]),
        "incomplete": _counts(reason[reason != ""], DoseReason),
    }


def _curve(curve: EventCurve, rules: Rules) -> Table:
    """A curve in numbers: its size, its median, and both estimates at whole years."""
    days = [years * rules.year_days for years in YEARS_READ]
    survival, incidence = read_curve(curve.survival, days), read_curve(curve.incidence, days)
    return {
        "patients": curve.patients,
        "events": curve.events,
        "deaths": curve.deaths,
        "median_days": curve.median.median,
        "ci_low": curve.median.ci_low,
        "ci_high": curve.median.ci_high,
        "at_years": [
            {
                "years": years,
                "at_risk": int(without["at_risk"]),
                "without_event": _estimate(without, "survival"),
                "incidence": _estimate(after, "incidence"),
            }
            for years, (_, without), (_, after) in zip(
                YEARS_READ, survival.iterrows(), incidence.iterrows(), strict=True
            )
            if without["at_risk"] > 0
        ],
    }


def _estimate(read: pd.Series, name: str) -> Table:
    limits = {limit: read[limit] for limit in ("ci_low", "ci_high")}
    return {name: float(read[name])} | {
        limit: None if pd.isna(value) else float(value) for limit, value in limits.items()
    }


def _share(n: int, of: int) -> Table:
    """A proportion whose denominator stands beside the table it belongs to."""
    return {key: value for key, value in proportion(n, of)._asdict().items() if key != "of"}


def _true_of_known(flags: pd.Series) -> Table:
    known = flags.dropna()
    return proportion(int(known.sum()), len(known))._asdict()


def _is_true(flags: pd.Series) -> pd.Series:
    return flags.astype("boolean").fillna(False).astype(bool)


def _counts(words: pd.Series, order: type[StrEnum]) -> dict[str, int]:
    """How many have each word, in the order of the rule; words that nobody has are left out."""
    counts = words.astype("str").value_counts()
    return {str(word): int(counts[word]) for word in order if word in counts.index}
