"""Declining responsiveness: more immunoglobulin, less strength (rules, section 6)."""

import numpy as np
import pandas as pd

from outcomes.derivation.dose import DoseTrend, Window
from outcomes.derivation.examinations import SIDE_WORDS, Examinations, last_counting
from outcomes.derivation.relapse import GRIP_DECIMALS, vigorimeter_grips
from outcomes.derivation.rules import RULES, Rules
from outcomes.derivation.strength import personal_sums
from outcomes.derivation.timeline import Bools, spread_ranges, whole_days


def declining_responsiveness(
    dose_trend: pd.Series,
    exams: Examinations,
    grip_strengths: pd.DataFrame,
    index_on: pd.Series,
    rules: Rules = RULES,
) -> pd.Series:
    """Whether more immunoglobulin now goes with less strength than in the first year [choice].

    Parameters
    ----------
    dose_trend : Series of text by ``study_id``, as `dose_outcomes` returns it
    exams : Examinations
        Grades in thirds of an MRC point.
    grip_strengths : DataFrame as in `Records`
        Only the vigorimeter counts. [kPa]
    index_on : Series of datetime64[s] on the index of ``dose_trend``
    rules : Rules

    Returns
    -------
    Series of "boolean" on the index of ``dose_trend``, missing without a trend. True if the dose
    is ``escalated``, and an examination of days 0…365 is at least 2 points above the last counting
    one of all (sum over the muscles graded in both), or the best grip of days 0…365 is at least
    8 kPa above the last of its side.

    References
    ----------
    .. [1] J. F. Jovanovich and C. Karam, Degener. Neurol. Neuromuscul. Dis. 6:1-12, 2016 (J16)
       describe it. No threshold was found in the literature: those here are this project's own.
    """
    study_ids = pd.Index(dose_trend.index)
    is_escalated = (dose_trend == DoseTrend.ESCALATED.value).to_numpy(dtype=bool)
    escalated = np.flatnonzero(is_escalated)
    index_day = whole_days(index_on)[escalated]
    first_year = Window(*(index_day + day for day in rules.declining_days))
    ids = study_ids[escalated]
    declined = np.zeros(len(study_ids), dtype=bool)
    declined[escalated] = _muscles_declined(exams, ids, first_year, rules)
    declined[escalated] |= _grip_declined(grip_strengths, ids, first_year, rules)
    return pd.Series(declined, dose_trend.index, "boolean").mask(dose_trend == "")


def _muscles_declined(
    exams: Examinations, study_ids: pd.Index, first_year: Window, rules: Rules
) -> Bools:
    patient = exams.study_ids.get_indexer(study_ids)
    latest = exams.timeline.last_until(patient, np.full(len(patient), np.inf))
    whose, early = spread_ranges(*exams.timeline.within(patient, first_year.first, first_year.last))
    if not len(early):
        return np.zeros(len(patient), dtype=bool)
    # Whoever has an examination in the first year has a latest one.
    last = last_counting(exams, rules)[latest[whose]]
    has_lost = personal_sums(exams, early, last)["change"] <= -rules.declining_points
    return np.bincount(whose[has_lost.to_numpy(dtype=bool)], minlength=len(patient)) > 0


def _grip_declined(
    grip_strengths: pd.DataFrame, study_ids: pd.Index, first_year: Window, rules: Rules
) -> Bools:
    grips = vigorimeter_grips(grip_strengths, study_ids)
    hand, day = grips.timeline.owner, grips.timeline.day
    patient = hand // len(SIDE_WORDS)
    is_early = (day >= first_year.first[patient]) & (day <= first_year.last[patient])
    hands = len(study_ids) * len(SIDE_WORDS)
    best, last = np.full(hands, -np.inf), np.full(hands, np.inf)
    np.maximum.at(best, hand[is_early], grips.kpa[is_early])
    last[hand] = grips.kpa  # ascending in time: the last one written stays
    lost_kpa = np.round(best - last, GRIP_DECIMALS).reshape(-1, len(SIDE_WORDS))
    declined: Bools = (lost_kpa >= rules.declining_grip_kpa).any(axis=1)
    return declined
