"""What went wrong with an infusion."""

from django.utils.translation import gettext_lazy as _

from infusions.vocabulary import Reaction, Route, Severity
from patients.models import Patient, fields
from patients.models.constraints import dated, fit, known, once, plausible, readable
from patients.models.record import PatientRecord, Record
from patients.validators import Limits

ONSET_HOURS = Limits("implausible_onset", _("The onset of a reaction"), 0, 10_000, _("hours"))


class AdverseReaction(PatientRecord):
    """A reaction, with what was given as far as it is known."""

    dated_by = "occurred_on"

    patient = fields.parent(Patient, _("patient"), "adverse_reactions")
    occurred_on = fields.day(_("reaction on"))
    reaction = fields.code(_("reaction"), Reaction)
    severity = fields.code(_("severity"), Severity)
    serious = fields.yes_no(_("serious"), optional=False)
    route = fields.code(_("route"), Route, optional=True)
    product = fields.name(_("product"), optional=True)
    lot_number = fields.name(_("lot number"), optional=True)
    onset_hours = fields.quantity(_("onset after the start of the infusion [h]"), ONSET_HOURS)
    action = fields.note(_("what was done"))
    outcome = fields.note(_("outcome"))

    class Meta(Record.Meta):
        verbose_name = _("adverse reaction")
        constraints = [
            *Record.Meta.constraints,
            once(
                "adversereaction",
                ["patient", "occurred_on", "reaction"],
                _("This reaction of this day is recorded already. Amend that one instead."),
            ),
            *dated("adversereaction", "occurred_on"),
            known("adversereaction", "reaction", Reaction),
            known("adversereaction", "severity", Severity),
            known("adversereaction", "route", Route, optional=True),
            fit("adversereaction", "product", optional=True),
            fit("adversereaction", "lot_number", optional=True),
            plausible("adversereaction", "onset_hours", ONSET_HOURS),
            *(readable("adversereaction", text, lines=True) for text in ("action", "outcome")),
        ]

    def __str__(self):
        return f"{self.get_reaction_display()}, {self.occurred_on}"
