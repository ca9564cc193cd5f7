"""The page on which an infusion, or a course of some days, is recorded or amended."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from functools import cached_property

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from infusions.actions import record_as_planned, record_course
from infusions.forms.infusion import MOST_DAYS, InfusionForm
from infusions.models import Infusion, PlannedInfusion
from infusions.selectors import list_infusions
from infusions.unusual import InfusionFacts
from mmn_registry.audit.notes import note_patient, noted_snapshot
from mmn_registry.audit.vocabulary import EntryKind
from outcomes.cards.changes import changes
from outcomes.dashboards.infusion import (
    LastCourse,
    infusion_facts,
    last_course,
    with_infusions,
)
from outcomes.dashboards.patient import patient_dashboard
from outcomes.derivation.frames import Records
from outcomes.figures.infusion import fact_rows
from outcomes.selectors import load_records
from outcomes.views.patient_treatment import plan_rows
from outcomes.views.recording import RecordPage
from patients.calendar import day_text, registry_today
from patients.models import Patient
from patients.models.record import Record
from patients.selectors import get_patient_to_write
from patients.unusual import plain

# Where a question may stand.
SLOTS = ("given_on", "route", "product", "dose_g", "days", "lots")


class InfusionPage(RecordPage):
    form_class = InfusionForm
    name = "infusion"
    template_name = "infusions/infusion.html"
    look_template_name = "infusions/_infusion_look.html"
    days_saved = 1

    def named(self, record: Record) -> str:
        if self.days_saved == 1:
            return super().named(record)
        words = {"days": self.days_saved, "day": day_text(record.given_on)}
        return _("course of %(days)s days from %(day)s") % words

    # ── What is known before ─────────────────────────────────────────────────────────────────

    @cached_property
    def records(self) -> Records:
        return load_records(Patient.objects.filter(pk=self.patient.pk))

    @cached_property
    def infusions(self) -> list[Infusion]:
        return list(list_infusions(self.patient))

    @cached_property
    def last(self) -> LastCourse | None:
        return last_course(self.records, self.infusions)

    def make_form(self, **typed) -> InfusionForm:
        latest = sorted({one.product for one in self.infusions})
        about = {"facts_of": self.facts_of, "products": latest}
        if not self.stored and self.last:
            about["lots_before"] = self.last.lots
        return super().make_form(**about, **typed)

    def suggested(self) -> Mapping[str, object] | None:
        """The last course, so that its last day is today: as it stands, it is the same again."""
        if self.last is None:
            return None
        days = min(self.last.days, MOST_DAYS)
        return {
            "given_on": registry_today() - timedelta(days=days - 1),
            "route": self.last.route,
            "product": self.last.product,
            "dose_g": self.last.dose_g,
            "days": days,
        }

    # ── What follows ─────────────────────────────────────────────────────────────────────────

    def _typed(self, infusions: list[Infusion]) -> Records:
        instead_of = self.stored.record if self.stored else None
        return with_infusions(self.records, infusions, instead_of=instead_of)

    def facts_of(self, infusions: list[Infusion]) -> InfusionFacts:
        return infusion_facts(self._typed(infusions), infusions[0])

    def record(self, form: InfusionForm) -> bool:
        record_course(form.course, confirmed=form.confirmed, by=self.request.user)
        self.days_saved = form.days_in_a_row
        return True

    def context(self, form: InfusionForm) -> dict[str, object]:
        return {"slots": SLOTS, "before": self.last}

    def consequences(self, form: InfusionForm) -> dict[str, object]:
        as_of = self._as_of(form)
        before = patient_dashboard(self.patient, as_of, records=self.records)
        typed = self._typed(form.infusions)
        after = patient_dashboard(self.patient, as_of, records=typed)
        return {
            "facts": fact_rows(form.facts, days=form.days_in_a_row, today=registry_today()),
            "changes": changes(before, after),
        }


class PlannedGivenPage(InfusionPage):
    """What was planned was given: the same page, which opens as planned and says so to the plan."""

    template_name = "infusions/planned_given.html"
    plan: PlannedInfusion

    def _find(self, record_id):
        planned = PlannedInfusion.objects.filter(patient=self.patient)
        self.plan = get_object_or_404(planned, pk=self.kwargs["planned_infusion_id"])
        return None, None

    def get(self, request: HttpRequest) -> HttpResponse:
        if self.plan.is_given:
            said = _("This planned infusion was confirmed as given on %s already.")
            messages.info(request, said % day_text(self.plan.infusion.given_on))
            return redirect("patients:detail", self.patient.study_id)
        return super().get(request)

    def suggested(self) -> Mapping[str, object]:
        """As planned; what the plan leaves open, as the last time."""
        plan, last = self.plan, super().suggested() or {}
        is_same_route = last.get("route") == plan.route
        days = last.get("days", 1) if is_same_route else 1
        latest = registry_today() - timedelta(days=days - 1)
        return {
            "given_on": min(plan.planned_on, latest),
            "route": plan.route,
            "product": plan.product or (last.get("product", "") if is_same_route else ""),
            "dose_g": plan.dose_g or (last.get("dose_g") if is_same_route else None),
            "days": days,
        }

    def record(self, form: InfusionForm) -> bool:
        by = self.request.user
        record_as_planned(self.plan, form.course, confirmed=form.confirmed, by=by)
        self.days_saved = form.days_in_a_row
        return True

    def context(self, form: InfusionForm) -> dict[str, object]:
        return {**super().context(form), "plan": self.plan}


@require_safe
def infusion_list(request: HttpRequest, study_id: str) -> HttpResponse:
    """Every infusion of a patient with its lots, for who may amend them."""
    with noted_snapshot():
        patient = get_patient_to_write(request.user, study_id)
        note_patient(EntryKind.READ, study_id, route=request.resolver_match.view_name)
        infusions = list(list_infusions(patient))
        plans = plan_rows(patient)
    context = {
        "section": "patients",
        "patient": patient,
        "rows": [_row(one) for one in reversed(infusions)],
        "total_g": plain(sum(one.dose_g for one in infusions)),
        "plans": plans,
        "heading": _("Infusions and lots"),
    }
    return render(request, "infusions/list.html", context)


def _row(infusion: Infusion) -> dict[str, object]:
    lots = [(lot.lot_number, _grams(lot.dose_g)) for lot in infusion.lots.all()]
    return {"infusion": infusion, "dose_g": plain(infusion.dose_g), "lots": lots}


def _grams(dose_g: Decimal | None) -> str:
    return "" if dose_g is None else plain(dose_g)
