"""Courses of immunoglobulin: infusion days, their grouping, intervals, on or off treatment."""

import numpy as np
import pandas as pd

from infusions.vocabulary import Route
from outcomes.derivation.columns import Bools, Columns, Floats, Ints, Table
from outcomes.derivation.frames import Records
from outcomes.derivation.home_treatment import HomeRegimens, InfusionRows, planned_infusions
from outcomes.derivation.rules import RULES, Rules
from outcomes.derivation.timeline import (
    Timeline,
    codes,
    dates,
    distinct_days,
    labels,
    sorted_timeline,
    starts_of_runs,
    study_id_index,
    take_or_nan,
    whole_days,
)

ROUTES = pd.Index([route.value for route in Route], dtype="str", name="route")


def infusion_days(records: Records, rules: Rules = RULES) -> pd.DataFrame:
    """One row per patient, day and route of immunoglobulin, home treatment included. [g]

    Parameters
    ----------
    records : Records as known on a day (`frames.known_on`)
    rules : Rules

    Returns
    -------
    DataFrame sorted by ``study_id``, ``route``, ``given_on``: ``study_id`` and ``route``
    (categorical), ``given_on``, ``dose_g`` (grams of that day and route added) and
    ``from_regimen`` (True where a home regimen stands for infusions that nobody recorded).
    A home regimen without a planned dose, without a planned interval of a day or more, or of a
    patient without a visit stands for none.

    Notes
    -----
    Rules, section 1. Home treatment counts as infusions, never as contact.
    """
    return infusion_day_columns(records, rules).frame()


def infusion_day_columns(records: Records, rules: Rules = RULES) -> Columns:
    """What `infusion_days` returns, as columns."""
    study_ids = study_id_index(records.columns("patients").words("study_id"))
    recorded = _recorded(records.columns("infusions"), study_ids)
    given, _ = sorted_timeline(recorded.owner, recorded.day)
    home = planned_infusions(_home_regimens(records, study_ids, rules), given)
    timeline, both = sorted_timeline(
        np.concatenate([recorded.owner, home.owner]), np.concatenate([recorded.day, home.day])
    )
    dose_g = np.concatenate([recorded.dose_g, home.dose_g])[both]
    is_home = np.repeat([0.0, 1.0], [len(recorded.day), len(home.day)])[both]
    first = np.flatnonzero(starts_of_runs(timeline.key))
    return Columns.named(
        {
            "study_id": labels(timeline.owner[first] // len(ROUTES), study_ids),
            "given_on": dates(timeline.day[first]),
            "route": labels(timeline.owner[first] % len(ROUTES), ROUTES),
            "dose_g": _sums(dose_g, first),
            "from_regimen": _sums(is_home, first) > 0,
        }
    )


def courses(infusion_days: Table, rules: Rules = RULES) -> pd.DataFrame:
    """Group infusion days of one route into courses. [g, days]

    Parameters
    ----------
    infusion_days : DataFrame as `infusion_days` returns
    rules : Rules

    Returns
    -------
    DataFrame sorted by ``study_id``, ``route``, ``started_on``, one row per course: ``study_id``,
    ``route``, ``started_on``, ``ended_on`` (its last infusion day), ``dose_g``, ``days`` (infusion
    days), ``from_regimen`` (any of its days), ``next_started_on`` (same route; NaT for the last).

    Notes
    -----
    A day joins the running course if it is at most 3 days after the course's last day and at most
    6 days after its first day (rules, section 1) [choice].
    """
    return course_columns(infusion_days, rules).frame()


def course_columns(infusion_days: Table, rules: Rules = RULES) -> Columns:
    """What `courses` returns, as columns."""
    infusion_days = Columns.of(infusion_days)
    study_ids = study_id_index(infusion_days.words("study_id"))
    owner, _ = _owners(infusion_days, study_ids)
    timeline, order = sorted_timeline(owner, infusion_days.key_days("given_on"))
    first = np.flatnonzero(_starts_course(timeline, rules))
    last = np.append(first[1:], len(order))[: len(first)] - 1
    started = timeline.day[first]
    owner = timeline.owner[first]
    has_next = np.append(owner[1:] == owner[:-1], False)[: len(first)]
    return Columns.named(
        {
            "study_id": labels(owner // len(ROUTES), study_ids),
            "route": labels(owner % len(ROUTES), ROUTES),
            "started_on": dates(started),
            "ended_on": dates(timeline.day[last]),
            "dose_g": _sums(infusion_days.floats("dose_g")[order], first),
            "days": last - first + 1,
            "from_regimen": _sums(infusion_days.floats("from_regimen")[order], first) > 0,
            "next_started_on": dates(np.where(has_next, np.roll(started, -1), np.nan)),
        }
    )


def index_dates(courses: pd.DataFrame) -> pd.Series:
    """First day of each patient's first course, home treatment included.

    Parameters
    ----------
    courses : DataFrame as `courses` returns

    Returns
    -------
    Series of datetime64[s] by ``study_id``; a patient without an infusion has no row.
    """
    return courses.groupby("study_id", observed=True)["started_on"].min().rename("index_on")


def last_contact(records: Records) -> pd.Series:
    """Latest visit or recorded infusion day of each patient (rules, section 4).

    Parameters
    ----------
    records : Records as known on a day

    Returns
    -------
    Series of datetime64[s] by ``study_id``, one value for every patient; NaT without contact.
    Home treatment, studies, samples and death are not contact.
    """
    study_ids = study_id_index(records.columns("patients").words("study_id"))
    latest = last_contact_days(records, study_ids)
    return pd.Series(dates(latest), index=study_ids, name="last_contact_on")


def last_contact_days(records: Records, study_ids: pd.Index) -> Floats:
    """What `last_contact` returns of these patients. [days since 1970-01-01]"""
    contacts = [("visits", "visited_on"), ("infusions", "given_on")]
    latest: Floats = np.fmax.reduce(
        [latest_day(records.columns(name), column, study_ids) for name, column in contacts]
    )
    return latest


def latest_day(table: Table, column: str, study_ids: pd.Index) -> Floats:
    """Latest day in a column for every patient; NaN where the patient has none."""
    table = Columns.of(table)
    patient = codes(table.words("study_id"), study_ids)
    day = table.days(column)
    is_ours = (patient >= 0) & ~np.isnan(day)
    latest = np.full(len(study_ids), -np.inf)
    np.maximum.at(latest, patient[is_ours], day[is_ours])
    return np.where(np.isneginf(latest), np.nan, latest)


def course_starts(courses: Table, study_ids: pd.Index) -> Timeline:
    """Distinct course start dates of any route, patients coded by position in ``study_ids``."""
    courses = Columns.of(courses)
    patient = codes(courses.words("study_id"), study_ids)
    return distinct_days(patient, courses.key_days("started_on"))


def recent_interval_days(starts: Timeline, rules: Rules = RULES) -> Floats:
    """Median of the last (up to 4) start-to-start intervals that end at each start. [days]

    Parameters
    ----------
    starts : Timeline of course starts, one per owner (patient, or patient and route) and day
    rules : Rules

    Returns
    -------
    One value per start, not rounded; 28 days at an owner's first start.
    """
    intervals = np.diff(starts.day, prepend=0).astype(float)
    is_first = starts_of_runs(starts.owner)
    position = np.arange(len(intervals))
    rank = position - np.maximum.accumulate(np.where(is_first, position, 0))
    median = np.full(len(intervals), float(rules.default_interval_days))
    for known in range(1, rules.intervals_used + 1):
        is_last = known == rules.intervals_used
        at = np.flatnonzero(rank >= known if is_last else rank == known)
        median[at] = np.median([intervals[at - back] for back in range(known)], axis=0)
    return median


def allowed_gap_days(expected_interval_days: Floats, rules: Rules = RULES) -> Floats:
    """How long after an infusion day a patient still counts as on treatment. [days]"""
    gap = rules.treatment_gap_factor * expected_interval_days
    return np.maximum(gap, rules.treatment_gap_min_days)


def on_treatment(
    infusion_days: Table,
    courses: Table,
    at: pd.Series,
    rules: Rules = RULES,
) -> pd.Series:
    """Whether each patient is on treatment on a day (rules, section 1) [choice].

    Parameters
    ----------
    infusion_days, courses : DataFrames as the functions of these names return
    at : Series of datetime64[s] by ``study_id``
        The day asked about, per patient.
    rules : Rules

    Returns
    -------
    Series of bool on the index of ``at``: False without a day, and without an infusion until then.

    Notes
    -----
    The last infusion day on or before the day *d* must be on or after
    *d* − max(1.5·*e*, 45), with *e* from the courses up to *d*.
    """
    study_ids = pd.Index(at.index)
    patient, day = np.arange(len(study_ids)), whole_days(at)
    starts = course_starts(courses, study_ids)
    interval = take_or_nan(recent_interval_days(starts, rules), starts.last_until(patient, day))
    infusion_days = Columns.of(infusion_days)
    given = distinct_days(
        codes(infusion_days.words("study_id"), study_ids), infusion_days.key_days("given_on")
    )
    last_given = given.day_at(given.last_until(patient, day))
    return pd.Series(last_given >= day - allowed_gap_days(interval, rules), index=at.index)


def _recorded(infusions: Columns, study_ids: pd.Index) -> InfusionRows:
    owner, is_ours = _owners(infusions, study_ids)
    day, dose_g = infusions.key_days("given_on"), infusions.floats("dose_g")
    return InfusionRows(owner[is_ours], day[is_ours], dose_g[is_ours])


def _home_regimens(records: Records, study_ids: pd.Index, rules: Rules) -> HomeRegimens:
    regimens = records.columns("regimens")
    owner, is_ours = _owners(regimens, study_ids)
    dose_g, every_days = regimens.floats("planned_dose_g"), regimens.floats("planned_interval_days")
    is_home = is_ours & regimens.words("route").is_in(rules.home_routes)
    is_home &= (dose_g > 0) & (every_days >= 1)
    last_visit_day = latest_day(records.columns("visits"), "visited_on", study_ids)
    return HomeRegimens(
        owner=owner[is_home],
        started=regimens.key_days("started_on")[is_home],
        ended=regimens.days("ended_on")[is_home],
        dose_g=dose_g[is_home],
        every_days=every_days[is_home],
        last_visit_day=last_visit_day[owner[is_home] // len(ROUTES)],
    )


def _owners(table: Columns, study_ids: pd.Index) -> tuple[Ints, Bools]:
    """Patient and route of each row in one code, and whether the patient is of the cohort."""
    patient = codes(table.words("study_id"), study_ids)
    return patient * len(ROUTES) + codes(table.words("route"), ROUTES), patient >= 0


def _starts_course(timeline: Timeline, rules: Rules) -> Bools:
    """Mark the days that start a course: the first of a run, then each that its course refuses.

    Within a run (gaps of at most 3 days) the next start is the first day more than 6 days after
    the start before it. All runs of all patients step on together, one course per round.
    """
    n = len(timeline.day)
    starts = starts_of_runs(timeline.owner)
    starts[1:] |= np.diff(timeline.day) > rules.course_gap_days
    run_starts = np.flatnonzero(starts)
    at, end = run_starts, np.append(run_starts[1:], n)[: len(run_starts)]
    while len(at):
        beyond = timeline.day[at] + rules.course_span_days
        at = timeline.first_after(timeline.owner[at], beyond)
        is_inside = at < end
        at, end = at[is_inside], end[is_inside]
        starts[at] = True
    return starts


def _sums(values: Floats, first: Ints) -> Floats:
    if not len(first):
        return np.empty(0)
    return np.add.reduceat(values, first)
