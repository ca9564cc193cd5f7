"""Kinds of columns in an answer: each says its type, its unit, and how a missing value looks.

In JSON what is missing is null, whatever the type; in CSV the cell is empty. ``source`` is the
path of a column in the query, where that is not its name.
"""

from enum import StrEnum

from rest_framework import serializers


def code(words: type[StrEnum], help_text: str = "", **options) -> serializers.ChoiceField:
    """A word of a closed vocabulary."""
    return serializers.ChoiceField([w.value for w in words], help_text=help_text, **options)


def code_or_null(words: type[StrEnum], help_text: str = "") -> serializers.ChoiceField:
    return code(words, help_text, allow_null=True)


def text(help_text: str = "", **options) -> serializers.CharField:
    return serializers.CharField(help_text=help_text, **options)


def day(help_text: str = "", **options) -> serializers.DateField:
    return serializers.DateField(help_text=help_text, **options)


def day_or_null(help_text: str = "", **options) -> serializers.DateField:
    return day(help_text, allow_null=True, **options)


def number(help_text: str = "") -> serializers.FloatField:
    """A measured or derived number; its unit stands in its name, or in the help."""
    return serializers.FloatField(help_text=help_text)


def number_or_null(help_text: str = "") -> serializers.FloatField:
    return serializers.FloatField(allow_null=True, help_text=help_text)


def count(help_text: str = "") -> serializers.IntegerField:
    return serializers.IntegerField(help_text=help_text)


def count_or_null(help_text: str = "") -> serializers.IntegerField:
    return serializers.IntegerField(allow_null=True, help_text=help_text)


def truth(help_text: str = "") -> serializers.BooleanField:
    return serializers.BooleanField(help_text=help_text)


def truth_or_null(help_text: str = "") -> serializers.BooleanField:
    return serializers.BooleanField(allow_null=True, help_text=help_text)
