"""Pages of records that need nothing beside their form."""

from collections.abc import Mapping
from datetime import date

from outcomes.views.recording import RecordPage
from patients.calendar import registry_today
from patients.forms.consent import ConsentForm
from patients.forms.diagnosis import FindingForm
from patients.forms.laboratory import LaboratoryResultForm
from patients.models import Consent
from patients.selectors import consent_version_in_use


class LaboratoryResultPage(RecordPage):
    form_class = LaboratoryResultForm
    name = "laboratory_result"


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
