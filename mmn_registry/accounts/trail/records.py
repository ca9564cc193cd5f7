"""The history of a record as its page tells it: action by action, with what is part of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from uuid import UUID

from django.apps import apps
from django.db import models

from mmn_registry.audit.models import Entry
from mmn_registry.audit.reading.entries import (
    NOTHING,
    list_entries_of_record,
    list_entries_of_records,
    values_of,
)
from mmn_registry.audit.vocabulary import Operation

from .words import Change, People, changes, counted, names_of


@dataclass(frozen=True)
class Part:
    """A record that belongs to another one, and what changed in it."""

    name: str
    changes: list[Change]


@dataclass(frozen=True)
class Step:
    """What one action did to a record and to its parts."""

    entry: Entry
    who: str
    changes: list[Change]
    parts: list[Part]
    much: list[str]  # “28 muscle scores recorded”

    @property
    def is_whole(self) -> bool:
        return self.entry.operation != Operation.UPDATE

    @property
    def says_nothing(self) -> bool:
        """A part changed that this reader does not see."""
        return not (self.is_whole or self.changes or self.parts or self.much)


class RecordHistory:
    """Who changed what of a row and of its parts, as far as the reader may see it."""

    def __init__(self, table: str, record_id: str, patient_id: UUID | None):
        self.own = list(list_entries_of_record(table, record_id, patient_id))
        parts = list_entries_of_parts(table, record_id, patient_id) if self.own else []
        self._entries = sorted([*self.own, *parts], key=lambda entry: entry.seq)
        self._values = values_of(self._entries)
        self._changes = {entry.seq: self._changed(entry) for entry in self._entries}
        self.columns = {change.column for e in self.own for change in self._changes[e.seq]}

    def _changed(self, entry: Entry) -> list[Change]:
        return changes(entry, self._values.get(entry.seq, NOTHING))

    def steps(self, column: str = "") -> list[Step]:
        """The last one first; ``column``: those that changed it, and of them nothing else."""
        entries = self.own if column else self._entries
        by_action = sorted(entries, key=lambda entry: (str(entry.action_id), entry.seq))
        actions = [list(group) for _id, group in groupby(by_action, lambda e: e.action_id)]
        people, names = People(entries), names_of(self._entries, self._values)
        steps = [
            self._step(told, column, people, names)
            for action in actions
            for told in self._one_by_one(action)
        ]
        shown = [step for step in steps if step.changes or not column]
        return sorted(shown, key=lambda step: step.entry.seq, reverse=True)

    def _one_by_one(self, action: list[Entry]) -> list[list[Entry]]:
        """Each writing of the record by itself, the first with what was done to its parts."""
        mine = {entry.seq for entry in self.own}
        own = [entry for entry in action if entry.seq in mine]
        parts = [entry for entry in action if entry.seq not in mine]
        return [[*own[:1], *parts], *([entry] for entry in own[1:])]

    def _step(
        self, entries: list[Entry], column: str, people: People, names: Mapping[str, str]
    ) -> Step:
        mine = {entry.seq for entry in self.own}
        own = [entry for entry in entries if entry.seq in mine]
        parts = [entry for entry in entries if entry.seq not in mine]
        changed = self._changes[own[0].seq] if own else []
        amended = [entry for entry in parts if _is_amended(entry)]
        return Step(
            entry=(own or parts)[0],
            who=people.who(entries[0]),
            changes=[change for change in changed if column in ("", change.column)],
            parts=[Part(names[e.record_id], self._changes[e.seq]) for e in amended],
            much=counted(entry for entry in parts if not _is_amended(entry)),
        )


def _is_amended(entry: Entry) -> bool:
    return entry.operation == Operation.UPDATE and "voided_at" not in (entry.changed or ())


def list_entries_of_parts(table: str, record_id: str, patient_id: UUID | None) -> list[Entry]:
    """What was written of a visit's grades and signatures, of a study's segments, and the like."""
    ids: dict[str, list[str]] = {}
    for model, key in _parts_of(table):
        rows = getattr(model, "including_voided", model._default_manager).filter(**{key: record_id})
        ids[model._meta.db_table] = [str(pk) for pk in rows.values_list("pk", flat=True)]
    return list_entries_of_records(ids, patient_id)


def _parts_of(table: str) -> Iterable[tuple[type[models.Model], str]]:
    """Models of rows whose way to their centre leads through a row of this table, and by which key.

    All that a patient has is no part of the patient's own row.
    """
    model = next((m for m in apps.get_models() if m._meta.db_table == table), None)
    if "__" not in getattr(model, "centre_path", ""):
        return
    for relation in model._meta.related_objects:
        way = getattr(relation.related_model, "centre_path", "")
        if way == f"{relation.field.name}__{model.centre_path}":
            yield relation.related_model, relation.field.name
