"""Answers as CSV: the whole list in one response, columns as declared."""

import csv
import io
from collections.abc import Iterable, Iterator

from rest_framework.renderers import BaseRenderer

ROWS_PER_CHUNK = 2_000


def csv_text(value) -> str:
    """One value as people write it in the bundle: yes and no, empty where nothing is recorded."""
    if value is None:
        return ""
    if value is True:
        return "yes"
    if value is False:
        return "no"
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    return str(value)


def csv_chunks(columns: list[str], rows: Iterable[dict]) -> Iterator[str]:
    """A header and the rows, a few thousand at a time."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(columns)
    for number, row in enumerate(rows, start=1):
        writer.writerow([csv_text(row[column]) for column in columns])
        if number % ROWS_PER_CHUNK == 0:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


class CsvRenderer(BaseRenderer):
    """Negotiated by `Accept: text/csv` or `?format=csv`."""

    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"

    def render(self, data, accepted_media_type=None, renderer_context=None):
        """Data is a table of the view's, or the problem that kept it from making one."""
        if isinstance(data, Table):
            return "".join(csv_chunks(data.columns, data.rows))
        return "".join(csv_chunks(["problem"], [{"problem": line} for line in _problems(data)]))


class Table:
    """Rows with their columns in order, on the way to CSV."""

    def __init__(self, columns: list[str], rows: Iterable[dict]):
        self.columns = columns
        self.rows = rows


def _problems(data) -> Iterator[str]:
    """Every sentence of an error answer, with the name of what it is about."""
    if isinstance(data, dict):
        for name, value in data.items():
            for line in _problems(value):
                yield line if name in ("detail", "non_field_errors") else f"{name}: {line}"
    elif isinstance(data, list):
        for value in data:
            yield from _problems(value)
    else:
        yield str(data)
