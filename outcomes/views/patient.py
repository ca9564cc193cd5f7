"""The page of one patient."""

from datetime import date
from typing import NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from mmn_registry import principal
from mmn_registry.audit.notes import note_patient, noted_snapshot
from mmn_registry.audit.vocabulary import EntryKind
from mmn_registry.disclosure import is_pseudonymised
from mmn_registry.months import Month
from outcomes import sentences
from outcomes.cards import outcome_cards
from outcomes.dashboards.patient import PatientDashboard, patient_dashboard
from outcomes.figures.records import header, laboratory_rows, treatment_rows
from outcomes.figures.strength import strength_figure
from outcomes.figures.tables import conduction_table, course_rows, study_tables, visit_table
from outcomes.figures.timeline import timeline_figure
from outcomes.sentences import day_text
from outcomes.views.as_of import asked_as_of
from patients.drafts import list_drafts
from patients.models import Patient
from patients.selectors import get_patient_for
from patients.views.identity import may_see_identity


@require_safe
def patient_page(request: HttpRequest, study_id: str) -> HttpResponse:
    """Header, outcome cards, timeline, strength map and tables, as of a day."""
    with noted_snapshot():
        patient = get_patient_for(request.user, study_id)
        note_patient(EntryKind.READ, study_id, route="patients:detail")
        coarse = is_pseudonymised(patient.centre_id)
        as_of = asked_as_of(request.GET, patient.centre.data_closed_on, months_only=coarse)
        dashboard = patient_dashboard(patient, as_of.day)
    may_write = _may_write(patient)
    context = {
        "section": "patients",
        "patient": patient,
        "as_of": as_of,
        "pseudonymised": coarse,
        "may_see_identity": may_see_identity(patient),
        "may_write": may_write,
        "drafts": list_drafts(request.user).filter(patient=patient) if may_write else (),
    }
    if dashboard is None:
        included_on = Month.of(patient.included_on) if coarse else patient.included_on
        context["included_on"] = day_text(included_on)
        return render(request, "patients/not_yet_included.html", context)
    addresses = _visit_addresses(patient) if may_write else {}
    measured = measurement_addresses(patient) if may_write else NO_ADDRESSES
    shown = _shown(dashboard, addresses, measured)
    return render(request, "patients/detail.html", {**context, **shown})


def _may_write(patient: Patient) -> bool:
    """As the database will say; the person in force carries it, so it costs no query."""
    person = principal.current()
    return person is not None and person.reaches(principal.Right.WRITE, patient.centre_id)


def _visit_addresses(patient: Patient) -> dict[date, str]:
    return {
        visited_on: reverse("patients:visit_amend", args=[patient.study_id, pk])
        for visited_on, pk in patient.visits.values_list("visited_on", "pk")
    }


class Measurements(NamedTuple):
    """Addresses of the pages on which measurements are amended."""

    studies: dict[date, str]
    results: dict[tuple[date, str], str]  # laboratory results and findings, by day and kind


NO_ADDRESSES = Measurements({}, {})


def measurement_addresses(patient: Patient) -> Measurements:
    def page(name: str, pk: object) -> str:
        return reverse(f"patients:{name}_amend", args=[patient.study_id, pk])

    studies = patient.nerve_conduction_studies.values_list("studied_on", "pk")
    results = patient.laboratory_results.values_list("taken_on", "test", "pk")
    findings = patient.findings.values_list("observed_on", "finding", "pk")
    return Measurements(
        {day: page("nerve_conduction_study", pk) for day, pk in studies},
        {(day, test): page("laboratory_result", pk) for day, test, pk in results}
        | {(day, finding): page("finding", pk) for day, finding, pk in findings},
    )


def _shown(
    dashboard: PatientDashboard, addresses: dict[date, str], measured: Measurements
) -> dict[str, object]:
    """The dashboard in words and drawings, part by part."""
    return {
        "dashboard": dashboard,
        "header": header(dashboard),
        "cards": outcome_cards(dashboard),
        "timeline": timeline_figure(dashboard),
        "strength": strength_figure(dashboard),
        "conduction": conduction_table(dashboard),
        "studies": study_tables(dashboard, measured.studies),
        "courses": course_rows(dashboard.courses),
        "visits": visit_table(dashboard, addresses),
        "treatment": treatment_rows(dashboard),
        "laboratory": laboratory_rows(dashboard, measured.results),
        "diagnosis": sentences.diagnosis(dashboard.outcome),
    }
