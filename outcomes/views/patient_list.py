"""The list of patients: search, filter, sort, page; the address bar holds all of it."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from mmn_registry.accounts.roles import Permission
from mmn_registry.accounts.selectors import visible_centres
from outcomes import labels
from outcomes.dashboards.patient_list import PRIMARY, SORTS, patient_list
from outcomes.figures.patient_list import list_rows
from outcomes.views.as_of import asked_as_of, common_closing_day
from patients.models import Patient

ROWS_PER_PAGE = 25


def choices(words, empty: str) -> list[tuple[str, str]]:
    return [("", empty), *((code, capfirst(str(word))) for code, word in words.items())]


class PatientListForm(forms.Form):
    """What the list is asked for; anything that cannot be is left out, and said so."""

    q = forms.CharField(label=_("Study id"), required=False, max_length=40)
    centre = forms.ChoiceField(label=_("Centre"), required=False)
    history = forms.ChoiceField(
        label=_("Before inclusion"),
        required=False,
        choices=[
            *choices(labels.TREATMENT_HISTORY, _("any treatment")),
            (PRIMARY, _("Primary table (naive, by IV)")),
        ],
    )
    response = forms.ChoiceField(
        label=_("Response"),
        required=False,
        choices=choices(labels.SHORT_TERM_RESPONSE, _("any response")),
    )
    group = forms.ChoiceField(
        label=_("Long-term group"),
        required=False,
        choices=choices(labels.LONG_TERM_GROUP, _("any group")),
    )
    status = forms.ChoiceField(
        label=_("Status"), required=False, choices=choices(labels.LONG_TERM_STATUS, _("any status"))
    )

    def __init__(self, *args, centres, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["centre"].choices = [
            ("", _("all centres")),
            *((centre.code, centre.code) for centre in centres),
        ]
        for name, field in self.fields.items():
            kind = "form-control" if name == "q" else "form-select"
            field.widget.attrs |= {"class": kind}


def patient_list_page(request: HttpRequest) -> HttpResponse:
    """All patients of the user's centres that answer the question, a page at a time."""
    centres = list(visible_centres(request.user, Permission.READ_RECORDS))
    form = PatientListForm(request.GET, centres=centres)
    form.is_valid()  # what is wrong stands beside its field, and is not asked
    asked = form.cleaned_data
    chosen = [c for c in centres if asked.get("centre") in ("", None, c.code)]
    as_of = asked_as_of(request.GET, common_closing_day(chosen))
    sort = _sort(request.GET.get("sort", ""))
    patients = Patient.objects.visible_to(request.user).filter(centre__in=chosen)
    found = patient_list(patients, as_of.day, asked, sort)
    page = Paginator(found.rows, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "section": "patients",
        "as_of": as_of,
        "form": form,
        "kept": [(name, value) for name, value in asked.items() if value],
        "is_filtered": any(asked.values()),
        "found": len(found.rows),
        "total": found.total,
        "page": page,
        "rows": list_rows(page.object_list, as_of.day),
        "headings": _headings(request, sort),
        "page_links": _page_links(request, page),
        "carried_as_of": "" if as_of.is_usual else f"?as_of={as_of.day.isoformat()}",
        "sort": "" if sort == "study_id" else sort,
    }
    template = "patients/_list.html" if request.headers.get("HX-Request") else "patients/list.html"
    return render(request, template, context)


def _sort(asked: str) -> str:
    return asked if asked.removeprefix("-") in SORTS else "study_id"


HEADINGS = (
    ("study_id", _("Patient"), ""),
    ("centre", _("Centre"), ""),
    ("index", _("First infusion"), ""),
    ("response", _("Response, month 6"), ""),
    ("status", _("Long-term status"), ""),
    ("blocks", _("Blocks"), "number"),
    ("dose", _("Dose now, g/week"), "number"),
    ("contact", _("Last contact"), ""),
)


def _headings(request: HttpRequest, sort: str) -> list[dict[str, Any]]:
    """Each heading with its link: a second click turns the order round."""
    return [
        {
            "name": name,
            "css": css,
            "direction": _direction(key, sort),
            "link": _link(request, sort=f"-{key}" if sort == key else key, page=""),
        }
        for key, name, css in HEADINGS
    ]


def _direction(key: str, sort: str) -> str:
    if sort.removeprefix("-") != key:
        return ""
    return "descending" if sort.startswith("-") else "ascending"


def _page_links(request: HttpRequest, page: Page) -> dict[str, str]:
    return {
        "previous": _link(request, page=str(page.previous_page_number()))
        if page.has_previous()
        else "",
        "next": _link(request, page=str(page.next_page_number())) if page.has_next() else "",
    }


def _link(request: HttpRequest, **changed: str) -> str:
    """This address with some parameters changed; empty ones are left out."""
    asked = {**request.GET.dict(), **changed}
    return f"?{urlencode({name: value for name, value in asked.items() if value})}"
