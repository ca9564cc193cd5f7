"""The page on which a record of any kind is recorded or amended, and what it changes.

It lives here, like the patient's page: it shows what follows from what is typed.
"""

import json
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, ClassVar
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.http import require_http_methods

from mmn_registry.accounts import kept_typing
from mmn_registry.audit.notes import note_patient
from mmn_registry.audit.vocabulary import EntryKind
from mmn_registry.faults import may_be_sent_again
from outcomes.cards.changes import changes
from outcomes.dashboards.patient import patient_dashboard
from outcomes.views.comparison import compared
from patients.actions import StaleRecord, amend_whole, record_whole
from patients.calendar import day_text, registry_today
from patients.drafts import FormSentAgain, find_draft, keep_draft, submit_once, submitted_record
from patients.forms.record import RecordForm
from patients.models import Patient
from patients.models.record import Record
from patients.selectors import (
    Examination,
    Whole,
    get_patient_to_write,
    get_whole,
    list_confirmations,
)
from patients.views.drafts import form_key, keeps_typing
from patients.views.voiding import voided_sentence


class RecordPage(View):
    """One page, one save, one transaction; nothing typed is lost, nothing overwritten silently.

    A subclass names its form and its words. ``name`` is that of its addresses: ``<name>_new``,
    ``<name>_amend`` and ``<name>_void`` in the namespace ``patients``, the latter two with the
    record's id as ``<name>_id``.
    """

    form_class: ClassVar[type[RecordForm]]
    name: ClassVar[str]
    template_name: ClassVar[str] = "forms/record.html"
    # What follows from what is typed, shown beside it as one types; "" where nothing is.
    look_template_name: ClassVar[str] = ""
    # What a button of the form does to it before it is shown again; nothing is saved.
    fills: ClassVar[Mapping[str, Callable[[Any], object]]] = {"show": lambda _form: None}

    patient: Patient
    stored: Whole | Examination | None
    voided: Record | None

    @may_be_sent_again
    @keeps_typing
    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def dispatch(self, request: HttpRequest, study_id: str, **ids: UUID) -> HttpResponse:
        self.patient = get_patient_to_write(request.user, study_id)
        self.stored, self.voided = self._find(self.record_id(ids))
        return super().dispatch(request)

    @property
    def model(self) -> type[Record]:
        return self.form_class._meta.model

    def _find(self, record_id: UUID | None) -> tuple[Whole | Examination | None, Record | None]:
        if record_id is None:
            return None, None
        known = self.list_records().filter(pk=record_id).first()
        if known is None:
            raise Http404(_("There is no such record of this patient."))
        stored = self.read(known)
        return stored, None if stored else known

    @property
    def of_patient(self) -> Patient | None:
        """None while one is being registered."""
        return None if self.patient._state.adding else self.patient

    # ── What a subclass may say ──────────────────────────────────────────────────────────────

    def record_id(self, ids: Mapping[str, UUID]) -> UUID | None:
        """Which record the address means; None: a new one."""
        return ids.get(f"{self.name}_id")

    def list_records(self) -> QuerySet[Record]:
        """Those of this kind that the patient has, voided ones among them."""
        return self.model.including_voided.filter(patient=self.patient)

    def day_of(self, record: Record) -> date:
        """The day that a clinician names the record by."""
        return getattr(record, record.dated_by)

    def named(self, record: Record) -> str:
        """“visit of 12 Jan 2024”, as it stands in sentences."""
        what, day = record._meta.verbose_name, day_text(self.day_of(record))
        return _("%(what)s of %(day)s") % {"what": what, "day": day}

    def saved_words(self, named: str) -> str:
        return _("The %s is saved.") % named

    def unchanged_words(self, named: str) -> str:
        return _("The %s is as it was: nothing was changed.") % named

    def read(self, record: Record) -> Whole | Examination | None:
        """The record with what is typed with it, as it stands now; None once it was voided."""
        return get_whole(record)

    def make_form(self, **typed) -> RecordForm:
        return self.form_class(patient=self.patient, stored=self.stored, **self._before(), **typed)

    def _before(self) -> dict[str, object]:
        answers = list_confirmations(self.stored.record) if self.stored else ()
        return {"confirmed_before": answers, "suggested": self.suggested()}

    def suggested(self) -> Mapping[str, object] | None:
        """What stands in a new form when it opens; None: today."""
        return None

    def record(self, form: RecordForm) -> object:
        record_whole(
            form.instance, parts=form.parts, confirmed=form.confirmed, by=self.request.user
        )
        return True

    def amend(self, form: RecordForm) -> bool:
        return amend_whole(
            form.stored.record,
            form.changes,
            parts=form.parts,
            confirmed=form.confirmed,
            as_read=form.as_read,
            by=self.request.user,
            reason=form.cleaned_data["reason"],
        )

    def sent_before(self, record_id: UUID) -> HttpResponse:
        """Where a form leads to that was saved already."""
        return redirect("patients:detail", self.patient.study_id)

    def context(self, form: RecordForm) -> dict[str, object]:
        """What the page of this kind of record shows beside the form."""
        return {}

    def consequences(self, form: RecordForm) -> dict[str, object]:
        """What `look_template_name` shows of a form in which every value can be read."""
        return {}

    # ── Showing ──────────────────────────────────────────────────────────────────────────────

    def get(self, request: HttpRequest) -> HttpResponse:
        if self.voided is not None:
            messages.warning(request, voided_sentence(self.voided, self.named(self.voided)))
            return redirect("patients:detail", self.patient.study_id)
        with transaction.atomic():
            route = request.resolver_match.view_name
            if self.of_patient:
                note_patient(EntryKind.READ, self.patient.study_id, route=route)
            restored = self._restored()
            return self._shown(self.make_form(restored=restored), restored=restored)

    def _restored(self) -> QueryDict | None:
        """What was typed here before: kept when a sign-in ended, else the latest draft."""
        request = self.request
        kept = kept_typing.take(request)
        if kept is not None:
            keep_draft(
                request.user,
                key=form_key(kept.get("form_key")),
                address=request.path,
                typed=kept.urlencode(),
                patient=self.of_patient,
            )
        draft = find_draft(request.user, request.path)
        if draft is None:
            return None
        restored = QueryDict(draft.typed, mutable=True)
        restored["form_key"] = str(draft.key)
        saved_at = timezone.localtime(draft.saved_at)
        restored["saved_at"] = saved_at.strftime("%H:%M:%S")
        restored["saved_on"] = day_text(saved_at.date())
        return restored

    def _shown(
        self,
        form: RecordForm,
        *,
        restored: Mapping[str, str] | None = None,
        action: str = "",
    ) -> HttpResponse:
        record = self.stored.record if self.stored else None
        context = {
            **self._about(),
            "form": form,
            "record": record,
            "heading": capfirst(self.named(record)) if record else self._new_words(),
            "void_address": self._address("void", record) if record else "",
            "key": form.shown.get("form_key") or uuid4(),
            "action": action or self.request.path,
            "has_look": bool(self.look_template_name),
            "draft": restored,
            # A page that asks shows the answers beside the questions.
            "confirmed": [] if form.is_bound else _confirmed_in(form.shown),
            **self.context(form),
        }
        return render(self.request, self.template_name, context)

    def _about(self) -> dict[str, object]:
        return {
            "section": "patients",
            "patient": self.patient,
            "what": self.model._meta.verbose_name,
            "address": self.request.path,
            "owner": kept_typing.signed_owner(self.request.user),
            "csrf_cookie": settings.CSRF_COOKIE_NAME,
        }

    def _new_words(self) -> str:
        return _("New %(what)s") % {"what": self.model._meta.verbose_name}

    def _address(self, action: str, record: Record | None = None) -> str:
        ids = {f"{self.name}_id": record.pk} if record else {}
        kwargs = {"study_id": self.patient.study_id, **ids}
        return reverse(f"patients:{self.name}_{action}", kwargs=kwargs)

    # ── Saving ───────────────────────────────────────────────────────────────────────────────

    def post(self, request: HttpRequest) -> HttpResponse:
        typed = request.POST
        if "look" in request.GET:
            return self._looked_at(typed)
        if sent := submitted_record(request.user, form_key(typed.get("form_key"))):
            return self.sent_before(sent)
        if self.voided is not None:
            return self._as_new(typed, self.voided)
        if fill := self.fills.get(typed.get("do", "")):
            form = self.make_form(restored=typed)
            fill(form)
            return self._shown(form)
        return self._decided(typed)

    def _as_new(self, typed: QueryDict, voided: Record) -> HttpResponse:
        """Nothing typed is lost: what amended a record that is gone may be recorded anew."""
        self.stored = None
        form = self.make_form(typed=_without(typed, "as_read", "opened"))
        form.full_clean()
        gone = voided_sentence(voided, self.named(voided))
        form.add_error(None, gone + " " + _("Saving records it anew."))
        return self._shown(form, action=self._address("new"))

    def _decided(self, typed: QueryDict) -> HttpResponse:
        """Save, unless somebody else's version or a question stands in the way."""
        is_undecided = _is_undecided(typed)
        typed = typed if is_undecided else _chosen(typed, self.form_class)
        if self.stored and (is_undecided or typed.get("as_read") != self.stored.version):
            return self._compare(typed)
        form = self.make_form(typed=typed)
        return self._save(form) if form.is_ready else self._shown(form)

    def _save(self, form: RecordForm) -> HttpResponse:
        as_of = self._as_of(form)
        before = patient_dashboard(self.patient, as_of)
        write = self.amend if self.stored else self.record
        key = form_key(form.data.get("form_key"))
        try:
            has_changed = submit_once(self.request.user, key, form.instance.pk, lambda: write(form))
        except FormSentAgain:
            return self._back(as_of)
        except StaleRecord:
            return self._stale(form)
        except ValidationError as refused:
            return self._refused(form, refused)
        named = self.named(form.instance)
        if has_changed:
            messages.success(self.request, self.saved_words(named))
            for change in changes(before, patient_dashboard(self.patient, as_of)):
                messages.success(self.request, str(change))
        else:
            messages.info(self.request, self.unchanged_words(named))
        return self._back(as_of)

    def _refused(self, form: RecordForm, refused: ValidationError) -> HttpResponse:
        """What only the database knew, beside its field where it names one."""
        named = getattr(refused, "error_dict", {NON_FIELD_ERRORS: [refused]})
        for field, errors in named.items():
            form.add_error(field if field in form.fields else None, errors)
        return self._shown(form)

    def _stale(self, form: RecordForm) -> HttpResponse:
        self.stored, voided = self._find(form.instance.pk)
        return self._as_new(form.data, voided) if voided else self._compare(form.data)

    def _as_of(self, form: RecordForm) -> date:
        """The day the patient's page looks at, unless what is recorded is later."""
        day, closed_on = self.day_of(form.instance), self._closed_on
        return closed_on if closed_on and day <= closed_on else registry_today()

    @property
    def _closed_on(self) -> date | None:
        return self.patient.centre.data_closed_on

    def _back(self, as_of: date) -> HttpResponse:
        there = reverse("patients:detail", args=[self.patient.study_id])
        is_usual = as_of == (self._closed_on or registry_today())
        return redirect(there if is_usual else f"{there}?as_of={as_of.isoformat()}")

    # ── Two people on one record ─────────────────────────────────────────────────────────────

    def _compare(self, typed: QueryDict) -> HttpResponse:
        """Show what is stored now beside what is typed, field by field, and let choose."""
        form = self.make_form(typed=typed)
        if not form.is_valid():
            return self._shown(form)
        context = {
            **self._about(),
            "record": self.stored.record,
            "heading": capfirst(self.named(self.stored.record)),
            "as_read": self.stored.version,
            "comparison": compared(form, _read_json(typed.get("opened"))),
            "key": typed.get("form_key"),
            "opened": typed.get("opened", ""),
            "undecided": _is_undecided(typed),
            "reason": form.cleaned_data["reason"],
            "confirmed": typed.getlist("confirmed"),
        }
        return render(self.request, "forms/compare.html", context)

    # ── What it would show ───────────────────────────────────────────────────────────────────

    def _looked_at(self, typed: QueryDict) -> HttpResponse:
        """What follows from what is typed, if it were saved now; nothing is written."""
        if not self.look_template_name:
            raise Http404
        form = self.make_form(typed=typed)
        form.fields.pop("reason", None)
        context: dict[str, object] = {"form": form, "patient": self.patient, **self.context(form)}
        if form.is_valid():
            context |= self.consequences(form)
        return render(self.request, self.look_template_name, context)


def _confirmed_in(shown: Mapping[str, str]) -> list[str]:
    return shown.getlist("confirmed") if isinstance(shown, QueryDict) else []


def _is_undecided(typed: QueryDict) -> bool:
    """A value that both changed is nobody's until somebody chooses."""
    return any(f"choose-{name}" not in typed for name in typed.getlist("contested"))


def _chosen(typed: QueryDict, form_class: type[RecordForm]) -> QueryDict:
    """What is typed, with the other's values where those were chosen."""
    if "theirs" not in typed:
        return typed
    theirs = _read_json(typed["theirs"])
    merged = _without(typed, "theirs", "contested")
    merged["opened"] = typed["theirs"]
    for asked, choice in typed.items():
        if not asked.startswith("choose-"):
            continue
        del merged[asked]
        inputs = form_class.inputs_named(asked.removeprefix("choose-"))
        for one in inputs if choice == "theirs" else ():
            merged.pop(one, None)
            if one in theirs:
                merged[one] = theirs[one]
    return merged


def _read_json(text: str | None) -> dict[str, str]:
    try:
        read = json.loads(text or "{}")
    except ValueError:
        return {}
    return {str(n): str(v) for n, v in read.items()} if isinstance(read, dict) else {}


def _without(typed: QueryDict, *names: str) -> QueryDict:
    rest = typed.copy()
    for name in names:
        rest.pop(name, None)
    return rest
