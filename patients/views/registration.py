"""Whether somebody is registered already, and a registration made by mistake."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid4

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from mmn_registry.accounts.roles import Permission
from mmn_registry.accounts.selectors import check_can, list_national_coordinators
from patients.forms.identity import NewPersonForm
from patients.identity import Person
from patients.models import Patient
from patients.registration import Known, known_person, void_registration
from patients.selectors import count_records, list_patients
from patients.views.voiding import VoidPage

WAITING = "person_to_register"
WAITS_SECONDS = 30 * 60


@dataclass(frozen=True)
class WaitingPerson:
    """Somebody who was asked about and may be registered now: sealed in the session, for a while.

    ``token`` stands in the form, so that no other person is stored than the one it showed.
    """

    token: str
    person: Person


def keep_person(request: HttpRequest, person: Person) -> None:
    typed = QueryDict(mutable=True)
    typed.update(person.texts())
    sealed = settings.IDENTITY_KEYS.current.sealed(typed.urlencode())
    request.session[WAITING] = {"token": str(uuid4()), "person": sealed, "at": time.time()}


def waiting_person(request: HttpRequest) -> WaitingPerson | None:
    waiting = request.session.get(WAITING)
    if waiting is None:
        return None
    if time.time() - waiting["at"] > WAITS_SECONDS:
        del request.session[WAITING]
        return None
    typed = QueryDict(settings.IDENTITY_KEYS.current.opened(waiting["person"])).dict()
    born_on = date.fromisoformat(typed.pop("born_on"))
    return WaitingPerson(waiting["token"], Person(**typed, born_on=born_on))


def forget_person(request: HttpRequest) -> None:
    request.session.pop(WAITING, None)


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def known_page(request: HttpRequest) -> HttpResponse:
    """Asks by POST who it is, and answers new, here, or whom to ask; no draft is kept of it."""
    check_can(request.user, Permission.WRITE_RECORDS)
    check_can(request.user, Permission.READ_IDENTITY)
    form = NewPersonForm(request.POST if request.method == "POST" else None, prefix_ids="known_")
    known, coordinators = None, ()
    if form.is_valid():
        person = form.person()
        route = request.resolver_match.view_name
        known = known_person(person, list_patients(request.user), route=route)
        if known.answer is not Known.LATER:
            keep_person(request, person)
        if known.answer is Known.ASK:
            coordinators = list_national_coordinators()
    context = {
        "section": "patients",
        "form": form,
        "known": known,
        "coordinators": coordinators,
    }
    return render(request, "patients/known.html", context)


class RegistrationVoid(VoidPage):
    """A registration made by mistake, with all that was recorded under it."""

    model = Patient
    name = "patient"

    def find_record(self, ids: Mapping[str, UUID]) -> Patient:
        return self.patient

    def named(self) -> str:
        return _("registration of %(study_id)s") % {"study_id": self.patient.study_id}

    def void(self, *, as_read: str, reason: str) -> None:
        void_registration(self.patient, as_read=as_read, by=self.request.user, reason=reason)

    def what_goes(self, stored) -> str:
        held = ", ".join(
            f"{n} {kind._meta.verbose_name if n == 1 else kind._meta.verbose_name_plural}"
            for kind, n in count_records(self.patient)
        )
        goes = _("Nothing is recorded of this patient yet.")
        if held:
            goes = _("With it go: %(held)s. None of them counts any more.") % {"held": held}
        return (
            goes
            + " "
            + _(
                "Name, birth date and hospital number are erased for good, if they are recorded. "
                "The study id is not used again; everything else can still be read in the history."
            )
        )

    def done(self) -> HttpResponse:
        return redirect("patients:list")
