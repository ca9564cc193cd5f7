"""The tables of a cohort: what Léger et al. printed, and what stands beside it (rules, 3 to 8).

Every proportion carries its denominator and its exact interval, and what was not evaluable is
counted by reason. Numbers are not rounded; where there is nobody to count, they are None.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

import numpy as np
import pandas as pd

from outcomes.derivation.block_change import BlockChange, BlockChangeReason
from outcomes.derivation.cohort_facts import with_other_examinations
from outcomes.derivation.columns import Columns, Ints
from outcomes.derivation.counting import Flags, Places, answers, counted, places
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


# Vocabularies in the order of the rules; words are counted by their places in them.
HISTORIES = tuple(TreatmentHistory)
_NAIVE, _PRETREATED, _UNKNOWN = range(3)
_DIAGNOSES = tuple(DiagnosisCategory)
_RESPONSES, _RESPONSE_REASONS = tuple(Response), tuple(ResponseReason)
_STATUSES, _GROUPS = tuple(LongTermStatus), tuple(LongTermGroup)
_BLOCK_CHANGES, _BLOCK_REASONS = tuple(BlockChange), tuple(BlockChangeReason)
_TRENDS, _DOSE_REASONS = tuple(DoseTrend), tuple(DoseReason)


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
    history = counted(places(patients["treatment_history"], HISTORIES), HISTORIES)
    diagnosis = places(patients["diagnosis_category"], _DIAGNOSES)
    return {
        "as_of": outcomes.as_of.isoformat(),
        "rules": {"name": rules.rule_set, "version": rules.version, "criteria": rules.criteria},
        "patients": len(patients),
        "naive": history.get(TreatmentHistory.NAIVE, 0),
        "pretreated": history.get(TreatmentHistory.PRETREATED, 0),
        "unknown_history": history.get(TreatmentHistory.UNKNOWN, 0),
        "diagnosis": counted(diagnosis, _DIAGNOSES),
        "short_term": _short_term(patients, rules, without_carried_forward),
        "long_term": _long_term(patients),
        "block_change": _block_changes(patients),
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


class _Responses(NamedTuple):
    """What the table of a response counts: places of words and flags, one value per patient."""

    response: Places
    reason: Places
    provisional: Flags

    @classmethod
    def of(cls, patients: pd.DataFrame) -> _Responses:
        return cls(
            places(patients["short_term_response"], _RESPONSES),
            places(patients["short_term_reason"], _RESPONSE_REASONS),
            answers(patients["provisional"]).is_true,
        )

    def where(self, chosen: Flags | Ints | slice) -> _Responses:
        return _Responses(self.response[chosen], self.reason[chosen], self.provisional[chosen])


def _short_term(
    patients: pd.DataFrame, rules: Rules, without_carried_forward: pd.DataFrame | None
) -> Table:
    history = places(patients["treatment_history"], HISTORIES)
    is_primary = patients["in_primary_table"].to_numpy(np.bool_)
    everybody = _Responses.of(patients)
    is_co_treated = answers(patients["co_treated"]).is_true
    chosen = {
        "naive": is_primary,
        "pretreated": history == _PRETREATED,
        "unknown_history": history == _UNKNOWN,
        "naive_first_subcutaneous": (history == _NAIVE) & ~is_primary,
        "naive_without_other_immunotherapy": is_primary & ~is_co_treated,
    }
    tables = {name: _response_table(everybody.where(own), rules) for name, own in chosen.items()}
    if without_carried_forward is not None:
        again = without_carried_forward
        own = _Responses.of(again).where(again["in_primary_table"].to_numpy(np.bool_))
        tables["naive_without_carried_forward"] = _response_table(own, rules)
    return tables | {
        "naive_variants": {
            "strict": _true_of_known(patients["strict_response"], is_primary),
            "grip": _variant(patients["grip_response"], is_primary),
            "mrc_sum": _variant(patients["mrc_sum_response"], is_primary),
        },
        "naive_by_centre": _by_centre(
            patients["centre"], everybody, is_primary, lambda own: _response_table(own, rules)
        ),
    }


def _by_centre(
    centre: pd.Series,
    responses: _Responses,
    chosen: Flags,
    table: Callable[[_Responses], Table],
) -> dict[str, Table]:
    """A table of each centre that has any of the chosen patients, in the order of their codes."""
    coded = pd.Categorical(centre[chosen])
    order = np.argsort(coded.codes, kind="stable")
    sizes = np.bincount(coded.codes, minlength=len(coded.categories))
    ends = sizes.cumsum()
    sorted_ = responses.where(chosen).where(order)
    tables = {
        str(code): table(sorted_.where(slice(end - size, end)))
        for code, size, end in zip(coded.categories, sizes, ends, strict=True)
        if size
    }
    return dict(sorted(tables.items()))


def _response_table(responses: _Responses, rules: Rules) -> Table:
    response = counted(responses.response, _RESPONSES)
    reason = counted(responses.reason, _RESPONSE_REASONS)
    is_unknown = responses.response == _RESPONSES.index(Response.NOT_EVALUABLE)
    patients, unknown = len(is_unknown), response.get(Response.NOT_EVALUABLE, 0)
    responders, evaluable = response.get(Response.RESPONDER, 0), patients - unknown
    result = proportion(responders, evaluable)
    return {
        "patients": patients,
        "evaluable": evaluable,
        "responders": responders,
        "proportion": result.proportion,
        "ci_low": result.ci_low,
        "ci_high": result.ci_high,
        "reference": rules.reference_proportion,
        "p_value": binomial_p(responders, evaluable, rules.reference_proportion),
        "not_evaluable": counted(responses.reason[is_unknown], _RESPONSE_REASONS),
        "stopped_for_inefficacy": reason.get(ResponseReason.STOPPED_FOR_INEFFICACY, 0),
        "provisional": int(responses.provisional.sum()),
        "worst_case": proportion(responders, patients)._asdict(),
        "best_case": proportion(responders + unknown, patients)._asdict(),
    }


def _variant(response: pd.Series, chosen: Flags) -> Table:
    """Another definition of response, over those of the table whom it can judge."""
    counts = counted(places(response, _RESPONSES)[chosen], _RESPONSES)
    judged = int(chosen.sum()) - counts.get(Response.NOT_EVALUABLE, 0)
    return proportion(counts.get(Response.RESPONDER, 0), judged)._asdict()


def _long_term(patients: pd.DataFrame) -> Table:
    status = places(patients["long_term_status"], _STATUSES)
    group = places(patients["long_term_group"], _GROUPS)
    is_classified = group != _GROUPS.index(LongTermGroup.NOT_CLASSIFIED)
    classified = int(is_classified.sum())
    statuses, in_group = counted(status, _STATUSES), counted(group, _GROUPS)
    groups = {
        str(name): _share(in_group.get(name, 0), classified)
        for name in (LongTermGroup.REMISSION, LongTermGroup.DEPENDENT, LongTermGroup.OTHER)
    }
    without_response = statuses.get(LongTermStatus.TREATED_WITHOUT_RESPONSE, 0)
    groups[LongTermGroup.DEPENDENT]["without_response"] = without_response
    flags = ("dependency_proven", "relapsed_after_remission", "lost_to_follow_up")
    return {
        "classified": classified,
        **groups,
        "not_classified": counted(status[~is_classified], _STATUSES),
        "statuses": {
            name: {"group": str(GROUP_OF[LongTermStatus(name)]), **_share(n, len(patients))}
            for name, n in statuses.items()
        },
        **{flag: _true_of_known(patients[flag]) for flag in flags},
    }


def _block_changes(patients: pd.DataFrame) -> Table:
    columns = [*_BLOCKS, "block_change", "block_change_reason"]
    is_naive = places(patients["treatment_history"], HISTORIES) == _NAIVE
    return {
        "naive": _block_change(patients.loc[is_naive, columns]),
        "all": _block_change(patients[columns]),
    }


_BLOCKS = ("blocks_first", "blocks_last", "nerves_blocked_first", "nerves_blocked_last")


def _block_change(patients: pd.DataFrame) -> Table:
    change = places(patients["block_change"], _BLOCK_CHANGES)
    reason = places(patients["block_change_reason"], _BLOCK_REASONS)
    is_evaluable = change != _BLOCK_CHANGES.index(BlockChange.NOT_EVALUABLE)
    found = counted(change, _BLOCK_CHANGES)
    counts = {
        str(kind): found.get(kind, 0)
        for kind in (BlockChange.DECREASED, BlockChange.UNCHANGED, BlockChange.INCREASED)
    }
    evaluable = int(is_evaluable.sum())
    better = counts[BlockChange.DECREASED] + counts[BlockChange.UNCHANGED]
    blocks = {column: int(patients[column].array[is_evaluable].sum()) for column in _BLOCKS}
    return {
        **counts,
        "not_evaluable": counted(reason[~is_evaluable], _BLOCK_REASONS),
        "patients": len(patients),
        "evaluable": evaluable,
        "decreased_or_unchanged": proportion(better, evaluable)._asdict(),
        "segments_with_block": {"first": blocks["blocks_first"], "last": blocks["blocks_last"]},
        "nerves_with_block": {
            "first": blocks["nerves_blocked_first"],
            "last": blocks["nerves_blocked_last"],
        },
    }


def _dose(patients: pd.DataFrame) -> Table:
    return {
        "weekly_dose_g": distribution(patients["weekly_dose_g"])._asdict(),
        "weekly_dose_g_per_kg": distribution(patients["weekly_dose_g_per_kg"])._asdict(),
        "trend": counted(places(patients["dose_trend"], _TRENDS), _TRENDS),
        "declining_responsiveness": _true_of_known(patients["declining_responsiveness"]),
        "incomplete": counted(places(patients["dose_reason"], _DOSE_REASONS), _DOSE_REASONS),
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
            for years, without, after in zip(
                YEARS_READ, survival.to_dict("records"), incidence.to_dict("records"), strict=True
            )
            if without["at_risk"] > 0
        ],
    }


def _estimate(read: Mapping[Hashable, float], name: str) -> Table:
    limits = {limit: read[limit] for limit in ("ci_low", "ci_high")}
    return {name: float(read[name])} | {
        limit: None if pd.isna(value) else float(value) for limit, value in limits.items()
    }


def _share(n: int, of: int) -> Table:
    """A proportion whose denominator stands beside the table it belongs to."""
    return {key: value for key, value in proportion(n, of)._asdict().items() if key != "of"}


def _true_of_known(flags: pd.Series, among: Flags | slice = slice(None)) -> Table:
    own = answers(flags)
    return proportion(int(own.is_true[among].sum()), int(own.is_known[among].sum()))._asdict()
