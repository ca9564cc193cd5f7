"""From a value in JSON to what a field stores, by the rules and in the words of the bundle.

Each distinct value of a column is read once, however many rows bring it.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mmn_registry.interchange import Column, Table, canonical, read_text

from .filters import shown

# Beyond it a number is written as it came, and refused by whoever reads it.
WRITTEN_OUT = 40
LONGEST_NOTE = 20_000
LONGEST_TEXT = 1_000  # fields are shorter, and say so; beyond that it is not even repeated
KINDS: tuple[tuple[type[models.Field], tuple[type, ...], Any], ...] = (
    (models.BooleanField, (bool,), gettext_lazy("true or false")),
    (models.DecimalField, (int, Decimal), gettext_lazy("a number")),
    (models.IntegerField, (int, Decimal), gettext_lazy("a whole number")),
    (models.DateField, (str,), gettext_lazy("a date as text, like “2024-03-31”")),
    (models.Field, (str,), gettext_lazy("a text")),
)


class Reader:
    """Reads values for the length of one request."""

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], Any] = {}

    def read(self, table: Table, column: Column, value: Any) -> dict[str, object]:
        """What the fields of a column store.

        Raises
        ------
        ValidationError
            In the words of the field, or of the bundle.
        """
        is_plain = value is None or isinstance(value, str | int | Decimal)
        key = (table.name, column.name, type(value), value if is_plain else None)
        if key not in self._known:
            try:
                self._known[key] = _read(table, column, value)
            except ValidationError as refused:
                self._known[key] = refused
        found = self._known[key]
        if isinstance(found, ValidationError):
            raise found
        return found


def _read(table: Table, column: Column, value: Any) -> dict[str, object]:
    fields = table.stored_in(column)
    values = read_text(_text(fields[0], value), column, fields[0])
    return {field.name: one for field, one in zip(fields, values, strict=True)}


def _text(field: models.Field, value: Any) -> str:
    """As the bundle would write it."""
    if value is None:
        return ""
    types, words = next((types, words) for kind, types, words in KINDS if isinstance(field, kind))
    if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
        message = _("%(value)s is not %(kind)s. Send one, or null where nothing was recorded.")
        raise ValidationError(message, "wrong_type", {"value": _seen(value), "kind": words})
    longest = LONGEST_NOTE if isinstance(field, models.TextField) else LONGEST_TEXT
    if isinstance(value, str) and len(value) > longest:
        message = _("%(value)s is too long to be stored here. Shorten it.")
        raise ValidationError(message, "too_long", {"value": _seen(value)})
    if isinstance(value, Decimal):
        exponent = value.adjusted()
        return f"{value:f}" if -WRITTEN_OUT < exponent < WRITTEN_OUT else str(value)
    return canonical(value) if isinstance(value, bool) else str(value)


def _seen(value: Any) -> str:
    """A value as its sender knows it again."""
    if isinstance(value, dict):
        return "{…}"
    if isinstance(value, list):
        return "[…]"
    if isinstance(value, bool):
        return str(value).lower()
    return f"“{shown(value)}”" if isinstance(value, str) else shown(str(value))


def as_json(value: object, precision: str = "") -> Any:
    """A stored value as JSON has it: what was not recorded is null, an exact decimal a number."""
    if value is None or value == "":
        return None
    if isinstance(value, bool | int):
        return value
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime):
        return value.isoformat()
    return canonical(value, precision) if isinstance(value, date) else str(value)
