"""A consent that is withdrawn, and what follows from it."""

from datetime import date
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from patients.actions import StaleRecord, withdraw_consent
from patients.calendar import day_text, registry_today
from patients.forms.consent import WithdrawalForm
from patients.models import Consent, Patient
from patients.selectors import get_patient_to_write
from patients.views.voiding import VoidPage
from patients.vocabulary import ConsentScope


class ConsentVoid(VoidPage):
    model = Consent
    name = "consent"

    def day_of(self, record: Consent) -> date:
        return record.given_on


@require_http_methods(["GET", "HEAD", "POST"])
def consent_withdraw_page(request: HttpRequest, study_id: str, consent_id: UUID) -> HttpResponse:
    """Ask on which day, and say before and after what follows from it."""
    patient = get_patient_to_write(request.user, study_id)
    consent = get_object_or_404(patient.consents, pk=consent_id)
    if consent.withdrawn_on:
        already = _("This consent was withdrawn on %s. Nothing was changed.")
        messages.info(request, already % day_text(consent.withdrawn_on))
        return redirect("patients:detail", study_id)
    typed = request.POST if request.method == "POST" else None
    form = WithdrawalForm(typed, consent=consent, today=registry_today())
    follows = what_follows(consent, patient)
    if form.is_valid() and _withdrawn(form, request.user):
        messages.success(request, _("The consent is withdrawn. %s") % follows)
        return redirect("patients:detail", study_id)
    context = {
        "section": "patients",
        "patient": patient,
        "consent": consent,
        "form": form,
        "follows": follows,
    }
    return render(request, "patients/consent_withdraw.html", context)


def _withdrawn(form: WithdrawalForm, by) -> bool:
    form.consent.version = form.cleaned_data["version"]
    try:
        withdraw_consent(form.consent, withdrawn_on=form.cleaned_data["withdrawn_on"], by=by)
    except StaleRecord as stale:
        form.add_error(None, str(stale))
        return False
    except ValidationError as refused:
        form.refuse(refused)
        return False
    return True


def what_follows(consent: Consent, patient: Patient) -> str:
    """What a withdrawal changes at once, in sentences."""
    if consent.scope == ConsentScope.CONTACT:
        return _("Do not ask this patient again.")
    if consent.scope == ConsentScope.REGISTRY:
        return _(
            "Nothing is hidden or deleted by itself: agree with the patient what becomes of the "
            "record. To leave research as well, withdraw that consent, too."
        )
    others = patient.consents.filter(scope=ConsentScope.RESEARCH, withdrawn_on=None)
    other = others.exclude(pk=consent.pk).order_by("given_on").last()
    if other is not None:
        stays = _(
            "%(study_id)s stays in research: the consent of %(day)s, version %(version)s, stands."
        )
        day = day_text(other.given_on)
        return stays % {
            "study_id": patient.study_id,
            "day": day,
            "version": other.form_version,
        }
    return _(
        "%(study_id)s leaves the lists, the cohort's numbers, the exports and the API of everybody "
        "but your centre at once. What was published before stays as it is."
    ) % {"study_id": patient.study_id}
