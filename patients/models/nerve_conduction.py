"""Motor nerve conduction studies, and the limits of normal that a centre works with."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from patients.validators import Limits, validate_two_sites
from patients.vocabulary import (
    BlockGrade,
    MotorNerve,
    ProtocolSides,
    SegmentExclusion,
    Side,
    StimulationSite,
)

from . import fields
from .constraints import dated, known, once, plausible, rule
from .patient import Patient
from .record import PatientRecord, Record

AMPLITUDE_MV = Limits("implausible_amplitude", _("An amplitude"), 0, 50, "mV")
LOWER_LIMIT_MV = Limits(
    "implausible_amplitude", _("A lower limit of normal"), 0, 50, "mV", above_low=True
)
AREA_MV_MS = Limits("implausible_area", _("The area of a response"), 0, 1000, "mV·ms")
DURATION_MS = Limits("implausible_duration", _("The duration of a response"), 0, 200, "ms")
DISTANCE_MM = Limits(
    "implausible_distance", _("The length of a segment"), 0, 2000, "mm", above_low=True
)
PLACES = Limits("implausible_place", _("A place in the protocol"), 1, 99)
MEASURES = {
    "distal_amplitude_mv": AMPLITUDE_MV,
    "proximal_amplitude_mv": AMPLITUDE_MV,
    "distal_area_mv_ms": AREA_MV_MS,
    "proximal_area_mv_ms": AREA_MV_MS,
    "distal_duration_ms": DURATION_MS,
    "proximal_duration_ms": DURATION_MS,
    "distal_amplitude_lln_mv": LOWER_LIMIT_MV,
    "distance_mm": DISTANCE_MM,
}


class NerveConductionStudy(PatientRecord):
    """All segments examined in a patient on one day."""

    dated_by = "studied_on"
    part_names = ("segments",)

    patient = fields.parent(Patient, _("patient"), "nerve_conduction_studies")
    studied_on = fields.day(_("study"))

    class Meta(Record.Meta):
        verbose_name = _("nerve conduction study")
        verbose_name_plural = _("nerve conduction studies")
        constraints = [
            *Record.Meta.constraints,
            once(
                "nerveconductionstudy",
                ["patient", "studied_on"],
                _("This patient has a study on this day already. Add its segments to that one."),
            ),
            *dated("nerveconductionstudy", "studied_on"),
        ]

    def __str__(self):
        return f"{self.studied_on}"


class NerveSegment(Record):
    """The response of one nerve stimulated at two sites; a proximal area of 0 is no response."""

    centre_path = "study__patient__centre"
    parent_key = "study"
    told_apart_by = ("nerve", "side", "distal_site", "proximal_site")

    study = fields.parent(NerveConductionStudy, _("study"), "segments")
    nerve = fields.code(_("nerve"), MotorNerve)
    side = fields.code(_("side"), Side)
    distal_site = fields.code(_("distal site"), StimulationSite)
    proximal_site = fields.code(_("proximal site"), StimulationSite)
    distal_amplitude_mv = fields.quantity(_("distal amplitude [mV]"), AMPLITUDE_MV)
    proximal_amplitude_mv = fields.quantity(_("proximal amplitude [mV]"), AMPLITUDE_MV)
    distal_area_mv_ms = fields.quantity(_("distal area [mV·ms]"), AREA_MV_MS)
    proximal_area_mv_ms = fields.quantity(_("proximal area [mV·ms]"), AREA_MV_MS)
    distal_duration_ms = fields.quantity(_("distal duration [ms]"), DURATION_MS)
    proximal_duration_ms = fields.quantity(_("proximal duration [ms]"), DURATION_MS)
    distal_amplitude_lln_mv = fields.quantity(
        _("lower limit of normal of the distal amplitude [mV]"), LOWER_LIMIT_MV
    )
    distance_mm = fields.quantity(_("distance [mm]"), DISTANCE_MM)
    excluded = fields.code(_("why not assessed"), SegmentExclusion, optional=True)
    reported_block = fields.code(_("block, as reported"), BlockGrade, optional=True)

    class Meta(Record.Meta):
        verbose_name = _("nerve segment")
        constraints = [
            *Record.Meta.constraints,
            once(
                "nervesegment",
                ["study", "nerve", "side", "distal_site", "proximal_site"],
                _("This segment was recorded twice in this study. Keep one."),
            ),
            known("nervesegment", "nerve", MotorNerve),
            known("nervesegment", "side", Side),
            known("nervesegment", "distal_site", StimulationSite),
            known("nervesegment", "proximal_site", StimulationSite),
            known("nervesegment", "excluded", SegmentExclusion, optional=True),
            known("nervesegment", "reported_block", BlockGrade, optional=True),
            *(plausible("nervesegment", field, limits) for field, limits in MEASURES.items()),
            rule(
                "nervesegment_between_two_sites",
                ~Q(distal_site=F("proximal_site")),
                "one_site_twice",
                _("A segment runs between two sites. Correct one of them."),
            ),
        ]

    def __str__(self):
        sites = f"{self.get_distal_site_display()} to {self.get_proximal_site_display()}"
        return f"{self.get_side_display()} {self.get_nerve_display()}, {sites}"

    def clean(self):
        super().clean()
        validate_two_sites(distal_site=self.distal_site, proximal_site=self.proximal_site)


class LowerLimit(Record):
    """A centre's lower limit of normal of a distal amplitude, from a day until the next one."""

    centre_path = "centre"
    parent_key = "centre"

    centre = models.ForeignKey(
        "accounts.Centre",
        on_delete=models.PROTECT,
        verbose_name=_("centre"),
        related_name="lower_limits",
        db_index=False,
    )
    nerve = fields.code(_("nerve"), MotorNerve)
    valid_from = fields.day(_("valid from"))
    distal_amplitude_lln_mv = fields.quantity(
        _("lower limit of normal of the distal amplitude [mV]"), LOWER_LIMIT_MV, optional=False
    )

    class Meta(Record.Meta):
        verbose_name = _("lower limit of normal")
        constraints = [
            *Record.Meta.constraints,
            once(
                "lowerlimit",
                ["centre", "nerve", "valid_from"],
                _("This centre has a limit for this nerve from this day already. Amend that one."),
            ),
            *dated("lowerlimit", "valid_from"),
            known("lowerlimit", "nerve", MotorNerve),
            plausible("lowerlimit", "distal_amplitude_lln_mv", LOWER_LIMIT_MV),
        ]

    def __str__(self):
        return f"{self.get_nerve_display()} from {self.valid_from}: {self.distal_amplitude_lln_mv}"


class ProtocolSegment(Record):
    """A segment that a centre examines in every study, and its place among them."""

    centre_path = "centre"
    parent_key = "centre"
    told_apart_by = ("nerve", "sides", "distal_site", "proximal_site")

    centre = models.ForeignKey(
        "accounts.Centre",
        on_delete=models.PROTECT,
        verbose_name=_("centre"),
        related_name="protocol",
        db_index=False,
    )
    nerve = fields.code(_("nerve"), MotorNerve)
    sides = fields.code(_("sides"), ProtocolSides)
    distal_site = fields.code(_("distal site"), StimulationSite)
    proximal_site = fields.code(_("proximal site"), StimulationSite)
    place = fields.SmallIntegerField(_("place"), validators=[PLACES])

    class Meta(Record.Meta):
        verbose_name = _("segment of the protocol")
        constraints = [
            *Record.Meta.constraints,
            once(
                "protocolsegment",
                ["centre", "nerve", "sides", "distal_site", "proximal_site"],
                _("The protocol has this segment already. Keep one."),
            ),
            known("protocolsegment", "nerve", MotorNerve),
            known("protocolsegment", "sides", ProtocolSides),
            known("protocolsegment", "distal_site", StimulationSite),
            known("protocolsegment", "proximal_site", StimulationSite),
            plausible("protocolsegment", "place", PLACES),
            rule(
                "protocolsegment_between_two_sites",
                ~Q(distal_site=F("proximal_site")),
                "one_site_twice",
                _("A segment runs between two sites. Correct one of them."),
            ),
        ]

    def __str__(self):
        return f"{self.get_nerve_display()}, {self.get_sides_display()}"

    def clean(self):
        super().clean()
        validate_two_sites(distal_site=self.distal_site, proximal_site=self.proximal_site)
