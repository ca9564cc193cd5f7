"""Rules about what may be recorded, as functions that a nurse understands when they refuse.

A rule about one value is a field's validator, a rule about two a plain function called by the
model's ``clean()``; it says nothing until it has both. PostgreSQL holds every one of them again
(constraints and triggers), under the same code and with the same words.
"""

import re
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.deconstruct import deconstructible
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from .calendar import registry_today

# Nobody in the registry was born earlier, so nothing was observed earlier.
FIRST_DAY = date(1900, 1, 1)

DATE_AFTER_TODAY = _("%(day)s lies after today, %(today)s. Correct the date.")
BEFORE_FIRST_DAY = _("A date before 1900 is not possible here. Check the year.")
AFTER_DEATH = _(
    "A record of %(day)s lies after this patient's death on %(deceased_on)s. "
    "Correct one of the dates."
)
BEFORE_BIRTH = _(
    "A record of %(day)s lies before this patient's year of birth, %(birth_year)s. "
    "Correct one of the two."
)


@deconstructible
@dataclass(unsafe_hash=True)
class Limits:
    """The hard limits of a quantity: beyond them is impossible, within them merely unusual."""

    code: str
    what: str
    low: float
    high: float
    unit: str = ""
    above_low: bool = False

    @property
    def sentence(self):
        pattern = (
            _("{what} is more than {low}{unit} and at most {high}{unit}.")
            if self.above_low
            else _("{what} lies between {low} and {high}{unit}.")
        )
        unit = f" {self.unit}" if self.unit else ""
        return format_lazy(pattern, what=self.what, low=self.low, high=self.high, unit=unit)

    def condition(self, field: str) -> Q:
        """The same limits for PostgreSQL, where NaN is greater than every number."""
        lower = "gt" if self.above_low else "gte"
        return Q(**{f"{field}__{lower}": self.low, f"{field}__lte": self.high})

    def __call__(self, value) -> None:
        too_low = value <= self.low if self.above_low else value < self.low
        if too_low or value > self.high:
            message = format_lazy(
                "{refused} {sentence} {remedy}",
                refused=_("%(value)s is not possible."),
                sentence=self.sentence,
                remedy=_("Check the decimal point and the unit."),
            )
            raise ValidationError(message, self.code, {"value": value})


STUDY_ID_MISFIT = r"[/\\?#%]|^\.+$"
STUDY_ID_SENTENCE = _(
    "A study id stands in addresses: it has no / \\ ? # or percent sign and is not dots alone. "
    "Use another one."
)


def validate_study_id(value: str) -> None:
    if re.search(STUDY_ID_MISFIT, value):
        raise ValidationError(STUDY_ID_SENTENCE, "unfit_study_id")


def _are_dates(*values) -> bool:
    """``clean()`` runs even where a field could not be read and still holds what was typed."""
    return all(isinstance(value, date) for value in values)


def validate_not_after_today(day: date) -> None:
    today = registry_today()
    if day > today:
        raise ValidationError(DATE_AFTER_TODAY, "date_after_today", {"day": day, "today": today})


def validate_not_before_1900(day: date) -> None:
    if day < FIRST_DAY:
        message = _("%(day)s is not possible: nothing here happened before 1900. Check the year.")
        raise ValidationError(message, "implausible_date", {"day": day})


def validate_within_life(field: str, *, day, deceased_on, birth_year) -> None:
    """Nothing is observed, given or begun after death, or before the year of birth."""
    if _are_dates(day, deceased_on) and day > deceased_on:
        params = {"day": day, "deceased_on": deceased_on}
        raise ValidationError({field: ValidationError(AFTER_DEATH, "after_death", params)})
    if _are_dates(day) and isinstance(birth_year, int) and day.year < birth_year:
        params = {"day": day, "birth_year": birth_year}
        raise ValidationError({field: ValidationError(BEFORE_BIRTH, "before_birth", params)})


def validate_partial_date(field: str, *, day, precision) -> None:
    """A partial date is its first day with how much of it is known; a full one is itself."""
    if (day is None) != (not precision):
        message = _("Give the date together with how much of it is known (year, month or day).")
        raise ValidationError({field: ValidationError(message, "incomplete_partial_date")})
    if not _are_dates(day):
        return
    first_days = {"year": (1, 1), "month": (day.month, 1), "day": (day.month, day.day)}
    if first_days.get(precision, (day.month, day.day)) != (day.month, day.day):
        message = _(
            "%(day)s is known to the %(precision)s only, so it is written as its first day. "
            "Correct the date, or say that the day is known."
        )
        params = {"day": day, "precision": precision}
        raise ValidationError({field: ValidationError(message, "not_its_first_day", params)})


def validate_diagnosed_after_onset(
    *, onset_on, onset_precision, diagnosed_on, diagnosed_precision
) -> None:
    """Only dates known equally well are compared."""
    if onset_precision != diagnosed_precision or not _are_dates(onset_on, diagnosed_on):
        return
    if diagnosed_on < onset_on:
        message = _(
            "The diagnosis of %(diagnosed_on)s lies before the onset of %(onset_on)s. "
            "Correct one of the dates."
        )
        params = {"diagnosed_on": diagnosed_on, "onset_on": onset_on}
        raise ValidationError(
            {"diagnosed_on": ValidationError(message, "diagnosed_before_onset", params)}
        )


def validate_withdrawn_after_given(*, given_on, withdrawn_on) -> None:
    if _are_dates(given_on, withdrawn_on) and withdrawn_on < given_on:
        message = _(
            "This consent was withdrawn on %(withdrawn_on)s, before it was given on "
            "%(given_on)s. Correct one of the dates."
        )
        params = {"given_on": given_on, "withdrawn_on": withdrawn_on}
        raise ValidationError(
            {"withdrawn_on": ValidationError(message, "withdrawn_before_given", params)}
        )


def validate_reason_only_if_not_tested(*, mrc_grade, not_tested_reason) -> None:
    if mrc_grade and mrc_grade != "NT" and not_tested_reason:
        message = _(
            "This muscle has the grade %(mrc_grade)s and a reason for not being tested. "
            "Remove the reason, or record NT."
        )
        error = ValidationError(message, "reason_although_tested", {"mrc_grade": mrc_grade})
        raise ValidationError({"not_tested_reason": error})


def validate_two_sites(*, distal_site, proximal_site) -> None:
    if distal_site and distal_site == proximal_site:
        message = _("A segment runs between two sites; both are %(site)s. Correct one of them.")
        error = ValidationError(message, "one_site_twice", {"site": distal_site})
        raise ValidationError({"proximal_site": error})


def validate_ended_after_start(*, started_on, ended_on, what) -> None:
    if _are_dates(started_on, ended_on) and ended_on < started_on:
        message = _(
            "This %(what)s ends on %(ended_on)s, before it began on %(started_on)s. "
            "Correct one of the dates."
        )
        params = {"what": what, "started_on": started_on, "ended_on": ended_on}
        raise ValidationError({"ended_on": ValidationError(message, "ends_before_start", params)})


def collect(*checks) -> None:
    """Run rules one after the other and refuse once, with all that they said."""
    errors: dict = {}
    for check in checks:
        try:
            check()
        except ValidationError as error:
            errors = error.update_error_dict(errors)
    if errors:
        raise ValidationError(errors)
