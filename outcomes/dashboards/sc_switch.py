"""From grams by vein to grams under the skin: arithmetic with what was reported, and no default."""

from dataclasses import dataclass
from datetime import date

from infusions.models import Regimen
from infusions.vocabulary import Route
from outcomes.dashboards.infusion import recorded_courses
from outcomes.derivation.dose import (
    DAYS_A_WEEK,
    REPORTED_SC_FACTORS,
    ReportedFactor,
    dose_steps,
    sc_switch,
)
from outcomes.derivation.frames import Records


@dataclass(frozen=True)
class ByVein:
    """Grams a week by vein, and the course or the plan that they come from."""

    weekly_g: float
    on: date
    is_typed: bool


@dataclass(frozen=True)
class ScSwitch:
    by_vein: ByVein
    reported: tuple[tuple[ReportedFactor, float], ...]  # each with its grams a week
    chosen: tuple[float, float] | None  # a factor somebody typed, with its grams a week
    planned_factor: float | None  # of the plan as typed, where it is not by vein


def weekly_g(regimen: Regimen) -> float | None:
    dose, every = regimen.planned_dose_g, regimen.planned_interval_days
    return float(dose) / every * DAYS_A_WEEK if dose and every else None


def switch(records: Records, regimen: Regimen, factor: float | None) -> ScSwitch | None:
    """None where no grams by vein are known: none given, none planned."""
    by_vein = _by_vein(records, regimen)
    if by_vein is None:
        return None
    planned = weekly_g(regimen) if regimen.route != Route.IV else None
    grams = by_vein.weekly_g
    return ScSwitch(
        by_vein,
        tuple((one, sc_switch(grams, one.factor)) for one in REPORTED_SC_FACTORS),
        (factor, sc_switch(grams, factor)) if factor else None,
        planned / grams if planned else None,
    )


def _by_vein(records: Records, regimen: Regimen) -> ByVein | None:
    """The plan as typed, if it is by vein; else the last course by vein that was given."""
    if regimen.route == Route.IV:
        planned = weekly_g(regimen)
        return ByVein(planned, regimen.started_on, is_typed=True) if planned else None
    steps = dose_steps(recorded_courses(records))
    by_vein = steps[steps["route"] == Route.IV.value]
    if by_vein.empty:
        return None
    last = by_vein.iloc[-1]
    return ByVein(float(last["weekly_dose_g"]), last["started_on"].date(), is_typed=False)
