"""Possible, but seldom right: questions that every door asks, and a person answers by name.

What is impossible is refused (validators); these are asked about. Pure functions of what was
typed and of what is known from before, so that form, API and import ask the same.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from . import labels
from .calendar import day_text
from .vocabulary import MRC_THIRDS


class UnusualCode(StrEnum):
    """Every question that a value within the hard limits may raise: a closed list."""

    LONG_BEFORE_INCLUSION = "long_before_inclusion"
    SELDOM_WEIGHT = "seldom_weight"
    WEIGHT_CHANGED = "weight_changed"
    GRADE_CHANGED = "grade_changed"
    GRIP_CHANGED = "grip_changed"
    ONSET_AFTER_INCLUSION = "onset_after_inclusion"
    SELDOM_AGE_AT_ONSET = "seldom_age_at_onset"
    SELDOM_AGE = "seldom_age"
    GIVEN_BEFORE_INCLUSION = "given_before_inclusion"
    DOSE_CHANGED = "dose_changed"
    SELDOM_DOSE_PER_KG = "seldom_dose_per_kg"
    SELDOM_COURSE_DOSE = "seldom_course_dose"
    SELDOM_WEEKLY_DOSE = "seldom_weekly_dose"
    LOTS_EXCEED_DOSE = "lots_exceed_dose"
    INTERVAL_OFF_PLAN = "interval_off_plan"
    SELDOM_INTERVAL = "seldom_interval"
    PERHAPS_MICROVOLTS = "perhaps_microvolts"
    PROXIMAL_LARGER = "proximal_larger"
    SELDOM_DURATION = "seldom_duration"
    AREA_DOES_NOT_FIT = "area_does_not_fit"
    SELDOM_DISTANCE = "seldom_distance"
    SELDOM_LIMIT = "seldom_limit"
    RESULT_WITHOUT_UNIT = "result_without_unit"
    SELDOM_RESULT = "seldom_result"
    UNKNOWN_UNIT = "unknown_unit"
    # Of what stands in the records: what lacks, and what contradicts itself.
    NO_CONSENT = "no_consent"
    NO_BIRTH_YEAR = "no_birth_year"
    NO_ONSET = "no_onset"
    NO_GRADES = "no_grades"
    MUSCLE_LEFT_OUT = "muscle_left_out"
    NO_LIMIT = "no_limit"
    NAIVE_BUT_TREATED = "naive_but_treated"
    GAP_IN_INFUSIONS = "gap_in_infusions"
    GIVEN_AFTER_STOP = "given_after_stop"
    REACTION_WITHOUT_INFUSION = "reaction_without_infusion"


@dataclass(frozen=True)
class Unusual:
    """A question about a value; who answers that it is right is named with the record.

    ``field`` names the value within what was recorded; ``suggestion`` is another value that
    would fit, where one offers itself.
    """

    code: UnusualCode
    field: str
    value: str
    sentence: str
    suggestion: str = ""

    @property
    def key(self) -> str:
        """What an answer refers to: another value is another question."""
        return f"{self.code}:{self.field}:{self.value}"


@dataclass(frozen=True)
class Reading:
    """A value that was recorded before, with its day."""

    value: Decimal
    on: date


Place = tuple[str, str]  # a muscle, or a device, and a side


@dataclass(frozen=True)
class Before:
    """What is known of a patient from earlier visits, as far as a form shows or asks about it.

    ``grades`` are those of the last examination, ``readings`` the last ones of any visit: weight,
    scales and grips, by their names on the form.
    """

    examined_on: date | None = None
    grades: Mapping[Place, str] = field(default_factory=dict)
    other_cause: frozenset[Place] = frozenset()  # of these grades, those not due to MMN
    readings: Mapping[str, Reading] = field(default_factory=dict)
    muscles: frozenset[str] = frozenset()  # ever scored


def grip_name(device: str, side: str) -> str:
    return f"grip_{device}_{side}"


# Baseline may lie 90 days before the first infusion, and inclusion is hardly later than that.
DAYS_BEFORE_INCLUSION = 90
SELDOM_WEIGHT_KG = (35, 180)
WEIGHT_CHANGE = Decimal("0.15")
GRADE_CHANGE_THIRDS = 9
GRIP_FACTOR = 2
GRIP_CHANGE = 15  # kPa or kg: half of a small grip is nothing
SELDOM_AGE_AT_ONSET = (15, 80)
SELDOM_AGE_AT_INCLUSION = (16, 95)


def unusual_at_visit(
    *,
    visited_on: date,
    included_on: date,
    weight_kg: Decimal | None,
    grades: Mapping[Place, str],
    grips: Mapping[Place, Decimal],
    before: Before,
) -> list[Unusual]:
    """All questions that one visit raises."""
    return [
        *unusual_day(visited_on=visited_on, included_on=included_on),
        *(unusual_weight(weight_kg, before) if weight_kg is not None else ()),
        *unusual_grades(grades, before),
        *unusual_grips(grips, before),
    ]


def unusual_day(*, visited_on: date, included_on: date) -> Iterator[Unusual]:
    days = (included_on - visited_on).days
    if days > DAYS_BEFORE_INCLUSION:
        sentence = _(
            "%(day)s lies %(days)s days before this patient was included, on %(included)s. "
            "Is the year right?"
        )
        params = {"day": day_text(visited_on), "days": days, "included": day_text(included_on)}
        code = UnusualCode.LONG_BEFORE_INCLUSION
        yield Unusual(code, "visited_on", day_text(visited_on), sentence % params)


def unusual_weight(weight_kg: Decimal, before: Before) -> Iterator[Unusual]:
    """Beyond 15 % of the last weight; without one, beyond what adults mostly weigh."""
    value, last = plain(weight_kg), before.readings.get("weight_kg")
    if last is None:
        low, high = SELDOM_WEIGHT_KG
        if not low <= weight_kg <= high:
            sentence = _("%(value)s kg is seldom an adult's weight. Is the unit right?")
            code = UnusualCode.SELDOM_WEIGHT
            yield Unusual(code, "weight_kg", value, sentence % {"value": value})
    elif abs(weight_kg - last.value) > WEIGHT_CHANGE * last.value:
        swapped = _digits_swapped(weight_kg, last.value)
        more = _("%(value)s kg is %(by)s kg more than on %(day)s.")
        less = _("%(value)s kg is %(by)s kg less than on %(day)s.")
        by = plain(abs(weight_kg - last.value))
        params = {"value": value, "by": by, "day": day_text(last.on)}
        said = (more if weight_kg > last.value else less) % params
        asked = _("Are the digits swapped?") if swapped else _("Is that right?")
        yield Unusual(UnusualCode.WEIGHT_CHANGED, "weight_kg", value, f"{said} {asked}", swapped)


def _digits_swapped(typed: Decimal, last: Decimal) -> str:
    """36 for 63: the same two digits the other way round, where that fits the last weight."""
    digits = plain(typed)
    if len(digits) != 2 or not digits.isdigit():
        return ""
    other = Decimal(digits[::-1])
    return plain(other) if abs(other - last) <= WEIGHT_CHANGE * last else ""


def unusual_grades(grades: Mapping[Place, str], before: Before) -> Iterator[Unusual]:
    """A muscle that gained or lost 3 points or more since it was last graded."""
    for place, grade in grades.items():
        thirds, last = MRC_THIRDS.get(grade), MRC_THIRDS.get(before.grades.get(place, ""))
        if thirds is None or last is None or abs(thirds - last) < GRADE_CHANGE_THIRDS:
            continue
        muscle, side = place
        sentence = _("%(side)s %(muscle)s is %(grade)s and was %(last)s on %(day)s. Is that right?")
        params = {
            "side": capfirst(str(labels.SIDE[side])),
            "muscle": labels.MUSCLE[muscle],
            "grade": grade,
            "last": before.grades[place],
            "day": day_text(before.examined_on) if before.examined_on else "",
        }
        code = UnusualCode.GRADE_CHANGED
        yield Unusual(code, f"{muscle}-{side}", grade, sentence % params)


def unusual_grips(grips: Mapping[Place, Decimal], before: Before) -> Iterator[Unusual]:
    """A grip that doubled or halved since it was last measured with the same device."""
    for (device, side), grip in grips.items():
        name = grip_name(device, side)
        last = before.readings.get(name)
        if last is None or abs(grip - last.value) < GRIP_CHANGE:
            continue
        if last.value / GRIP_FACTOR <= grip <= last.value * GRIP_FACTOR:
            continue
        sentence = _(
            "The %(side)s grip is %(value)s %(unit)s and was %(last)s on %(day)s. Is that right?"
        )
        params = {
            "side": labels.SIDE[side],
            "value": plain(grip),
            "unit": labels.GRIP_UNIT[device],
            "last": plain(last.value),
            "day": day_text(last.on),
        }
        yield Unusual(UnusualCode.GRIP_CHANGED, name, plain(grip), sentence % params)


def unusual_patient(
    *, birth_year: int | None, onset_on: date | None, included_on: date
) -> Iterator[Unusual]:
    """Ages at which this disease is seldom seen, and an onset after inclusion."""
    if onset_on is not None and onset_on > included_on:
        sentence = _("The onset lies after the inclusion, %(included)s. Is that right?")
        code, value = UnusualCode.ONSET_AFTER_INCLUSION, onset_on.isoformat()
        yield Unusual(code, "onset_on", value, sentence % {"included": day_text(included_on)})
    if birth_year is None:
        return
    at_onset = _("Born in %(year)s, %(age)s years old at onset. Is the year of birth right?")
    at_inclusion = _("Born in %(year)s, %(age)s years old at inclusion. Is the year right?")
    for code, day, (low, high), asked in (
        (UnusualCode.SELDOM_AGE_AT_ONSET, onset_on, SELDOM_AGE_AT_ONSET, at_onset),
        (UnusualCode.SELDOM_AGE, included_on, SELDOM_AGE_AT_INCLUSION, at_inclusion),
    ):
        age = day.year - birth_year if day is not None else None
        if age is not None and age >= 0 and not low <= age <= high:
            sentence = asked % {"year": birth_year, "age": age}
            yield Unusual(code, "birth_year", str(birth_year), sentence)


def plain(number: Decimal | int) -> str:
    """A number as it is written: no trailing zeros, no exponent."""
    return format(Decimal(number).normalize() + 0, "f")
