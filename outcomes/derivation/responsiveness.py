"""Declining responsiveness: more immunoglobulin, less strength (rules, section 6)."""

import numpy as np
import pandas as pd

from outcomes.derivation.columns import Bools, Columns, Floats, Ints, Words, answered
from outcomes.derivation.dose import DoseTrend, Window
from outcomes.derivation.examinations import SIDE_WORDS, Examinations, last_counting
from outcomes.derivation.relapse import GRIP_DECIMALS, Grips, vigorimeter_grips
from outcomes.derivation.rules import RULES, Rules
from outcomes.derivation.strength import personal_columns
from outcomes.derivation.timeline import spread_ranges, take_or_nan, whole_days


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
    grips = vigorimeter_grips(grip_strengths, exams.study_ids)
    trend = Columns.of(dose_trend.to_frame("trend")).words("trend")
    answers = declining_answers(trend, exams, grips, whole_days(index_on), rules)
    return pd.Series(answers, dose_trend.index)


def declining_answers(
    dose_trend: Words, exams: Examinations, grips: Grips, index_day: Floats, rules: Rules = RULES
) -> pd.arrays.BooleanArray:
    """What `declining_responsiveness` returns, patients in the order of the examinations'."""
    is_escalated = dose_trend.is_(DoseTrend.ESCALATED)
    patient = np.flatnonzero(is_escalated)
    first_year = Window(*(index_day[patient] + day for day in rules.declining_days))
    declined = np.zeros(len(dose_trend), dtype=bool)
    declined[patient] = _muscles_declined(exams, patient, first_year, rules)
    declined[patient] |= _grip_declined(grips, patient, first_year, rules)
    return answered(declined, ~dose_trend.is_(""))


def _muscles_declined(
    exams: Examinations, patient: Ints, first_year: Window, rules: Rules
) -> Bools:
    latest = exams.timeline.last_until(patient, np.full(len(patient), np.inf))
    whose, early = spread_ranges(*exams.timeline.within(patient, first_year.first, first_year.last))
    if not len(early):
        return np.zeros(len(patient), dtype=bool)
    # Whoever has an examination in the first year has a latest one.
    last = last_counting(exams, rules)[latest[whose]]
    has_lost = personal_columns(exams, early, last).floats("change") <= -rules.declining_points
    return np.bincount(whose[has_lost], minlength=len(patient)) > 0


def _grip_declined(grips: Grips, patient: Ints, first_year: Window, rules: Rules) -> Bools:
    sides = np.arange(len(SIDE_WORDS))
    hand = (patient[:, None] * len(sides) + sides).ravel()
    always = np.full(len(hand), np.inf)
    last = grips.timeline.last_until(hand, always)
    both = np.repeat(np.arange(len(patient)), len(sides))
    early = grips.timeline.within(hand, first_year.first[both], first_year.last[both])
    whose, grip = spread_ranges(*early)
    best = np.full(len(hand), -np.inf)
    np.maximum.at(best, whose, grips.kpa[grip])
    # Without a grip in the first year nothing was lost.
    lost_kpa: Floats = np.round(best - take_or_nan(grips.kpa, last), GRIP_DECIMALS)
    has_lost = lost_kpa.reshape(-1, len(sides)) >= rules.declining_grip_kpa
    declined: Bools = np.logical_or.reduce(has_lost, axis=1)
    return declined
