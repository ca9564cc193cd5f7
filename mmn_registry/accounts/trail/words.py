"""The trail in words: who did what, to what, of whom."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from uuid import UUID

from django.apps import apps
from django.db import models
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.formats import number_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from mmn_registry.accounts.models import Centre, User
from mmn_registry.audit.models import Entry
from mmn_registry.audit.reading.actions import Action, Wrote
from mmn_registry.audit.reading.entries import (
    NOTHING,
    OldAndNew,
    list_beginnings,
    list_entries_with_days,
    values_of,
)
from mmn_registry.audit.vocabulary import EntryKind, Operation
from mmn_registry.principal import Kind

NOTES = {
    EntryKind.READ: gettext_lazy("read"),
    EntryKind.IDENTITY: gettext_lazy("looked at the identity"),
    EntryKind.EXPORT: gettext_lazy("exported"),
    EntryKind.SIGN_IN: gettext_lazy("signed in"),
    EntryKind.SIGN_OUT: gettext_lazy("signed out"),
    EntryKind.SIGN_IN_FAILED: gettext_lazy("could not sign in"),
    EntryKind.LOCKED_OUT: gettext_lazy("was locked out after too many attempts"),
    EntryKind.REFUSAL: gettext_lazy("was refused"),
}
BY_ROUTE = frozenset({EntryKind.READ, EntryKind.EXPORT, EntryKind.REFUSAL})
KINDS = {EntryKind.WRITE: gettext_lazy("wrote"), **NOTES}
OPERATIONS = {
    Operation.INSERT: gettext_lazy("recorded"),
    Operation.UPDATE: gettext_lazy("changed"),
    Operation.DELETE: gettext_lazy("deleted"),
}
# Said by the line itself, or of no interest to a reader.
BOOKKEEPING = frozenset(
    {"version", "recorded_at", "recorded_by_id", "amend_reason", "voided_by_id", "void_reason"}
    | {"signed_at", "signed_by_id", "withdrawn_by_id", "withdraw_reason"}
)
NOT_RECORDED = gettext_lazy("not recorded")
HIDDEN = gettext_lazy("not shown")


# ── People ───────────────────────────────────────────────────────────────────────────────────


class People:
    """The names of those who acted, asked for at once."""

    def __init__(self, entries: Iterable[Entry]):
        meant = {entry.actor_id for entry in entries}
        meant |= {_uuid(e.record_id) for e in entries if e.table_name == User._meta.db_table}
        names = User.objects.filter(pk__in=meant - {None})
        self._names: Mapping[UUID, str] = dict(names.values_list("pk", "full_name"))

    def who(self, entry: Entry) -> str:
        name = self._names.get(entry.actor_id) or str(entry.actor_id or "")
        if entry.actor_kind == Kind.USER:
            return name
        if entry.actor_kind == Kind.TOKEN:
            return _("a program of %(name)s") % {"name": name}
        if entry.actor_kind == Kind.OPERATOR:
            return _("operator, by %(command)s") % {"command": entry.actor_name}
        if entry.actor_kind == Kind.WORKER:
            return _("the registry itself")
        return _("a database session as %(role)s") % {"role": entry.database_role}

    def meant(self, entry: Entry) -> str:
        """Whose account a sign-in was about."""
        return self._names.get(_uuid(entry.record_id), "")


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


# ── Things ───────────────────────────────────────────────────────────────────────────────────


@cache
def _models() -> dict[str, type]:
    return {model._meta.db_table: model for model in apps.get_models()}


def thing(table: str) -> str:
    """“visit”; a table without a model keeps its name."""
    model = _models().get(table)
    return str(model._meta.verbose_name) if model else table


def things(table: str, count: int) -> str:
    model = _models().get(table)
    many = model._meta.verbose_name_plural if model else table
    return f"{number_format(count, force_grouping=True)} {thing(table) if count == 1 else many}"


def day_column(table: str) -> str:
    """The column with the day that a clinician names a record by."""
    return getattr(_models().get(table), "dated_by", "")


def columns_of(table: str) -> dict[str, models.Field]:
    """What a reader may be shown of a row, in the order of its form.

    Not what the line says already, what follows from the rest, and by which id rows hang together.
    """
    model = _models().get(table)
    return {
        field.column: field
        for field in (model._meta.concrete_fields if model else ())
        if field.column not in BOOKKEEPING and not field.generated and not _is_inner(field)
    }


def _is_inner(field: models.Field) -> bool:
    return isinstance(field, models.ForeignKey) and field.related_model not in (User, Centre)


def field_name(table: str, column: str) -> str:
    field = _field(table, column)
    return capfirst(str(field.verbose_name)) if field else column


def _field(table: str, column: str):
    model = _models().get(table)
    fields = model._meta.concrete_fields if model else ()
    return next((field for field in fields if field.column == column), None)


# ── A line ───────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Line:
    """An action in words, with what a page needs to link it."""

    action: Action
    who: str
    did: str
    joint: str  # between what was done and the patient's study id
    study_id: str
    day: date | None
    much: str
    reason: str

    @property
    def sentence(self) -> str:
        """“Anne Example recorded a visit of MMN-001, 12 Jan 2024: 28 muscle scores”."""
        said = f"{self.who} {self.did}"
        if self.study_id:
            said += f"{self.joint}{self.study_id}"
        if self.day:
            said += f", {self.day:%-d %b %Y}"
        return f"{said}: {self.much}" if self.much else said


def lines(actions: list[Action]) -> list[Line]:
    """Actions in words, with the days of their records where the reader may see them."""
    people = People([action.last for action in actions])
    mains = [action.main for action in actions if action.main is not None]
    days = _days(mains)
    return [_line(action, people, days) for action in actions]


def _days(mains: list[Entry]) -> dict[int, date]:
    """By which day each record was called when it was written; two queries."""
    dated = [entry for entry in mains if day_column(entry.table_name)]
    telling = list_entries_with_days(dated, {day_column(entry.table_name) for entry in dated})
    values = values_of(telling)
    days = {}
    for entry in dated:
        for earlier in telling:  # in the order of their numbers: the last one counts
            if earlier.record_id == entry.record_id and earlier.seq <= entry.seq:
                written = values.get(earlier.seq, NOTHING).new or {}
                day = parse_date(str(written.get(day_column(entry.table_name), "")))
                days |= {entry.seq: day} if day else {}
    return days


def _line(action: Action, people: People, days: Mapping[int, date]) -> Line:
    last = action.last
    if action.kind is not EntryKind.WRITE:
        return _noted(action, people)
    is_patient = action.main is not None and action.main.record_id == str(action.patient_id)
    return Line(
        action=action,
        who=people.who(last),
        did=last.verb or _("wrote"),
        joint=", " if is_patient else _(" of "),
        study_id=action.study_id,
        day=days.get(action.main.seq) if action.main else None,
        much=_much(action),
        reason=last.reason,
    )


def _noted(action: Action, people: People) -> Line:
    last = action.last
    if action.kind in (EntryKind.SIGN_IN_FAILED, EntryKind.LOCKED_OUT):
        who = people.meant(last) or _("somebody")
    else:
        who = people.who(last)
    joint = _(" of ") if action.kind is EntryKind.IDENTITY else " "
    return Line(action, who, _did(action), joint, action.study_id, None, _how_much(action), "")


def _did(action: Action) -> str:
    """What was done, and by which page where it was about no one patient."""
    did = str(NOTES[action.kind])
    if action.study_id or action.kind not in BY_ROUTE:
        return did
    route = action.last.route
    return f"{did} {route}" if route else _("%(did)s an address that is none") % {"did": did}


def _how_much(action: Action) -> str:
    rows = action.last.rows
    if rows is None:
        return _("begun, not ended") if action.kind is EntryKind.EXPORT else ""
    if action.study_id and action.kind is EntryKind.READ:
        return ""
    text = ngettext("%(count)s row", "%(count)s rows", rows)
    return text % {"count": number_format(rows, force_grouping=True)}


def _much(action: Action) -> str:
    """What was written beside the one thing that the verb names; of that, which fields changed."""
    named = action.main is not None and bool(action.last.verb)
    beside = [
        wrote
        for wrote in action.wrote
        if not (named and wrote.table == action.main.table_name and wrote.count == 1)
    ]
    texts = _changed_fields(action.main) if named else []
    texts += [_wrote(wrote, say_how=not action.last.verb) for wrote in beside]
    if not action.is_counted_whole:
        texts.append(_("and more"))
    return ", ".join(texts)


def _changed_fields(entry: Entry) -> list[str]:
    changed = entry.changed or ()
    fields = columns_of(entry.table_name)
    return [
        str(field.verbose_name)
        for column, field in fields.items()
        if column in changed and column != "voided_at"
    ]


def _wrote(wrote: Wrote, *, say_how: bool) -> str:
    much = things(wrote.table, wrote.count)
    return f"{much} {OPERATIONS[Operation(wrote.operation)]}" if say_how else much


# ── What changed ─────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Change:
    """One field of one row: what it was and what it is."""

    column: str
    name: str
    old: str
    new: str
    is_shown: bool  # False: the reader may know that it changed, not from what to what


def counted(entries: Iterable[Entry]) -> list[str]:
    """“28 muscle scores recorded”, “1 muscle score voided”."""
    done = Counter((entry.table_name, _how(entry)) for entry in entries)
    return [f"{things(table, count)} {how}" for (table, how), count in done.items()]


def _how(entry: Entry) -> str:
    is_void = entry.operation == Operation.UPDATE and "voided_at" in (entry.changed or ())
    return _("voided") if is_void else str(OPERATIONS[Operation(entry.operation)])


def names_of(entries: Iterable[Entry], values: Mapping[int, OldAndNew]) -> dict[str, str]:
    """What tells rows of patients from others of their kind, by id: “wrist extension, left”.

    As they began, since no amendment makes of a row another one; where the reader may not see
    that, only what kind of row it is. Two queries, unless ``values`` hold it all.
    """
    named = list(entries)
    known = {entry.record_id: entry for entry in named if entry.operation == Operation.INSERT}
    missing = [entry for entry in named if entry.record_id not in known]
    begun = list_beginnings(missing)
    told = {**values, **values_of(begun)}
    known |= {entry.record_id: entry for entry in begun}
    return {entry.record_id: _key_text(known.get(entry.record_id, entry), told) for entry in named}


def _key_text(entry: Entry, values: Mapping[int, OldAndNew]) -> str:
    new = values.get(entry.seq, NOTHING).new or {}
    texts = [
        _text(entry, column, new[column]) for column in _key(entry.table_name) if column in new
    ]
    return ", ".join(texts) or thing(entry.table_name)


@cache
def _key(table: str) -> list[str]:
    """The columns of the natural key, but for what a row belongs to."""
    model = _models().get(table)
    unique = [
        rule
        for rule in (model._meta.constraints if model else ())
        if isinstance(rule, models.UniqueConstraint)
    ]
    fields = [model._meta.get_field(name) for name in (unique[0].fields if unique else ())]
    return [field.column for field in fields if not isinstance(field, models.ForeignKey)]


def changes(entry: Entry, told: OldAndNew) -> list[Change]:
    """The fields that an entry is about."""
    if told == NOTHING:
        columns = set(entry.changed or ())
    else:
        columns = {*(told.new or ()), *(told.old or ())}
    shown = columns_of(entry.table_name) or dict.fromkeys(sorted(columns))
    return [_change(entry, column, told) for column in shown if column in columns]


def _change(entry: Entry, column: str, told: OldAndNew) -> Change:
    name = field_name(entry.table_name, column)
    if told == NOTHING:
        return Change(column, name, str(HIDDEN), str(HIDDEN), is_shown=False)
    old, new = ((side or {}).get(column) for side in told)
    return Change(column, name, _text(entry, column, old), _text(entry, column, new), is_shown=True)


def _text(entry: Entry, column: str, value: object) -> str:
    if value is None or value == "":
        return str(NOT_RECORDED)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    field = _field(entry.table_name, column)
    if isinstance(field, models.DecimalField):
        return f"{Decimal(str(value)).normalize():f}"
    if field is not None and field.choices:
        return str(dict(field.flatchoices).get(value, value))
    return _time_text(field, str(value))


def _time_text(field: models.Field | None, text: str) -> str:
    """A day or an instant as people write it; any other text as it is."""
    if isinstance(field, models.DateTimeField) and (at := parse_datetime(text)):
        return f"{timezone.localtime(at):%-d %b %Y, %H:%M:%S}"
    day = parse_date(text) if isinstance(field, models.DateField) else None
    return f"{day:%-d %b %Y}" if day else text


def centre_name(centre: Centre) -> str:
    return f"{centre.code} · {centre.name}" if centre.name else centre.code
