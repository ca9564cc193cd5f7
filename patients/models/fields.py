"""Kinds of columns: each helper returns a Django field that says its rule in a sentence.

Codes and texts that were not recorded are empty, never NULL; numbers and dates are NULL.
The matching database constraints are in ``constraints.py``.
"""

from enum import StrEnum

from django.core.validators import DecimalValidator
from django.db import models
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from mmn_registry.accounts.validators import validate_line, validate_name, validate_note
from patients.validators import Limits, validate_not_after_today, validate_not_before_1900

# What a field says, as opposed to what its column is.
_WORDS = ("verbose_name", "choices", "error_messages", "validators")
CODE_LENGTH = 40
NAME_LENGTH = 60
LINE_LENGTH = 200

_MISSING = {"null": _("This is needed. Fill it in."), "blank": _("This is needed. Fill it in.")}


class FitsIn(DecimalValidator):
    """What a column of exact decimals cannot hold, in a sentence."""

    messages = {
        "invalid": _("“%(value)s” is not a number. Write it like 62.5."),
        "max_decimal_places": _("%(value)s has more than %(max)s decimals. Round it."),
        "max_digits": _("%(value)s has more than %(max)s digits. Is it in the right unit?"),
        "max_whole_digits": _(
            "%(value)s has more than %(max)s digits before the point. Is it in the right unit?"
        ),
    }


class _ColumnInMigrations:
    """A field whose migrations hold its column only: its words may change without one."""

    def deconstruct(self):
        name, _path, args, kwargs = super().deconstruct()
        column = {option: value for option, value in kwargs.items() if option not in _WORDS}
        return name, f"django.db.models.{type(self).__name__}", args, column


class CharField(_ColumnInMigrations, models.CharField):
    pass


class TextField(_ColumnInMigrations, models.TextField):
    pass


class DecimalField(_ColumnInMigrations, models.DecimalField):
    @property
    def validators(self):
        return [*self._validators, FitsIn(self.max_digits, self.decimal_places)]


class SmallIntegerField(_ColumnInMigrations, models.SmallIntegerField):
    @property
    def validators(self):
        """Its limits alone: what the column's type can hold would only be said a second time."""
        return self._validators


class DateField(_ColumnInMigrations, models.DateField):
    pass


class BooleanField(_ColumnInMigrations, models.BooleanField):
    pass


def code(verbose_name, words: type[StrEnum], *, optional: bool = False) -> CharField:
    """One word of a closed vocabulary."""
    unknown = format_lazy(
        "{refused} {remedy} {words}.",
        refused=_("“%(value)s” is not a known code here."),
        remedy=_("Use one of:"),
        words=", ".join(words),
    )
    return CharField(
        verbose_name,
        max_length=CODE_LENGTH,
        choices=[(word.value, _label(word)) for word in words],
        error_messages={**_MISSING, "invalid_choice": unknown},
        **_optional_text(optional),
    )


def name(verbose_name, *, optional: bool = False, extra_validators=(), **options) -> CharField:
    """A name or identifier that is safe to open in a spreadsheet."""
    return CharField(
        verbose_name,
        max_length=NAME_LENGTH,
        validators=[validate_name, *extra_validators],
        error_messages=_MISSING,
        **_optional_text(optional),
        **options,
    )


def line(verbose_name) -> CharField:
    """A short free text that may be left out."""
    return CharField(
        verbose_name, max_length=LINE_LENGTH, validators=[validate_line], **_optional_text(True)
    )


def note(verbose_name, *, optional: bool = True, **options) -> TextField:
    """A free text of some lines, which mostly may be left out."""
    return TextField(
        verbose_name,
        validators=[validate_note],
        error_messages=_MISSING,
        **_optional_text(optional),
        **options,
    )


def quantity(verbose_name, limits: Limits, *, optional: bool = True) -> DecimalField:
    """A measured number, kept as it was written."""
    not_a_number = _("“%(value)s” is not a number. Write it like 62.5.")
    return DecimalField(
        verbose_name,
        max_digits=18,
        decimal_places=9,
        validators=[limits],
        error_messages={**_MISSING, "invalid": not_a_number},
        **_optional_number(optional),
    )


def count(verbose_name, limits: Limits) -> SmallIntegerField:
    """A whole number that may be left out: a scale, a year, a number of days."""
    not_whole = _("“%(value)s” is not a whole number. Write it like 12.")
    return SmallIntegerField(
        verbose_name,
        validators=[limits],
        error_messages={"invalid": not_whole},
        **_optional_number(True),
    )


def day(verbose_name, *, optional: bool = False) -> DateField:
    """A calendar day of the last century or this one, not after today."""
    not_a_date = _("“%(value)s” is not a date of the calendar. Write it like 2024-03-31.")
    return DateField(
        verbose_name,
        validators=[validate_not_before_1900, validate_not_after_today],
        error_messages={**_MISSING, "invalid": not_a_date, "invalid_date": not_a_date},
        **_optional_number(optional),
    )


def yes_no(verbose_name, *, optional: bool = True) -> BooleanField:
    no_answer = _("“%(value)s” is not an answer here. Answer yes or no.")
    return BooleanField(
        verbose_name,
        error_messages={**_MISSING, "invalid": no_answer, "invalid_nullable": no_answer},
        **_optional_number(optional),
    )


def parent(model: str, verbose_name, related_name: str) -> models.ForeignKey:
    """The record that this one belongs to.

    No index of its own: every natural key begins with the parent, and so does its index.
    """
    return models.ForeignKey(
        model,
        on_delete=models.PROTECT,
        verbose_name=verbose_name,
        related_name=related_name,
        db_index=False,
    )


def _optional_text(optional: bool) -> dict:
    return {"blank": True, "default": "", "db_default": ""} if optional else {}


def _optional_number(optional: bool) -> dict:
    return {"null": True, "blank": True} if optional else {}


def _label(word: StrEnum) -> str:
    """``first_dorsal_interosseous`` reads as such; ``NT``, ``4-`` and ``IV`` stay themselves."""
    return word.value.replace("_", " ")
