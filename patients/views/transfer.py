"""Transfers of patients between centres: offered, accepted, declined, taken back."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mmn_registry.accounts.roles import Permission
from mmn_registry.accounts.selectors import check_can
from patients.forms.transfer import OfferForm
from patients.selectors import get_patient_to_write
from patients.transfers import decide_transfer, list_offers_to, offer_transfer, open_offer
from patients.vocabulary import TransferOutcome


@require_http_methods(["GET", "HEAD", "POST"])
def transfer_page(request: HttpRequest, study_id: str) -> HttpResponse:
    """Offer a patient to another centre, or take the offer back: for coordinators."""
    patient = get_patient_to_write(request.user, study_id)
    check_can(request.user, Permission.EXPORT_RECORDS, patient.centre)
    offer = open_offer(patient)
    form = OfferForm(request.POST if request.method == "POST" else None, patient=patient)
    if request.method == "POST" and offer is not None:
        return _taken_back(request, offer)
    if form.is_valid():
        try:
            offer_transfer(patient, to=form.cleaned_data["to_centre"], by=request.user)
        except ValidationError as refused:
            form.add_error(None, refused.messages)
        else:
            offered = _("%(study_id)s is offered to %(centre)s. Nothing changes until they accept.")
            params = {"study_id": study_id, "centre": form.cleaned_data["to_centre"]}
            messages.success(request, offered % params)
            return redirect("patients:detail", study_id)
    context = {"section": "patients", "patient": patient, "offer": offer, "form": form}
    return render(request, "patients/transfer.html", context)


def _taken_back(request: HttpRequest, offer) -> HttpResponse:
    """What this form was shown for, and nothing else: an offer made meanwhile stays."""
    if request.POST.get("offer") != str(offer.pk):
        messages.info(request, _("This patient is offered to a centre already."))
        return redirect("patients:transfer", offer.study_id)
    _decided(request, offer, TransferOutcome.WITHDRAWN, _("The offer is taken back."))
    return redirect("patients:detail", offer.study_id)


def _decided(request: HttpRequest, offer, outcome: TransferOutcome, said: str) -> None:
    try:
        decide_transfer(offer, outcome, by=request.user)
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    else:
        messages.success(request, said)


@require_safe
def offers_page(request: HttpRequest) -> HttpResponse:
    """Patients that are offered to one's centres."""
    check_can(request.user, Permission.IMPORT_RECORDS)
    context = {"section": "patients", "offers": list_offers_to(request.user)}
    return render(request, "patients/offers.html", context)


@require_POST
def offer_decide(request: HttpRequest, transfer_id: UUID) -> HttpResponse:
    offer = get_object_or_404(list_offers_to(request.user), pk=transfer_id)
    if request.POST.get("decision") == "accept":
        accepted = _("%s is your centre's patient now, with all records.") % offer.study_id
        _decided(request, offer, TransferOutcome.ACCEPTED, accepted)
    else:
        declined = _("The offer of %s is declined.") % offer.study_id
        _decided(request, offer, TransferOutcome.DECLINED, declined)
    return redirect("patients:offers")
