"""Standing for a visit with one's name, and taking that back."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from patients.actions import StaleRecord, sign_visit, take_signature_back
from patients.calendar import day_text
from patients.models import Visit
from patients.selectors import get_patient_to_write, standing_signature


@require_POST
def visit_sign(request: HttpRequest, study_id: str, visit_id: UUID) -> HttpResponse:
    """Sign the visit as this person saw it."""
    visit = _visit(request, study_id, visit_id)
    try:
        sign_visit(visit, as_read=request.POST.get("as_read", ""), by=request.user)
    except StaleRecord:
        said = _("Somebody changed this visit since you opened it. Look at it again, then sign.")
        messages.warning(request, said)
    except ValidationError as refused:
        messages.warning(request, " ".join(refused.messages))
    else:
        said = _(
            "The visit of %s is signed. It does not change unless the signature is taken back."
        )
        messages.success(request, said % day_text(visit.visited_on))
    return redirect("patients:visit_amend", study_id, visit_id)


@require_http_methods(["GET", "HEAD", "POST"])
def visit_unsign(request: HttpRequest, study_id: str, visit_id: UUID) -> HttpResponse:
    """Ask why a signature is taken back, and take it back."""
    visit = _visit(request, study_id, visit_id)
    signature = standing_signature(visit)
    there = redirect("patients:visit_amend", study_id, visit_id)
    if signature is None:
        return there
    context = {
        "section": "patients",
        "patient": visit.patient,
        "visit": visit,
        "signature": signature,
        "reason": request.POST.get("reason", ""),
    }
    if request.method == "POST":
        try:
            take_signature_back(signature, by=request.user, reason=context["reason"])
        except ValidationError as refused:
            context["error"] = " ".join(refused.messages)
        else:
            messages.success(request, _("The signature is taken back. The visit may be changed."))
            return there
    return render(request, "patients/visit_unsign.html", context)


def _visit(request: HttpRequest, study_id: str, visit_id: UUID) -> Visit:
    patient = get_patient_to_write(request.user, study_id)
    return get_object_or_404(Visit.objects.filter(patient=patient), pk=visit_id)
