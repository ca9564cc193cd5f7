"""Who a patient is: a page of its own beside the patient's, opened by POST alone.

No value of it stands in an address, and a page that shows some is no copy to keep (no-store).
"""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from mmn_registry import principal
from mmn_registry.accounts.roles import Permission
from mmn_registry.accounts.selectors import check_can
from mmn_registry.principal import Right
from patients.actions import StaleRecord
from patients.forms.identity import AmendIdentityForm, EraseIdentityForm, FindForm, IdentityForm
from patients.identity import (
    amend_identity,
    erase_identity,
    find_patients,
    read_identity,
    record_identity,
    stored_identity,
)
from patients.models import Identity, Patient
from patients.selectors import get_patient_for, list_patients


def _patient(request: HttpRequest, study_id: str) -> Patient:
    """One whose identity this person may see; for all others of their centres it is refused."""
    patient = get_patient_for(request.user, study_id)
    check_can(request.user, Permission.READ_IDENTITY, patient.centre)
    return patient


def _typed(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def identity_page(request: HttpRequest, study_id: str) -> HttpResponse:
    """That an identity is recorded; asked by POST, which."""
    patient = _patient(request, study_id)
    identity = stored_identity(patient)
    shown = request.method == "POST" and identity is not None and identity.erased_at is None
    return _page(request, patient, identity, **(_opened(request, identity) if shown else {}))


def _opened(request: HttpRequest, identity: Identity) -> dict[str, Any]:
    person = read_identity(identity, route=request.resolver_match.view_name)
    version = {"version": identity.version}
    return {
        "person": person,
        "amend_form": AmendIdentityForm(
            patient=identity.patient,
            initial={**vars(person), **version},
            prefix_ids="amend_",
        ),
        "erase_form": EraseIdentityForm(initial=version, auto_id="id_erase_%s"),
    }


def _page(request, patient: Patient, identity: Identity | None, **context) -> HttpResponse:
    about = {"section": "patients", "patient": patient, "identity": identity}
    return render(request, "patients/identity.html", about | context)


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def identity_record_page(request: HttpRequest, study_id: str) -> HttpResponse:
    patient = _patient(request, study_id)
    form = IdentityForm(_typed(request), patient=patient)
    if form.is_valid():
        try:
            record_identity(patient, form.person(), by=request.user)
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            messages.success(request, _("Who this patient is, is recorded."))
            return redirect("patients:identity", study_id)
    return render(
        request,
        "patients/identity_record.html",
        {"section": "patients", "patient": patient, "form": form},
    )


@sensitive_post_parameters()
@require_http_methods(["POST"])
def identity_amend_page(request: HttpRequest, study_id: str) -> HttpResponse:
    patient = _patient(request, study_id)
    form = AmendIdentityForm(request.POST, patient=patient, prefix_ids="amend_")
    identity = _standing(patient)
    if form.is_valid() and identity is not None:
        identity.version = form.cleaned_data["version"]
        try:
            reason = form.cleaned_data["reason"]
            amend_identity(identity, form.person(), by=request.user, reason=reason)
        except StaleRecord as stale:
            form.add_error(None, str(stale))
        else:
            messages.success(request, _("The identity is amended."))
            return redirect("patients:identity", study_id)
    return _page(request, patient, identity, amend_form=form)


@require_http_methods(["POST"])
def identity_erase_page(request: HttpRequest, study_id: str) -> HttpResponse:
    patient = _patient(request, study_id)
    form = EraseIdentityForm(request.POST, auto_id="id_erase_%s")
    identity = _standing(patient)
    if form.is_valid() and identity is not None:
        identity.version = form.cleaned_data["version"]
        try:
            erase_identity(identity, by=request.user, reason=form.cleaned_data["reason"])
        except StaleRecord as stale:
            form.add_error(None, str(stale))
        else:
            messages.success(request, _("The identity is erased. Nobody can read it any more."))
            return redirect("patients:identity", study_id)
    return _page(request, patient, identity, erase_form=form)


def _standing(patient: Patient) -> Identity | None:
    identity = stored_identity(patient)
    return None if identity is None or identity.erased_at is not None else identity


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def find_page(request: HttpRequest) -> HttpResponse:
    """Patients by name, birth date or hospital number: sent by POST, answered by study ids."""
    check_can(request.user, Permission.READ_IDENTITY)
    form = FindForm(_typed(request), prefix_ids="find_")
    found = None
    if form.is_valid():
        visible = list_patients(request.user)
        found = find_patients(form.person(), visible, route=request.resolver_match.view_name)
    context = {"section": "patients", "form": form, "found": found}
    return render(request, "patients/find.html", context)


def may_see_identity(patient: Patient | None = None) -> bool:
    """Whether a page offers the way to an identity, without asking the database."""
    who = principal.current()
    if who is None:
        return False
    if patient is None:
        return bool(who.reach.get(Right.IDENTITY))
    return who.reaches(Right.IDENTITY, patient.centre_id)
