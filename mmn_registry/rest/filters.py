"""What may be asked of an answer: one small form per address, read by view and schema alike.

Every help text ends in what holds where nothing is asked: "Default: today."
"""

import re
from collections.abc import Iterable
from datetime import date, datetime

from django import forms
from django.core.exceptions import ValidationError as FieldError
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.exceptions import ErrorDetail, ValidationError

from .cursors import Cursor

FORMAT = "format"  # read where the form of the answer is chosen, before any filter
INCLUDE = "include"  # parts of the rows, read with them
SHOWN_CHARACTERS = 60
INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})"
)
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
WHOLE_NUMBER = re.compile(r"[0-9]{1,9}")


def shown(value: str) -> str:
    """So much of what was sent that its sender knows it again."""
    return value if len(value) <= SHOWN_CHARACTERS else f"{value[:SHOWN_CHARACTERS]}…"


class DayField(forms.Field):
    """A day as the files write it; another way to write one is refused, not guessed."""

    def to_python(self, value):
        if not value:
            return None
        try:
            if DAY.fullmatch(value):
                return date.fromisoformat(value)
        except ValueError:
            pass
        message = _("“%(value)s” is not a day. Write year, month and day like 2008-12-31.")
        raise FieldError(message, "invalid_day", {"value": shown(value)})


class InstantField(forms.Field):
    """A moment, with its time zone; or the beginning of a day in the registry's."""

    def to_python(self, value):
        if not value:
            return None
        try:
            if DAY.fullmatch(value):
                return timezone.make_aware(datetime.fromisoformat(value))
            if INSTANT.fullmatch(value):
                return datetime.fromisoformat(value)
        except (ValueError, OverflowError):
            pass
        message = _(
            "“%(value)s” is not a moment. Write it like 2008-12-31T08:00:00Z, or a day like "
            "2008-12-31."
        )
        raise FieldError(message, "invalid_instant", {"value": shown(value)})


class CodeField(forms.ChoiceField):
    """One word of a closed vocabulary."""

    default = "all"

    def __init__(self, words: Iterable[str], help_text: str):
        choices = [(str(word), str(word)) for word in words]
        help_text = f"{help_text} Default: {self.default}."
        super().__init__(required=False, choices=choices, help_text=help_text)

    def validate(self, value):
        if value and not self.valid_value(value):
            words = ", ".join(code for code, _label in self.choices)
            message = _("“%(value)s” is not a known code here. Use one of: %(words)s.")
            raise FieldError(message, "unknown_code", {"value": shown(value), "words": words})


class IncludeField(CodeField):
    """Parts of the rows that are read with them."""

    default = "none of them"


class SizeField(forms.Field):
    """Rows a page."""

    least, most, usual = 1, 1000, 100

    def to_python(self, value):
        if not value:
            return None
        if WHOLE_NUMBER.fullmatch(value) and self.least <= int(value) <= self.most:
            return int(value)
        message = _("“%(value)s” is not a size of a page. Ask for %(least)s to %(most)s rows.")
        params = {"value": shown(value), "least": self.least, "most": self.most}
        raise FieldError(message, "impossible_size", params)


class CursorField(forms.Field):
    """A place in a list, as an earlier answer named it."""

    def to_python(self, value):
        if not value:
            return None
        try:
            return Cursor.read(value)
        except ValueError:
            raise FieldError(UNKNOWN_CURSOR, "unknown_cursor") from None


UNKNOWN_CURSOR = "This cursor is none of this list's. Take the address in `next` or `previous`."


class DayFilter(forms.Form):
    """Every answer can be asked for a day."""

    as_of = DayField(
        required=False,
        help_text="What was known on this day: only what is dated on or before it counts. "
        "Default: today.",
    )

    def clean_as_of(self):
        today = timezone.localdate()
        as_of = self.cleaned_data["as_of"] or today
        if as_of > today:
            message = _("%(as_of)s lies after today, %(today)s: nothing is known of it yet.")
            params = {"as_of": as_of.isoformat(), "today": today.isoformat()}
            raise FieldError(message, "day_after_today", params)
        return as_of


class CohortFilter(DayFilter):
    """A cohort can also be asked for by centre."""

    centre = forms.CharField(
        required=False, strip=False, help_text="Code of one of your centres. Default: all of them."
    )


class ListFilter(CohortFilter):
    """A list can also be asked for one patient, and comes in pages."""

    patient = forms.CharField(
        required=False,
        strip=False,
        help_text="Study id of one patient. Nobody's of your centres: an empty list. "
        "Default: all patients.",
    )
    page_size = SizeField(
        required=False,
        help_text=f"Rows a page. For JSON only: CSV is whole. Default: {SizeField.usual}.",
    )
    cursor = CursorField(
        required=False,
        help_text="Where a page begins. It stands in the addresses `next` and `previous`. "
        "Default: the beginning.",
    )


class RecordFilter(ListFilter):
    """Lists of records can also be asked for what was written since a moment."""

    updated_since = InstantField(
        required=False,
        help_text="Only records that were written, or written anew, since this moment. "
        "Default: all.",
    )


class DatedFilter(RecordFilter):
    """Lists of dated records can also be asked for a span of days."""

    since = DayField(
        required=False,
        help_text="Only records dated on or after this day; `as_of` is the last one. "
        "Default: no limit.",
    )


def read_filter(form_class: type[forms.Form], sent: QueryDict) -> dict:
    """The cleaned filter. What is misspelt, empty or said twice is refused, never left out.

    A filter that silently does nothing would give another cohort's numbers.
    """
    known = [*form_class.base_fields, FORMAT]
    problems = {name: _misuse(name, sent.getlist(name), known) for name in sent}
    form = form_class(sent)
    for name, errors in form.errors.as_data().items():
        problems[name] = problems.get(name) or ErrorDetail(errors[0].messages[0], errors[0].code)
    refused = {name: [problem] for name, problem in problems.items() if problem}
    if refused:
        raise ValidationError(refused)
    return form.cleaned_data


def _misuse(name: str, values: list[str], known: list[str]) -> ErrorDetail | None:
    """What is wrong with a parameter whatever its value."""
    if name not in known:
        message = _("There is no such filter here. There are: %(known)s.")
        return ErrorDetail(message % {"known": ", ".join(known)}, "unknown_filter")
    if len(values) > 1:
        message = _("Given %(times)s times. Give it once.")
        return ErrorDetail(message % {"times": len(values)}, "given_twice")
    if not values[0]:
        return ErrorDetail(_("Given without a value. Give one, or leave it out."), "no_value")
    return None
