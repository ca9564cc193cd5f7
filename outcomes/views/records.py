"""Pages of records that need nothing beside their form."""

from outcomes.views.recording import RecordPage
from patients.forms.laboratory import LaboratoryResultForm


class LaboratoryResultPage(RecordPage):
    form_class = LaboratoryResultForm
    name = "laboratory_result"
