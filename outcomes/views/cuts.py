"""Frozen cuts: a cohort's file kept as it was, handed out again, and compared with today."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mmn_registry.accounts.roles import Permission
from mmn_registry.accounts.selectors import check_can, visible_centres
from mmn_registry.accounts.step_up import step_up
from mmn_registry.audit.notes import note
from mmn_registry.audit.vocabulary import EntryKind
from outcomes.cuts.compare import Comparison
from outcomes.cuts.cutting import (
    MOST_PATIENTS,
    compare_with_today,
    freeze,
    list_cuts,
    reissue,
    withdrawn_of,
)
from outcomes.cuts.files import digest
from outcomes.cuts.words import change_lines
from outcomes.exports.export import is_demonstration
from outcomes.models import FrozenCut
from outcomes.views.asked import asked_page, asked_query
from outcomes.views.export import what_leaves

EXPORT = Permission.EXPORT_RECORDS
SHOWN = 200


class FrozenCutForm(forms.ModelForm):
    class Meta:
        model = FrozenCut
        fields = ("name",)
        error_messages = {
            "name": {"required": _("Give the cut a name, so that it is found again.")}
        }
        widgets = {"name": forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"})}


@step_up
@require_http_methods(["GET", "HEAD", "POST"])
def cuts_page(request: HttpRequest) -> HttpResponse:
    """The cuts there are; and a form that freezes the cohort that the address asks for."""
    check_can(request.user, EXPORT)
    asked = asked_page(request)
    form = FrozenCutForm(request.POST if request.method == "POST" else None)
    leaves = what_leaves(request, asked)
    patients = len(leaves.cohort.load(()).cohort.rows) if asked.is_valid else 0
    refusal = _refusal(asked.is_valid, patients)
    if request.method == "POST" and not refusal and form.is_valid():
        route = request.resolver_match.view_name
        cut = freeze(
            leaves.cohort, form.instance, coarse=leaves.coarse, route=route, by=request.user
        )
        messages.success(request, _("“%s” is frozen.") % cut.name)
        return redirect("outcomes:cut", cut.pk)
    context = {
        "section": "cohort",
        "asked": asked,
        "sentence": leaves.cohort.sentence,
        "back": leaves.cohort.address,
        "patients": patients,
        "refusal": refusal,
        "form": form,
        "cuts": list_cuts(asked.centres),
    }
    return render(request, "outcomes/cuts.html", context, status=200 if asked.is_valid else 400)


def _refusal(is_valid: bool, patients: int) -> str:
    if not is_valid:
        return _("The address asks for what cannot be understood. Go back to the cohort.")
    if not patients:
        return _("Nobody is in this cohort: there is nothing to freeze.")
    if patients > MOST_PATIENTS:
        said = _("A cut holds at most %(most)s patients, and these are %(n)s. Ask for fewer.")
        return said % {"most": f"{MOST_PATIENTS:,}", "n": f"{patients:,}"}
    return ""


@require_safe
def cut_page(request: HttpRequest, cut_id: UUID) -> HttpResponse:
    """What it is, whether it is still whole, and what its question finds today."""
    cut = _cut(request, cut_id)
    gone = withdrawn_of(cut) if not cut.sealed_at else []
    today = _today(request, cut)
    context = {
        "section": "cohort",
        "cut": cut,
        "is_whole": digest(bytes(cut.content)) == cut.sha256,
        "withdrawn": len(gone),
        "replaced_by": FrozenCut.objects.filter(replaces=cut).only("pk", "name").first(),
        "today": today,
        "changes": change_lines(today.changed[:SHOWN]) if today else (),
        "more": max(0, len(today.changed) - SHOWN) if today else 0,
    }
    return render(request, "outcomes/cut.html", context)


def _today(request: HttpRequest, cut: FrozenCut) -> Comparison | None:
    """None where its question is none any more."""
    if cut.sealed_at:
        return None
    query = QueryDict(cut.query, mutable=True)
    query.pop("as_of", None)
    centres = tuple(visible_centres(request.user, Permission.READ_RECORDS))
    asked = asked_query(query, request.user, centres)
    return compare_with_today(cut, asked.cohort) if asked.is_valid else None


@step_up
@require_safe
def cut_file(request: HttpRequest, cut_id: UUID) -> HttpResponse:
    """The very bytes; never of who withdrew since, nor of what is no longer what was frozen."""
    cut = _cut(request, cut_id)
    content = bytes(cut.content)
    if cut.sealed_at or withdrawn_of(cut) or digest(content) != cut.sha256:
        return redirect("outcomes:cut", cut.pk)
    if request.method == "GET":
        note(EntryKind.EXPORT, route=request.resolver_match.view_name, rows=cut.patients)
    demonstration = "DEMONSTRATION_DATA_" if is_demonstration() else ""
    name = f"{demonstration}mmn_cut_{cut.as_of.isoformat()}_{cut.sha256[:8]}.zip"
    return HttpResponse(
        content,
        content_type="application/zip",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "X-Content-Type-Options": "nosniff",
        },
    )


@step_up
@require_POST
def cut_reissued(request: HttpRequest, cut_id: UUID) -> HttpResponse:
    """Issue it anew without those who withdrew from research since."""
    cut = _cut(request, cut_id)
    if cut.sealed_at or not withdrawn_of(cut):
        return redirect("outcomes:cut", cut.pk)
    anew = reissue(cut, by=request.user)
    messages.success(request, _("Issued anew. The former cut is sealed."))
    return redirect("outcomes:cut", anew.pk)


def _cut(request: HttpRequest, cut_id: UUID) -> FrozenCut:
    check_can(request.user, EXPORT)
    known = list_cuts(visible_centres(request.user, EXPORT)).filter(pk=cut_id)
    if not known.exists():
        raise Http404(_("There is no such cut of your centres."))
    return FrozenCut.objects.select_related("made_by").get(pk=cut_id)
