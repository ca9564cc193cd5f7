"""What follows from an infusion, or from one that is only typed so far."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pandas as pd

from infusions.models import Infusion
from infusions.unusual import InfusionFacts, OutsideUsual
from outcomes.derivation.courses import courses, infusion_days
from outcomes.derivation.dose import dose_steps
from outcomes.derivation.dose_questions import plausibility_questions
from outcomes.derivation.frames import Records, complete
from outcomes.derivation.rules import RULES, Rules

KEY = ("given_on", "route", "product")


def with_infusions(
    records: Records,
    infusions: Iterable[Infusion],
    *,
    instead_of: Infusion | None = None,
) -> Records:
    """Records of one patient as they would be with these; ``instead_of``: it is amended."""
    stored, (study_id, *_others) = records.infusions, records.patients["study_id"]
    if instead_of is not None:
        is_it = pd.Series(True, index=stored.index)
        for name in KEY:
            value = getattr(instead_of, name)
            is_it &= stored[name] == (pd.Timestamp(value) if name == "given_on" else value)
        stored = stored[~is_it]
    rows = [
        {
            "study_id": study_id,
            "given_on": given.given_on.isoformat(),
            "route": given.route,
            "product": given.product,
            "dose_g": str(given.dose_g),
        }
        for given in infusions
    ]
    typed = complete("infusions", pd.DataFrame(rows, dtype="str"))
    together = typed if stored.empty else pd.concat([stored, typed], ignore_index=True)
    return replace(records, infusions=together)


def recorded_courses(records: Records, rules: Rules = RULES) -> pd.DataFrame:
    """Courses of the infusions that somebody recorded; home treatment as planned is left out."""
    return courses(infusion_days(_as_recorded(records), rules), rules)


def _as_recorded(records: Records) -> Records:
    return replace(records, regimens=records.regimens.iloc[:0])


def infusion_facts(records: Records, given: Infusion, rules: Rules = RULES) -> InfusionFacts:
    """What follows from an infusion that stands among these records of one patient.

    From what was recorded alone: a home regimen does not stand in for infusions here.
    """
    days = infusion_days(_as_recorded(records), rules)
    found = courses(days, rules)
    steps = dose_steps(found, rules)
    day = pd.Timestamp(given.given_on)
    of_route = found[found["route"] == given.route]
    here = of_route[of_route["started_on"] <= day].index[-1]
    course, step = found.loc[here], steps.loc[here]
    earlier = of_route[of_route["started_on"] < course["started_on"]]
    last = earlier.iloc[-1] if len(earlier) else None
    weight_kg, weight_on = _last_weight(records.visits, given.given_on)
    regimen = _running(records.regimens, given)
    planned = None if regimen is None else _whole(regimen["planned_interval_days"])
    started_on = course["started_on"].date()
    lasts = (step["ended_before"] - step["started_on"]).days
    asked = plausibility_questions(days, found, steps, records.visits, rules)
    return InfusionFacts(
        course_on=started_on,
        course_days=int(course["days"]),
        course_g=float(course["dose_g"]),
        day_g=float(days.loc[_is_day(days, given.route, day), "dose_g"].iloc[0]),
        weight_kg=weight_kg,
        weight_on=weight_on,
        # Asked and said of the day that begins a course, not of those that join it.
        interval_days=(started_on - last["started_on"].date()).days
        if last is not None and started_on == given.given_on
        else None,
        last_on=None if last is None else last["started_on"].date(),
        last_day_g=None if last is None else _first_day_g(days, last),
        weekly_g=float(step["weekly_dose_g"]),
        recorded_g=float(days.loc[days["given_on"] <= course["ended_on"], "dose_g"].sum()),
        planned_interval_days=planned,
        next_due_on=_next_due(of_route, course, started_on, planned or lasts),
        outside_usual=tuple(_outside_usual(asked, given.route, course)),
    )


def _is_day(days: pd.DataFrame, route: str, day: pd.Timestamp) -> pd.Series:
    return (days["route"] == route) & (days["given_on"] == day)


def _first_day_g(days: pd.DataFrame, course: pd.Series) -> float:
    is_first = _is_day(days, course["route"], course["started_on"])
    return float(days.loc[is_first, "dose_g"].iloc[0])


def _last_weight(visits: pd.DataFrame, until: date) -> tuple[float | None, date | None]:
    weighed = visits[visits["weight_kg"].notna() & (visits["visited_on"] <= pd.Timestamp(until))]
    if weighed.empty:
        return None, None
    last = weighed.sort_values("visited_on").iloc[-1]
    return float(last["weight_kg"]), last["visited_on"].date()


def _running(regimens: pd.DataFrame, given: Infusion) -> pd.Series | None:
    """The regimen of its route that runs on the day of an infusion."""
    day = pd.Timestamp(given.given_on)
    running = regimens[
        (regimens["route"] == given.route)
        & (regimens["started_on"] <= day)
        & ~(regimens["ended_on"] <= day)
    ]
    return running.iloc[-1] if len(running) else None


def _next_due(
    of_route: pd.DataFrame, course: pd.Series, started_on: date, interval_days: int
) -> date | None:
    """After the last course of a route; what came after an earlier one is known."""
    is_last = course["started_on"] == of_route["started_on"].max()
    return started_on + timedelta(days=interval_days) if is_last else None


def _outside_usual(asked: pd.DataFrame, route: str, course: pd.Series) -> Iterable[OutsideUsual]:
    of_course = asked[
        (asked["route"] == route)
        & asked["asked_on"].between(course["started_on"], course["ended_on"])
    ]
    for row in of_course.itertuples():
        yield OutsideUsual(row.question, row.value, row.low, row.high)


def _whole(number: float) -> int | None:
    return None if pd.isna(number) else int(number)


@dataclass(frozen=True)
class LastCourse:
    """The last course that was recorded, as it could be given again."""

    given_on: date
    route: str
    product: str
    dose_g: object
    days: int
    lots: tuple[str, ...]
    interval_days: int  # as the rules expect it from the intervals before


def last_course(records: Records, infusions: Iterable[Infusion]) -> LastCourse | None:
    """``infusions`` are all of the patient, with their lots, the first one first."""
    found = recorded_courses(records)
    if found.empty:
        return None
    course = found.sort_values(["started_on", "ended_on"], kind="stable").iloc[-1]
    step = dose_steps(found).loc[course.name]
    first_on, last_on = course["started_on"].date(), course["ended_on"].date()
    given = [
        one
        for one in infusions
        if one.route == course["route"] and first_on <= one.given_on <= last_on
    ]
    days = int(course["days"])
    in_a_row = (last_on - first_on).days + 1 == days
    return LastCourse(
        given_on=first_on,
        route=given[0].route,
        product=given[0].product,
        dose_g=given[0].dose_g,
        days=days if in_a_row else 1,
        interval_days=(step["ended_before"] - step["started_on"]).days,
        lots=tuple(dict.fromkeys(lot.lot_number for one in given for lot in one.lots.all())),
    )
