"""What a kind of record is to a REST client; subclasses say what is special about theirs.

A kind stands on the bundle's table: the same columns, codes and rules as import and form, the same
named actions, the same questions about unusual values.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from mmn_registry.accounts.models import Centre
from mmn_registry.accounts.roles import Permission
from mmn_registry.interchange import Column, Table
from mmn_registry.rest.values import as_json
from patients.actions import amend_whole, record_all, record_whole, void_whole
from patients.models import Patient
from patients.models.record import Record
from patients.selectors import Examination, Whole, get_whole, part_key
from patients.unusual import Unusual

Stored = Whole | Examination
EXAMPLE_PATIENT = "SYN-010"


@dataclass(frozen=True, eq=False)
class Part:
    """A list inside a document. ``said_by_whole``: columns that the document says itself."""

    name: str
    table: Table
    said_by_whole: frozenset[str] = frozenset()
    # Of no column, by name: how it follows from a part, and its column in the schema.
    derived: Mapping[str, tuple[Callable, Callable]] = field(default_factory=dict)

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        return tuple(c for c in self.table.own if c.name not in self.said_by_whole)

    @property
    def model(self) -> type[Record]:
        return self.table.model


@dataclass
class Draft:
    """A record as it was sent, with its parts; not saved."""

    record: Record
    patient: Patient | None = None
    parts: dict[str, list[Record]] = field(default_factory=dict)
    stored: Stored | None = None

    @property
    def changes(self) -> dict[str, object]:
        """The values of the record's own fields."""
        return {
            one.name: getattr(self.record, one.name)
            for one in self.record._meta.concrete_fields
            if one.editable and not one.generated and one.name != self.record.parent_key
        }


class Kind:
    """One kind of record. ``name`` is that of its list, of its operations, of its address."""

    table: Table
    parts: tuple[Part, ...] = ()
    # What says where a new record belongs, and never changes.
    said_once: tuple[str, ...] = ("study_id",)
    joined: tuple[str, ...] = ("patient__centre",)
    permission = Permission.WRITE_RECORDS
    # What a document has beside the table's columns, by name: its column in the schema.
    derived: Mapping[str, Callable] = {}

    # What somebody might record, for the schema; of the demonstration's patient SYN-010.
    example: Mapping[str, Any] = {}

    def __init__(self, table: Table, *, name: str = "", example: Mapping[str, Any] | None = None):
        self.table, self.name = table, name or table.name
        if example is not None:
            self.example = {"study_id": EXAMPLE_PATIENT, **example}

    @property
    def model(self) -> type[Record]:
        return self.table.model

    @property
    def address(self) -> str:
        return self.name.replace("_", "-")

    @property
    def one(self) -> str:
        """What one of them is called in addresses: muscle_score, lower_limit."""
        return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", self.model.__name__).lower()

    @property
    def key_name(self) -> str:
        """The part of an address that names a record."""
        return f"{self.one}_id"

    @property
    def key_in_address(self) -> str:
        return f"<uuid:{self.key_name}>"

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        return tuple(c for c in self.table.own if c.name not in self.said_once)

    # ── Reading ──────────────────────────────────────────────────────────────────────────────

    def read(self, record: Record) -> Stored | None:
        """The record with its parts as it stands; None once it was voided."""
        return get_whole(record)

    def parts_of(self, stored: Stored) -> dict[str, Sequence[Record]]:
        return dict(zip((part.name for part in self.parts), stored.parts, strict=True))

    def find(self, user, **key: Any) -> Record | None:
        """The record that an address names, voided or not; None if it is not this user's."""
        visible = self.model.including_voided.visible_to(user)
        return visible.select_related(*self.joined).filter(pk=key[self.key_name]).first()

    def key_of(self, record: Record) -> dict[str, Any]:
        return {self.key_name: record.pk}

    def patient_of(self, record: Record) -> Patient | None:
        return record.patient

    def centre_of(self, record: Record) -> Centre:
        return record.patient.centre

    def begin(self, sent: Mapping[str, Any], desk, user) -> Record | None:
        """An unsaved record that knows where it belongs; None where that was refused."""
        patient = desk.patient_named(sent.get("study_id"), user)
        return None if patient is None else self.model(patient=patient)

    # ── Parts ────────────────────────────────────────────────────────────────────────────────

    def said_by_whole(self, part: Part, one: Record, record: Record) -> None:
        """Let a part have what the document says once."""

    def moved_along(self, part: Part, kept: Sequence[Record], record: Record) -> list[Record]:
        """Parts that stay as they were, though the record may change."""
        return [*kept]

    # ── What is asked and refused ────────────────────────────────────────────────────────────

    def check(self, draft: Draft) -> None:
        """Rules of the form that no model says; a ValidationError names the fields."""

    def questions(self, draft: Draft) -> Iterable[Unusual]:
        """Unusual values that somebody confirms before they are stored."""
        return ()

    def questions_of_many(self, drafts: Sequence[Draft]) -> Iterable[Iterable[Unusual]]:
        """The same of records that are recorded together."""
        return (self.questions(draft) for draft in drafts)

    def pointer(self, question: Unusual, draft: Draft) -> str:
        """Where in the document the value stands that a question is about."""
        return f"/{question.field}"

    # ── Writing ──────────────────────────────────────────────────────────────────────────────

    def record(self, draft: Draft, *, confirmed: Iterable[Unusual], by) -> Stored:
        record_whole(draft.record, parts=draft.parts.values(), confirmed=confirmed, by=by)
        return self.as_stored(draft)

    def record_many(
        self, drafts: Sequence[Draft], *, confirmed: Iterable[tuple[Record, Unusual]], by
    ) -> None:
        """All of them, one statement per table, as one action."""
        parts = [[part for d in drafts for part in d.parts[one.name]] for one in self.parts]
        for draft in drafts:
            self.join(draft)
        record_all([d.record for d in drafts], parts=parts, confirmed=confirmed, by=by)

    def natural_key(self, record: Record) -> tuple[object, ...]:
        """What no two standing records share."""
        paths = (column.path for column in self.table.keys)
        return tuple(_at(record, path) for path in paths)

    def join(self, draft: Draft) -> None:
        """Let parts know their whole."""
        for parts in draft.parts.values():
            for part in parts:
                if part.parent_key != "patient":  # a finding is the patient's, and the day's
                    setattr(part, part.parent_key, draft.record)

    def amend(
        self, draft: Draft, *, as_read: str, confirmed: Iterable[Unusual], by, reason: str
    ) -> bool:
        return amend_whole(
            draft.stored.record,
            draft.changes,
            parts=draft.parts.values(),
            confirmed=confirmed,
            as_read=as_read,
            by=by,
            reason=reason,
        )

    def void(self, record: Record, *, as_read: str, by, reason: str) -> None:
        void_whole(record, as_read=as_read, by=by, reason=reason)

    def as_stored(self, draft: Draft) -> Stored:
        """What was just recorded, without reading it again."""
        return Whole(draft.record, tuple(map(tuple, draft.parts.values())))

    # ── As a document ────────────────────────────────────────────────────────────────────────

    def document(self, stored: Stored) -> dict[str, Any]:
        record = stored.record
        return {
            "id": str(record.pk),
            **self.belongs_to(record),
            **values_of(self.columns, record),
            **{
                part.name: [part_document(part, one) for one in sorted(found, key=part_key)]
                for part, found in zip(self.parts, self.parts_of(stored).values(), strict=True)
            },
            "recorded_at": as_json(record.recorded_at),
        }

    def belongs_to(self, record: Record) -> dict[str, Any]:
        patient = self.patient_of(record)
        return {"study_id": patient.study_id, "centre": patient.centre.code}


def _at(record: Record, path: str) -> object:
    found: Any = record
    for step in path.split("__"):
        found = getattr(found, step)
    return found


def values_of(columns: Iterable[Column], record: Record) -> dict[str, Any]:
    return {
        column.name: as_json(
            getattr(record, column.path),
            getattr(record, column.precision) if column.precision else "",
        )
        for column in columns
    }


def part_document(part: Part, one: Record) -> dict[str, Any]:
    derived = {name: derive(one) for name, (derive, _describe) in part.derived.items()}
    return values_of(part.columns, one) | derived
