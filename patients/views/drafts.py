"""Drafts of every form: kept as one types, and let go."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from mmn_registry.accounts.session_time import background
from patients.drafts import LONGEST_DRAFT, discard_draft, keep_draft
from patients.selectors import get_patient_to_write


def keeps_typing(view):
    """A form whose typing is kept: as a draft while it is typed, and when a sign-in has ended."""
    view.keeps_typing = True
    return view


def form_key(text: str | None) -> UUID:
    """The key of a form as it was sent; a form without one is none of ours."""
    try:
        return UUID(text or "")
    except ValueError:
        raise Http404(_("This form is not known here.")) from None


def patient_of_form(user, address: str):
    """The patient whose form stands at an address; one that may not be written is not found."""
    try:
        found = resolve(address)
    except Resolver404:
        raise Http404(_("There is no such form.")) from None
    if not getattr(found.func, "keeps_typing", False):
        raise Http404(_("There is no such form."))
    study_id = found.kwargs.get("study_id")
    return get_patient_to_write(user, study_id) if study_id else None


@background  # the browser saves, whether or not somebody sits there
@require_POST
def draft_save(request: HttpRequest) -> HttpResponse:
    """What stands on the screen; the answer says when it was saved, and only then is it."""
    address = request.POST.get("address", "")
    typed = request.POST.urlencode()
    if len(typed) > LONGEST_DRAFT:
        return JsonResponse({"refused": _("This is too long to be kept.")}, status=413)
    saved_at = keep_draft(
        request.user,
        key=form_key(request.POST.get("form_key")),
        address=address,
        typed=typed,
        patient=patient_of_form(request.user, address),
    )
    shown = timezone.localtime(saved_at).strftime("%H:%M:%S") if saved_at else None
    return JsonResponse({"saved_at": shown})


@require_POST
def draft_discard(request: HttpRequest) -> HttpResponse:
    """Let a draft go, and open its form afresh."""
    discard_draft(request.user, form_key(request.POST.get("form_key")))
    messages.success(request, _("The draft was discarded."))
    there = request.POST.get("address", "")
    is_ours = url_has_allowed_host_and_scheme(there, allowed_hosts=None)
    return redirect(there if is_ours and there.startswith("/") else "/")
