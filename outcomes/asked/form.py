"""One form for what can be asked of a cohort, wherever it is asked, and its way into an address."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mmn_registry.accounts.models import Centre
from mmn_registry.months import first_day, last_day
from outcomes.asked.bounds import bound, bound_code, is_last
from outcomes.asked.words import (
    ANTIBODIES,
    BLOCKS,
    DIAGNOSES,
    DOSES,
    GROUPS,
    HISTORIES,
    LACKING,
    NAMES,
    RESPONSES,
    ROUTES,
    SEXES,
)
from outcomes.derivation.criteria import SPANS, Criteria
from outcomes.figures.cohort.reasons import (
    BLOCK_CHANGE_REASON,
    DOSE_REASON,
    SHORT_TERM_REASON,
    STATUS,
)
from outcomes.labels import Words
from patients.forms.fields import PartialDateField

PRODUCT_LENGTH = 100
ANY = pgettext_lazy("filter", "any")
NOT_EVALUABLE_BECAUSE = _("Not evaluable because")
WITHIN_MONTH = _("You see months here, so write a month or a year, like %(month)s.")
ENDS_BEFORE = _("%(last)s lies before %(first)s. Exchange the two, or correct one.")


def choices(words: Words, below: tuple[object, Words] | None = None) -> list:
    """All, then each result; below a heading the reasons behind "not evaluable"."""
    listed: list = [("", ANY), *_pairs(words)]
    return [*listed, (below[0], _pairs(below[1]))] if below else listed


def _pairs(words: Words) -> list[tuple[str, str]]:
    return [(str(code), capfirst(str(word))) for code, word in words.items()]


class OneOf(forms.ChoiceField):
    """A list to choose from; what is not in it is answered with what was taken instead."""

    def __init__(self, **options):
        super().__init__(
            required=False,
            error_messages={
                "invalid_choice": _(
                    "“%(value)s” is not in this list, so it was left out. Choose one."
                )
            },
            **options,
        )


class BoundField(PartialDateField):
    """An end of a span: a year, a month or a day, of which it takes the first or the last day."""

    def __init__(self, *, last: bool, **options):
        super().__init__(required=False, **options)
        self.last = last

    def to_python(self, value) -> date | None:
        if isinstance(value, date):
            return value
        written = super().to_python(value)
        return written and bound(written.day, written.precision, last=self.last)

    def prepare_value(self, value):
        return bound_code(value, last=self.last) if isinstance(value, date) else value


def _since(label: object) -> BoundField:
    return BoundField(label=label, last=False)


def _until(label: object) -> BoundField:
    return BoundField(label=label, last=True)


class CriteriaForm(forms.Form):
    """What is asked; its fields are named as those of `Criteria`, and so they stand in addresses.

    ``months_only``: who sees months does not ask for days within one either, lest asking day after
    day tell on which one something happened.
    """

    centre = OneOf(label=NAMES["centre"])
    history = OneOf(label=NAMES["history"], choices=lambda: choices(HISTORIES))
    diagnosis = OneOf(label=NAMES["diagnosis"], choices=lambda: choices(DIAGNOSES))
    onset_from = _since(_("Onset from"))
    onset_to = _until(_("Onset to"))
    included_from = _since(_("Included from"))
    included_to = _until(_("Included to"))
    treated_from = _since(_("First treated from"))
    treated_to = _until(_("First treated to"))
    route = OneOf(label=NAMES["route"], choices=lambda: choices(ROUTES))
    product = forms.CharField(
        label=NAMES["product"],
        required=False,
        max_length=PRODUCT_LENGTH,
        error_messages={
            "max_length": _(
                "A product has at most %(limit_value)d characters, this has %(show_value)d: "
                "it was left out."
            )
        },
        widget=forms.TextInput(
            attrs={"list": "products", "autocomplete": "off", "spellcheck": "false"}
        ),
    )
    sex = OneOf(label=NAMES["sex"], choices=lambda: choices(SEXES))
    antibody = OneOf(label=NAMES["antibody"], choices=lambda: choices(ANTIBODIES))
    response = OneOf(
        label=NAMES["response"],
        choices=lambda: choices(RESPONSES, (NOT_EVALUABLE_BECAUSE, SHORT_TERM_REASON)),
    )
    group = OneOf(label=NAMES["group"], choices=lambda: choices(GROUPS))
    status = OneOf(label=NAMES["status"], choices=lambda: choices(STATUS))
    blocks = OneOf(
        label=NAMES["blocks"],
        choices=lambda: choices(BLOCKS, (NOT_EVALUABLE_BECAUSE, BLOCK_CHANGE_REASON)),
    )
    dose = OneOf(
        label=NAMES["dose"],
        choices=lambda: choices(DOSES, (_("Not known because"), DOSE_REASON)),
    )
    missing = OneOf(label=NAMES["missing"], choices=lambda: choices(LACKING))

    def __init__(self, *args, centres: Iterable[Centre], months_only: bool = False, **kwargs):
        super().__init__(*args, **kwargs)
        self.months_only = months_only
        self.fields["centre"].choices = [
            ("", _("all")),
            *((centre.code, centre_name(centre)) for centre in centres),
        ]
        for name, field in self.fields.items():
            is_list = isinstance(field, forms.ChoiceField)
            kind = "form-select" if is_list else "form-control"
            field.widget.attrs |= {"class": kind, "aria-describedby": f"note-{name}"}
            if isinstance(field, BoundField):
                field.widget.attrs |= {"placeholder": _("2018 or 2018-03"), "size": 10}

    def clean(self):
        for name, misfit in misfits(self.cleaned_data, months_only=self.months_only):
            self.add_error(name, misfit)
        return self.cleaned_data


def misfits(
    cleaned: Mapping[str, object], *, months_only: bool
) -> Iterator[tuple[str, ValidationError]]:
    """What is wrong with spans of days, by the name of the field; for form and interface alike."""
    for span in SPANS:
        first, last = (cleaned.get(f"{span}_{end}") for end in ("from", "to"))
        wrong = [
            (name, ValidationError(WITHIN_MONTH, "within_month", {"month": day.isoformat()[:7]}))
            for name, day, end in (
                (f"{span}_from", first, first_day),
                (f"{span}_to", last, last_day),
            )
            if months_only and isinstance(day, date) and day != end(day)
        ]
        yield from wrong
        if not wrong and isinstance(first, date) and isinstance(last, date) and last < first:
            said = {
                "first": bound_code(first, last=False),
                "last": bound_code(last, last=True),
            }
            yield f"{span}_to", ValidationError(ENDS_BEFORE, "ends_before", said)


def centre_name(centre: Centre) -> str:
    return f"{centre.code} · {centre.name}" if centre.name else centre.code


CRITERIA_FIELDS = tuple(field.name for field in fields(Criteria))


@dataclass(frozen=True)
class Read:
    """What can be asked; beside each field of which the value cannot, a note why."""

    criteria: Criteria
    centre: str
    notes: Mapping[str, str]


def read(query: Mapping[str, str], centres: Iterable[Centre], *, months_only: bool) -> Read:
    """What an address asks. A value that cannot be asked is left out, and a note says so."""
    form = CriteriaForm(query, centres=centres, months_only=months_only)
    form.is_valid()
    taken = {name: value for name, value in form.cleaned_data.items() if value}
    centre = taken.pop("centre", "")
    notes = {name: str(errors[0]) for name, errors in form.errors.items()}
    return Read(Criteria(**{n: v for n, v in taken.items() if n in CRITERIA_FIELDS}), centre, notes)


def written(criteria: Criteria, centre: str = "", **others: str) -> list[tuple[str, str]]:
    """Pairs of name and value for an address: what is asked, in one order, and nothing else."""
    pairs = [("centre", centre)]
    for name in CRITERIA_FIELDS:
        value = getattr(criteria, name)
        text = bound_code(value, last=is_last(name)) if isinstance(value, date) else value
        pairs.append((name, text))
    return [(name, value) for name, value in (*pairs, *others.items()) if value]


# Fields that are typed into: what cannot be asked stays in them.
TYPED = tuple(
    name for name, field in CriteriaForm.base_fields.items() if not isinstance(field, OneOf)
)
