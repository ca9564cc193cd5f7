"""Who got a lot: a recall asks for every patient, and a lot itself identifies nobody."""

import csv
import io
from collections.abc import Iterator

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from infusions.selectors import GotLot, list_who_got
from mmn_registry.accounts.roles import Permission
from mmn_registry.accounts.selectors import can, check_can, visible_centres
from mmn_registry.accounts.step_up import step_up
from mmn_registry.audit.notes import note, noted_export, noted_snapshot
from mmn_registry.audit.vocabulary import EntryKind
from mmn_registry.birth import born_as
from mmn_registry.models import Birth
from mmn_registry.principal import Right, current

LONGEST = 60
COLUMNS = (
    *("study_id", "centre", "on", "route", "product", "lot_number"),
    *("dose_g_from_lot", "dose_g", "known_from"),
)


@require_safe
def lot_search(request: HttpRequest) -> HttpResponse:
    """A lot number, and every patient of one's centres who got it."""
    _check_treats()
    lot = _asked(request)
    context = {"section": "lots", "lot": lot, "may_export": can(request.user, EXPORT)}
    if lot:
        with noted_snapshot():
            found = list_who_got(lot, _centres(request))
            route = request.resolver_match.view_name
            note(EntryKind.READ, route=route, rows=len(found))
        patients = {row.study_id for row in found}
        context |= {"found": found, "patients": len(patients), "asked": True}
    return render(request, "infusions/lots.html", context)


@step_up
@require_safe
def lot_csv(request: HttpRequest) -> HttpResponse:
    """The same as a file, for who may take records out of the registry."""
    _check_treats()
    check_can(request.user, EXPORT)
    with noted_snapshot():
        found = list_who_got(_asked(request), _centres(request, EXPORT))
        content = "".join(_lines(noted_export(found, route=request.resolver_match.view_name)))
    name = "DEMONSTRATION_lot.csv" if born_as() == Birth.Kind.DEMO else "lot.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type="text/csv; charset=utf-8", headers=headers)


EXPORT = Permission.EXPORT_RECORDS


def _check_treats() -> None:
    """Who reads patients for research alone is shown no lots: a pharmacy knows who got which."""
    who = current()
    if who is None or not who.reach.get(Right.READ):
        raise PermissionDenied(_("Lots are shown to those who treat: this needs a role there."))


def _centres(request: HttpRequest, *also: Permission):
    """Centres in which somebody treats, and has these permissions, too."""
    centres = visible_centres(request.user, Permission.WRITE_RECORDS)
    for permission in also:
        centres = centres & visible_centres(request.user, permission)
    return centres


def _asked(request: HttpRequest) -> str:
    return request.GET.get("lot", "").replace("\0", "").strip()[:LONGEST]


def _lines(found: Iterator[GotLot]) -> Iterator[str]:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in found:
        known_from = "reaction" if row.is_reaction else "infusion"
        told = (row.study_id, row.centre, row.on.isoformat(), row.route, row.product)
        writer.writerow([*told, row.lot_number, row.lot_grams, row.grams, known_from])
    yield buffer.getvalue()
