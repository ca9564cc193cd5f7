"""The pages of the diagnosis: answers to the criteria, and a clinician's own opinion."""

from functools import cached_property

from django.utils.translation import gettext as _

from outcomes.cards import OutcomeCard, diagnosis_card
from outcomes.dashboards.findings import with_findings
from outcomes.dashboards.patient import patient_dashboard
from outcomes.derivation.diagnosis import QUESTIONS
from outcomes.derivation.frames import Records
from outcomes.selectors import load_records
from outcomes.views.recording import RecordPage
from patients.actions import record_findings
from patients.calendar import day_text, registry_today
from patients.forms.diagnosis import AnswersForm, DiagnosisOverrideForm
from patients.models import Finding, Patient
from patients.selectors import latest_findings, list_diagnosis_overrides
from patients.vocabulary import FindingKind

# What a clinician answers; samples and studies answer for themselves.
ASKED = tuple(question for question in QUESTIONS if question in set(FindingKind))


class AnswersPage(RecordPage):
    """Findings of one day for the criteria, with what they make of them as one types."""

    form_class = AnswersForm
    name = "answers"
    template_name = "patients/answers.html"
    look_template_name = "patients/_diagnosis_look.html"

    @cached_property
    def records(self) -> Records:
        return load_records(Patient.objects.filter(pk=self.patient.pk))

    def named(self, record: Finding) -> str:
        return _("findings of %s") % day_text(record.observed_on)

    def saved_words(self, named: str) -> str:
        return _("The %s are saved.") % named

    def make_form(self, **typed) -> AnswersForm:
        return super().make_form(kinds=ASKED, latest=latest_findings(self.patient), **typed)

    def record(self, form: AnswersForm) -> bool:
        record_findings(form.findings, by=self.request.user)
        return True

    def context(self, form: AnswersForm) -> dict[str, object]:
        return {
            "recorded": self._card(self.records),
            "overrides": list_diagnosis_overrides(self.patient),
        }

    def consequences(self, form: AnswersForm) -> dict[str, object]:
        typed = with_findings(self.records, self.patient.study_id, form.findings)
        return {"after": self._card(typed, form), "is_typed": True}

    def _card(self, records: Records, form: AnswersForm | None = None) -> OutcomeCard | None:
        as_of = self._as_of(form) if form else self._closed_on or registry_today()
        dashboard = patient_dashboard(self.patient, as_of, records=records)
        return diagnosis_card(dashboard) if dashboard else None

    def _about(self) -> dict[str, object]:
        return {**super()._about(), "what": _("answers")}

    def _new_words(self) -> str:
        return _("Diagnostic criteria")


class DiagnosisOverridePage(RecordPage):
    form_class = DiagnosisOverrideForm
    name = "diagnosis_override"
