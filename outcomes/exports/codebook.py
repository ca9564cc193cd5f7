"""The codebook: a line for every column that is written, and one for every code."""

from collections.abc import Iterator, Mapping, Sequence

from django.utils.translation import gettext as _

from outcomes.exports.columns import Chunk, Column, Kind
from outcomes.exports.long import ExportTable, Long
from outcomes.exports.writing.csv_files import write_csv
from outcomes.exports.writing.package import Package

CODEBOOK, CODES = "codebook.csv", "codes.csv"
CODEBOOK_COLUMNS = (
    *("table", "column", "label", "unit", "type", "kind", "codes", "missing"),
    *("source", "rule"),
)
CODES_COLUMNS = ("table", "column", "number", "code", "label")

Columns = Mapping[str, Sequence[Column]]


def columns_described(tables: Sequence[ExportTable], written: Columns) -> Columns:
    """The columns by table; of long ones also those of the tables that they are made of."""
    described = dict(written)
    for table in tables:
        if isinstance(table, Long):
            described |= {inner.name: inner.columns for inner in table.tables}
    return described


def codebook_lines(columns: Columns) -> Chunk:
    return [_line(table, column) for table, own in columns.items() for column in own]


def _line(table: str, column: Column) -> list[str]:
    kind = "month" if column.kind is Kind.DAY and column.coarse else column.kind.value
    codes = "; ".join(f"{code} = {words}" for code, words in column.codes.items())
    said = (column.unit, column.kind_words, kind, codes, column.missing)
    return [table, column.name, column.label, *said, column.source, column.rule or _("recorded")]


def code_lines(columns: Columns) -> Chunk:
    return [
        [table, column.name, number, code, words]
        for table, own in columns.items()
        for column in own
        for number, (code, words) in enumerate(column.codes.items(), start=1)
    ]


def write_codebook(package: Package, columns: Columns) -> None:
    for name, header, lines in _files(columns):
        with package.open(name) as part:
            part.rows = write_csv(part, header, [lines])


def _files(columns: Columns) -> Iterator[tuple[str, Sequence[str], Chunk]]:
    yield CODEBOOK, CODEBOOK_COLUMNS, codebook_lines(columns)
    yield CODES, CODES_COLUMNS, code_lines(columns)
