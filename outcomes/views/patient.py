"""The page of one patient."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from django.apps import apps
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from mmn_registry.audit.notes import note_patient, noted_snapshot
from mmn_registry.audit.reading.known import NotInTrail, recorded_since
from mmn_registry.audit.vocabulary import EntryKind
from mmn_registry.disclosure import is_pseudonymised
from mmn_registry.months import Month
from mmn_registry.principal import Right
from outcomes import sentences
from outcomes.cards import outcome_cards
from outcomes.dashboards.known import load_known
from outcomes.dashboards.patient import PatientDashboard, patient_dashboard
from outcomes.figures.records import header, laboratory_rows, treatment_rows
from outcomes.figures.strength import strength_figure
from outcomes.figures.tables import (
    RecordedVisit,
    conduction_table,
    course_rows,
    study_tables,
    visit_table,
)
from outcomes.figures.timeline import timeline_figure
from outcomes.sentences import day_text
from outcomes.views.as_of import AsOf, asked_as_of
from outcomes.views.known_at import KnownAt, asked_known_at, has_history, reaches
from outcomes.views.patient_treatment import TreatmentLinks, treatment_links
from patients.drafts import list_drafts
from patients.models import Patient
from patients.selectors import (
    get_patient_for,
    list_consents,
    list_diagnosis_overrides,
    list_signed,
)
from patients.views.identity import may_see_identity


@require_safe
def patient_page(request: HttpRequest, study_id: str) -> HttpResponse:
    """Header, outcome cards, timeline, strength map and tables, as of a day.

    With ``known_at`` the same, from what had been recorded by then: to be read, not worked with.
    """
    with noted_snapshot():
        patient = get_patient_for(request.user, study_id)
        note_patient(EntryKind.READ, study_id, route="patients:detail")
        coarse = is_pseudonymised(patient.centre_id)
        known_at = asked_known_at(request.GET, patient)
        closed_on = patient.centre.data_closed_on
        as_of = asked_as_of(request.GET, closed_on, months_only=coarse, latest=known_at.day)
        if known_at.at:
            return _as_known(request, patient, known_at, as_of)
        dashboard = patient_dashboard(patient, as_of.day)
    may_write = reaches(Right.WRITE, patient)
    context = {
        "section": "patients",
        "patient": patient,
        "as_of": as_of,
        "known_at": known_at,
        "pseudonymised": coarse,
        "may_see_identity": may_see_identity(patient),
        "may_write": may_write,
        "has_history": has_history(patient),
        "overrides": () if coarse else list_diagnosis_overrides(patient),
        "consents": None if coarse else list_consents(patient),
        "drafts": list_drafts(request.user).filter(patient=patient) if may_write else (),
    }
    if dashboard is None:
        included_on = Month.of(patient.included_on) if coarse else patient.included_on
        context["included_on"] = day_text(included_on)
        return render(request, "patients/not_yet_included.html", context)
    visits = _visits(patient, may_write=may_write)
    links = treatment_links(patient) if may_write else TreatmentLinks()
    measured = measurement_addresses(patient) if may_write else NO_ADDRESSES
    shown = _shown(dashboard, visits, links, measured)
    return render(request, "patients/detail.html", {**context, **shown})


def _as_known(
    request: HttpRequest, patient: Patient, known_at: KnownAt, as_of: AsOf
) -> HttpResponse:
    """What the page showed at a time, or why that cannot be told. Nothing to write, no identity."""
    context = {
        "section": "patients",
        "patient": patient,
        "as_of": as_of,
        "known_at": known_at,
        "kept": known_at.kept,
        "has_history": True,
    }
    try:
        known = load_known(patient, known_at.at)
    except NotInTrail as missing:
        context["missing"] = _names(missing.tables)
        return render(request, "patients/not_known.html", context)
    if known is None:
        context["since"] = recorded_since(Patient._meta.db_table, patient.pk, patient.pk)
        return render(request, "patients/not_known.html", context)
    dashboard = patient_dashboard(
        patient, as_of.day, records=known.records, reactions=known.reactions
    )
    if dashboard is None:
        context["included_on"] = day_text(known.included_on)
        return render(request, "patients/not_yet_included.html", context)
    shown = _shown(dashboard, {}, TreatmentLinks(), NO_ADDRESSES)
    return render(request, "patients/detail.html", {**context, **shown})


def _names(tables: Iterable[str]) -> list[str]:
    """“nerve segments, visits”"""
    models = {model._meta.db_table: model for model in apps.get_models()}
    return sorted(str(models[table]._meta.verbose_name_plural) for table in tables)


def _visits(patient: Patient, *, may_write: bool) -> dict[date, RecordedVisit]:
    if not may_write:
        return {}
    return {
        visited_on: RecordedVisit(
            reverse("patients:visit_amend", args=[patient.study_id, pk]), is_signed
        )
        for visited_on, pk, is_signed in list_signed(patient)
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
    dashboard: PatientDashboard,
    visits: dict[date, RecordedVisit],
    links: TreatmentLinks,
    measured: Measurements,
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
        "courses": course_rows(dashboard.courses, links.infusions),
        "visits": visit_table(dashboard, visits),
        "treatment": treatment_rows(dashboard, links.treatment),
        "plans": links.plans,
        "laboratory": laboratory_rows(dashboard, measured.results),
        "diagnosis": sentences.diagnosis(dashboard.outcome),
    }
