"""Doses and intervals that are possible, but seldom right: questions that every door asks.

Pure functions of what follows from an infusion (`InfusionFacts`, which the rules compute) and of
what was given before.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infusions.labels import ROUTE
from patients.calendar import day_text
from patients.unusual import DAYS_BEFORE_INCLUSION, Unusual, UnusualCode, plain

# Between half of the last dose and one and a half times as much, a dose is not asked about.
DOSE_CHANGE = 0.5
# The same of the interval that is planned.
INTERVAL_CHANGE = 0.5
MG_PER_G = 1000
DECIMALS = 2


@dataclass(frozen=True)
class OutsideUsual:
    """A value outside what the rules call usual (rules, section 6); both limits are usual."""

    question: str
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class InfusionFacts:
    """What follows from an infusion, or a course of some, among all that was recorded.

    Grams and g/kg are of one day (``day_``) and of the whole course that it belongs to. ``last_``
    is the course before it by the same route. None where it is not known.
    """

    course_on: date
    course_days: int
    course_g: float
    day_g: float
    weight_kg: float | None = None
    weight_on: date | None = None
    interval_days: int | None = None  # from the last course's first day to this one's
    last_on: date | None = None
    last_day_g: float | None = None
    weekly_g: float | None = None
    recorded_g: float = 0.0
    planned_interval_days: int | None = None
    next_due_on: date | None = None
    outside_usual: tuple[OutsideUsual, ...] = ()

    @property
    def day_g_per_kg(self) -> float | None:
        return self.day_g / self.weight_kg if self.weight_kg else None

    @property
    def course_g_per_kg(self) -> float | None:
        return self.course_g / self.weight_kg if self.weight_kg else None

    @property
    def weekly_g_per_kg(self) -> float | None:
        if not self.weight_kg or self.weekly_g is None:
            return None
        return self.weekly_g / self.weight_kg

    @property
    def is_as_last_time(self) -> bool:
        return self.last_day_g is not None and round(self.day_g - self.last_day_g, 9) == 0


def mg_instead_of_g(dose: Decimal, *, most_g: float) -> Decimal | None:
    """The grams that somebody meant who typed milligrams; None where that explains nothing."""
    grams = dose / MG_PER_G
    return grams if dose > most_g and 1 <= grams <= most_g else None


def unusual_infusion(
    *,
    given_on: date,
    route: str,
    dose_g: Decimal,
    lots_g: Decimal,
    included_on: date,
    prior_immunoglobulin: str,
    facts: InfusionFacts,
) -> list[Unusual]:
    """All questions that an infusion, or a course typed at once, raises.

    ``dose_g`` is of each day, ``lots_g`` the most that the lots of a day add up to.
    """
    return [
        *unusual_day_given(
            given_on=given_on, included_on=included_on, prior_immunoglobulin=prior_immunoglobulin
        ),
        *unusual_dose(dose_g=dose_g, route=route, facts=facts),
        *unusual_lots(dose_g=dose_g, lots_g=lots_g),
        *unusual_interval(given_on=given_on, facts=facts),
    ]


def unusual_day_given(
    *, given_on: date, included_on: date, prior_immunoglobulin: str
) -> Iterator[Unusual]:
    """Long before inclusion; or before it at all, in somebody who is said to have had none."""
    long_before = [*long_before_inclusion("given_on", given_on, included_on)]
    yield from long_before
    if given_on < included_on and prior_immunoglobulin == "no" and not long_before:
        sentence = _(
            "%(day)s lies before this patient was included, on %(included)s, and no "
            "immunoglobulin is said to have been given before. Is the day right?"
        )
        params = {"day": day_text(given_on), "included": day_text(included_on)}
        code = UnusualCode.GIVEN_BEFORE_INCLUSION
        yield Unusual(code, "given_on", day_text(given_on), sentence % params)


def long_before_inclusion(field: str, day: date, included_on: date) -> Iterator[Unusual]:
    days = (included_on - day).days
    if days > DAYS_BEFORE_INCLUSION:
        sentence = _(
            "%(day)s lies %(days)s days before this patient was included, on %(included)s. "
            "Is the year right?"
        )
        params = {"day": day_text(day), "days": days, "included": day_text(included_on)}
        code = UnusualCode.LONG_BEFORE_INCLUSION
        yield Unusual(code, field, day_text(day), sentence % params)


def unusual_dose(*, dose_g: Decimal, route: str, facts: InfusionFacts) -> Iterator[Unusual]:
    """Another dose than the last time, by half or more than half; or one outside what is usual.

    A dose that was given the last time already is not asked about again.
    """
    value, last = plain(dose_g), facts.last_day_g
    if facts.is_as_last_time:
        return
    if last and round(abs(facts.day_g - last) - DOSE_CHANGE * last, 9) > 0:
        sentence = _(
            "%(value)s g a day by %(route)s; in the course of %(day)s it was %(last)s g. "
            "Is that right?"
        )
        params = {
            "value": value,
            "route": ROUTE[route],
            "day": day_text(facts.last_on) if facts.last_on else "",
            "last": _number(last),
        }
        yield Unusual(UnusualCode.DOSE_CHANGED, "dose_g", value, sentence % params)
    for asked in _first_of_each(facts.outside_usual):
        if asked.question in _SELDOM_DOSES:
            code, sentence = _SELDOM_DOSES[asked.question]
            params = {name: _number(getattr(asked, name)) for name in ("value", "low", "high")}
            yield Unusual(code, "dose_g", value, str(sentence) % params)


def unusual_lots(*, dose_g: Decimal, lots_g: Decimal) -> Iterator[Unusual]:
    if lots_g > dose_g:
        sentence = _("The lots add up to %(lots)s g, and %(dose)s g were given. Is that right?")
        params = {"lots": plain(lots_g), "dose": plain(dose_g)}
        value = f"{plain(lots_g)} > {plain(dose_g)}"
        yield Unusual(UnusualCode.LOTS_EXCEED_DOSE, "lots", value, sentence % params)


def unusual_interval(*, given_on: date, facts: InfusionFacts) -> Iterator[Unusual]:
    """Far from the planned interval, where one is planned; else outside what is usual."""
    days, planned = facts.interval_days, facts.planned_interval_days
    if days is None:
        return
    params: dict[str, object] = {
        "days": days,
        "last": day_text(facts.last_on) if facts.last_on else "",
    }
    if planned:
        if abs(days - planned) > INTERVAL_CHANGE * planned:
            sentence = _(
                "%(days)s days since the course of %(last)s, and %(planned)s are planned. "
                "Is the day right, or was a course not recorded?"
            )
            params["planned"] = planned
            code = UnusualCode.INTERVAL_OFF_PLAN
            yield Unusual(code, "given_on", day_text(given_on), sentence % params)
        return
    for asked in _first_of_each(facts.outside_usual):
        if asked.question == "interval_days":
            sentence = _(
                "%(days)s days since the course of %(last)s; %(low)s to %(high)s are usual. "
                "Is the day right, or was a course not recorded?"
            )
            params |= {"low": _number(asked.low), "high": _number(asked.high)}
            code = UnusualCode.SELDOM_INTERVAL
            yield Unusual(code, "given_on", day_text(given_on), sentence % params)


def unusual_plan(
    *, dose_g: Decimal | None, interval_days: int | None, usual_weekly_g: tuple[float, float]
) -> Iterator[Unusual]:
    """A prescription that comes to seldom little or much in a week."""
    if dose_g is None or not interval_days:
        return
    weekly_g, (low, high) = float(dose_g) / interval_days * 7, usual_weekly_g
    if not low <= round(weekly_g, 9) <= high:
        code, sentence = _SELDOM_DOSES["weekly_g"]
        params = {"value": _number(weekly_g), "low": _number(low), "high": _number(high)}
        value = f"{plain(dose_g)} / {interval_days}"
        yield Unusual(code, "planned_dose_g", value, str(sentence) % params)


_SELDOM_DOSES = {
    "infusion_g_per_kg": (
        UnusualCode.SELDOM_DOSE_PER_KG,
        gettext_lazy(
            "%(value)s g/kg in a day; %(low)s to %(high)s is usual. Are dose and weight right?"
        ),
    ),
    "course_g": (
        UnusualCode.SELDOM_COURSE_DOSE,
        gettext_lazy(
            "%(value)s g in this course; %(low)s to %(high)s is usual. "
            "Is the dose that of one day, in grams?"
        ),
    ),
    "weekly_g": (
        UnusualCode.SELDOM_WEEKLY_DOSE,
        gettext_lazy(
            "This comes to %(value)s g a week; %(low)s to %(high)s is usual. Is that right?"
        ),
    ),
}


def _first_of_each(asked: Iterable[OutsideUsual]) -> Iterator[OutsideUsual]:
    """The days of a course raise the same question, once."""
    yield from {one.question: one for one in reversed([*asked])}.values()


def _number(value: float) -> str:
    return plain(Decimal(str(round(value, DECIMALS))))
