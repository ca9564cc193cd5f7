"""Pages of what was prescribed, tried, taken beside it, or not tolerated."""

from collections.abc import Mapping
from functools import cached_property

from django.utils.translation import gettext as _

from infusions.forms.treatment import (
    AdverseReactionForm,
    DoseAttemptForm,
    ImmunosuppressantEndForm,
    ImmunosuppressantForm,
    RegimenEndForm,
    RegimenForm,
)
from infusions.selectors import last_infusion, list_regimens
from outcomes.dashboards.sc_switch import switch, weekly_g
from outcomes.derivation.frames import Records
from outcomes.derivation.rules import RULES
from outcomes.figures.sc_switch import switch_figure
from outcomes.numbers import rounded
from outcomes.selectors import load_records
from outcomes.views.recording import RecordPage
from patients.calendar import registry_today
from patients.models import Patient

REGIMEN_SLOTS = tuple(RegimenForm._meta.fields)


class RegimenPage(RecordPage):
    form_class = RegimenForm
    name = "regimen"
    template_name = "infusions/regimen.html"
    look_template_name = "infusions/_regimen_look.html"

    @cached_property
    def records(self) -> Records:
        return load_records(Patient.objects.filter(pk=self.patient.pk))

    def make_form(self, **typed) -> RegimenForm:
        return super().make_form(usual_weekly_g=RULES.plausible_weekly_g, **typed)

    def context(self, form: RegimenForm) -> dict[str, object]:
        running = [] if self.stored else list_regimens(self.patient).filter(ended_on=None)
        return {"running": running, "slots": REGIMEN_SLOTS}

    def consequences(self, form: RegimenForm) -> dict[str, object]:
        factor = form.cleaned_data.get("sc_factor")
        weekly = weekly_g(form.instance)
        found = switch(self.records, form.instance, float(factor) if factor else None)
        return {"weekly": rounded(weekly) if weekly else "", "switch": switch_figure(found)}


class RegimenEndPage(RecordPage):
    form_class = RegimenEndForm
    name = "regimen"
    template_name = "infusions/end.html"

    def context(self, form: RegimenEndForm) -> dict[str, object]:
        return _ending(self)


class DoseAttemptPage(RecordPage):
    form_class = DoseAttemptForm
    name = "dose_attempt"
    template_name = "infusions/record.html"


class ImmunosuppressantPage(RecordPage):
    form_class = ImmunosuppressantForm
    name = "immunosuppressant"
    template_name = "infusions/record.html"


class ImmunosuppressantEndPage(RecordPage):
    form_class = ImmunosuppressantEndForm
    name = "immunosuppressant"
    template_name = "infusions/end.html"

    def context(self, form: ImmunosuppressantEndForm) -> dict[str, object]:
        return _ending(self)


class AdverseReactionPage(RecordPage):
    form_class = AdverseReactionForm
    name = "adverse_reaction"
    template_name = "infusions/record.html"

    def suggested(self) -> Mapping[str, object] | None:
        """Today, after the last infusion; its lot only where it was a single one."""
        given = last_infusion(self.patient)
        if given is None:
            return None
        lots = [lot.lot_number for lot in given.lots.all()]
        return {
            "occurred_on": registry_today(),
            "route": given.route,
            "product": given.product,
            "lot_number": lots[0] if len(lots) == 1 else "",
        }

    def context(self, form: AdverseReactionForm) -> dict[str, object]:
        return {"last_infusion": None if self.stored else last_infusion(self.patient)}


def _ending(page: RecordPage) -> dict[str, object]:
    return {"heading": _("End of the %s") % page.named(page.stored.record)} if page.stored else {}
