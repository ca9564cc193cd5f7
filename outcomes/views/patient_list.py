"""The list of patients: search, filter, sort, page; the address bar holds all of it."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from mmn_registry import principal
from mmn_registry.disclosure import withheld_count
from outcomes.asked.form import written
from outcomes.asked.out import OutBecause, read_out
from outcomes.asked.recorded import products_of
from outcomes.asked.what_if import PREFIX, what_if_pairs, what_if_words
from outcomes.dashboards.explained import explained
from outcomes.dashboards.patient_list import LIST_COLUMNS, SORTS, PatientList, patient_list
from outcomes.derivation.criteria import Chosen
from outcomes.derivation.timeline import Bools
from outcomes.figures.patient_list import list_rows
from outcomes.views.as_of import AsOf
from outcomes.views.asked import AskedPage, asked_page
from outcomes.views.patient_filters import OFTEN, PatientListForm, read_part
from patients.calendar import registry_today
from patients.forms.identity import FindForm
from patients.transfers import list_offers_to
from patients.views.identity import may_see_identity

ROWS_PER_PAGE = 25


@require_safe
def patient_list_page(request: HttpRequest) -> HttpResponse:
    """All patients of the user's centres that answer the question, a page at a time.

    While one types, htmx asks for the same page and takes out of it what may have changed.
    """
    asked = asked_page(request)
    part, note = read_part(request.GET)
    out = read_out(request.GET, asked.cohort.criteria)
    sort = _sort(request.GET.get("sort", ""))
    everybody = asked.cohort.load_everybody(LIST_COLUMNS)
    is_listed = _is_listed(asked.cohort.choose(everybody), out)
    found = patient_list(everybody, is_listed, part, sort, asked.coarse)
    page = Paginator(found.rows, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    beside = _beside(asked.as_of, sort) | dict(what_if_pairs(asked.cohort.what_if))
    question = {"q": part} if part else {}
    question |= dict(written(asked.cohort.criteria, asked.cohort.centre))
    state = question | ({"out": out.code} if out else {}) | beside
    context = {
        "section": "patients",
        "as_of": asked.as_of,
        "has_centre": bool(asked.centres),
        "is_filtered": bool(question),
        "out": out,
        "sentence": asked.cohort.sentence if asked.cohort.criteria else "",
        "pseudonymised": bool(asked.coarse),
        "withheld": withheld_count(asked.cohort.day, [centre.code for centre in asked.chosen]),
        "find_form": _find_form(),
        **_for_who_writes(request.user),
        "beside": beside.items(),
        "kept": [(name, value) for name, value in state.items() if name != "as_of"],
        **_shown_filters(request, asked, note),
        **_shown_list(found, page, asked),
        "headings": _headings(state, sort, with_centre=len(asked.centres) > 1),
        "page_links": _page_links(state, page),
        "unfiltered": _link(beside),
        "what_if": what_if_words(asked.cohort.what_if),
        "rule_query": urlencode([p for p in state.items() if not p[0].startswith(PREFIX)]),
    }
    answer = render(request, "patients/list.html", context)
    _tell_htmx(request, answer, _link(state))
    return answer


def _is_listed(chosen: Chosen, out: OutBecause | None) -> Bools:
    """Who is in; or, asked for who is out, whom that criterion leaves out."""
    if out is None:
        return chosen.is_in
    is_out: Bools = chosen.out_by == out.criterion
    return is_out & (chosen.is_not_known == out.is_not_known)


def _find_form() -> FindForm | None:
    """For who may know them, patients can be looked for by who they are."""
    return FindForm(prefix_ids="find_") if may_see_identity() else None


def _for_who_writes(user) -> dict[str, Any]:
    """Registering, and patients that are offered to one's centre."""
    person = principal.current()
    if person is None or not person.reach.get(principal.Right.WRITE):
        return {"may_register": False}
    return {"may_register": True, "offered": list_offers_to(user).count()}


def _beside(as_of: AsOf, sort: str) -> dict[str, str]:
    """What the address holds beside the filters, where it is not the usual."""
    day = "" if as_of.is_usual else as_of.day.isoformat()
    order = "" if sort == "study_id" else sort
    return {name: value for name, value in (("as_of", day), ("sort", order)) if value}


def _shown_filters(request: HttpRequest, asked: AskedPage, note: str) -> dict[str, Any]:
    """The filters as they were taken: a value that was left out is not shown as chosen."""
    notes = {**asked.notes, "q": note}
    form = PatientListForm(
        initial={**asked.form.initial, "q": request.GET.get("q", "")}, centres=asked.centres
    )
    fields = [(form[name], notes.get(name, "")) for name in form.fields]
    often = [(field, note) for field, note in fields if field.name in OFTEN]
    seldom = [(field, note) for field, note in fields if field.name not in OFTEN]
    if len(asked.centres) < 2 and "centre" not in notes:
        often = [(field, note) for field, note in often if field.name != "centre"]
    return {
        "fields": often,
        "seldom": seldom,
        "products": products_of(asked.cohort.patients),
        "asks_seldom": any(form.initial.get(field.name) or note for field, note in seldom),
    }


def _shown_list(found: PatientList, page: Page, asked: AskedPage) -> dict[str, Any]:
    centres = asked.centres
    usual_days = {c.code: c.data_closed_on or registry_today() for c in centres}
    rows, told = list_rows(page.object_list, asked.cohort.day, usual_days), _told(page, asked)
    return {
        "found": len(found.rows),
        "total": found.total,
        "first_included_on": found.first_included_on,
        "page": page,
        "rows": [(row, told.get(row.study_id, ())) for row in rows],
        "columns": len(HEADINGS) - (len(centres) < 2),
        "with_centre": len(centres) > 1,
    }


def _told(page: Page, asked: AskedPage) -> dict[str, tuple[str, ...]]:
    """Why each of the page's patients is counted where the list was opened from."""
    return explained(
        asked.cohort.patients,
        [row.study_id for row in page.object_list],
        asked.cohort.criteria,
        as_of=asked.cohort.day,
        rules=asked.cohort.rules,
        coarse=asked.coarse,
    )


def _tell_htmx(request: HttpRequest, answer: HttpResponse, address: str) -> None:
    """The address without what is empty; none if the browser is there already."""
    if not request.headers.get("HX-Request"):
        return
    here = request.headers.get("HX-Current-URL", "").partition("?")[2]
    there = address.removeprefix("?")
    answer["HX-Push-Url"] = "false" if here == there else f"{request.path}{address}"


def _sort(asked: str) -> str:
    return asked if asked.removeprefix("-") in SORTS else "study_id"


HEADINGS = (
    ("study_id", _("Patient"), ""),
    ("centre", _("Centre"), ""),
    ("index", _("First infusion"), ""),
    ("response", _("Response, month 6"), ""),
    ("status", _("Long-term status"), ""),
    ("blocks", _("Blocks, first → last"), "number"),
    ("dose", _("Dose now, g/week"), "number"),
    ("contact", _("Last contact"), ""),
)


def _headings(state: Mapping[str, str], sort: str, *, with_centre: bool) -> list[dict[str, Any]]:
    """Each heading with its link: a second click turns the order round."""
    return [
        {
            "name": name,
            "css": css,
            "direction": _direction(key, sort),
            "link": _link({**state, "sort": f"-{key}" if sort == key else key}),
        }
        for key, name, css in HEADINGS
        if with_centre or key != "centre"
    ]


def _direction(key: str, sort: str) -> str:
    if sort.removeprefix("-") != key:
        return ""
    return "descending" if sort.startswith("-") else "ascending"


def _page_links(state: Mapping[str, str], page: Page) -> dict[str, str]:
    def link(number: int) -> str:
        return _link({**state, "page": str(number)} if number > 1 else state)

    return {
        "previous": link(page.previous_page_number()) if page.has_previous() else "",
        "next": link(page.next_page_number()) if page.has_next() else "",
    }


def _link(state: Mapping[str, str]) -> str:
    return f"?{urlencode(state)}" if state else "?"
