"""What PostgreSQL holds of the rules that the fields state: same limits, same code, same words.

``{model}_{field}_{rule}`` is the name of a constraint; the model is written as its table, without
the app. Conditions name columns of one table only, so that a loaded file can be asked the same
questions before it is stored.
"""

from enum import StrEnum

from django.db import models
from django.db.models import Q
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from mmn_registry.accounts.validators import (
    CHARACTERS_SENTENCE,
    LINE_PATTERN,
    NAME_PATTERN,
    NAME_SENTENCE,
    NOTE_PATTERN,
)
from patients.validators import BEFORE_FIRST_DAY, FIRST_DAY, Limits

STANDING = Q(voided_at__isnull=True)


def rule(name: str, condition: Q, code: str, sentence) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=condition,
        name=name,
        violation_error_code=code,
        violation_error_message=sentence,
    )


def known(model: str, field: str, words: type[StrEnum], *, optional: bool = False):
    """Only words of the vocabulary, and nothing at all where that is an answer."""
    allowed = [word.value for word in words] + ([""] if optional else [])
    sentence = format_lazy(
        "{refused} {words}.",
        refused=_("This is not a known code here. Use one of:"),
        words=", ".join(words),
    )
    return rule(
        f"{model}_{field}_known", Q(**{f"{field}__in": allowed}), "invalid_choice", sentence
    )


def plausible(model: str, field: str, limits: Limits):
    """Within the hard limits, or not recorded."""
    return rule(f"{model}_{field}_plausible", limits.condition(field), limits.code, limits.sentence)


def dated(model: str, *days: str) -> list[models.CheckConstraint]:
    """Not long ago; that no day lies after today is for triggers, since today moves."""
    return [
        rule(
            f"{model}_{day}_plausible",
            Q(**{f"{day}__gte": FIRST_DAY}),
            "implausible_date",
            BEFORE_FIRST_DAY,
        )
        for day in days
    ]


def fit(model: str, field: str, *, optional: bool = False):
    """A name that is safe to open in a spreadsheet."""
    condition = Q(**{f"{field}__regex": NAME_PATTERN})
    if optional:
        condition |= Q(**{field: ""})
    return rule(f"{model}_{field}_fit", condition, "unfit_name", NAME_SENTENCE)


def readable(model: str, field: str, *, lines: bool = False):
    """A free text without control characters."""
    condition = Q(**{f"{field}__regex": NOTE_PATTERN if lines else LINE_PATTERN})
    return rule(f"{model}_{field}_readable", condition, "unreadable_character", CHARACTERS_SENTENCE)


def once(model: str, fields: list[str], sentence) -> models.UniqueConstraint:
    """The natural key, unique among the records that were not voided."""
    return models.UniqueConstraint(
        fields=fields,
        condition=STANDING,
        name=f"{model}_once",
        violation_error_code="duplicate_record",
        violation_error_message=sentence,
    )
