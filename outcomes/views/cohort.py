"""The page of the cohort: what the registry shows, each number with its denominator."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from mmn_registry.accounts.roles import Permission
from mmn_registry.accounts.selectors import visible_centres
from mmn_registry.disclosure import withheld_count
from outcomes.dashboards.cohort import CohortDashboard, cohort_dashboard
from outcomes.dashboards.pseudonymised import pseudonymised_codes
from outcomes.figures.cohort.blocks import block_panel
from outcomes.figures.cohort.completeness import completeness_rows
from outcomes.figures.cohort.dose import dose_panel
from outcomes.figures.cohort.flow import flow
from outcomes.figures.cohort.literature import literature_panel
from outcomes.figures.cohort.long_term import long_term_panel
from outcomes.figures.cohort.predictors import predictor_panel
from outcomes.figures.cohort.remission import remission_panel
from outcomes.figures.cohort.response import response_panel
from outcomes.figures.cohort.why import whys
from outcomes.figures.cohort.words import follow_up_text
from outcomes.views.as_of import AsOf, asked_as_of, common_closing_day
from patients.models import Patient


@require_safe
def cohort_page(request: HttpRequest) -> HttpResponse:
    """The cohort of one of the user's centres, or of all of them, as of a day."""
    centres = list(visible_centres(request.user, Permission.READ_RECORDS))
    asked = request.GET.get("centre", "")
    chosen = [c for c in centres if c.code == asked] if asked else centres
    coarse = pseudonymised_codes(chosen)
    as_of = asked_as_of(request.GET, common_closing_day(chosen), months_only=bool(coarse))
    context = {
        "section": "cohort",
        "as_of": as_of,
        "centres": centres,
        "centre": asked,
        "kept": [("centre", asked)] if asked else [],
        "carried": carried(asked, as_of),
        "everybody": carried(asked, as_of).replace("&", "?", 1),
        "centre_is_unknown": bool(asked) and not chosen,
        "pseudonymised": bool(coarse),
        "withheld": withheld_count(as_of.day, [centre.code for centre in chosen]),
    }
    if chosen:
        patients = Patient.objects.visible_to(request.user).filter(centre__in=chosen)
        context |= _shown(cohort_dashboard(patients, as_of.day))
    return render(request, "outcomes/cohort.html", context)


def carried(centre: str, as_of: AsOf) -> str:
    """What links to lists of patients carry on, after their own question."""
    asked = {
        "centre": centre,
        "as_of": "" if as_of.is_usual else as_of.day.isoformat(),
    }
    given = {name: value for name, value in asked.items() if value}
    return f"&{urlencode(given)}" if given else ""


def _shown(dashboard: CohortDashboard) -> dict[str, object]:
    """The dashboard in words and drawings, panel by panel."""
    if not dashboard.summary["patients"]:
        return {"dashboard": dashboard}
    follow_up = dashboard.summary["follow_up_years"]
    return {
        "dashboard": dashboard,
        "follow_up": follow_up_text(follow_up) if follow_up["n"] else "",
        "flow": flow(dashboard),
        "response": response_panel(dashboard),
        "long_term": long_term_panel(dashboard),
        "remission": remission_panel(dashboard),
        "blocks": block_panel(dashboard),
        "dose": dose_panel(dashboard),
        "completeness": completeness_rows(dashboard),
        "predictors": predictor_panel(dashboard),
        "literature": literature_panel(dashboard),
        "whys": whys(dashboard),
    }
