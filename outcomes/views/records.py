"""Pages of records that need little beside their form."""

from collections.abc import Mapping
from datetime import date

from outcomes.views.recording import RecordPage
from patients.calendar import registry_today
from patients.forms.consent import ConsentForm
from patients.forms.finding import FindingForm
from patients.forms.laboratory import LaboratoryResultForm
from patients.models import Consent
from patients.selectors import consent_version_in_use, list_laboratory_results


class LaboratoryResultPage(RecordPage):
    form_class = LaboratoryResultForm
    name = "laboratory_result"
    template_name = "patients/laboratory_result.html"
    look_template_name = "patients/_laboratory_look.html"
    fills = {"as_last": lambda form: form.fill_as_last_time(), **RecordPage.fills}

    def make_form(self, **typed) -> LaboratoryResultForm:
        return super().make_form(results=list(list_laboratory_results(self.patient)), **typed)


class ConsentPage(RecordPage):
    form_class = ConsentForm
    name = "consent"

    def day_of(self, record: Consent) -> date:
        return record.given_on

    def suggested(self) -> Mapping[str, object]:
        """Today, in the version of the form that the centre used last."""
        version = consent_version_in_use(self.patient.centre)
        return {"given_on": registry_today(), "form_version": version}


class FindingPage(RecordPage):
    form_class = FindingForm
    name = "finding"
