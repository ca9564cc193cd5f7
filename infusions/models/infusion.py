"""What was given, from which lot."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from infusions.vocabulary import Route
from patients.models import Patient, fields
from patients.models.constraints import dated, fit, known, once, plausible
from patients.models.record import PatientRecord, Record
from patients.validators import Limits

DOSE_G = Limits("implausible_dose", _("A dose"), 0, 400, "g", above_low=True)


class Infusion(PatientRecord):
    """One product given by one route on one day; grams of a day and route add up."""

    dated_by = "given_on"
    part_names = ("lots",)

    patient = fields.parent(Patient, _("patient"), "infusions")
    given_on = fields.day(_("infusion"))
    route = fields.code(_("route"), Route)
    product = fields.name(_("product"))
    dose_g = fields.quantity(_("dose [g]"), DOSE_G, optional=False)

    class Meta(Record.Meta):
        verbose_name = _("infusion")
        constraints = [
            *Record.Meta.constraints,
            once(
                "infusion",
                ["patient", "given_on", "route", "product"],
                _("This product is recorded for this day and route already. Amend that infusion."),
            ),
            *dated("infusion", "given_on"),
            known("infusion", "route", Route),
            fit("infusion", "product"),
            plausible("infusion", "dose_g", DOSE_G),
        ]

    def __str__(self):
        return f"{self.given_on} {self.product} {self.dose_g} g {self.route}"


class InfusionLot(Record):
    """A lot that an infusion was taken from: a recall asks for everybody who got it."""

    centre_path = "infusion__patient__centre"
    parent_key = "infusion"
    told_apart_by = ("lot_number",)

    infusion = fields.parent(Infusion, _("infusion"), "lots")
    lot_number = fields.name(_("lot number"))
    dose_g = fields.quantity(_("dose from this lot [g]"), DOSE_G)

    class Meta(Record.Meta):
        verbose_name = _("lot of an infusion")
        indexes = [models.Index(fields=["lot_number"], name="infusionlot_by_number")]
        constraints = [
            *Record.Meta.constraints,
            once(
                "infusionlot",
                ["infusion", "lot_number"],
                _("This lot is recorded for this infusion already. Keep one."),
            ),
            fit("infusionlot", "lot_number"),
            plausible("infusionlot", "dose_g", DOSE_G),
        ]

    def __str__(self):
        return self.lot_number
