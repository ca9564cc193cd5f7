"""Panels of the cohort: each a page of its own, loaded into the cohort's page; and their files."""

import csv
import io
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from mmn_registry.accounts.models import Centre
from mmn_registry.accounts.roles import Permission
from mmn_registry.accounts.selectors import check_can, visible_centres
from mmn_registry.audit.notes import noted_export, noted_snapshot
from mmn_registry.birth import born_as
from mmn_registry.disclosure import withheld_count
from mmn_registry.models import Birth
from mmn_registry.rest.rendering import csv_text
from outcomes.derivation.rules import RULES
from outcomes.figures.cohort.panels import PANELS
from outcomes.figures.cohort.sheets import Panel, Part, without_small_numbers
from outcomes.views.asked import AskedPage, asked_page


@require_safe
@vary_on_headers("HX-Request")
def cohort_panel(request: HttpRequest, panel: str) -> HttpResponse:
    """One panel: alone on a page, or the part of it that htmx asks for."""
    asked = asked_page(request)
    context = {
        "section": "cohort",
        "asked": asked,
        "as_of": asked.as_of,
        "panel": _panel(asked, panel),
        "query": f"?{asked.cohort.address}" if asked.cohort.address else "",
        "may_export": may_export(request, asked),
        "rules": RULES,
    }
    if request.headers.get("HX-Request"):
        return render(request, "outcomes/_panel.html", context)
    context["withheld"] = withheld_count(asked.cohort.day, list(asked.cohort.centres))
    return render(request, "outcomes/panel.html", context)


@require_safe
def cohort_figure(request: HttpRequest, panel: str, part: str) -> HttpResponse:
    """A panel's figure as a file that stands alone."""
    asked = _asked_for_export(request)
    with noted_snapshot():
        found = _part(_panel(asked, panel), part)
        (figure,) = noted_export([found.figure], route=request.resolver_match.view_name)
    if figure is None:
        raise Http404(_("There is nothing to draw of this cohort."))
    context = {
        "title": found.title,
        "drawing": figure.wide,
        "is_demonstration": _is_demonstration(),
        "sentence": asked.cohort.sentence,
        "rules": RULES,
        "height": figure.wide.height + _ROOM_PX,
        "foot": figure.wide.height + _ROOM_PX - 58,
    }
    answer = render(request, "outcomes/figure.svg", context, content_type="image/svg+xml")
    return _as_file(answer, f"cohort_{panel}_{part}.svg")


FEW_ARE_NOT_TOLD = _(
    "Not shown: it tells of fewer than five patients. Ask for more patients, or somebody who "
    "treats them."
)
_ROOM_PX = 88  # around the drawing: its title, a margin, and the line that says of whom it is


@require_safe
def cohort_table(request: HttpRequest, panel: str, part: str) -> HttpResponse:
    """The table beside a figure, as a file."""
    asked = _asked_for_export(request)
    with noted_snapshot():
        sheet = _part(_panel(asked, panel), part).sheet
        rows = list(noted_export(sheet.values, route=request.resolver_match.view_name))
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(sheet.codes)
    writer.writerows([csv_text(value) for value in row] for row in rows)
    answer = HttpResponse(buffer.getvalue(), content_type="text/csv; charset=utf-8")
    return _as_file(answer, f"cohort_{panel}_{part}.csv")


def may_export(request: HttpRequest, asked: AskedPage) -> bool:
    """Whether somebody may take along what is shown: of every centre that it is of."""
    return _are_all_among(asked.chosen, exporting_centres(request))


def exporting_centres(request: HttpRequest) -> list[Centre]:
    """Where somebody may export."""
    return list(visible_centres(request.user, Permission.EXPORT_RECORDS))


def _are_all_among(chosen: Sequence[Centre], exporting: Collection[Centre]) -> bool:
    return bool(chosen) and set(chosen) <= set(exporting)


@dataclass(frozen=True)
class Files:
    """Where the first figure of a panel is to be had, its table, and all that belongs to it."""

    panel: str
    part: str
    has_figure: bool = True


# The figure that stands on the first page, by the panel's name there.
FIRST_FIGURES = {
    name: Files(name.replace("_", "-"), part)
    for name, part in {
        "flow": "chart",
        "response": "forest",
        "long_term": "groups",
        "remission": "curve",
        "blocks": "change",
        "dose": "distribution",
        "completeness": "fields",
        "literature": "remission",
        "predictors": "odds",
    }.items()
}


def files_of_first_page(asked: AskedPage, exporting: Collection[Centre]) -> dict[str, Files]:
    """For who may take them along, who exports from these centres."""
    return FIRST_FIGURES if _are_all_among(asked.chosen, exporting) else {}


def _asked_for_export(request: HttpRequest) -> AskedPage:
    """What is asked for; what cannot be asked is refused, because a file shows no note on it."""
    asked = asked_page(request)
    check_can(request.user, Permission.EXPORT_RECORDS)
    if not asked.is_valid:
        raise BadRequest("What was asked cannot be asked.")
    if not may_export(request, asked):
        raise PermissionDenied(
            _("A figure of several centres is exported by who may export from each of them.")
        )
    return asked


def _panel(asked: AskedPage, key: str) -> Panel:
    if key not in PANELS:
        raise Http404(_("The cohort has no such panel."))
    source = PANELS[key]
    found = asked.cohort.load(source.columns)
    panel = source.build(found.cohort, asked.cohort.patients)
    return without_small_numbers(panel, FEW_ARE_NOT_TOLD) if asked.coarse else panel


def _part(panel: Panel, key: str) -> Part:
    found = next((part for part in panel.parts if part.key == key), None)
    if found is None:
        raise Http404(_("This panel has no such part for this cohort."))
    return found


def _is_demonstration() -> bool:
    return born_as() == Birth.Kind.DEMO


def _as_file(answer: HttpResponse, name: str) -> HttpResponse:
    name = f"DEMONSTRATION_{name}" if _is_demonstration() else name
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
