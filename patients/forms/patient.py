"""A patient's own data as they are typed, and a patient's registration."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.translation import gettext_lazy as _

from mmn_registry.accounts.models import Centre
from patients.identity import Person, validate_person
from patients.models import Patient
from patients.registration import next_study_id
from patients.unusual import Unusual, unusual_patient

from .fields import PartialDate, PartialDateField
from .record import NOTHING, RecordForm, typed_field

# What is known of a partial date stands in a column beside it.
PRECISIONS = {"onset_on": "onset_precision", "diagnosed_on": "diagnosed_precision"}
DISEASE = (
    "sex",
    "birth_year",
    "onset_on",
    "diagnosed_on",
    "included_on",
    "prior_immunoglobulin",
    "atrophy_at_baseline",
)


def _typed_field(column, **options) -> forms.Field | None:
    if column.name in PRECISIONS:
        return PartialDateField(label=column.verbose_name.capitalize(), required=False)
    return typed_field(column, **options)


class PatientForm(RecordForm):
    """The data of a patient that change seldom, the clinician's opinion and a death among them."""

    class Meta(RecordForm.Meta):
        model = Patient
        fields = (*DISEASE, "clinician_response", "deceased_on")
        formfield_callback = _typed_field
        labels = {
            "birth_year": _("Year of birth"),
            "included_on": _("Included on"),
            "prior_immunoglobulin": _("Immunoglobulin before inclusion"),
            "atrophy_at_baseline": _("Atrophy at baseline"),
            "clinician_response": _("Response to immunoglobulin, in your opinion"),
            "deceased_on": _("Died on"),
        }
        help_texts = {
            "deceased_on": _("Leave it empty while the patient lives."),
            "clinician_response": _(
                "Used for the long-term status only where the rule has no result of its own."
            ),
        }

    def clean(self):
        cleaned = super().clean()
        for name, precision in PRECISIONS.items():
            if name in cleaned:
                known: PartialDate | None = cleaned[name]
                cleaned[name] = known.day if known else None
                setattr(self.instance, precision, known.precision if known else "")
        return cleaned

    def unusual(self) -> Iterable[Unusual]:
        return unusual_patient(
            birth_year=self.instance.birth_year,
            onset_on=self.instance.onset_on,
            included_on=self.instance.included_on,
        )

    @property
    def changes(self) -> dict[str, object]:
        precisions = {name: getattr(self.instance, name) for name in PRECISIONS.values()}
        return super().changes | precisions

    @classmethod
    def values_of(cls, record: Patient) -> dict[str, object]:
        """Days with how much is known of them, as one value."""
        values = super().values_of(record)
        for name, precision in PRECISIONS.items():
            if values[name] is not None:
                values[name] = PartialDate(values[name], getattr(record, precision))
        return values

    def _days_stored(self) -> dict[str, date | PartialDate]:
        values = self.values_of(self.stored.record)
        return {n: v for n, v in values.items() if isinstance(v, date | PartialDate)}

    def in_words(self, name: str, values: Mapping[str, str]) -> str:
        if values and isinstance(self.fields.get(name), PartialDateField):
            return self.fields[name].clean(values[name]).in_words
        return super().in_words(name, values) if values else NOTHING

    # ── What the page shows ──────────────────────────────────────────────────────────────────

    @property
    def disease_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in DISEASE]


class RegistrationForm(PatientForm):
    """A new patient under a new study id."""

    class Meta(PatientForm.Meta):
        fields = ("centre", "study_id", *DISEASE)
        help_texts = {
            "study_id": _("The next number of the centre; it stays for good."),
        }

    def __init__(self, typed=None, *, centres: Sequence[Centre], person: Person | None, **about):
        """``centres`` are those where this user may register; ``person`` is who it will be."""
        self.centres, self.person = centres, person
        super().__init__(typed, **about)

    def new_record(self) -> Patient:
        return Patient(centre=self.patient.centre)

    def add_fields(self) -> None:
        chosen = [centre.pk for centre in self.centres]
        self.fields["centre"].queryset = Centre.objects.filter(pk__in=chosen)
        self.fields["centre"].empty_label = None
        if len(self.centres) == 1:
            del self.fields["centre"]

    def clean_parts(self) -> None:
        """That a study id is taken is said beside it; and the person fits the record."""
        if self.has_error(NON_FIELD_ERRORS, "duplicate_record"):
            taken = self.errors.pop(NON_FIELD_ERRORS).as_data()
            for error in taken:
                self.add_error("study_id" if error.code == "duplicate_record" else None, error)
        if self.person is not None:
            try:
                validate_person(self.person, self.instance)
            except ValidationError as refused:
                self.add_error("birth_year", refused.messages)

    def propose(self) -> None:
        """The next study id of the centre that was chosen."""
        chosen = [c for c in self.centres if str(c.pk) == self.shown.get("centre")]
        for centre in chosen[:1]:
            self.initial["study_id"] = next_study_id(centre)
