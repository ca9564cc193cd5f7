"""Pages of records that need little beside their form."""

from outcomes.views.recording import RecordPage
from patients.forms.finding import FindingForm
from patients.forms.laboratory import LaboratoryResultForm
from patients.selectors import list_laboratory_results


class LaboratoryResultPage(RecordPage):
    form_class = LaboratoryResultForm
    name = "laboratory_result"
    template_name = "patients/laboratory_result.html"
    look_template_name = "patients/_laboratory_look.html"
    fills = {"as_last": lambda form: form.fill_as_last_time(), **RecordPage.fills}

    def make_form(self, **typed) -> LaboratoryResultForm:
        return super().make_form(results=list(list_laboratory_results(self.patient)), **typed)


class FindingPage(RecordPage):
    form_class = FindingForm
    name = "finding"
