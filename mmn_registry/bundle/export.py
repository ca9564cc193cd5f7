"""Export a bundle: what stands in the registry, in bytes that depend on nothing else."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.db import connection, models
from django.db.models import Case, Expression, F, Func, Value, When
from django.db.models.functions import Collate
from django.utils.translation import gettext as _

from mmn_registry.accounts.models import Centre
from mmn_registry.audit.notes import note, noted_snapshot
from mmn_registry.audit.vocabulary import EntryKind
from mmn_registry.birth import born_as
from mmn_registry.bundle.tables import FILES, TABLES
from mmn_registry.interchange import YES_NO, Column, Table
from mmn_registry.models import Birth
from mmn_registry.tabular import writing

DEMONSTRATION = "DEMONSTRATION DATA"


class UnknownCentreError(Exception):
    """No centre has this code; the message names those that are known."""


@dataclass(frozen=True)
class ExportReport:
    """What was written: the number of records per file."""

    rows: Mapping[str, int]
    demonstration: bool

    def lines(self) -> Iterator[str]:
        if self.demonstration:
            yield DEMONSTRATION
        for file, count in self.rows.items():
            yield f"{file:<24}{count:>12}"


def export_bundle(path: Path | str, *, centre: str = "") -> ExportReport:
    """Write all files of the bundle, of one centre or of all, to a folder or a .zip.

    Texts are written as they are stored, also a free text that a spreadsheet would take for a
    formula: a bundle carries records between registries, and an apostrophe put in front would
    arrive as part of the record. Names and identifiers never begin so. Lines end in a line feed.
    That a database is a demonstration stands in the report and in a .zip's comment, never in a
    table, so that equal records give equal files.
    """
    of_centre = _centre(centre) if centre else None
    demonstration = born_as() == Birth.Kind.DEMO
    comment = DEMONSTRATION if demonstration else ""
    rows: dict[str, int] = {}
    told = {"route": "export_bundle", "centre_id": of_centre and of_centre.pk}
    # Before the first row leaves, and how many they were: a run may be killed in between.
    note(EntryKind.EXPORT, **told)
    with noted_snapshot(), writing(Path(path), FILES, comment) as opens:
        for table in TABLES:
            if table.has_file:
                with opens(table.file) as file:
                    rows[table.file] = _write(table, of_centre, file)
        note(EntryKind.EXPORT, **told, rows=sum(rows.values()))
    return ExportReport(rows, demonstration)


def _centre(code: str) -> Centre:
    centre = Centre.objects.filter(code=code).first()
    if centre is None:
        known = ", ".join(Centre.objects.values_list("code", flat=True)) or _("none yet")
        message = _("No centre has the code %(code)s. Use one of: %(known)s.")
        raise UnknownCentreError(message % {"code": code, "known": known})
    return centre


def _write(table: Table, centre: Centre | None, file: BinaryIO) -> int:
    """One table as PostgreSQL writes CSV, streamed; the number of its records."""
    file.write((",".join(table.column_names) + "\n").encode())
    # COPY takes no parameters: they become part of the statement.
    query = connection.ops.compose_sql(*_rows(table, centre).query.sql_with_params())
    with connection.cursor() as cursor:
        with cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT csv)") as copy:
            for block in copy:
                file.write(block)
        return cursor.rowcount


def _rows(table: Table, centre: Centre | None) -> models.QuerySet:
    """What stands, in canonical texts, sorted bytewise by the key."""
    rows = table.model.objects.order_by(*(_in_order(table, column) for column in table.keys))
    if centre is not None:
        rows = rows.filter(**{table.model.centre_path: centre})
    return rows.values_list(*(_text(table, column) for column in table.columns))


def _in_order(table: Table, column: Column) -> Expression:
    # Days sort as their texts do.
    is_day = isinstance(table.field(column), models.DateField)
    return F(column.path).asc() if is_day else Collate(F(column.path), "C").asc()


def _text(table: Table, column: Column) -> Expression:
    """In SQL what ``interchange.canonical`` says in Python."""
    field, value = table.field(column), F(column.path)
    if column.precision:
        by_precision = {"year": "YYYY", "month": "YYYY-MM", "day": "YYYY-MM-DD"}
        return Case(
            *(
                When(**{column.precision: precision}, then=_to_char(value, pattern))
                for precision, pattern in by_precision.items()
            )
        )
    if isinstance(field, models.DateField):
        return _to_char(value, "YYYY-MM-DD")
    if isinstance(field, models.BooleanField):
        return Case(
            *(When(**{column.path: answer}, then=Value(text)) for text, answer in YES_NO.items())
        )
    if isinstance(field, models.DecimalField):
        return _as_text("trim_scale", value)
    if isinstance(field, models.IntegerField):
        return value
    return _as_text("nullif", value, Value(""))


def _to_char(day: F, pattern: str) -> Func:
    return _as_text("to_char", day, Value(pattern))


def _as_text(function: str, *arguments: Expression) -> Func:
    return Func(*arguments, function=function, output_field=models.TextField())
