"""A visit and what was examined at it: muscle grades and grip strength."""

from django.db import models
from django.db.models import Case, Q, Value, When
from django.utils.translation import gettext_lazy as _

from patients.validators import Limits, validate_reason_only_if_not_tested
from patients.vocabulary import (
    MRC_THIRDS,
    GradeOrigin,
    GripDevice,
    MrcGrade,
    Muscle,
    NotTestedReason,
    Side,
)

from . import fields
from .constraints import dated, known, once, plausible, rule
from .patient import Patient
from .record import PatientRecord, Record

WEIGHT_KG = Limits("implausible_weight", _("A weight"), 1, 300, "kg")
SCALES = {
    "onls_arm": Limits("implausible_score", _("The arm score of ONLS"), 0, 5),
    "onls_leg": Limits("implausible_score", _("The leg score of ONLS"), 0, 7),
    "incat_arm": Limits("implausible_score", _("The arm score of INCAT"), 0, 5),
    "incat_leg": Limits("implausible_score", _("The leg score of INCAT"), 0, 5),
    "mmn_rods": Limits("implausible_score", _("The total of MMN-RODS"), 0, 50),
}
GRIP = Limits("implausible_grip", _("A grip"), 0, 200, _("kPa or kg"))


class Visit(PatientRecord):
    """One day on which a patient was seen; at most one visit a day."""

    dated_by = "visited_on"
    part_names = ("muscle_scores", "grip_strengths")

    patient = fields.parent(Patient, _("patient"), "visits")
    visited_on = fields.day(_("visit"))
    weight_kg = fields.quantity(_("weight [kg]"), WEIGHT_KG)
    onls_arm = fields.count(_("ONLS arm"), SCALES["onls_arm"])
    onls_leg = fields.count(_("ONLS leg"), SCALES["onls_leg"])
    incat_arm = fields.count(_("INCAT arm"), SCALES["incat_arm"])
    incat_leg = fields.count(_("INCAT leg"), SCALES["incat_leg"])
    mmn_rods = fields.count(_("MMN-RODS total"), SCALES["mmn_rods"])

    class Meta(Record.Meta):
        verbose_name = _("visit")
        constraints = [
            *Record.Meta.constraints,
            once(
                "visit",
                ["patient", "visited_on"],
                _("This patient has a visit on this day already. Amend that one instead."),
            ),
            *dated("visit", "visited_on"),
            plausible("visit", "weight_kg", WEIGHT_KG),
            *(plausible("visit", scale, limits) for scale, limits in SCALES.items()),
        ]

    def __str__(self):
        return f"{self.visited_on}"


class MuscleScore(Record):
    """The grade of one muscle on one side at a visit; NT is a recorded answer without a grade."""

    centre_path = "visit__patient__centre"
    parent_key = "visit"
    told_apart_by = ("muscle", "side")

    visit = fields.parent(Visit, _("visit"), "muscle_scores")
    muscle = fields.code(_("muscle"), Muscle)
    side = fields.code(_("side"), Side)
    mrc_grade = fields.code(_("MRC grade"), MrcGrade)
    mrc_thirds = models.GeneratedField(
        expression=Case(
            *(
                When(mrc_grade=grade.value, then=Value(thirds))
                for grade, thirds in MRC_THIRDS.items()
            ),
            output_field=models.SmallIntegerField(),
        ),
        output_field=models.SmallIntegerField(_("MRC grade in thirds of a point")),
        db_persist=True,
    )
    not_tested_reason = fields.code(_("why not tested"), NotTestedReason, optional=True)
    not_due_to_mmn = fields.yes_no(_("weak for another reason than MMN"))
    origin = fields.code(_("origin of the grade"), GradeOrigin, optional=True)

    class Meta(Record.Meta):
        verbose_name = _("muscle score")
        constraints = [
            *Record.Meta.constraints,
            once(
                "musclescore",
                ["visit", "muscle", "side"],
                _("This muscle was scored twice on this side at this visit. Keep one."),
            ),
            known("musclescore", "muscle", Muscle),
            known("musclescore", "side", Side),
            known("musclescore", "mrc_grade", MrcGrade),
            known("musclescore", "not_tested_reason", NotTestedReason, optional=True),
            known("musclescore", "origin", GradeOrigin, optional=True),
            rule(
                "musclescore_reason_only_if_not_tested",
                Q(not_tested_reason="") | Q(mrc_grade=MrcGrade.NOT_TESTED.value),
                "reason_although_tested",
                _(
                    "A muscle with a grade has no reason for not being tested. "
                    "Remove the reason, or record NT."
                ),
            ),
        ]

    def __str__(self):
        return f"{self.get_side_display()} {self.get_muscle_display()}: {self.mrc_grade}"

    def clean(self):
        super().clean()
        validate_reason_only_if_not_tested(
            mrc_grade=self.mrc_grade, not_tested_reason=self.not_tested_reason
        )


class GripStrength(Record):
    """The grip of one hand at a visit, in the unit of its device."""

    centre_path = "visit__patient__centre"
    parent_key = "visit"
    told_apart_by = ("device", "side")

    visit = fields.parent(Visit, _("visit"), "grip_strengths")
    side = fields.code(_("side"), Side)
    device = fields.code(_("device"), GripDevice)
    value = fields.quantity(_("grip [kPa or kg, as the device says]"), GRIP, optional=False)

    class Meta(Record.Meta):
        verbose_name = _("grip strength")
        constraints = [
            *Record.Meta.constraints,
            once(
                "gripstrength",
                ["visit", "side", "device"],
                _("This hand was measured twice with this device at this visit. Keep one."),
            ),
            known("gripstrength", "side", Side),
            known("gripstrength", "device", GripDevice),
            plausible("gripstrength", "value", GRIP),
        ]

    def __str__(self):
        return f"{self.get_side_display()} {self.value} ({self.get_device_display()})"
