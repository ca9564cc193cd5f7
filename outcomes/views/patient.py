"""The page of one patient."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from mmn_registry.audit.notes import note_patient, noted_snapshot
from mmn_registry.audit.reading.known import NotInTrail
from mmn_registry.audit.vocabulary import EntryKind
from outcomes import sentences
from outcomes.cards import outcome_cards
from outcomes.dashboards.patient import PatientDashboard, patient_dashboard
from outcomes.figures.records import header, laboratory_rows, treatment_rows
from outcomes.figures.strength import strength_figure
from outcomes.figures.tables import conduction_table, course_rows, study_tables, visit_table
from outcomes.figures.timeline import timeline_figure
from outcomes.views.as_of import asked_as_of
from outcomes.views.known_at import asked_known_at, may_read_history
from patients.selectors import get_patient_for


def patient_page(request: HttpRequest, study_id: str) -> HttpResponse:
    """Header, outcome cards, timeline, strength map and tables, as of a day.

    With ``known_at``, from what had been recorded by then.
    """
    with noted_snapshot():
        patient = get_patient_for(request.user, study_id)
        note_patient(EntryKind.READ, study_id, route="patients:detail")
        known_at = asked_known_at(request.GET, patient)
        as_of = asked_as_of(request.GET, patient.centre.data_closed_on)
        context = {
            "section": "patients",
            "patient": patient,
            "as_of": as_of,
            "known_at": known_at,
            "kept": [("known_at", request.GET["known_at"])] if known_at else [],
            "has_history": may_read_history(patient),
        }
        try:
            dashboard = patient_dashboard(patient, as_of.day, known_at=known_at)
        except NotInTrail:
            return render(request, "audit/not_in_trail.html", context)
    if dashboard is None:
        return render(request, "patients/not_yet_included.html", context)
    return render(request, "patients/detail.html", {**context, **_shown(dashboard)})


def _shown(dashboard: PatientDashboard) -> dict[str, object]:
    """The dashboard in words and drawings, part by part."""
    return {
        "dashboard": dashboard,
        "header": header(dashboard),
        "cards": outcome_cards(dashboard),
        "timeline": timeline_figure(dashboard),
        "strength": strength_figure(dashboard),
        "conduction": conduction_table(dashboard),
        "studies": study_tables(dashboard),
        "courses": course_rows(dashboard.courses),
        "visits": visit_table(dashboard),
        "treatment": treatment_rows(dashboard),
        "laboratory": laboratory_rows(dashboard),
        "diagnosis": sentences.diagnosis(dashboard.outcome),
    }
