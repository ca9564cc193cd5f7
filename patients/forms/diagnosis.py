"""Answers to the diagnostic criteria as they are typed, and a clinician's own diagnosis."""

from collections.abc import Mapping, Sequence

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from patients import labels
from patients.models import DiagnosisOverride, Finding

from .record import RecordForm
from .visit import NOT_ASKED


def input_name(kind: str) -> str:
    return f"finding_{kind}"


class AnswersForm(RecordForm):
    """Findings of one day that the criteria ask for; `findings` once they are cleaned.

    ``kinds`` are asked for, ``latest`` is what was answered last.
    """

    class Meta(RecordForm.Meta):
        model = Finding
        fields = ("observed_on",)
        labels = {"observed_on": gettext_lazy("Examined on")}

    def __init__(self, typed=None, *, kinds: Sequence[str], latest: Mapping[str, Finding], **about):
        self.kinds, self.latest, self.findings = kinds, latest, []
        super().__init__(typed, **about)

    def add_fields(self) -> None:
        states = [NOT_ASKED, *((s.value, w) for s, w in labels.FINDING_STATE.items())]
        for kind in self.kinds:
            label = capfirst(str(labels.FINDING[kind]))
            field = forms.ChoiceField(label=label, choices=states, required=False)
            self.fields[input_name(kind)] = field

    def clean_parts(self) -> None:
        day = self.cleaned_data.get("observed_on")
        answered = {k: self.cleaned_data.get(input_name(k)) for k in self.kinds}
        if not any(answered.values()) and not self.errors:
            self.add_error(None, ValidationError(_("Answer at least one question.")))
        self.findings = [
            finding
            for kind, state in answered.items()
            if day and state and (finding := self._cleaned(kind, state, day))
        ]

    def _cleaned(self, kind, state, day) -> Finding | None:
        finding = Finding(patient=self.patient, observed_on=day, finding=kind, state=state)
        try:
            finding.full_clean()
        except ValidationError as refused:
            self.add_error(input_name(kind), refused.messages)
            return None
        return finding

    @property
    def question_fields(self) -> list[tuple[forms.BoundField, Finding | None, str]]:
        """Each with what was answered last, as a record and in a word."""
        asked = [(self[input_name(kind)], self.latest.get(kind)) for kind in self.kinds]
        return [(f, last, labels.FINDING_STATE[last.state] if last else "") for f, last in asked]


class DiagnosisOverrideForm(RecordForm):
    """A clinician's diagnosis, with the grounds on which it is another than the rule's."""

    class Meta(RecordForm.Meta):
        model = DiagnosisOverride
        fields = ("decided_on", "opinion", "grounds")
        labels = {
            "decided_on": gettext_lazy("Decided on"),
            "opinion": gettext_lazy("Diagnosis, in your opinion"),
            "grounds": gettext_lazy("Why, if the criteria say otherwise"),
        }
        help_texts = {"grounds": gettext_lazy("No names here: it is kept with the record.")}
        widgets = {"grounds": forms.Textarea(attrs={"rows": 3})}

    def add_fields(self) -> None:
        words = [(opinion.value, word) for opinion, word in labels.DIAGNOSIS_OPINION.items()]
        self.fields["opinion"].choices = [NOT_ASKED, *words]
