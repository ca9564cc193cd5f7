"""Documents of a patient: handed over, listed, downloaded, voided; for those with the right."""

from uuid import UUID

from csp.decorators import csp_replace
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from mmn_registry.accounts.roles import Permission
from mmn_registry.accounts.selectors import check_can
from mmn_registry.identity_cipher import Undecipherable
from patients import labels
from patients.attachments import (
    keep_attachment,
    list_attachments,
    open_attachment,
    void_attachment,
)
from patients.calendar import day_text
from patients.forms.attachment import AttachmentForm
from patients.models import Attachment, Patient
from patients.selectors import get_patient_for, get_patient_to_write


def _readable(request: HttpRequest, study_id: str) -> Patient:
    patient = get_patient_for(request.user, study_id)
    check_can(request.user, Permission.READ_IDENTITY, patient.centre)
    return patient


def _writable(request: HttpRequest, study_id: str) -> Patient:
    patient = get_patient_to_write(request.user, study_id)
    check_can(request.user, Permission.READ_IDENTITY, patient.centre)
    return patient


def _standing(patient: Patient, attachment_id: UUID) -> Attachment:
    found = list_attachments(patient).defer(None).select_related("key")
    return get_object_or_404(found, pk=attachment_id)


def _shown(request: HttpRequest, template: str, patient: Patient, **context) -> HttpResponse:
    about = {"section": "patients", "patient": patient}
    return render(request, template, about | context)


@require_http_methods(["GET", "POST"])
def attachments_page(request: HttpRequest, study_id: str) -> HttpResponse:
    """Which documents there are, and how another one is handed over."""
    patient = _readable(request, study_id)
    if request.method == "POST":
        patient = _writable(request, study_id)
    posted = (request.POST, request.FILES) if request.method == "POST" else ()
    form = AttachmentForm(*posted, instance=Attachment(patient=patient))
    if request.method == "POST" and form.is_valid():
        try:
            keep_attachment(form.instance, form.cleaned_data["file"], by=request.user)
        except ValidationError as refused:
            form.add_error(None, refused.messages)
        else:
            messages.success(request, _("The document is kept."))
            return redirect("patients:attachments", study_id)
    kept = [(one, labels.ATTACHMENT[one.kind]) for one in list_attachments(patient)]
    return _shown(request, "patients/attachments.html", patient, form=form, attachments=kept)


@require_GET
@csp_replace({"default-src": ["'none'"], "sandbox": []})
def attachment_download(request: HttpRequest, study_id: str, attachment_id: UUID) -> HttpResponse:
    """The file, to be kept by whoever asked for it: no browser shows it as a page of ours."""
    patient = _readable(request, study_id)
    attachment = _standing(patient, attachment_id)
    try:
        content = open_attachment(attachment, route=request.resolver_match.view_name)
    except Undecipherable:
        raise Http404(
            _("This document cannot be read any more: the patient's key was destroyed.")
        ) from None
    answer = HttpResponse(content, content_type=attachment.media_type)
    name = f"{attachment.kind}-{attachment.dated_on.isoformat()}.pdf"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@require_http_methods(["GET", "POST"])
def attachment_void(request: HttpRequest, study_id: str, attachment_id: UUID) -> HttpResponse:
    patient = _writable(request, study_id)
    attachment = _standing(patient, attachment_id)
    context = {
        "named": _("%(what)s of %(day)s")
        % {"what": labels.ATTACHMENT[attachment.kind], "day": day_text(attachment.dated_on)},
        "what_goes": _(
            "It can no longer be opened. That it was kept, and why not any more, stays."
        ),
        "back": "patients:attachments",
    }
    if request.method == "POST":
        reason = request.POST.get("reason", "")
        try:
            void_attachment(attachment, by=request.user, reason=reason)
        except ValidationError as refused:
            context |= {"error": " ".join(refused.messages), "reason": reason}
        else:
            messages.success(request, _("The document does not count any more."))
            return redirect("patients:attachments", study_id)
    return _shown(request, "forms/void.html", patient, **context)
