"""Reports as PDF: the cohort that a page shows, and one patient on one page."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from mmn_registry.accounts.roles import Permission
from mmn_registry.accounts.selectors import check_can
from mmn_registry.audit.notes import note, note_patient, noted_snapshot
from mmn_registry.audit.vocabulary import EntryKind
from mmn_registry.disclosure import is_pseudonymised, withheld_count
from outcomes.asked.tables import told_tables
from outcomes.dashboards.cohort import DASHBOARD_COLUMNS, dashboard_of
from outcomes.dashboards.patient import patient_dashboard
from outcomes.exports.export import is_demonstration
from outcomes.reports.cohort import Whom, cohort_report
from outcomes.reports.engine import pdf
from outcomes.reports.patient import patient_report
from outcomes.views.as_of import asked_as_of
from outcomes.views.asked import asked_page
from patients.selectors import get_patient_for


@require_safe
def cohort_pdf(request: HttpRequest) -> HttpResponse:
    """The asked cohort as a report; what cannot be asked is refused, lest it be another's."""
    asked = asked_page(request)
    if not asked.is_valid:
        context = {"section": "cohort", "asked": asked, "as_of": asked.as_of}
        return render(request, "outcomes/export.html", context, status=400)
    check_can(request.user, Permission.READ_RECORDS)
    route = request.resolver_match.view_name
    with noted_snapshot():
        found = asked.cohort.load(DASHBOARD_COLUMNS)
        note(EntryKind.EXPORT, route=route, rows=len(found.cohort.rows))
        withheld = withheld_count(asked.cohort.day, list(asked.cohort.centres))
    hides_small = bool(asked.coarse)
    tables = told_tables(asked.cohort, found, hides_small=hides_small)
    told = tables.pop("cohort")
    dashboard = dashboard_of(found.cohort, tables, hides_small=hides_small)
    whom = Whom(
        tables["patients"],
        told["everybody"],
        [(line["words"], line["patients"]) for line in told["out"]],
        withheld,
        hides_small,
    )
    report = cohort_report(asked.cohort, dashboard, whom)
    name = f"mmn_cohort_as-of-{asked.cohort.day.isoformat()}.pdf"
    return _answer(pdf("cohort", report), name)


@require_safe
def patient_pdf(request: HttpRequest, study_id: str) -> HttpResponse:
    """One page about one patient; another's is not found."""
    with noted_snapshot():
        patient = get_patient_for(request.user, study_id)
        coarse = is_pseudonymised(patient.centre_id)
        note_patient(EntryKind.EXPORT, study_id, route="patients:summary_pdf", rows=1)
        closed_on = patient.centre.data_closed_on
        as_of = asked_as_of(request.GET, closed_on, months_only=coarse)
        dashboard = patient_dashboard(patient, as_of.day) if not as_of.form.errors else None
    if dashboard is None:
        raise Http404(_("There is nothing to report of this patient as of that day."))
    name = f"mmn_{patient.study_id}_as-of-{as_of.day.isoformat()}.pdf"
    return _answer(pdf("patient", patient_report(dashboard)), name)


def _answer(content: bytes, name: str) -> HttpResponse:
    if is_demonstration():
        name = f"DEMONSTRATION_DATA_{name}"
    headers = {
        "Content-Disposition": content_disposition_header(as_attachment=True, filename=name),
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(content, content_type="application/pdf", headers=headers)
