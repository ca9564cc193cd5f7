"""The trail in one file, an entry per line; noted as an export itself."""

import csv
import io
import json
from collections.abc import Iterator

from django.db.models import QuerySet

from mmn_registry.audit.models import Entry
from mmn_registry.audit.notes import noted_export
from mmn_registry.audit.reading.entries import OldAndNew, stream_with_values

ROUTE = "trail:activity_csv"
COLUMNS = (
    *("seq", "at", "kind", "actor_kind", "actor_id", "actor_name", "verb", "reason", "study_id"),
    *("table_name", "operation", "record_id", "patient_id", "centre_id", "changed", "rows"),
    *("route", "request_id", "action_id", "database_role"),
)
LINES_PER_CHUNK = 2_000


def csv_of(entries: QuerySet[Entry]) -> Iterator[str]:
    """Values stand as JSON in the last two columns, empty where the reader may not see them."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([*COLUMNS, "old", "new"])
    for number, told in enumerate(noted_export(stream_with_values(entries), route=ROUTE), start=1):
        writer.writerow(_cells(*told))
        if number % LINES_PER_CHUNK == 0:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def _cells(entry: Entry, values: OldAndNew) -> list[str]:
    cells = [_text(getattr(entry, column)) for column in COLUMNS]
    return [*cells, *("" if side is None else json.dumps(side) for side in values)]


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return " ".join(value)
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return _inert(str(value))


def _inert(text: str) -> str:
    """A reason is a free text, and spreadsheets run what begins with one of these."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
