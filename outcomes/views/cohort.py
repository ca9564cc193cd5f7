"""The page of the cohort: what the registry shows, each number with its denominator."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from mmn_registry.accounts.roles import Permission
from mmn_registry.accounts.selectors import visible_centres
from outcomes.dashboards.cohort import CohortDashboard, cohort_dashboard
from outcomes.figures.cohort import panels, response
from outcomes.figures.cohort.words import follow_up_text
from outcomes.views.as_of import asked_as_of, common_closing_day
from patients.models import Patient


def cohort_page(request: HttpRequest) -> HttpResponse:
    """The cohort of one of the user's centres, or of all of them, as of a day."""
    centres = list(visible_centres(request.user, Permission.READ_RECORDS))
    asked = request.GET.get("centre", "")
    chosen = [c for c in centres if c.code == asked] if asked else centres
    patients = Patient.objects.visible_to(request.user).filter(centre__in=chosen)
    as_of = asked_as_of(request.GET, common_closing_day(chosen))
    dashboard = cohort_dashboard(patients, as_of.day)
    context = {
        "section": "cohort",
        "as_of": as_of,
        "centres": centres,
        "centre": asked,
        "kept": [("centre", asked)] if asked else [],
        "carried": carried(centre=asked, as_of=request.GET.get("as_of", "")),
        "centre_is_unknown": bool(asked) and not chosen,
        **_shown(dashboard),
    }
    return render(request, "outcomes/cohort.html", context)


def carried(**asked: str) -> str:
    """What links to lists of patients carry on, after their own question."""
    given = {name: value for name, value in asked.items() if value}
    return f"&{urlencode(given)}" if given else ""


def _shown(dashboard: CohortDashboard) -> dict[str, object]:
    """The dashboard in words and drawings, panel by panel."""
    return {
        "dashboard": dashboard,
        "follow_up": follow_up_text(dashboard.summary["follow_up_years"]),
        "flow": response.flow(dashboard),
        "response": response.response_panel(dashboard),
        "long_term": panels.long_term_panel(dashboard),
        "remission": panels.remission_panel(dashboard),
        "blocks": panels.block_panel(dashboard),
        "dose": panels.dose_panel(dashboard),
        "predictors": panels.predictor_rows(dashboard),
        "completeness": panels.completeness_rows(dashboard),
    }
