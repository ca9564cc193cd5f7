"""Laboratory results, and the findings that the diagnostic criteria ask for."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from patients import labels
from patients.validators import Limits
from patients.vocabulary import (
    DiagnosisOpinion,
    FindingKind,
    FindingState,
    LaboratoryInterpretation,
    LaboratoryTest,
)

from . import fields
from .constraints import dated, known, once, plausible, readable, rule
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


class DiagnosisOverride(PatientRecord):
    """What a clinician holds the diagnosis to be, although the criteria say otherwise.

    It stands beside the derived category and never in its place.
    """

    dated_by = "decided_on"

    patient = fields.parent(Patient, _("patient"), "diagnosis_overrides")
    decided_on = fields.day(_("decision"))
    opinion = fields.code(_("diagnosis in the clinician's opinion"), DiagnosisOpinion)
    grounds = fields.note(_("grounds"), optional=False)

    class Meta(Record.Meta):
        verbose_name = _("diagnosis by a clinician")
        verbose_name_plural = _("diagnoses by a clinician")
        constraints = [
            *Record.Meta.constraints,
            once(
                "diagnosisoverride",
                ["patient", "decided_on"],
                _("A diagnosis of this day is recorded already. Amend that one instead."),
            ),
            *dated("diagnosisoverride", "decided_on"),
            known("diagnosisoverride", "opinion", DiagnosisOpinion),
            readable("diagnosisoverride", "grounds", lines=True),
            rule(
                "diagnosisoverride_grounds_said",
                ~Q(grounds=""),
                "reason_needed",
                _("Say why the diagnosis is another one than the criteria's."),
            ),
        ]

    def __str__(self):
        return f"{self.words}, {self.decided_on}"

    @property
    def words(self) -> str:
        return str(labels.DIAGNOSIS_OPINION[self.opinion])


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
