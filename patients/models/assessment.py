"""Laboratory results, and the findings that the diagnostic criteria ask for."""

from django.utils.translation import gettext_lazy as _

from patients.validators import Limits
from patients.vocabulary import (
    FindingKind,
    FindingState,
    LaboratoryInterpretation,
    LaboratoryTest,
)

from . import fields
from .constraints import dated, known, once, plausible, readable
from .patient import Patient
from .record import PatientRecord, Record

LABORATORY_VALUE = Limits("implausible_result", _("A result"), 0, 99_999_999)


class LaboratoryResult(PatientRecord):
    """One test of one sample."""

    dated_by = "taken_on"

    patient = fields.parent(Patient, _("patient"), "laboratory_results")
    taken_on = fields.day(_("sample"))
    test = fields.code(_("test"), LaboratoryTest)
    value = fields.quantity(_("value"), LABORATORY_VALUE)
    unit = fields.line(_("unit"))
    interpretation = fields.code(_("interpretation"), LaboratoryInterpretation, optional=True)
    method = fields.line(_("method"))
    cutoff = fields.line(_("cut-off"))

    class Meta(Record.Meta):
        verbose_name = _("laboratory result")
        constraints = [
            *Record.Meta.constraints,
            once(
                "laboratoryresult",
                ["patient", "taken_on", "test"],
                _("This test of this day is recorded already. Amend that result instead."),
            ),
            *dated("laboratoryresult", "taken_on"),
            known("laboratoryresult", "test", LaboratoryTest),
            known("laboratoryresult", "interpretation", LaboratoryInterpretation, optional=True),
            plausible("laboratoryresult", "value", LABORATORY_VALUE),
            *(readable("laboratoryresult", text) for text in ("unit", "method", "cutoff")),
        ]

    def __str__(self):
        return f"{self.get_test_display()}, {self.taken_on}"


class Finding(PatientRecord):
    """A clinical finding, present or absent on a day, or explicitly not examined."""

    dated_by = "observed_on"
    told_apart_by = ("finding",)

    patient = fields.parent(Patient, _("patient"), "findings")
    observed_on = fields.day(_("observation"))
    finding = fields.code(_("finding"), FindingKind)
    state = fields.code(_("state"), FindingState)

    class Meta(Record.Meta):
        verbose_name = _("finding")
        constraints = [
            *Record.Meta.constraints,
            once(
                "finding",
                ["patient", "observed_on", "finding"],
                _("This finding of this day is recorded already. Amend that one instead."),
            ),
            *dated("finding", "observed_on"),
            known("finding", "finding", FindingKind),
            known("finding", "state", FindingState),
        ]

    def __str__(self):
        return f"{self.get_finding_display()}: {self.get_state_display()}"
