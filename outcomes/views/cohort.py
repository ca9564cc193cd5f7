"""The page of the cohort: what the registry shows, each number with its denominator."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from mmn_registry.disclosure import withheld_count
from outcomes.asked.recorded import products_of
from outcomes.asked.tables import told_tables
from outcomes.asked.what_if import what_if_words
from outcomes.dashboards.cohort import DASHBOARD_COLUMNS, CohortDashboard, dashboard_of
from outcomes.figures.cohort.behind import with_links
from outcomes.figures.cohort.blocks import block_panel
from outcomes.figures.cohort.completeness import completeness_rows
from outcomes.figures.cohort.dose import dose_panel
from outcomes.figures.cohort.first_page import differences_part, odds_part
from outcomes.figures.cohort.flow import flow
from outcomes.figures.cohort.literature import literature_panel
from outcomes.figures.cohort.long_term import long_term_panel
from outcomes.figures.cohort.panels import LATER
from outcomes.figures.cohort.predictors import predictor_panel
from outcomes.figures.cohort.remission import remission_panel
from outcomes.figures.cohort.response import response_panel
from outcomes.figures.cohort.why import whys
from outcomes.figures.cohort.words import follow_up_text
from outcomes.views.asked import AskedPage, asked_page
from outcomes.views.cohort_bar import filter_bar, listing
from outcomes.views.cohort_panels import exporting_centres, files_of_first_page


@require_safe
def cohort_page(request: HttpRequest) -> HttpResponse:
    """The cohort that is asked for, of the user's centres, as of a day."""
    asked = asked_page(request)
    exporting = exporting_centres(request)
    context = {
        "section": "cohort",
        "asked": asked,
        "as_of": asked.as_of,
        "centres": asked.centres,
        "kept": [(name, value) for name, value in asked.cohort.pairs if name != "as_of"],
        "pseudonymised": bool(asked.coarse),
        "what_if": what_if_words(asked.cohort.what_if),
        "rule_query": urlencode(asked.cohort.by_rule.pairs),
        "plain": [(name, value) for name, value in asked.cohort.pairs if name in ("as_of",)],
        "products": products_of(asked.cohort.patients),
        "may_export": bool(exporting),
    }
    if asked.chosen and not asked.centre_is_unknown:
        context["withheld"] = withheld_count(asked.cohort.day, list(asked.cohort.centres))
        found = asked.cohort.load(DASHBOARD_COLUMNS)
        hides_small = bool(asked.coarse)
        tables = told_tables(asked.cohort, found, hides_small=hides_small)
        told = tables.pop("cohort")
        dashboard = dashboard_of(found.cohort, tables, hides_small=hides_small)
        context |= _shown(dashboard, asked)
        context |= {"bar": filter_bar(asked, tables["patients"], told), "hides_small": hides_small}
        context["files"] = files_of_first_page(asked, exporting)
    else:
        context["bar"] = filter_bar(asked)
    return render(request, "outcomes/cohort.html", context)


def _shown(dashboard: CohortDashboard, asked: AskedPage) -> dict[str, object]:
    """The dashboard in words and drawings, panel by panel."""
    if not dashboard.summary["patients"]:
        return {"dashboard": dashboard}
    follow_up = dashboard.summary["follow_up_years"]
    panels = {
        "flow": flow(dashboard),
        "response": response_panel(dashboard),
        "long_term": long_term_panel(dashboard),
        "remission": remission_panel(dashboard),
        "blocks": block_panel(dashboard),
        "dose": dose_panel(dashboard),
        "completeness": completeness_rows(dashboard),
        "predictors": predictor_panel(dashboard),
        "literature": literature_panel(dashboard),
    }
    link = listing(asked)
    return {
        "dashboard": dashboard,
        "everybody": f"?{asked.cohort.address}" if asked.cohort.address else "",
        "follow_up": follow_up_text(follow_up) if follow_up["n"] else "",
        **{name: with_links(panel, link) for name, panel in panels.items()},
        "whys": whys(dashboard),
        "predictor_figures": (odds_part(dashboard), differences_part(dashboard)),
        "later": LATER.items(),
        "query": f"?{asked.cohort.address}" if asked.cohort.address else "",
    }
