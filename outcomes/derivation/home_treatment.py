"""Home treatment: the infusions that a subcutaneous regimen stands for (rules, section 1)."""

from dataclasses import dataclass

import numpy as np

from outcomes.derivation.columns import Floats, Ints
from outcomes.derivation.timeline import Timeline, spread_ranges


@dataclass(frozen=True)
class InfusionRows:
    """Infusions as arrays: patient and route in one code, day since 1970-01-01, grams."""

    owner: Ints
    day: Ints
    dose_g: Floats


@dataclass(frozen=True)
class HomeRegimens:
    """Home regimens as arrays. Days are counted from 1970-01-01; NaN = no end, no visit."""

    owner: Ints  # patient and route in one code
    started: Ints
    ended: Floats
    dose_g: Floats
    every_days: Floats
    last_visit_day: Floats


def planned_infusions(regimens: HomeRegimens, given: Timeline) -> InfusionRows:
    """Infusions that nobody recorded, and that a home regimen stands for. [g]

    Parameters
    ----------
    regimens : HomeRegimens
    given : Timeline of the recorded infusions, owners coded as in ``regimens``

    Returns
    -------
    InfusionRows, one per planned infusion, regimen by regimen in ascending days.

    Notes
    -----
    From the regimen's start, or from one interval after the last recorded infusion of its route on
    its days (from its start, before its end); before its end, never beyond the last visit [choice].
    """
    first = _first_planned_day(regimens, given)
    # fmin passes over a missing end; a patient never seen has no planned infusion at all.
    last = np.fmin(regimens.ended - 1, regimens.last_visit_day)
    last = np.where(np.isnan(regimens.last_visit_day), -np.inf, last)
    count = np.maximum(np.floor((last - first) / regimens.every_days) + 1, 0).astype(np.int64)
    regimen, number = spread_ranges(np.zeros_like(count), count)
    day = np.floor(first[regimen] + number * regimens.every_days[regimen])
    return InfusionRows(regimens.owner[regimen], day.astype(np.int64), regimens.dose_g[regimen])


def _first_planned_day(regimens: HomeRegimens, given: Timeline) -> Floats:
    last_day_of_regimen = np.where(np.isnan(regimens.ended), np.inf, regimens.ended - 1)
    last_given = given.day_at(given.last_until(regimens.owner, last_day_of_regimen))
    is_during = last_given >= regimens.started
    return np.where(is_during, last_given + regimens.every_days, regimens.started)
