"""Entries, and their values for those who may see them."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from mmn_registry.audit.models import Entry
from mmn_registry.audit.vocabulary import EntryKind, Operation

Values = Mapping[str, object]
VALUES_AT_ONCE = 2_000


class OldAndNew(NamedTuple):
    """What an entry says was written; None where it says nothing, or nothing to this reader."""

    old: Values | None
    new: Values | None


NOTHING = OldAndNew(None, None)


def list_entries_of_record(
    table: str, record_id: str, patient_id: UUID | None = None
) -> QuerySet[Entry]:
    """What was written of one row; a patient's is found by the patient."""
    entries = Entry.objects.filter(kind=EntryKind.WRITE, table_name=table, record_id=record_id)
    if patient_id is None:
        return entries.filter(patient_id__isnull=True).order_by("seq")
    return entries.filter(patient_id=patient_id).order_by("seq")


def list_entries_of_records(
    ids: Mapping[str, Iterable[str]], patient_id: UUID | None
) -> list[Entry]:
    """What was written of some rows, by table; one query."""
    named = Q()
    for table, records in ids.items():
        named |= Q(table_name=table, record_id__in=list(records))
    entries = Entry.objects.filter(named, kind=EntryKind.WRITE, patient_id=patient_id)
    return list(entries.order_by("seq")) if any(ids.values()) else []


def list_beginnings(records: Iterable[Entry]) -> list[Entry]:
    """Of the same rows of patients, the entries with which they began; one query."""
    named = list(records)
    entries = Entry.objects.filter(
        kind=EntryKind.WRITE,
        operation=Operation.INSERT,
        patient_id__in={entry.patient_id for entry in named if entry.patient_id},
        record_id__in={entry.record_id for entry in named},
    )
    return list(entries) if named else []


def list_entries_with_days(records: Iterable[Entry], columns: Iterable[str]) -> list[Entry]:
    """Of the same rows of patients, the entries that may say one of these columns; one query."""
    named = list(records)
    telling = Q(operation=Operation.INSERT) | Q(changed__overlap=sorted(columns))
    entries = Entry.objects.filter(
        telling,
        kind=EntryKind.WRITE,
        patient_id__in={entry.patient_id for entry in named if entry.patient_id},
        record_id__in={entry.record_id for entry in named},
    )
    return list(entries.order_by("seq")) if named else []


def list_entries_of_action(action_id: UUID) -> QuerySet[Entry]:
    return Entry.objects.filter(action_id=action_id).order_by("at", "seq")


def list_entries_of_centre(
    centre_id: UUID | None, since: datetime, before: datetime
) -> QuerySet[Entry]:
    """What happened in a centre, or in none, in a time."""
    where = {"centre_id": centre_id} if centre_id else {"centre_id__isnull": True}
    return Entry.objects.filter(**where, at__gte=since, at__lt=before).order_by("at", "seq")


def values_of(entries: Iterable[Entry]) -> dict[int, OldAndNew]:
    """The values of some entries, as far as the reader may see them; one query."""
    numbers = [entry.seq for entry in entries if entry.kind == EntryKind.WRITE]
    if not numbers:
        return {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT seq, old, new FROM registry_trail_values(%s)", [numbers])
        return {seq: OldAndNew(loaded(old), loaded(new)) for seq, old, new in cursor.fetchall()}


def loaded(told: str | None) -> Values | None:
    """Numbers as they are written: 4.50 stays 4.50."""
    return None if told is None else json.loads(told, parse_float=str, parse_int=int)


def stream_with_values(entries: QuerySet[Entry]) -> Iterator[tuple[Entry, OldAndNew]]:
    """Entries with their values, some at a time, however many they are."""
    chunk: list[Entry] = []
    for entry in entries.iterator(chunk_size=VALUES_AT_ONCE):
        chunk.append(entry)
        if len(chunk) == VALUES_AT_ONCE:
            yield from _with_values(chunk)
            chunk = []
    yield from _with_values(chunk)


def _with_values(chunk: list[Entry]) -> Iterator[tuple[Entry, OldAndNew]]:
    values = values_of(chunk)
    for entry in chunk:
        yield entry, values.get(entry.seq, NOTHING)
