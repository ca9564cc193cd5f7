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
from mmn_registry.accounts.models import Centre
from mmn_registry.accounts.roles import Permission
from mmn_registry.accounts.selectors import visible_centres
from mmn_registry.disclosure import withheld_count
from outcomes.dashboards.patient_list import SORTS, PatientList, patient_list
from outcomes.dashboards.pseudonymised import pseudonymised_codes
from outcomes.figures.patient_list import list_rows
from outcomes.views.as_of import AsOf, asked_as_of, common_closing_day
from outcomes.views.patient_filters import SELDOM, PatientListForm, read_question
from patients.calendar import registry_today
from patients.forms.identity import FindForm
from patients.models import Patient
from patients.transfers import list_offers_to
from patients.views.identity import may_see_identity

ROWS_PER_PAGE = 25


@require_safe
def patient_list_page(request: HttpRequest) -> HttpResponse:
    """All patients of the user's centres that answer the question, a page at a time.

    While one types, htmx asks for the same page and takes out of it what may have changed.
    """
    centres = list(visible_centres(request.user, Permission.READ_RECORDS))
    asked, notes = read_question(request.GET, centres)
    chosen = [c for c in centres if asked.get("centre") in (None, c.code)]
    coarse = pseudonymised_codes(chosen)
    as_of = asked_as_of(request.GET, common_closing_day(chosen), months_only=bool(coarse))
    sort = _sort(request.GET.get("sort", ""))
    patients = Patient.objects.visible_to(request.user).filter(centre__in=chosen)
    found = patient_list(patients, as_of.day, asked, sort, coarse)
    page = Paginator(found.rows, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    beside = _beside(as_of, sort)
    state = asked | beside
    context = {
        "section": "patients",
        "as_of": as_of,
        "has_centre": bool(centres),
        "is_filtered": bool(asked),
        "pseudonymised": bool(coarse),
        "withheld": withheld_count(as_of.day, [centre.code for centre in chosen]),
        "find_form": _find_form(),
        **_for_who_writes(request.user),
        "beside": beside.items(),
        "kept": [(name, value) for name, value in state.items() if name != "as_of"],
        **_shown_filters(request, centres, asked, notes),
        **_shown_list(found, page, as_of, centres),
        "headings": _headings(state, sort, with_centre=len(centres) > 1),
        "page_links": _page_links(state, page),
        "unfiltered": _link(beside),
    }
    answer = render(request, "patients/list.html", context)
    _tell_htmx(request, answer, _link(state))
    return answer


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


def _shown_filters(
    request: HttpRequest, centres: list[Centre], asked: Mapping[str, str], notes: Mapping[str, str]
) -> dict[str, Any]:
    """The filters as they were taken: a value that was left out is not shown as chosen."""
    typed = {"q": request.GET.get("q", "")}
    form = PatientListForm(initial={**asked, **typed}, centres=centres)
    fields = [(form[name], notes.get(name, "")) for name in form.fields if name not in SELDOM]
    seldom = [(form[name], notes.get(name, "")) for name in SELDOM]
    if len(centres) < 2 and "centre" not in notes:
        fields = [(field, note) for field, note in fields if field.name != "centre"]
    return {
        "fields": fields,
        "seldom": seldom,
        "asks_seldom": any(field.name in asked or note for field, note in seldom),
    }


def _shown_list(
    found: PatientList, page: Page, as_of: AsOf, centres: list[Centre]
) -> dict[str, Any]:
    usual_days = {c.code: c.data_closed_on or registry_today() for c in centres}
    return {
        "found": len(found.rows),
        "total": found.total,
        "first_included_on": found.first_included_on,
        "page": page,
        "rows": list_rows(page.object_list, as_of.day, usual_days),
        "with_centre": len(centres) > 1,
    }


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
