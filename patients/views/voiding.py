"""Any record that should not count: why, and that it does not any more."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.http import require_http_methods

from mmn_registry.faults import may_be_sent_again
from patients.actions import StaleRecord, void_whole
from patients.calendar import day_text
from patients.models.record import Record
from patients.selectors import get_patient_to_write, get_whole


def voided_sentence(record: Record, named: str) -> str:
    who = record.voided_by.get_full_name() if record.voided_by else _("an operator")
    return _("The %(what)s was voided by %(who)s: “%(reason)s”.") % {
        "what": named,
        "who": who,
        "reason": record.void_reason,
    }


class VoidPage(View):
    """Ask why a record does not count, and void it. ``name`` as in the page that records it."""

    model: type[Record] = Record
    name = ""
    template_name = "forms/void.html"

    @may_be_sent_again
    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def dispatch(self, request: HttpRequest, study_id: str, **ids: UUID) -> HttpResponse:
        self.patient = get_patient_to_write(request.user, study_id)
        self.record = self.find_record(ids)
        return super().dispatch(request)

    def find_record(self, ids: Mapping[str, UUID]) -> Record:
        found = self.model.objects.filter(patient=self.patient)
        return get_object_or_404(found, pk=ids[f"{self.name}_id"])

    def day_of(self, record: Record) -> date:
        """The day that a clinician names the record by."""
        return getattr(record, record.dated_by)

    def read(self):
        """The record with what is voided with it."""
        return get_whole(self.record)

    def void(self, *, as_read: str, reason: str) -> None:
        void_whole(self.record, as_read=as_read, by=self.request.user, reason=reason)

    def what_goes(self, stored) -> str:
        """What does not count any more, in a sentence."""
        return _("It does not count any more. It can still be read in the history.")

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._shown()

    def post(self, request: HttpRequest) -> HttpResponse:
        reason = request.POST.get("reason", "")
        try:
            self.void(as_read=request.POST.get("as_read", ""), reason=reason)
        except StaleRecord:
            changed = _("Somebody changed it since you opened this page. Look at it again below.")
            return self._shown(error=changed, reason=reason)
        except ValidationError as refused:
            return self._shown(error=" ".join(refused.messages), reason=reason)
        said = _("The %s does not count any more. It can be read in the history.")
        messages.success(request, said % self.named())
        return self.done()

    def done(self) -> HttpResponse:
        return redirect("patients:detail", self.patient.study_id)

    def _shown(self, **more: str) -> HttpResponse:
        stored = self.read()
        context = {
            "section": "patients",
            "patient": self.patient,
            "named": self.named(),
            "as_read": stored.version if stored else "",
            "what_goes": self.what_goes(stored) if stored else "",
            **more,
        }
        return render(self.request, self.template_name, context)

    def named(self) -> str:
        what, day = self.model._meta.verbose_name, day_text(self.day_of(self.record))
        return _("%(what)s of %(day)s") % {"what": what, "day": day}
