"""What was prescribed, tried, taken beside it, or not tolerated, as it is typed."""

from collections.abc import Iterable
from decimal import Decimal

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infusions.labels import (
    ATTEMPT_OUTCOME,
    DOSE_ATTEMPT,
    REACTION,
    REGIMEN_END,
    ROUTE,
    SEVERITY,
)
from infusions.models import AdverseReaction, DoseAttempt, Immunosuppressant, Regimen
from infusions.models.treatment import PLANNED_DOSE_G
from infusions.unusual import long_before_inclusion, unusual_plan
from patients.calendar import registry_today
from patients.forms.fields import QuantityField
from patients.forms.record import RecordForm
from patients.unusual import Unusual

from .words import choose, refuse_mg


class RegimenForm(RecordForm):
    """``sc_factor`` is for the arithmetic beside the form alone; it is stored nowhere."""

    class Meta(RecordForm.Meta):
        model = Regimen
        fields = (
            "started_on",
            "route",
            "product",
            "planned_dose_g",
            "planned_interval_days",
            "ended_on",
            "end_reason",
        )
        labels = {
            "started_on": gettext_lazy("From"),
            "route": gettext_lazy("Route"),
            "product": gettext_lazy("Product, as on the box"),
            "planned_dose_g": gettext_lazy("Dose of a whole course"),
            "planned_interval_days": gettext_lazy("Every"),
            "ended_on": gettext_lazy("First day without it"),
            "end_reason": gettext_lazy("Why it ended"),
        }

    def __init__(self, typed=None, *, usual_weekly_g: tuple[float, float], **about):
        self.usual_weekly_g = usual_weekly_g
        super().__init__(typed, **about)

    def add_fields(self) -> None:
        choose(self, route=ROUTE, end_reason=REGIMEN_END)
        self.fields["planned_dose_g"].unit = "g"
        self.fields["planned_interval_days"].unit = _("days")
        self.fields["sc_factor"] = QuantityField(
            label=_("Subcutaneous grams per gram by vein"), required=False, min_value=Decimal("0.1")
        )

    def clean_planned_dose_g(self) -> Decimal | None:
        dose = self.cleaned_data["planned_dose_g"]
        if dose is not None:
            refuse_mg(dose, PLANNED_DOSE_G)
        return dose

    def unusual(self) -> Iterable[Unusual]:
        return unusual_plan(
            dose_g=self.instance.planned_dose_g,
            interval_days=self.instance.planned_interval_days,
            usual_weekly_g=self.usual_weekly_g,
        )


class EndForm(RecordForm):
    """The end of what runs: its day says why the record changes."""

    class Meta(RecordForm.Meta):
        pass

    ended = ""

    def add_fields(self) -> None:
        self.fields["ended_on"].required = True
        self.fields["reason"].required = False
        self.fields["reason"].widget = forms.HiddenInput()

    def _shown(self, typed, restored, suggested):
        shown = super()._shown(typed, restored, suggested)
        opens = typed is None and restored is None
        return {"ended_on": registry_today(), **shown} if opens else shown

    def clean_reason(self) -> str:
        return self.cleaned_data["reason"] or str(self.ended)


class RegimenEndForm(EndForm):
    ended = gettext_lazy("Regimen ended.")

    class Meta(EndForm.Meta):
        model = Regimen
        fields = ("ended_on", "end_reason")
        labels = RegimenForm.Meta.labels

    def add_fields(self) -> None:
        super().add_fields()
        choose(self, end_reason=REGIMEN_END)


class DoseAttemptForm(RecordForm):
    class Meta(RecordForm.Meta):
        model = DoseAttempt
        fields = ("attempted_on", "kind", "outcome")
        labels = {
            "attempted_on": gettext_lazy("Tried from"),
            "kind": gettext_lazy("What was tried"),
            "outcome": gettext_lazy("Outcome"),
        }

    def add_fields(self) -> None:
        choose(self, kind=DOSE_ATTEMPT, outcome=ATTEMPT_OUTCOME)

    def unusual(self) -> Iterable[Unusual]:
        day = self.instance.attempted_on
        return long_before_inclusion("attempted_on", day, self.patient.included_on)


class ImmunosuppressantForm(RecordForm):
    class Meta(RecordForm.Meta):
        model = Immunosuppressant
        fields = ("drug", "started_on", "ended_on")
        labels = {
            "drug": gettext_lazy("Drug"),
            "started_on": gettext_lazy("From"),
            "ended_on": gettext_lazy("First day without it"),
        }


class ImmunosuppressantEndForm(EndForm):
    ended = gettext_lazy("Treatment ended.")

    class Meta(EndForm.Meta):
        model = Immunosuppressant
        fields = ("ended_on",)
        labels = ImmunosuppressantForm.Meta.labels


class AdverseReactionForm(RecordForm):
    class Meta(RecordForm.Meta):
        model = AdverseReaction
        fields = (
            "occurred_on",
            "reaction",
            "severity",
            "serious",
            "onset_hours",
            "route",
            "product",
            "lot_number",
            "action",
            "outcome",
        )
        labels = {
            "occurred_on": gettext_lazy("On"),
            "reaction": gettext_lazy("Reaction"),
            "severity": gettext_lazy("Severity"),
            "serious": gettext_lazy("Serious: fatal, life-threatening, in hospital, or disabling"),
            "onset_hours": gettext_lazy("Onset after the start of the infusion"),
            "route": gettext_lazy("Route"),
            "product": gettext_lazy("Product"),
            "lot_number": gettext_lazy("Lot"),
            "action": gettext_lazy("What was done"),
            "outcome": gettext_lazy("Outcome"),
        }

    def add_fields(self) -> None:
        choose(self, reaction=REACTION, severity=SEVERITY, route=ROUTE)
        self.fields["onset_hours"].unit = "h"

    def unusual(self) -> Iterable[Unusual]:
        day = self.instance.occurred_on
        return long_before_inclusion("occurred_on", day, self.patient.included_on)
