"""Pages of the trail: a centre's activity, an action, a patient's history, a record's.

PostgreSQL decides which entries, and which of their values, a reader sees; what is not the
reader's is not found.
"""

from collections.abc import Iterable
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from mmn_registry import principal
from mmn_registry.accounts.roles import Permission
from mmn_registry.accounts.selectors import visible_centres
from mmn_registry.accounts.step_up import step_up
from mmn_registry.audit.models import Entry, Seal
from mmn_registry.audit.reading.actions import Action, get_action, list_actions_of_patient
from mmn_registry.audit.reading.activity import Place, Question, list_activity
from mmn_registry.audit.reading.entries import (
    NOTHING,
    OldAndNew,
    list_entries_of_action,
    list_entries_of_centre,
    values_of,
)
from mmn_registry.audit.vocabulary import EntryKind, Operation
from mmn_registry.principal import EVERYWHERE, NOWHERE, Right

from .export import csv_of
from .forms import ActivityForm
from .records import RecordHistory
from .words import changes, columns_of, field_name, lines, names_of, thing

ROWS_PER_PAGE = 50
READS = (EntryKind.READ, EntryKind.IDENTITY, EntryKind.EXPORT, EntryKind.REFUSAL)


@require_safe
def activity(request: HttpRequest) -> HttpResponse:
    """What was done in a centre, the last thing first."""
    form, question = _asked(request)
    found = list_activity(question, _place(request.GET.get("after", "")))
    context = {
        "section": "trail",
        "form": form,
        "question": question,
        "lines": lines(found.actions),
        "next": _link(request, found.next) if found.next else "",
        "newest": _link(request, None) if request.GET.get("after") else "",
        "export": "?" + urlencode(_without(request, "after")),
        "last_seal": Seal.objects.order_by("batch").last(),
    }
    return render(request, "audit/activity.html", context)


@step_up
@require_safe
def activity_csv(request: HttpRequest) -> StreamingHttpResponse:
    """All entries of a centre in a time, in one file, with the values that its reader may see."""
    _form, question = _asked(request)
    entries = list_entries_of_centre(question.centre_id, question.since, question.before)
    for name in ("actor_id", "actor_kind", "kind"):
        if getattr(question, name):
            entries = entries.filter(**{name: getattr(question, name)})
    day = timezone.localdate(question.before).isoformat()
    headers = {"Content-Disposition": f'attachment; filename="trail_until-{day}.csv"'}
    content = principal.carried(csv_of(entries))
    return StreamingHttpResponse(content, content_type="text/csv; charset=utf-8", headers=headers)


@require_safe
def action(request: HttpRequest, action_id: UUID) -> HttpResponse:
    """One thing done, row by row and field by field."""
    told = get_action(action_id)
    if told is None:
        raise Http404(_("There is no such action that you may see."))
    page = Paginator(list_entries_of_action(action_id), ROWS_PER_PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "section": "trail",
        "line": lines([told])[0],
        "page": page,
        "rows": _rows(page.object_list),
        "is_of_patient": told.patient_id is not None,
    }
    return render(request, "audit/action.html", context)


@require_safe
def patient(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """What was recorded of a patient; on demand who read it, too."""
    shows_reads = request.GET.get("reads") == "1"
    kinds = (EntryKind.WRITE, *(READS if shows_reads else ()))
    actions = list_actions_of_patient(patient_id, kinds)
    if not actions:
        raise Http404(_("There is no such patient in your centres."))
    page = Paginator(actions, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "section": "trail",
        "study_id": actions[0].study_id,
        "page": page,
        "lines": lines(page.object_list),
        "shows_reads": shows_reads,
        "may_see_patient": _reads_clinically(actions[0]),
        "now": timezone.localtime(),
    }
    return render(request, "audit/patient.html", context)


@require_safe
def patient_record(
    request: HttpRequest, patient_id: UUID, table: str, record_id: str
) -> HttpResponse:
    return _record(request, table, record_id, patient_id)


@require_safe
def record(request: HttpRequest, table: str, record_id: str) -> HttpResponse:
    return _record(request, table, record_id, None)


def _record(
    request: HttpRequest, table: str, record_id: str, patient_id: UUID | None
) -> HttpResponse:
    """Who changed what of one row and of its parts, when and why; of one field, if asked."""
    if "\x00" in record_id:  # PostgreSQL cannot even be asked
        raise _no_record()
    history = RecordHistory(table, record_id, patient_id)
    if not history.own:
        raise _no_record()
    asked = request.GET.get("field", "")
    field = asked if asked in history.columns else ""
    shown = [column for column in columns_of(table) or history.columns if column in history.columns]
    context = {
        "section": "trail",
        "thing": thing(table),
        "study_id": history.own[-1].study_id,
        "patient_id": patient_id,
        "fields": [(field_name(table, column), column) for column in shown],
        "field": field,
        "steps": history.steps(field),
    }
    return render(request, "audit/record.html", context)


def _no_record() -> Http404:
    return Http404(_("There is no such record that you may see."))


# ── What was asked ───────────────────────────────────────────────────────────────────────────


def _asked(request: HttpRequest) -> tuple[ActivityForm, Question]:
    centres = list(visible_centres(request.user, Permission.READ_TRAIL))
    everywhere = principal.current().reach.get(Right.TRAIL, NOWHERE) == EVERYWHERE
    if not centres and not everywhere:
        needed = _("This needs a right that you do not have here: %(right)s")
        raise PermissionDenied(needed % {"right": Permission.READ_TRAIL.description})
    form = ActivityForm(request.GET, centres=centres, everywhere=everywhere)
    return form, form.question(timezone.now())


def _place(text: str) -> Place | None:
    """Where a page begins, as the link to it says; None where it says nothing of the kind."""
    at, _sign, action_id = text.partition("~")
    try:
        place = Place(datetime.fromisoformat(at), UUID(action_id))
    except ValueError:
        return None
    return place if timezone.is_aware(place.at) else None


def _link(request: HttpRequest, place: Place | None) -> str:
    after = {"after": f"{place.at.isoformat()}~{place.action_id}"} if place else {}
    return "?" + urlencode(_without(request, "after") | after)


def _without(request: HttpRequest, name: str) -> dict[str, str]:
    return {key: value for key, value in request.GET.items() if key != name and value}


# ── What is shown ────────────────────────────────────────────────────────────────────────────


def _rows(entries: Iterable[Entry]) -> list[dict[str, object]]:
    values = values_of(entries)
    changed = [entry for entry in entries if entry.operation == Operation.UPDATE]
    names = names_of(changed, values)
    return [
        _row(entry, values.get(entry.seq, NOTHING), names.get(entry.record_id, ""))
        for entry in entries
    ]


def _row(entry: Entry, told: OldAndNew, name: str) -> dict[str, object]:
    hidden = told == NOTHING and entry.kind == EntryKind.WRITE
    kind = thing(entry.table_name) if entry.table_name else ""
    return {
        "entry": entry,
        "thing": kind,
        "name": name if name != kind else "",
        "changes": changes(entry, told),
        "is_whole": entry.operation != "update",
        "is_hidden": hidden,
    }


def _reads_clinically(told: Action) -> bool:
    now = principal.current()
    return told.last.centre_id is not None and now.reaches(Right.READ, told.last.centre_id)
