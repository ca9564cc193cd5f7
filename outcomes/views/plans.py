"""The page on which infusions are planned, one after another in one entry, or moved."""

from collections.abc import Mapping
from datetime import date, timedelta

from django.utils.translation import gettext as _

from infusions.actions import plan_infusions
from infusions.forms.planned import PlannedInfusionForm
from infusions.models import Regimen
from infusions.selectors import list_infusions, list_regimens
from outcomes.dashboards.infusion import LastCourse, last_course
from outcomes.derivation.rules import RULES
from outcomes.selectors import load_records
from outcomes.views.recording import RecordPage
from patients.calendar import day_text, registry_today
from patients.models import Patient
from patients.models.record import Record
from patients.views.voiding import VoidPage

TIMES = 6


class PlannedInfusionPage(RecordPage):
    form_class = PlannedInfusionForm
    name = "planned_infusion"
    template_name = "infusions/planned.html"
    number_saved = 1

    def named(self, record: Record) -> str:
        day = day_text(record.planned_on)
        if self.number_saved == 1:
            return _("infusion planned for %s") % day
        words = {"number": self.number_saved, "day": day}
        return _("series of %(number)s planned infusions from %(day)s") % words

    def suggested(self) -> Mapping[str, object]:
        """The running regimen, else the last course; six times from when the next is due."""
        records = load_records(Patient.objects.filter(pk=self.patient.pk))
        last = last_course(records, list_infusions(self.patient))
        regimen = list_regimens(self.patient).filter(ended_on=None).last()
        return {"times": TIMES, **_first(last, regimen)}

    def record(self, form: PlannedInfusionForm) -> bool:
        plan_infusions(form.series, by=self.request.user)
        self.number_saved = len(form.series)
        return True

    def _as_of(self, form: PlannedInfusionForm) -> date:
        """A plan shows on every day alike."""
        return self._closed_on or registry_today()


class PlannedInfusionVoid(VoidPage):
    """To cancel what was planned."""

    def what_goes(self, stored) -> str:
        return _("It is cancelled: it is not due any more. It can still be read in the history.")


def _first(last: LastCourse | None, regimen: Regimen | None) -> dict[str, object]:
    is_of_regimen = last is not None and regimen is not None and last.route == regimen.route
    usual = last.interval_days if last else RULES.default_interval_days
    every = (regimen and regimen.planned_interval_days) or usual
    if last is None and regimen is None:
        return {"planned_on": registry_today(), "every_days": every}
    if last is None or not (regimen is None or is_of_regimen):
        return {
            "planned_on": max(regimen.started_on, registry_today()),
            "every_days": every,
            "route": regimen.route,
            "product": regimen.product,
        }
    return {
        "planned_on": _next(last.given_on, every),
        "every_days": every,
        "route": last.route,
        "product": (regimen and regimen.product) or last.product,
        "dose_g": last.dose_g,
    }


def _next(given_on: date, every_days: int) -> date:
    """One interval after the last course, or today where that has passed."""
    return max(given_on + timedelta(days=every_days), registry_today())
