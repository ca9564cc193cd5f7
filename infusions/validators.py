"""Rules about what was given that take two values."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


def validate_reason_only_if_ended(*, ended_on, end_reason) -> None:
    if end_reason and ended_on is None:
        message = _(
            "This regimen has a reason for ending (%(end_reason)s) but no end. "
            "Give the day of the end, or remove the reason."
        )
        error = ValidationError(message, "end_reason_without_end", {"end_reason": end_reason})
        raise ValidationError({"end_reason": error})
