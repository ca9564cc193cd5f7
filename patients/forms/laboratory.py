"""A laboratory result as it is typed."""

from patients.models import LaboratoryResult

from .record import RecordForm


class LaboratoryResultForm(RecordForm):
    class Meta(RecordForm.Meta):
        model = LaboratoryResult
        fields = ("taken_on", "test", "value", "unit", "interpretation", "method", "cutoff")
