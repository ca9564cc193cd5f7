"""The page on which a patient is registered."""

from collections.abc import Mapping
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.http import require_http_methods

from mmn_registry.accounts.roles import Permission
from mmn_registry.accounts.selectors import check_can, visible_centres
from mmn_registry.faults import may_be_sent_again
from outcomes.views.recording import RecordPage
from patients.calendar import registry_today
from patients.drafts import FormSentAgain, submit_once
from patients.forms.patient import RegistrationForm
from patients.models import Patient
from patients.models.record import Record
from patients.registration import next_study_id, register
from patients.views.drafts import form_key, keeps_typing
from patients.views.registration import forget_person, waiting_person


class RegistrationPage(RecordPage):
    """A page that records, of nobody yet: the record itself is the patient."""

    form_class = RegistrationForm
    name = "patient"
    template_name = "patients/registration.html"
    fills = {"propose": lambda form: form.propose(), **RecordPage.fills}

    @keeps_typing
    @may_be_sent_again
    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def dispatch(self, request: HttpRequest) -> HttpResponse:
        check_can(request.user, Permission.WRITE_RECORDS)
        self.centres = list(visible_centres(request.user, Permission.WRITE_RECORDS))
        self.patient, self.stored, self.voided = Patient(centre=self.centres[0]), None, None
        self.waiting = waiting_person(request)
        return View.dispatch(self, request)

    def make_form(self, **typed) -> RegistrationForm:
        sent = typed.get("typed")
        person = self._person(sent["person"]) if sent and sent.get("person") else None
        form = super().make_form(centres=self.centres, person=person, **typed)
        if sent and sent.get("person") and person is None:
            gone = _(
                "Name and birth date are no longer kept here. Ask again whether the patient is "
                "known, or save without them."
            )
            form.add_error(None, gone)
        return form

    def _person(self, token: str):
        """Who stood on the form that was sent, and nobody else."""
        return self.waiting.person if self.waiting and self.waiting.token == token else None

    def suggested(self) -> Mapping[str, object]:
        centre = self.patient.centre
        suggested = {
            "centre": centre.pk,
            "study_id": next_study_id(centre),
            "included_on": registry_today(),
        }
        if self.waiting:
            suggested |= {"birth_year": self.waiting.person.born_on.year}
        return suggested

    def context(self, form: RegistrationForm) -> dict[str, object]:
        opened_first = not form.shown.get("form_key")
        token = self.waiting.token if self.waiting else None
        return {
            "waiting": self.waiting,
            "is_stored_with_it": opened_first or form.shown.get("person") == token,
            "several_centres": len(self.centres) > 1,
        }

    def _new_words(self) -> str:
        return _("Register a patient")

    def _address(self, action: str, record: Record | None = None) -> str:
        return reverse(f"patients:patient_{action}")

    def _save(self, form: RegistrationForm) -> HttpResponse:
        by, key, new = self.request.user, form_key(form.data.get("form_key")), form.instance
        try:
            submit_once(
                by,
                key,
                new.pk,
                lambda: register(new, person=form.person, confirmed=form.confirmed, by=by),
            )
        except FormSentAgain as again:
            return self.sent_before(again.record_id)
        except ValidationError as refused:
            return self._refused(form, refused)
        if form.person is not None:
            forget_person(self.request)
        messages.success(self.request, _("%s is registered.") % new.study_id)
        self.patient = new
        return self._back(self._as_of(form))

    def day_of(self, record: Patient):
        return record.included_on

    def sent_before(self, record_id: UUID) -> HttpResponse:
        registered = Patient.objects.filter(pk=record_id).first()
        if registered is None:
            return redirect("patients:list")
        return redirect("patients:detail", registered.study_id)
