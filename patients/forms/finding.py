"""A finding of a day without a visit, as it is typed."""

from django.utils.text import capfirst
from django.utils.translation import gettext_lazy

from patients import labels
from patients.models import Finding

from .record import RecordForm


class FindingForm(RecordForm):
    class Meta(RecordForm.Meta):
        model = Finding
        fields = ("observed_on", "finding", "state")
        labels = {
            "observed_on": gettext_lazy("Examined on"),
            "finding": gettext_lazy("Finding"),
            "state": gettext_lazy("Answer"),
        }

    def add_fields(self) -> None:
        for name, words in (("finding", labels.FINDING), ("state", labels.FINDING_STATE)):
            self.fields[name].choices = [
                ("", "–"),
                *((code, capfirst(str(word))) for code, word in words.items()),
            ]
