"""A series of planned infusions in one entry, or one of them to be moved."""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infusions.labels import ROUTE
from infusions.models import PlannedInfusion
from infusions.models.infusion import DOSE_G
from patients.calendar import day_text
from patients.forms.fields import ScaleField
from patients.forms.record import RecordForm

from .words import choose, refuse_mg

MOST_DAYS_BETWEEN = 366
MOST_TIMES = 60


class PlannedInfusionForm(RecordForm):
    class Meta(RecordForm.Meta):
        model = PlannedInfusion
        fields = ("planned_on", "route", "product", "dose_g", "note")
        labels = {
            "planned_on": gettext_lazy("Planned for"),
            "route": gettext_lazy("Route"),
            "product": gettext_lazy("Product, as on the box"),
            "dose_g": gettext_lazy("Dose of each day"),
            "note": gettext_lazy("Note"),
        }

    def add_fields(self) -> None:
        choose(self, route=ROUTE)
        self.fields["dose_g"].unit = "g"
        if not self.stored:
            self.fields["planned_on"].label = _("First one on")
            every = ScaleField(
                label=_("Every"), min_value=1, max_value=MOST_DAYS_BETWEEN, required=False
            )
            every.unit = _("days")
            self.fields["every_days"] = every
            times = ScaleField(label=_("How many"), min_value=1, max_value=MOST_TIMES)
            times.error_messages["max_value"] = _("A series has at most %s infusions.") % MOST_TIMES
            self.fields["times"] = times
            self.order_fields(["planned_on", "every_days", "times"])

    def clean_dose_g(self):
        dose = self.cleaned_data["dose_g"]
        if dose is not None:
            refuse_mg(dose, DOSE_G)
        return dose

    def clean(self):
        cleaned = super().clean()
        several = self.cleaned_data.get("times", 1) > 1
        if several and self.cleaned_data.get("every_days", 0) is None:
            self.add_error("every_days", _("Say after how many days the next one follows."))
        return cleaned

    def clean_parts(self) -> None:
        self.series = [self.instance]
        if self.stored or self.errors:
            return
        for number in range(1, self.cleaned_data["times"]):
            day = self.instance.planned_on + timedelta(
                days=number * self.cleaned_data["every_days"]
            )
            what = {name: getattr(self.instance, name) for name in self._meta.fields[1:]}
            planned = PlannedInfusion(patient=self.patient, planned_on=day, **what)
            try:
                planned.full_clean()
            except ValidationError as refused:
                why = " ".join(refused.messages)
                said = _("Number %(number)s, %(day)s: %(why)s")
                told = {"number": number + 1, "day": day_text(day), "why": why}
                self.add_error("times", ValidationError(said % told, code="refused_day"))
                return
            self.series.append(planned)
