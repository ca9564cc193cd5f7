"""What is planned to be given; nothing of it counts as given."""

import uuid

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from infusions.validators import validate_not_far_ahead
from infusions.vocabulary import Route
from patients.models import Patient, fields
from patients.models.constraints import dated, fit, known, once, plausible, readable
from patients.models.record import PatientRecord, Record
from patients.validators import validate_not_before_1900

from .infusion import DOSE_G, Infusion


class PlannedInfusion(PatientRecord):
    """One of a planned series, until it is confirmed as given or cancelled with a reason.

    It is given once it names a standing infusion; if that is voided, it is open again. Outcomes
    never read it, and it is in no bundle.
    """

    dated_by = "planned_on"

    patient = fields.parent(Patient, _("patient"), "planned_infusions")
    planned_on = fields.DateField(
        _("planned for"),
        validators=[validate_not_before_1900, validate_not_far_ahead],
        error_messages={"null": _("This is needed. Fill it in.")},
    )
    route = fields.code(_("route"), Route)
    product = fields.name(_("product"), optional=True)
    dose_g = fields.quantity(_("dose of each day [g]"), DOSE_G)
    # Which were planned in one entry.
    series_id = models.UUIDField(_("series"), default=uuid.uuid4, editable=False)
    note = fields.note(_("note"))
    # Hidden from the infusion's side, so that voiding it does not void the plan.
    infusion = models.ForeignKey(
        Infusion,
        on_delete=models.PROTECT,
        verbose_name=_("given as"),
        related_name="+",
        null=True,
        blank=True,
    )

    class Meta(Record.Meta):
        verbose_name = _("planned infusion")
        constraints = [
            *Record.Meta.constraints,
            once(
                "plannedinfusion",
                ["patient", "planned_on", "route"],
                _("An infusion of this route is planned for this day already. Amend that one."),
            ),
            *dated("plannedinfusion", "planned_on"),
            known("plannedinfusion", "route", Route),
            fit("plannedinfusion", "product", optional=True),
            plausible("plannedinfusion", "dose_g", DOSE_G),
            readable("plannedinfusion", "note", lines=True),
        ]

    def __str__(self):
        return f"{self.route} planned for {self.planned_on}"

    def clean(self):
        """Nothing is planned after death; what was planned before may lie after it."""
        if self._state.adding:
            super().clean()
        if self.infusion_id and self.infusion.patient_id != self.patient_id:
            message = _("This infusion is another patient's. Choose one of this patient.")
            raise ValidationError({"infusion": ValidationError(message, "another_patient")})

    @property
    def is_given(self) -> bool:
        return self.infusion_id is not None and self.infusion.voided_at is None
