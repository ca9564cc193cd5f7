"""Actions: what a person would call one thing done, as one line."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from mmn_registry.audit.models import Entry
from mmn_registry.audit.vocabulary import EntryKind

# An action of more entries than this is counted no further: an import has a million.
COUNTED = 10_000


class Wrote(NamedTuple):
    """How many rows of a table an action wrote, and how."""

    table: str
    operation: str
    count: int


@dataclass(frozen=True)
class Action:
    """An action as one line: who, what, of whom, how much."""

    at: datetime  # of its last entry
    last: Entry  # says who acted, which verb, why, by which route
    # The row that it is about, where one stands out: a visit among its scores.
    main: Entry | None
    patient_id: UUID | None  # of the one patient, if it is about one
    study_id: str
    wrote: tuple[Wrote, ...]
    is_counted_whole: bool = True

    @property
    def id(self) -> UUID:
        return self.last.action_id

    @property
    def kind(self) -> EntryKind:
        return EntryKind(self.last.kind)


GROUPS = f"""
SELECT e.action_id, e.table_name, e.operation, e.kind, count(*), min(e.seq), max(e.seq), max(e.at),
    count(e.patient_id), min(e.patient_id::text), max(e.patient_id::text)
FROM unnest(%(actions)s::uuid[]) AS asked(action_id) CROSS JOIN LATERAL (
    SELECT * FROM (SELECT action_id, table_name, operation, kind, seq, at, patient_id, centre_id
        FROM audit_entry WHERE action_id = asked.action_id) AS one
    WHERE {{where}} ORDER BY at DESC, seq DESC LIMIT {COUNTED + 1}
) AS e
GROUP BY e.action_id, e.table_name, e.operation, e.kind
"""  # noqa: S608


class _Group(NamedTuple):
    """The entries of an action that did the same to the same table."""

    action_id: UUID
    table: str
    operation: str
    kind: str
    count: int
    first_seq: int
    last_seq: int
    last_at: datetime
    of_patients: int
    first_patient: str | None
    last_patient: str | None


def list_actions_of_patient(patient_id: UUID, kinds: Iterable[EntryKind]) -> list[Action]:
    """What was done to a patient, the last thing first; three queries."""
    entries = Entry.objects.filter(patient_id=patient_id, kind__in=[k.value for k in kinds])
    actions = list(entries.values_list("action_id", flat=True).distinct().order_by())
    return actions_where(actions, "patient_id = %(patient)s", {"patient": patient_id})


def get_action(action_id: UUID) -> Action | None:
    """As far as the reader may see it; None where nothing of it is theirs to see."""
    return next(iter(actions_where([action_id], "true", {})), None)


def actions_where(actions: list[UUID], where: str, asked: Mapping[str, object]) -> list[Action]:
    """Actions by id, restricted to some of their entries; two queries."""
    if not actions:
        return []
    with connection.cursor() as cursor:
        cursor.execute(GROUPS.format(where=where), {**asked, "actions": actions})
        found: dict[UUID, list[_Group]] = {}
        for row in cursor.fetchall():
            group = _Group(*row)
            found.setdefault(group.action_id, []).append(group)
    telling = {seq for groups in found.values() for seq in _telling(groups)}
    entries = Entry.objects.in_bulk(telling)
    told = [_action(groups, entries) for groups in found.values()]
    return sorted(told, key=lambda action: (action.at, action.id), reverse=True)


def _telling(groups: list[_Group]) -> list[int]:
    """The numbers of the last entry, and of the one row that stands out."""
    main = _main(groups)
    return [max(group.last_seq for group in groups), *([main] if main else [])]


def _main(groups: list[_Group]) -> int | None:
    """The one row of its table: the first recorded, or the last changed."""
    alone = [group for group in groups if group.count == 1]
    tables = [group.table for group in groups]
    alone = [group for group in alone if tables.count(group.table) == 1]
    if not alone:
        return None
    numbers = [group.first_seq for group in alone]
    return min(numbers) if all(g.operation == "insert" for g in groups) else max(numbers)


def _action(groups: list[_Group], entries: Mapping[int, Entry]) -> Action:
    in_order = sorted(groups, key=lambda group: group.first_seq)
    last = entries[max(group.last_seq for group in groups)]
    patients = {name for group in groups for name in (group.first_patient, group.last_patient)}
    is_of_one = len(patients) == 1 and all(group.of_patients == group.count for group in groups)
    count = sum(group.count for group in groups)
    main = _main(groups)
    return Action(
        at=max(group.last_at for group in groups),
        last=last,
        main=entries[main] if main else None,
        patient_id=last.patient_id if is_of_one else None,
        study_id=last.study_id if is_of_one else "",
        wrote=tuple(
            Wrote(group.table, group.operation, group.count)
            for group in in_order
            if group.kind == EntryKind.WRITE
        ),
        is_counted_whole=count <= COUNTED,
    )
