"""Rules about what was given or planned: about two values, or about a day that may lie ahead."""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from patients.calendar import registry_today

YEARS_AHEAD = 5


def validate_reason_only_if_ended(*, ended_on, end_reason) -> None:
    if end_reason and ended_on is None:
        message = _(
            "This regimen has a reason for ending (%(end_reason)s) but no end. "
            "Give the day of the end, or remove the reason."
        )
        error = ValidationError(message, "end_reason_without_end", {"end_reason": end_reason})
        raise ValidationError({"end_reason": error})


def validate_not_far_ahead(day) -> None:
    if day > registry_today() + timedelta(days=round(YEARS_AHEAD * 365.25)):
        message = _("%(day)s lies more than %(years)s years ahead. Check the year.")
        raise ValidationError(message, "far_ahead", {"day": day, "years": YEARS_AHEAD})
