"""CSV: UTF-8, RFC 4180, what is missing empty, texts that a spreadsheet would run made inert."""

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from mmn_registry.tabular import inert
from outcomes.exports.columns import Chunk, Column
from outcomes.exports.long import as_text
from outcomes.exports.writing.package import Package, Part


class CsvWriter:
    def __init__(self, package: Package, folder: Path, banner: str):
        self.package = package

    def table(self, name: str, columns: Sequence[Column], chunks: Iterable[Chunk]) -> int:
        with self.package.open(f"{name}.csv", name) as part:
            part.rows = write_csv(part, [column.name for column in columns], chunks)
        return part.rows

    def end(self) -> None:
        pass


def write_csv(part: Part, header: Sequence[str], chunks: Iterable[Chunk]) -> int:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(header)
    rows = 0
    for chunk in chunks:
        writer.writerows([cell(value) for value in row] for row in chunk)
        rows += len(chunk)
        part.write(buffer.getvalue().encode())
        buffer.seek(0)
        buffer.truncate()
    part.write(buffer.getvalue().encode())
    return rows


def cell(value: Any) -> str:
    return inert(value) if isinstance(value, str) else as_text(value)
