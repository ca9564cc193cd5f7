"""The page on which a visit is recorded or amended, and what it changes.

It lives here, like the patient's page: it shows what follows from what is typed.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import date
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from mmn_registry.accounts import kept_typing
from mmn_registry.audit.notes import note_patient
from mmn_registry.audit.vocabulary import EntryKind
from outcomes.cards.changes import Change, changes
from outcomes.dashboards.patient import PatientDashboard, affected_muscles, patient_dashboard
from outcomes.dashboards.visit import with_visit
from outcomes.numbers import points_text
from outcomes.selectors import load_records
from outcomes.views.comparison import Comparison, compared
from patients.actions import StaleRecord, amend_visit, record_visit
from patients.calendar import day_text, registry_today
from patients.drafts import FormSentAgain, find_draft, keep_draft, submit_once, was_submitted
from patients.forms.muscle_grid import REMARKS
from patients.forms.visit import GRIPS, VisitForm
from patients.models import Patient, Visit
from patients.selectors import (
    Examination,
    get_examination,
    get_patient_to_write,
    list_confirmations,
    list_visits,
)
from patients.views.drafts import form_key, keeps_typing

# Where a question may stand; "" is the place under the grid.
SLOTS = ("visited_on", "weight_kg", *GRIPS, "")
NORMAL_POINTS = 5


@keeps_typing
@require_http_methods(["GET", "HEAD", "POST"])
def visit_new(request: HttpRequest, study_id: str) -> HttpResponse:
    patient = get_patient_to_write(request.user, study_id)
    return _visit_page(request, patient, None)


@keeps_typing
@require_http_methods(["GET", "HEAD", "POST"])
def visit_amend(request: HttpRequest, study_id: str, visit_id: UUID) -> HttpResponse:
    patient = get_patient_to_write(request.user, study_id)
    visit = get_object_or_404(Visit.including_voided.filter(patient=patient), pk=visit_id)
    examination = get_examination(visit)
    if examination is None and request.method != "POST":
        messages.warning(request, _voided_sentence(visit))
        return redirect("patients:detail", study_id)
    return _visit_page(request, patient, examination, voided=visit if examination is None else None)


def _visit_page(
    request: HttpRequest,
    patient: Patient,
    examination: Examination | None,
    *,
    voided: Visit | None = None,
) -> HttpResponse:
    if request.method == "POST":
        return _posted(request, patient, examination, voided)
    route = request.resolver_match.view_name
    with transaction.atomic():
        note_patient(EntryKind.READ, patient.study_id, route=route)
        return _opened(request, patient, examination)


def _opened(
    request: HttpRequest, patient: Patient, examination: Examination | None
) -> HttpResponse:
    restored = _restored(request, patient)
    form = _form(patient, examination, restored=restored)
    return _shown(request, form, restored=restored)


def _form(patient: Patient, examination: Examination | None, **typed) -> VisitForm:
    answers = list_confirmations(examination.visit) if examination else ()
    return VisitForm(
        **typed,
        patient=patient,
        visits=list(list_visits(patient)),
        examination=examination,
        confirmed_before=answers,
    )


# ── Drafts ───────────────────────────────────────────────────────────────────────────────────


def _restored(request: HttpRequest, patient: Patient) -> QueryDict | None:
    """What was typed here before: kept when a sign-in ended, else the latest draft."""
    kept = kept_typing.take(request)
    if kept is not None:
        keep_draft(
            request.user,
            key=form_key(kept.get("form_key")),
            address=request.path,
            typed=kept.urlencode(),
            patient=patient,
        )
    draft = find_draft(request.user, request.path)
    if draft is None:
        return None
    restored = QueryDict(draft.typed, mutable=True)
    restored["form_key"] = str(draft.key)
    restored["saved_at"] = timezone.localtime(draft.saved_at).strftime("%H:%M:%S")
    restored["saved_on"] = day_text(timezone.localtime(draft.saved_at).date())
    return restored


# ── Showing ──────────────────────────────────────────────────────────────────────────────────


def _shown(
    request: HttpRequest,
    form: VisitForm,
    *,
    restored: Mapping[str, str] | None = None,
    **more: object,
) -> HttpResponse:
    patient, examination = form.patient, form.examination
    context = {
        "section": "patients",
        "patient": patient,
        "who": _who(patient, form.day),
        **_last_infusion(patient, form.day),
        "form": form,
        "grid": form.grid,
        "remarks": REMARKS.items(),
        "visit": examination.visit if examination else None,
        "key": form.shown.get("form_key") or uuid4(),
        "address": request.path,
        "owner": kept_typing.signed_owner(request.user),
        "csrf_cookie": settings.CSRF_COOKIE_NAME,
        "draft": restored,
        # A page that asks shows the answers beside the questions.
        "confirmed": [] if form.is_bound else _confirmed_in(form.shown),
        **more,
    }
    return render(request, "patients/visit.html", context)


def _confirmed_in(shown: Mapping[str, str]) -> list[str]:
    return shown.getlist("confirmed") if isinstance(shown, QueryDict) else []


def _who(patient: Patient, day: date | None) -> dict[str, object]:
    """Sex, and the age reached in the year of the visit."""
    until = day or registry_today()
    age = until.year - patient.birth_year if patient.birth_year else None
    return {"sex": patient.get_sex_display(), "age": age, "born": patient.birth_year}


def _last_infusion(patient: Patient, day: date | None) -> dict[str, object]:
    """Whether one examines at peak or at trough."""
    until = day or registry_today()
    given_on = (
        patient.infusions.filter(given_on__lte=until).aggregate(last=Max("given_on")).get("last")
    )
    days = (until - given_on).days if given_on else None
    return {"last_infusion_on": given_on, "last_infusion_days": days}


# ── Saving ───────────────────────────────────────────────────────────────────────────────────


def _posted(
    request: HttpRequest,
    patient: Patient,
    examination: Examination | None,
    voided: Visit | None,
) -> HttpResponse:
    typed = request.POST
    if was_submitted(request.user, form_key(typed.get("form_key"))):
        return redirect("patients:detail", patient.study_id)
    if voided is not None:
        # Nothing typed is lost: what amended a visit that is gone may be recorded anew.
        form = _form(patient, None, typed=_without(typed, "as_read", "opened"))
        form.full_clean()
        form.add_error(None, _voided_sentence(voided) + " " + _("Saving records it anew."))
        there = reverse("patients:visit_new", args=[patient.study_id])
        return _shown(request, form, action=there)
    if filled := FILLS.get(typed.get("do", "")):
        form = _form(patient, examination, restored=typed)
        filled(form.grid)
        return _shown(request, form)
    return _decided(request, patient, examination, typed)


def _decided(
    request: HttpRequest, patient: Patient, examination: Examination | None, typed: QueryDict
) -> HttpResponse:
    """Save, unless somebody else's version or a question stands in the way."""
    is_undecided = _is_undecided(typed)
    typed = typed if is_undecided else _chosen(typed)
    if examination and (is_undecided or typed.get("as_read") != examination.version):
        return _compare(request, patient, examination, typed)
    form = _form(patient, examination, typed=typed)
    if not form.is_ready:
        return _shown(request, form)
    return _save(request, form)


FILLS = {
    "copy": lambda grid: grid.copy_previous(),
    "rest": lambda grid: grid.fill_normal(),
    "uncopy": lambda grid: grid.clear_copied(),
    "show": lambda _grid: None,
}


def _save(request: HttpRequest, form: VisitForm) -> HttpResponse:
    patient = form.patient
    as_of = _as_of(patient, form.cleaned_data["visited_on"])
    before = patient_dashboard(patient, as_of)
    record = _amending(form, request.user) if form.examination else _recording(form, request.user)
    try:
        has_changed = submit_once(
            request.user, form_key(form.data.get("form_key")), form.instance.pk, record
        )
    except FormSentAgain:
        return _back(patient, as_of)
    except StaleRecord:
        now = get_examination(form.instance)
        if now is None:
            visit = Visit.including_voided.get(pk=form.instance.pk)
            return _posted(request, patient, None, visit)
        return _compare(request, patient, now, form.data)
    except ValidationError as refused:
        form.add_error(None, refused.messages)
        return _shown(request, form)
    _tell(request, form, has_changed, changes(before, patient_dashboard(patient, as_of)))
    return _back(patient, as_of)


def _recording(form: VisitForm, by):
    def record() -> bool:
        record_visit(
            form.instance,
            muscle_scores=form.muscle_scores,
            grip_strengths=form.grip_strengths,
            findings=form.findings,
            confirmed=form.confirmed,
            by=by,
        )
        return True

    return record


def _amending(form: VisitForm, by):
    def record() -> bool:
        return amend_visit(
            form.examination.visit,
            form.changes,
            muscle_scores=form.muscle_scores,
            grip_strengths=form.grip_strengths,
            findings=form.findings,
            confirmed=form.confirmed,
            as_read=form.as_read,
            by=by,
            reason=form.cleaned_data["reason"],
        )

    return record


def _tell(
    request: HttpRequest, form: VisitForm, has_changed: bool, found: Iterable[Change]
) -> None:
    """What was saved, and what it changed."""
    day = day_text(form.cleaned_data["visited_on"])
    if not has_changed:
        messages.info(request, _("The visit of %s is as it was: nothing was changed.") % day)
        return
    messages.success(request, _("The visit of %s is saved.") % day)
    for change in found:
        messages.success(request, str(change))


def _as_of(patient: Patient, visited_on: date) -> date:
    """The day the patient's page looks at, unless the visit is later."""
    closed_on = patient.centre.data_closed_on
    return closed_on if closed_on and visited_on <= closed_on else registry_today()


def _back(patient: Patient, as_of: date) -> HttpResponse:
    there = reverse("patients:detail", args=[patient.study_id])
    is_usual = as_of == (patient.centre.data_closed_on or registry_today())
    return redirect(there if is_usual else f"{there}?as_of={as_of.isoformat()}")


# ── Two people on one visit ──────────────────────────────────────────────────────────────────


def _compare(
    request: HttpRequest, patient: Patient, examination: Examination, typed: QueryDict
) -> HttpResponse:
    """Show what is stored now beside what is typed, field by field, and let choose."""
    form = _form(patient, examination, typed=typed)
    if not form.is_valid():
        return _shown(request, form)
    comparison: Comparison = compared(form, _read_json(typed.get("opened")))
    context = {
        "section": "patients",
        "patient": patient,
        "visit": examination.visit,
        "examination": examination,
        "comparison": comparison,
        "key": typed.get("form_key"),
        "address": request.path,
        "owner": kept_typing.signed_owner(request.user),
        "opened": typed.get("opened", ""),
        "undecided": _is_undecided(typed),
        "reason": form.cleaned_data["reason"],
        "confirmed": typed.getlist("confirmed"),
    }
    return render(request, "patients/visit_compare.html", context)


def _is_undecided(typed: QueryDict) -> bool:
    """A value that both changed is nobody's until somebody chooses."""
    return any(f"choose-{name}" not in typed for name in typed.getlist("contested"))


def _chosen(typed: QueryDict) -> QueryDict:
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
        name = asked.removeprefix("choose-")
        for one in (name, *(f"{letter}-{name}" for letter in "gwo")) if choice == "theirs" else ():
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


def _voided_sentence(visit: Visit) -> str:
    who = visit.voided_by.get_full_name() if visit.voided_by else _("an operator")
    return _("The visit of %(day)s was voided by %(who)s: “%(reason)s”.") % {
        "day": day_text(visit.visited_on),
        "who": who,
        "reason": visit.void_reason,
    }


# ── What it would show ───────────────────────────────────────────────────────────────────────


@require_POST
def visit_look(request: HttpRequest, study_id: str) -> HttpResponse:
    """What follows from the visit as it is typed, if it were saved now; nothing is written."""
    patient = get_patient_to_write(request.user, study_id)
    visit_id = request.POST.get("visit")
    examination = None
    if visit_id:
        visit = get_object_or_404(Visit.objects.filter(patient=patient), pk=form_key(visit_id))
        examination = get_examination(visit)
    form = _form(patient, examination, typed=request.POST)
    form.fields.pop("reason", None)
    context: dict[str, object] = {"form": form, "patient": patient, "slots": SLOTS}
    context |= _last_infusion(patient, form.day)
    if form.is_valid():
        context |= _consequences(form)
    return render(request, "patients/_visit_look.html", context)


def _consequences(form: VisitForm) -> dict[str, object]:
    patient, examination = form.patient, form.examination
    visited_on = form.cleaned_data["visited_on"]
    as_of = _as_of(patient, visited_on)
    stored = load_records(Patient.objects.filter(pk=patient.pk))
    typed = with_visit(
        stored,
        patient.study_id,
        form.changes,
        form.muscle_scores,
        form.grip_strengths,
        instead_of=examination.visit.visited_on if examination else None,
    )
    before = patient_dashboard(patient, as_of, records=stored)
    after = patient_dashboard(patient, as_of, records=typed)
    return {"changes": changes(before, after), "affected": _affected(after, visited_on)}


def _affected(after: PatientDashboard | None, day: date) -> dict[str, object] | None:
    """The sum of the muscles affected at baseline, on the day and the last time before."""
    summed = [v for v in after.visits if v.on <= day and v.affected_points] if after else []
    if not summed or summed[-1].on != day:
        return None
    muscles = len(affected_muscles(after.muscle_changes))
    last = summed[-2] if len(summed) > 1 else None
    return {
        "muscles": muscles,
        "points": points_text(summed[-1].affected_points),
        "most": muscles * NORMAL_POINTS,
        "last_points": points_text(last.affected_points) if last else "",
        "last_on": last.on if last else None,
    }
