"""One record as it is typed: read, asked about, compared with what is stored meanwhile."""

import json
from collections.abc import Iterable, Mapping
from copy import copy
from datetime import date
from decimal import Decimal

from django import forms
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from patients.calendar import day_text, registry_today
from patients.models import Confirmation, Patient
from patients.models.record import Record
from patients.selectors import Examination, Whole
from patients.unusual import Unusual, plain

from .fields import DayField, NoteField, QuantityField, ScaleField, YesNoField

FORM_ID = "record"
NOTHING = "–"
NEEDED = _("This is needed. Fill it in.")


def typed_field(field: models.Field, **options) -> forms.Field | None:
    """The field in which a column is typed: days as people write them, decimal commas."""
    for column, typed in (
        (models.DateField, DayField),
        (models.DecimalField, QuantityField),
        (models.IntegerField, ScaleField),
        (models.TextField, NoteField),
    ):
        if isinstance(field, column):
            return field.formfield(form_class=typed, **options)
    if isinstance(field, models.BooleanField):
        said = {"label": capfirst(field.verbose_name), "required": not field.null}
        return YesNoField(**{**said, **options})
    typed = field.formfield(**options)
    if isinstance(typed, forms.TypedChoiceField):
        typed.choices = [("", NOTHING), *((value, name) for value, name in typed.choices if value)]
    return typed


class RecordForm(forms.ModelForm):
    """What is typed of one record of a patient.

    ``asks`` are questions about unusual values that wait for an answer before anything is saved,
    ``confirmed`` those that have theirs. A subclass names model and fields in a ``Meta`` that
    inherits this one's, says what is unusual, and reads its parts in ``clean_parts``.
    """

    reason = forms.CharField(
        label=_("Why is it changed?"),
        max_length=400,
        error_messages={"required": _("Say why, in a few words: a slip, a value added later.")},
    )

    class Meta:
        formfield_callback = typed_field

    def __init__(
        self,
        typed: Mapping[str, str] | None = None,
        *,
        patient: Patient,
        stored: Whole | Examination | None = None,
        restored: Mapping[str, str] | None = None,
        suggested: Mapping[str, object] | None = None,
        confirmed_before: Iterable[Confirmation] = (),
    ):
        """``typed`` was sent to be saved; ``restored`` is a draft to go on with; ``suggested``
        stands in the inputs of a new form that opens for the first time."""
        self.patient, self.stored = patient, stored
        self.confirmed_before = {answer.key for answer in confirmed_before}
        self.stored_inputs = self.inputs_of(stored) if stored else {}
        self.shown = self._shown(typed, restored, suggested)
        # What is cleaned is a copy: the stored one stays as it was read.
        instance = copy(stored.record) if stored else self.new_record()
        initial = {name: self.shown[name] for name in self.shown}  # of a sent form the last values
        super().__init__(typed, initial=initial, instance=instance, use_required_attribute=False)
        self.add_fields()
        if not stored:
            del self.fields["reason"]
        for one in self.fields.values():
            kind = "form-select" if isinstance(one, forms.ChoiceField) else "form-control"
            # Some stand beside the buttons, outside the form's own element.
            one.widget.attrs |= {"class": kind, "autocomplete": "off", "form": FORM_ID}
            if one.error_messages.get("required") == forms.Field.default_error_messages["required"]:
                one.error_messages["required"] = NEEDED
            if kind == "form-select":
                one.choices = [(code, word if code else NOTHING) for code, word in one.choices]
        self.asks: list[Unusual] = []
        self.confirmed: list[Unusual] = []

    def _shown(self, typed, restored, suggested) -> Mapping[str, object]:
        """What stands in the inputs when the page opens."""
        if typed is not None:
            return typed
        if restored is not None:
            return restored
        if self.stored:
            return self.stored_inputs | self._days_stored()
        return suggested or {self._meta.model.dated_by: registry_today()}

    def _days_stored(self) -> dict[str, date]:
        values = self.values_of(self.stored.record)
        return {name: value for name, value in values.items() if isinstance(value, date)}

    # ── What a subclass may say ──────────────────────────────────────────────────────────────

    def new_record(self) -> Record:
        """An unsaved record that knows its parent."""
        return self._meta.model(patient=self.patient)

    def add_fields(self) -> None:
        """Fields beside the model's own."""

    def clean_parts(self) -> None:
        """Read and clean the parts; called once the record itself is cleaned."""

    def unusual(self) -> Iterable[Unusual]:
        """Questions that these values raise; asked once every value can be read."""
        return ()

    @property
    def parts(self) -> tuple[Iterable, ...]:
        """Cleaned parts, of each kind that the model's ``part_names`` names."""
        return ()

    def part_inputs(self) -> dict[str, str]:
        """The cleaned parts as inputs."""
        return {}

    @classmethod
    def inputs_of(cls, stored: Whole) -> dict[str, str]:
        """What is stored as the inputs that would make it; what is empty is left out."""
        return as_inputs(cls.values_of(stored.record))

    @classmethod
    def values_of(cls, record: Record) -> dict[str, object]:
        """The record's values, each as its one input reads it."""
        return {name: getattr(record, name) for name in cls._meta.fields}

    # ── Reading what was typed ───────────────────────────────────────────────────────────────

    def _post_clean(self):
        """The record, then its parts, each by the rules of its model."""
        super()._post_clean()
        self.clean_parts()
        if not self.errors:
            new = [asked for asked in self.unusual() if asked.key not in self.confirmed_before]
            answered = set(self.data.getlist("confirmed"))
            self.asks = [asked for asked in new if asked.key not in answered]
            self.confirmed = [asked for asked in new if asked.key in answered]

    @property
    def is_ready(self) -> bool:
        return self.is_valid() and not self.asks

    @property
    def questions(self) -> list[tuple[Unusual, bool]]:
        """Every unusual value, and whether it was confirmed on this page."""
        return [*((one, False) for one in self.asks), *((one, True) for one in self.confirmed)]

    # ── What two people's forms are compared by ──────────────────────────────────────────────

    @property
    def changes(self) -> dict[str, object]:
        """The record's values, as they are stored."""
        return {name: getattr(self.instance, name) for name in self._meta.fields}

    def inputs(self) -> dict[str, str]:
        """The cleaned form as inputs, each value written in one way only."""
        return as_inputs(self.values_of(self.instance)) | self.part_inputs()

    @property
    def opened(self) -> str:
        """What was stored when the form was opened, for whoever compares later."""
        return self.shown.get("opened") or json.dumps(self.stored_inputs, separators=(",", ":"))

    @property
    def as_read(self) -> str:
        if self.shown.get("as_read"):
            return self.shown["as_read"]
        return self.stored.version if self.stored else ""

    @staticmethod
    def value_name(name: str) -> str:
        """The value that an input belongs to, where several inputs make one value."""
        return name

    @staticmethod
    def inputs_named(name: str) -> tuple[str, ...]:
        """All inputs that make one value."""
        return (name,)

    def label_of(self, name: str) -> str:
        return str(self.fields[name].label)

    def in_words(self, name: str, values: Mapping[str, str]) -> str:
        """A value as a person reads it, from the inputs that make it."""
        if not values:
            return NOTHING
        text, field = values[name], self.fields.get(name)
        if isinstance(field, DayField):
            return day_text(date.fromisoformat(text))
        if isinstance(field, forms.ChoiceField):
            return str(dict(field.choices).get(text, text))
        return text


def as_inputs(values: Mapping[str, object]) -> dict[str, str]:
    return {name: input_text(value) for name, value in values.items() if value not in (None, "")}


def input_text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return value.isoformat()
    return plain(value) if isinstance(value, Decimal) else str(value)
