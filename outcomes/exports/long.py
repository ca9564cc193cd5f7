"""One row per value: whose, of which record, on which day, what, how much."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any, Protocol

from django.utils.translation import gettext as _

from mmn_registry.interchange import canonical
from outcomes.exports.columns import NEVER, Chunk, Column, Kind
from outcomes.exports.people import People


class ExportTable(Protocol):
    """A table of an export: its columns, and its rows some at a time."""

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def columns(self) -> tuple[Column, ...]: ...
    @property
    def keys(self) -> tuple[str, ...]: ...
    @property
    def dated_by(self) -> str: ...

    def chunks(self, people: People) -> Iterator[Chunk]: ...


@dataclass(frozen=True)
class Long:
    """The values of other tables below each other, the columns of keys apart."""

    tables: Sequence[ExportTable]
    coarse: bool = False
    name = "values"
    keys = ("study_id", "table", "on", "record", "variable")
    dated_by = "on"

    @property
    def title(self) -> str:
        return _("one row per value")

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        unit = _("as the codebook says of the variable")
        return tuple(
            replace(column, source=_("the tables named"), coarse=self.coarse)
            for column in (
                _always("study_id", _("study id; of a centre's limits its code")),
                _always("table", _("table of the record")),
                Column("on", _("day of the record"), Kind.DAY, missing=_("empty: of no one day")),
                Column(
                    "record",
                    _("what else tells the record apart"),
                    Kind.TEXT,
                    missing=_("empty: nothing more is needed"),
                ),
                _always("variable", _("column of that table")),
                _always("value", _("value as text; codes as codes")),
                Column(
                    "number",
                    _("the same as a number; yes is 1, no is 0"),
                    Kind.NUMBER,
                    unit,
                    missing=_("empty: the value is no number"),
                ),
            )
        )

    def chunks(self, people: People) -> Iterator[Chunk]:
        for table in self.tables:
            reader = _Reader(table)
            for chunk in table.chunks(people):
                yield [value for row in chunk for value in reader.values_of(row)]


def _always(name: str, label: str) -> Column:
    return Column(name, label, Kind.TEXT, missing=str(NEVER))


class _Reader:
    def __init__(self, table: ExportTable):
        self.table = table
        names = [column.name for column in table.columns]
        self.whose = 0
        self.on = names.index(table.dated_by) if table.dated_by else None
        told = {self.whose, self.on}
        self.apart = [p for p, name in enumerate(names) if name in table.keys and p not in told]
        keys = {*told, *self.apart}
        self.values = [(p, column) for p, column in enumerate(table.columns) if p not in keys]

    def values_of(self, row: Sequence[Any]) -> Iterator[list[Any]]:
        names = self.table.columns
        record = "; ".join(f"{names[p].name}={as_text(row[p])}" for p in self.apart)
        on = row[self.on] if self.on is not None else None
        for place, column in self.values:
            value = row[place]
            if value is not None:
                told = [row[self.whose], self.table.name, on, record or None, column.name]
                yield [*told, as_text(value), _number(value)]


def as_text(value: Any) -> str:
    """One value as the bundle writes it."""
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    return canonical(value)


def _number(value: Any) -> float | None:
    is_number = isinstance(value, bool | int | float | Decimal) and not isinstance(value, date)
    return float(value) if is_number else None
