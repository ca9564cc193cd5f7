"""Dose as steps, now and in the reference window, its ratio and trend (rules, section 6).

`responsiveness` asks whether more dose goes with less strength, `dose_questions` what to ask about.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

from outcomes.derivation.columns import (
    Bools,
    Column,
    Columns,
    Floats,
    Ints,
    Table,
    Words,
    answered,
    together,
)
from outcomes.derivation.courses import ROUTES, recent_interval_days
from outcomes.derivation.rules import RULES, Rules
from outcomes.derivation.timeline import (
    Timeline,
    codes,
    dates,
    sorted_timeline,
    take_or_nan,
    whole_days,
)

DAYS_A_WEEK = 7


class DoseTrend(StrEnum):
    """The dose now against that of the reference window."""

    STOPPED = "stopped"
    ESCALATED = "escalated"
    REDUCED = "reduced"
    STABLE = "stable"


class DoseReason(StrEnum):
    """Why a dose, a ratio or a dose per kg is missing: the first that applies, in this order."""

    NO_INFUSION = "NO_INFUSION"
    TOO_SHORT = "TOO_SHORT"
    NO_REFERENCE = "NO_REFERENCE"
    NO_WEIGHT = "NO_WEIGHT"


def dose_steps(courses: pd.DataFrame, rules: Rules = RULES) -> pd.DataFrame:
    """The grams of each course spread evenly over the days it stands for. [g/week]

    Parameters
    ----------
    courses : DataFrame as `courses.courses` returns
    rules : Rules

    Returns
    -------
    DataFrame on the index of ``courses``, one step per course: ``study_id``, ``route``,
    ``started_on`` and ``ended_before`` (half-open), ``dose_g`` and ``weekly_dose_g``, the grams
    per day times 7; ``interval_days`` to the next course of that route, missing for the last and
    before a pause; ``from_regimen``. Routes add up where their steps overlap.

    Notes
    -----
    A course lasts until the next of its route begins. The last one lasts *e* days, and so does one
    before a pause: an interval longer than max(2·*e*, 120) days, the rest of which counts 0 g.
    *e* is the median of the last up to 4 start-to-start intervals of that route up to the course's
    own start, 28 if there is none, rounded half up to whole days.
    """
    return dose_step_columns(courses, rules).frame(courses.index)


def dose_step_columns(courses: Table, rules: Rules = RULES) -> Columns:
    """What `dose_steps` returns, as columns."""
    courses = Columns.of(courses)
    started, following = courses.key_days("started_on"), courses.days("next_started_on")
    expected = _expected_interval_days(courses, rules)
    interval = following - started
    is_pause = interval > np.maximum(rules.pause_factor * expected, rules.pause_min_days)
    interval = np.where(is_pause, np.nan, interval)
    lasts = np.where(np.isnan(interval), expected, interval)
    dose_g = courses.floats("dose_g")
    return courses.select(["study_id", "route", "started_on", "from_regimen"]).assign(
        ended_before=dates(started + lasts),
        dose_g=dose_g,
        weekly_dose_g=dose_g / lasts * DAYS_A_WEEK,
        interval_days=interval,
    )


def _expected_interval_days(courses: Columns, rules: Rules) -> Floats:
    patient = courses.words("study_id").code.astype(np.int64)
    owner = patient * len(ROUTES) + codes(courses.words("route"), ROUTES)
    starts, order = sorted_timeline(owner, courses.key_days("started_on"))
    expected = np.empty(len(order))
    expected[order] = np.floor(recent_interval_days(starts, rules) + 0.5)
    return expected


@dataclass(frozen=True)
class Window:
    """Whole days, both included, one window per patient; NaN where there is none. [1970-01-01]"""

    first: Floats
    last: Floats


def dose_outcomes(
    steps: Table,
    index_on: pd.Series,
    last_contact_on: pd.Series,
    visits: Table,
    rules: Rules = RULES,
) -> pd.DataFrame:
    """Weekly dose of the maintenance window, its ratio to the reference window, and the trend.

    Parameters
    ----------
    steps : DataFrame as `dose_steps` returns
    index_on : Series of datetime64[s] by ``study_id``, one value per patient of the cohort
        First day of the first course; NaT without an infusion.
    last_contact_on : Series of datetime64[s] by ``study_id``
        Latest visit or recorded infusion day; NaT, or no value, without contact.
    visits : DataFrame with ``study_id``, ``visited_on``, ``weight_kg`` [kg]
    rules : Rules

    Returns
    -------
    DataFrame on the index of ``index_on``:

    - ``weekly_dose_g`` [g/week] in the maintenance window, the 182 days that end on the last
      contact; ``weekly_dose_g_per_kg`` [g/kg/week] by ``weight_kg`` [kg] of ``weight_on``, the
      last weight on or before the last contact; ``stale_weight`` if that is older than 180 days.
    - ``reference_weekly_dose_g`` [g/week] in days 91…272 after the index, ``dose_ratio`` [-],
      ``dose_trend`` (`DoseTrend`; "" without a ratio).
    - ``dose_reason`` (`DoseReason`, "" if nothing is missing): ``NO_INFUSION`` and ``TOO_SHORT``
      (the window would begin before day 91) leave every dose missing, ``NO_REFERENCE`` (it begins
      by day 272, or the reference is 0) ratio, trend and reference, no weight the dose per kg.
    - The ratio's two factors, ``median_course_g`` [g] and ``median_interval_days`` [days], over
      the courses that began in the maintenance window, and ``reference_median_course_g`` and
      ``reference_median_interval_days`` over those of the reference window; an interval runs to
      the next course of the same route, pauses left out; missing where there is none.
    - ``dose_from_regimen``: planned home treatment stands in the maintenance dose.
    """
    study_ids = pd.Index(index_on.index)
    contact_day = whole_days(last_contact_on.reindex(index_on.index))
    treatment = Treatment(study_ids, whole_days(index_on), contact_day)
    return dose_columns(steps, treatment, visits, rules).frame(study_ids)


@dataclass(frozen=True)
class Treatment:
    """From when to when each patient of a cohort is seen treated; NaN for none. [1970-01-01]"""

    study_ids: pd.Index
    index_day: Floats
    last_contact_day: Floats


def dose_columns(
    steps: Table, treatment: Treatment, visits: Table, rules: Rules = RULES
) -> Columns:
    """What `dose_outcomes` returns, as columns."""
    index_day, contact_day = treatment.index_day, treatment.last_contact_day
    reference = Window(*(index_day + day for day in rules.reference_window_days))
    maintenance = Window(contact_day - rules.maintenance_days + 1, contact_day)
    has_dose = maintenance.first >= index_day + rules.maintenance_from_day
    spread = _Steps.of(Columns.of(steps), treatment.study_ids)
    weekly_g = np.where(has_dose, spread.weekly_g(maintenance), np.nan)
    reference_g = spread.weekly_g(reference)
    has_ratio = has_dose & (maintenance.first > reference.last) & (reference_g > 0)
    reference_g = np.where(has_ratio, reference_g, np.nan)
    weight = _last_weight(visits, treatment.study_ids, contact_day, rules)
    weight_kg = weight.floats("weight_kg")
    lacking = [np.isnan(index_day), ~has_dose, ~has_ratio, np.isnan(weight_kg)]
    columns: dict[str, Column] = {
        "weekly_dose_g": weekly_g,
        "weekly_dose_g_per_kg": weekly_g / weight_kg,
        "dose_ratio": weekly_g / reference_g,
        "dose_trend": _trend(weekly_g, weekly_g / reference_g, rules),
        "dose_reason": Words(
            np.select(lacking, range(len(DoseReason)), len(DoseReason)),
            _REASON_WORDS,
            is_categorical=False,
        ),
        "reference_weekly_dose_g": reference_g,
        **spread.factors("", maintenance, has_dose),
        **spread.factors("reference_", reference, has_ratio),
        "dose_from_regimen": has_dose & spread.any_from_regimen(maintenance),
    }
    return together(Columns.named(columns), weight)


@dataclass(frozen=True)
class _Steps:
    """Dose steps of a cohort as arrays; ``patient`` counts in the cohort's ``patients``."""

    patients: int
    patient: Ints
    started: Ints
    ended: Ints
    dose_g: Floats
    interval_days: Floats
    from_regimen: Bools

    @classmethod
    def of(cls, steps: Columns, study_ids: pd.Index) -> "_Steps":
        patient = codes(steps.words("study_id"), study_ids)
        ours = patient >= 0
        return cls(
            patients=len(study_ids),
            patient=patient[ours],
            started=steps.key_days("started_on")[ours],
            ended=steps.key_days("ended_before")[ours],
            dose_g=steps.floats("dose_g")[ours],
            interval_days=steps.floats("interval_days")[ours],
            from_regimen=steps.bools("from_regimen")[ours],
        )

    def weekly_g(self, window: Window) -> Floats:
        """Grams that fall in each patient's window, by its weeks."""
        # A course that lies in the window whole counts its own grams, to the last digit.
        share = self._days_within(window) / (self.ended - self.started)
        grams = self._sum(self.dose_g * share)
        weekly: Floats = grams / ((window.last - window.first + 1) / DAYS_A_WEEK)
        return weekly

    def any_from_regimen(self, window: Window) -> Bools:
        is_planned = self.from_regimen & (self._days_within(window) > 0)
        return self._sum(is_planned.astype(float)) > 0

    def factors(self, prefix: str, window: Window, is_wanted: Bools) -> dict[str, Floats]:
        """Median grams and interval of the courses that began in the window."""
        begins = self.started >= window.first[self.patient]
        begins &= self.started <= window.last[self.patient]
        begins &= is_wanted[self.patient]
        return {
            f"{prefix}median_course_g": self._median(self.dose_g, begins),
            f"{prefix}median_interval_days": self._median(self.interval_days, begins),
        }

    def _days_within(self, window: Window) -> Floats:
        first = np.maximum(self.started, window.first[self.patient])
        beyond = np.minimum(self.ended, window.last[self.patient] + 1)
        within: Floats = np.maximum(np.nan_to_num(beyond - first), 0.0)
        return within

    def _sum(self, values: Floats) -> Floats:
        sums = np.bincount(self.patient, weights=values, minlength=self.patients)
        return sums.astype(np.float64)

    def _median(self, values: Floats, chosen: Bools) -> Floats:
        return medians(values[chosen], self.patient[chosen], self.patients)


def medians(values: Floats, owner: Ints, owners: int) -> Floats:
    """Median of the values of each owner that are not missing; NaN where there is none."""
    is_there = ~np.isnan(values)
    values, owner = values[is_there], owner[is_there]
    values = values[np.lexsort((values, owner))]
    count = np.bincount(owner, minlength=owners)
    has_any = np.flatnonzero(count)
    first, of_owner = (np.cumsum(count) - count)[has_any], count[has_any]
    lower, upper = values[first + (of_owner - 1) // 2], values[first + of_owner // 2]
    median = np.full(owners, np.nan)
    median[has_any] = (lower + upper) / 2
    return median


def _trend(weekly_g: Floats, ratio: Floats, rules: Rules) -> Words:
    """Rounded, because 1.25 times a sum of fractions is not always 1.25 times it in binary."""
    rounded = np.round(ratio, rules.ratio_decimals)
    lines = [
        np.isnan(ratio),
        weekly_g == 0,
        rounded >= rules.escalated_from_ratio,
        rounded <= rules.reduced_to_ratio,
    ]
    trend = np.select(lines, range(len(lines)), len(lines))
    return Words(trend, _TREND_WORDS, is_categorical=False)


# In the order of the lines above.
_TREND_WORDS = pd.Index(
    ["", DoseTrend.STOPPED, DoseTrend.ESCALATED, DoseTrend.REDUCED, DoseTrend.STABLE], dtype="str"
)
_REASON_WORDS = pd.Index([*(reason.value for reason in DoseReason), ""], dtype="str")


def _last_weight(visits: Table, study_ids: pd.Index, until_day: Floats, rules: Rules) -> Columns:
    weighed, weight_kg = weights(visits, study_ids)
    last = weighed.last_until(np.arange(len(study_ids)), until_day)
    day = weighed.day_at(last)
    return Columns.named(
        {
            "weight_kg": take_or_nan(weight_kg, last),
            "weight_on": dates(day),
            "stale_weight": answered(until_day - day > rules.stale_weight_days, ~np.isnan(day)),
        }
    )


def weights(visits: Table, study_ids: pd.Index) -> tuple[Timeline, Floats]:
    """Days on which patients of the cohort were weighed, and their weights. [kg]"""
    visits = Columns.of(visits)
    patient, weight_kg = codes(visits.words("study_id"), study_ids), visits.floats("weight_kg")
    ours = (patient >= 0) & ~np.isnan(weight_kg)
    timeline, order = sorted_timeline(patient[ours], visits.key_days("visited_on")[ours])
    return timeline, weight_kg[ours][order]


def monthly_dose_g_per_kg(weekly_dose_g_per_kg: pd.Series, rules: Rules = RULES) -> pd.Series:
    """The dose as guidelines write it: 0.5 g/kg/week is 2.174 g/kg/month. [g/kg/month]

    Parameters
    ----------
    weekly_dose_g_per_kg : Series [g/kg/week]
    rules : Rules

    Returns
    -------
    Series on the same index; missing where the weekly dose is.
    """
    return weekly_dose_g_per_kg * rules.weeks_per_month


@dataclass(frozen=True)
class ReportedFactor:
    """A ratio of weekly SC to weekly IV grams that a study reported, and what came of it."""

    factor: float
    outcome: str
    source: str


REPORTED_SC_FACTORS = (
    ReportedFactor(1.0, "kept_strength", "Harbo 2009"),
    ReportedFactor(1.53, "reported", "Katzberg 2016"),
    ReportedFactor(0.5, "failed", "Eftimov 2009"),
)


def sc_switch(weekly_iv_g: pd.Series, factor: float) -> pd.Series:
    """Weekly grams by the subcutaneous route for given weekly grams by vein. [g/week]

    Parameters
    ----------
    weekly_iv_g : Series or float [g/week]
    factor : float [-]
        SC grams per IV gram. There is no default: `REPORTED_SC_FACTORS` lists what was reported.

    Returns
    -------
    As ``weekly_iv_g``; missing where it is. It is arithmetic, and writes no regimen.

    Raises
    ------
    ValueError
        If the factor is not above 0.
    """
    if not factor > 0:
        raise ValueError(f"A factor from IV to SC grams is above 0, not {factor}.")
    return weekly_iv_g * factor
