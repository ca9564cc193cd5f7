"""Fields for typing: days as people write them, decimal commas, and refusals that name the value.

Limits are the model's: a field here only reads.
"""

from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from patients.calendar import day_text, partial_date_text
from patients.unusual import plain
from patients.vocabulary import DatePrecision

# As it is shown, and as it is written between Reykjavík and Athens; never month before day.
DAY_FORMATS = (
    "%d %b %Y",
    "%d %B %Y",
    "%Y-%m-%d",
    "%d.%m.%Y",
    "%d/%m/%Y",
    "%d-%m-%Y",
    "%d %m %Y",
)
NOT_A_DAY = _("“%(value)s” is not a date. Write it like 12 Jan 2024 or 2024-01-12.")
NOT_A_NUMBER = _("“%(value)s” is not a number. Write it like 62.5 or 62,5.")
NOT_WHOLE = _("“%(value)s” is not a whole number. Write it like 12.")


class DayInput(forms.TextInput):
    def format_value(self, value):
        return day_text(value) if isinstance(value, date) else super().format_value(value)


class DayField(forms.DateField):
    widget = DayInput

    def __init__(self, **options):
        super().__init__(**{"input_formats": DAY_FORMATS, **options})

    def to_python(self, value):
        try:
            return super().to_python(value)
        except ValidationError:
            raise ValidationError(NOT_A_DAY, "invalid", {"value": value}) from None


class QuantityInput(forms.TextInput):
    def format_value(self, value):
        return plain(value) if isinstance(value, Decimal) else super().format_value(value)


class QuantityField(forms.DecimalField):
    """A measured number, with a decimal point or a decimal comma."""

    widget = QuantityInput

    def to_python(self, value):
        text = "" if value is None else str(value).strip().replace(",", ".")
        if text in self.empty_values:
            return None
        try:
            number = Decimal(text)
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite():
            raise ValidationError(NOT_A_NUMBER, "invalid", {"value": value})
        return number

    def widget_attrs(self, widget):
        return {"inputmode": "decimal"}


class ScaleField(forms.IntegerField):
    """A whole number of some points."""

    widget = forms.TextInput

    def to_python(self, value):
        try:
            return super().to_python(value)
        except ValidationError:
            raise ValidationError(NOT_WHOLE, "invalid", {"value": value}) from None

    def widget_attrs(self, widget):
        return {"inputmode": "numeric"}


class NoteField(forms.CharField):
    """A text of some lines, kept as it was written; browsers send each line's end as two signs."""

    widget = forms.Textarea(attrs={"rows": 2})

    def __init__(self, **options):
        super().__init__(**{**options, "strip": False, "widget": self.widget})

    def to_python(self, value):
        text = super().to_python(value).replace("\r\n", "\n")
        return text if text.strip() else ""  # blanks alone say nothing


class YesNoField(forms.TypedChoiceField):
    """Yes, no or, where it may be left open, nothing."""

    def __init__(self, **options):
        choices = [("", "–"), ("yes", _("yes")), ("no", _("no"))]
        super().__init__(
            choices=choices, coerce=lambda text: text == "yes", empty_value=None, **options
        )

    def prepare_value(self, value):
        return {True: "yes", False: "no"}.get(value, value)


class PartialDate(NamedTuple):
    """A day as far as it is known: the first it may be, and how much of it that is."""

    day: date
    precision: str

    def __str__(self):
        """2003, 2003-10 or 2003-10-05."""
        return self.day.isoformat()[: _LENGTHS[self.precision]]

    @property
    def in_words(self) -> str:
        return partial_date_text(self.day, self.precision)


_LENGTHS = {DatePrecision.YEAR: 4, DatePrecision.MONTH: 7, DatePrecision.DAY: 10}
PARTIAL_FORMATS = (
    *((DatePrecision.DAY, day) for day in DAY_FORMATS),
    *((DatePrecision.MONTH, month) for month in ("%b %Y", "%B %Y", "%Y-%m", "%m.%Y", "%m/%Y")),
    (DatePrecision.YEAR, "%Y"),
)
NOT_A_PARTIAL_DATE = _("“%(value)s” is not a date. Write it like 2003, Oct 2003 or 5 Oct 2003.")


class PartialDateInput(forms.TextInput):
    def format_value(self, value):
        return value.in_words if isinstance(value, PartialDate) else super().format_value(value)


class PartialDateField(forms.Field):
    """A year, a month of a year, or a day."""

    widget = PartialDateInput

    def to_python(self, value) -> PartialDate | None:
        text = "" if value is None else str(value).strip()
        if text in self.empty_values:
            return None
        for precision, written in PARTIAL_FORMATS:
            try:
                return PartialDate(datetime.strptime(text, written).date(), precision.value)
            except ValueError:
                continue
        raise ValidationError(NOT_A_PARTIAL_DATE, "invalid", {"value": value})
