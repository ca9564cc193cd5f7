"""Taking the cohort that a page shows out of the registry: what of it, in which form, as a file."""

from dataclasses import dataclass, replace

from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from mmn_registry.accounts.models import Centre
from mmn_registry.accounts.roles import Permission
from mmn_registry.accounts.selectors import check_can, visible_centres
from mmn_registry.accounts.step_up import step_up
from mmn_registry.disclosure import withheld_count
from outcomes.asked.cohort import AskedCohort
from outcomes.exports.asked import (
    FORMATS,
    LABELLED,
    SHAPES,
    Shape,
    Wanted,
    WantedForm,
    tables_known,
)
from outcomes.exports.export import export
from outcomes.views.asked import AskedPage, asked_page

EXPORT = Permission.EXPORT_RECORDS
LARGE_PATIENTS = 5_000


@dataclass(frozen=True)
class Leaving:
    """The asked cohort within the centres whose records somebody may take out."""

    cohort: AskedCohort
    coarse: frozenset[str]
    kept_back: tuple[Centre, ...]  # asked for, and not theirs to export


@require_safe
def export_page(request: HttpRequest) -> HttpResponse:
    """The cohort with its filter, and how to take it out."""
    check_can(request.user, EXPORT)
    asked = asked_page(request)
    context = {"section": "cohort", "asked": asked, "as_of": asked.as_of}
    if asked.is_valid:
        leaving = what_leaves(request, asked)
        context |= _offered(leaving, WantedForm(request.GET).wanted())
    return render(request, "outcomes/export.html", context, status=200 if asked.is_valid else 400)


@step_up
@require_safe
def export_file(request: HttpRequest) -> HttpResponse:
    """The same as a ZIP; asked for by HEAD, only what would be sent with it."""
    check_can(request.user, EXPORT)
    asked, form = asked_page(request), WantedForm(request.GET)
    if not asked.is_valid or not form.is_valid():
        context = {"section": "cohort", "asked": asked, "as_of": asked.as_of, "wanted_form": form}
        return render(request, "outcomes/export.html", context, status=400)
    leaving = what_leaves(request, asked)
    if request.method == "HEAD":
        return HttpResponse(content_type="application/zip")
    route = request.resolver_match.view_name
    exported = export(leaving.cohort, form.wanted(), coarse=leaving.coarse, route=route)
    return FileResponse(
        exported.file,
        as_attachment=True,
        filename=exported.name,
        content_type="application/zip",
        headers={"X-Content-Type-Options": "nosniff"},
    )


def what_leaves(request: HttpRequest, asked: AskedPage) -> Leaving:
    """Who reads a centre may not always take its records out."""
    exportable = set(visible_centres(request.user, EXPORT).values_list("pk", flat=True))
    chosen = tuple(centre for centre in asked.chosen if centre.pk in exportable)
    if not chosen:
        needed = _("This needs a right that you do not have here: %(right)s")
        raise PermissionDenied(needed % {"right": EXPORT.description})
    codes = tuple(centre.code for centre in chosen)
    patients = asked.cohort.patients.filter(centre__in=chosen)
    return Leaving(
        replace(asked.cohort, patients=patients, centres=codes),
        asked.coarse & frozenset(codes),
        tuple(centre for centre in asked.chosen if centre not in chosen),
    )


def _offered(leaving: Leaving, wanted: Wanted) -> dict[str, object]:
    cohort = leaving.cohort
    found = cohort.load(())
    tables = tables_known(coarse=bool(leaving.coarse)).values()
    patients = len(found.cohort.rows)
    return {
        "wanted": wanted,
        "shapes": [(s, *words, s is wanted.shape) for s, words in SHAPES.items()],
        "formats": [(f, *words, f is wanted.format) for f, words in FORMATS.items()],
        "tables": [(t.name, t.title, t.name in wanted.tables or not wanted.tables) for t in tables],
        "kept": [(name, value) for name, value in cohort.pairs],
        "back": cohort.address,
        "sentence": cohort.sentence,
        "patients": patients,
        "is_large": patients > LARGE_PATIENTS,
        "everybody": found.everybody,
        "kept_back": leaving.kept_back,
        "pseudonymised": bool(leaving.coarse),
        "withheld": withheld_count(cohort.day, list(cohort.centres)),
        "labelled": LABELLED,
        "wide": Shape.WIDE,
    }
