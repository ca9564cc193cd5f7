"""What a centre examines and judges by: its protocol of nerve studies, its lower limits."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.http import require_http_methods, require_safe

from mmn_registry.accounts.models import Centre
from mmn_registry.accounts.roles import Permission
from mmn_registry.accounts.selectors import can, check_can
from patients.actions import StaleRecord, amend, record_lower_limit, set_protocol, void
from patients.calendar import day_text
from patients.forms.segment_sheet import segment_words
from patients.forms.standards import LimitForm, ProtocolForm
from patients.models import LowerLimit
from patients.selectors import (
    get_centre_for,
    list_limits_of,
    list_protocol,
    protocol_of,
    version_of,
)
from patients.unusual import plain


@require_safe
def standards_page(request: HttpRequest, centre_id: UUID) -> HttpResponse:
    """Both, for whoever treats at the centre; who may say them finds the ways to do so."""
    centre = get_centre_for(request.user, centre_id)
    context = {
        "section": "patients",
        "centre": centre,
        "limits": [(one, plain(one.distal_amplitude_lln_mv)) for one in list_limits_of(centre)],
        "protocol": [segment_words(key) for key in protocol_of(centre)],
        "is_own_protocol": list_protocol(centre).exists(),
        "may_set": can(request.user, Permission.SET_STANDARDS, centre),
    }
    return render(request, "centres/standards.html", context)


class StandardPage(View):
    """A page on which something of a centre is said, by who may."""

    template_name: str
    centre: Centre

    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def dispatch(self, request: HttpRequest, centre_id: UUID, **ids: UUID) -> HttpResponse:
        self.centre = get_centre_for(request.user, centre_id)
        check_can(request.user, Permission.SET_STANDARDS, self.centre)
        self.find(**ids)
        return super().dispatch(request)

    def find(self) -> None:
        """What the address names beside the centre."""

    def shown(self, **context: object) -> HttpResponse:
        context = {"section": "patients", "centre": self.centre, **context}
        return render(self.request, self.template_name, context)

    def back(self, said: str) -> HttpResponse:
        messages.success(self.request, said)
        return redirect("centres:standards", self.centre.pk)


class ProtocolPage(StandardPage):
    template_name = "centres/protocol.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._form()

    def post(self, request: HttpRequest) -> HttpResponse:
        form = ProtocolForm(typed=request.POST)
        if "more" in request.POST or not form.is_valid():
            return self._form(form, as_read=request.POST.get("as_read", ""))
        try:
            set_protocol(
                self.centre,
                form.segments,
                as_read=request.POST.get("as_read", ""),
                by=request.user,
            )
        except StaleRecord:
            problem = _("Somebody changed the protocol since you opened it. This is how it is now.")
            return self._form(problem=problem)
        return self.back(_("The protocol is saved. New studies open with it."))

    def _form(self, form: ProtocolForm | None = None, *, as_read: str = "", problem: str = ""):
        stored = list(list_protocol(self.centre))
        return self.shown(
            form=form or ProtocolForm(stored),
            as_read=as_read or version_of(*stored),
            problem=problem,
        )


class OfOneLimit(StandardPage):
    limit: LowerLimit | None = None

    def find(self, lower_limit_id: UUID | None = None) -> None:
        if lower_limit_id is not None:
            self.limit = get_object_or_404(list_limits_of(self.centre), pk=lower_limit_id)

    @property
    def as_read(self) -> str:
        return version_of(self.limit) if self.limit else ""

    def check_as_read(self) -> None:
        if self.limit and self.request.POST.get("as_read") != self.as_read:
            raise StaleRecord(self.limit)


class LimitPage(OfOneLimit):
    template_name = "centres/limit.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.shown(form=self._form(), limit=self.limit, as_read=self.as_read)

    def _form(self, typed=None) -> LimitForm:
        instance = self.limit or LowerLimit(centre=self.centre)
        return LimitForm(typed, instance=instance)

    def post(self, request: HttpRequest) -> HttpResponse:
        as_read = self.as_read
        form = self._form(request.POST)
        if form.is_ready:
            try:
                return self._saved(form)
            except StaleRecord as stale:
                form.add_error(None, str(stale))
            except ValidationError as refused:
                form.add_error(None, refused.messages)
        return self.shown(form=form, limit=self.limit, as_read=as_read)

    def _saved(self, form: LimitForm) -> HttpResponse:
        if self.limit is None:
            record_lower_limit(form.instance, by=self.request.user)
        else:
            self.check_as_read()
            reason = form.cleaned_data["reason"]
            amend(self.limit, form.changes, by=self.request.user, reason=reason)
        return self.back(
            _("The lower limit is saved. Studies from %(day)s on are judged by it.")
            % {"day": day_text(form.instance.valid_from)}
        )


class LimitVoid(OfOneLimit):
    template_name = "centres/limit_void.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._asked()

    def post(self, request: HttpRequest) -> HttpResponse:
        reason = request.POST.get("reason", "")
        try:
            self.check_as_read()
            void(self.limit, by=request.user, reason=reason)
        except StaleRecord:
            error = _("Somebody changed it since you opened this page. Look at it again below.")
        except ValidationError as refused:
            error = " ".join(refused.messages)
        else:
            return self.back(_("This limit does not count any more."))
        return self._asked(error=error, reason=reason)

    def _asked(self, **more: str) -> HttpResponse:
        mv = plain(self.limit.distal_amplitude_lln_mv)
        return self.shown(limit=self.limit, mv=mv, as_read=self.as_read, **more)
