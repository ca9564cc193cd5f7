"""What a table of the bundle is: its columns, once, each bound to the field that stores it.

Import, export and documentation read the same declarations. Each app declares its own tables in
its ``interchange.py``; ``mmn_registry.bundle`` loads and exports them all.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

import numpy as np
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from mmn_registry.tabular import Problems, Sheet, is_garbled


@dataclass(frozen=True)
class Column:
    """A column of a table and the path from its model to the field that stores it."""

    name: str
    path: str
    key: bool = False
    required: bool = False
    # A partial date keeps how much of it is known in a field of its own.
    precision: str = ""

    @property
    def is_own(self) -> bool:
        """Whether the table's own rows store it; otherwise it names a row they belong to."""
        return "__" not in self.path


def key(name: str, path: str = "") -> Column:
    return Column(name, path or name, key=True, required=True)


def required(name: str, path: str = "") -> Column:
    return Column(name, path or name, required=True)


def optional(name: str, path: str = "") -> Column:
    return Column(name, path or name)


def partial_date(name: str, precision: str) -> Column:
    return Column(name, name, precision=precision)


@dataclass(frozen=True)
class Rule:
    """A rule over several rows or tables, as SQL over what the registry would hold after loading.

    ``sql`` selects ``row`` and whatever ``message`` names; ``{known}`` in it is the table's rows
    after loading, with ``id``, ``parent_id`` and ``row`` (null where the file does not name them).
    """

    column: str
    sql: str
    message: str


@dataclass(frozen=True, eq=False)
class Table:
    """A table of the bundle, by its name there and by what a person calls one of its rows.

    Without a file, its rows follow from what the others name.
    """

    name: str
    noun: str
    model: type[models.Model]
    columns: tuple[Column, ...]
    rules: tuple[Rule, ...] = ()
    has_file: bool = True

    @property
    def file(self) -> str:
        return f"{self.name}.csv"

    @cached_property
    def column_names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @cached_property
    def keys(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.key)

    @cached_property
    def own(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.is_own)

    @cached_property
    def inherited(self) -> tuple[Column, ...]:
        """The columns that together name the row that this one belongs to."""
        return tuple(column for column in self.columns if not column.is_own)

    @cached_property
    def keys_of_parent(self) -> bool:
        """Whether the row that this one belongs to is part of its key, and so never changes."""
        return any(column.key for column in self.inherited)

    @cached_property
    def parent(self) -> models.ForeignKey | None:
        """The relation to the row that this one belongs to."""
        names = {column.path.split("__")[0] for column in self.inherited}
        return self.model._meta.get_field(*names) if names else None

    def has_keys_in(self, sheet: Sheet) -> bool:
        return all(column.name in sheet.columns for column in self.keys)

    def field(self, column: Column) -> models.Field:
        """The field that stores a column, here or with the row that this one belongs to."""
        model = self.model
        *hops, last = column.path.split("__")
        for hop in hops:
            model = model._meta.get_field(hop).related_model
        return model._meta.get_field(last)

    def stored_in(self, column: Column) -> tuple[models.Field, ...]:
        """The field of a column, and the one beside it that keeps its precision."""
        field = self.field(column)
        if not column.precision:
            return (field,)
        return field, field.model._meta.get_field(column.precision)

    def stored_names(self, column: Column) -> tuple[str, ...]:
        """How the database names what a column says; a parent's columns keep the bundle's names."""
        if not column.is_own:
            return (column.name,)
        return tuple(field.column for field in self.stored_in(column))


# --- from texts to values -----------------------------------------------------------------------

_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_PARTIAL_DATE = re.compile(r"([0-9]{4})(-[0-9]{2})?(-[0-9]{2})?")
_NUMBER = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?")
_WHOLE_NUMBER = re.compile(r"(-?[0-9]{1,9})(\.0+)?")
YES_NO = {"yes": True, "no": False}


def _refuse(message: str, text: str) -> None:
    raise ValidationError(message, "unreadable", {"value": text})


def _day(text: str) -> date:
    # Django and Python read more than bundles may say: 2007-3-1, 20070301, 2007-W09-4.
    if _ISO_DATE.fullmatch(text) is None:
        _refuse(_("“%(value)s” is not a date. Write it like 2024-03-31."), text)
    try:
        return date.fromisoformat(text)
    except ValueError:
        _refuse(_("“%(value)s” is not a day of the calendar. Correct the date."), text)


def _partial_day(text: str) -> tuple[date, str]:
    """The first day a partial date may mean, and how much of it is known."""
    found = _PARTIAL_DATE.fullmatch(text)
    if found is None:
        _refuse(_("“%(value)s” is not a date. Write 2024, 2024-03 or 2024-03-31."), text)
    year, month, day = found.groups()
    precision = "day" if day else "month" if month else "year"
    return _day(year + (month or "-01") + (day or "-01")), precision


def _number(text: str) -> Decimal:
    # Decimal reads more than bundles may say: 1e3, NaN, 1_000, digits of any script.
    if _NUMBER.fullmatch(text) is None:
        _refuse(_("“%(value)s” is not a number. Write it like 62.5, without unit."), text)
    return Decimal(text.rstrip("0").rstrip(".") if "." in text else text)


def _whole_number(text: str) -> int:
    found = _WHOLE_NUMBER.fullmatch(text)
    if found is None:
        _refuse(_("“%(value)s” is not a whole number. Write it like 12."), text)
    return int(found[1])


def _yes_no(text: str) -> bool:
    if text not in YES_NO:
        _refuse(_("“%(value)s” is not a known answer here. Use one of: yes, no."), text)
    return YES_NO[text]


_READERS: tuple[tuple[type[models.Field], Callable[[str], object]], ...] = (
    (models.DateField, _day),
    (models.DecimalField, _number),
    (models.IntegerField, _whole_number),
    (models.BooleanField, _yes_no),
)


def _reader(field: models.Field) -> Callable[[str], object]:
    return next((read for kind, read in _READERS if isinstance(field, kind)), str)


def canonical(value: object, precision: str = "") -> str:
    """The one text that stands for a stored value; what was not recorded is empty."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return value.isoformat()[: {"year": 4, "month": 7}.get(precision)]
    if isinstance(value, Decimal):
        return f"{value.normalize():f}" if value else "0"
    return str(value)


@dataclass(frozen=True)
class CheckedColumn:
    """What a field stores, row by row: ``values[codes]``; None where a text was a problem."""

    values: list[object]
    codes: np.ndarray


@dataclass(frozen=True)
class CheckedSheet:
    """A sheet read as values, by the names of the database's columns.

    ``kept`` marks the records that do not repeat the key of an earlier one.
    """

    table: Table
    sheet: Sheet
    columns: dict[str, CheckedColumn]
    kept: np.ndarray


def check_cells(table: Table, sheet: Sheet, problems: Problems) -> CheckedSheet:
    """Ask the model's fields about each distinct text once, and note every cell they refuse."""
    columns: dict[str, CheckedColumn] = {}
    for column in table.columns:
        if column.name in sheet.columns:
            cells = sheet.columns[column.name]
            values = _read_cells(table, column, sheet, problems)
            for part, name in enumerate(table.stored_names(column)):
                columns[name] = CheckedColumn([value[part] for value in values], cells.codes)
    return CheckedSheet(table, sheet, columns, _note_duplicates(table, sheet, columns, problems))


def _read_cells(
    table: Table, column: Column, sheet: Sheet, problems: Problems
) -> list[tuple[object, ...]]:
    """What each distinct text of a column means; None where a problem was noted."""
    cells = sheet.columns[column.name]
    field = table.field(column)
    nothing = (None,) * len(table.stored_names(column))
    values, refusals = [], {}
    for code, text in enumerate(cells.texts):
        try:
            values.append(read_text(text, column, field))
        except ValidationError as error:
            values.append(nothing)
            refusals[code] = error
    for position in cells.where([code in refusals for code in range(len(cells.texts))]):
        error = refusals[cells.codes[position]]
        problems.add(
            sheet.file,
            " ".join(error.messages),
            row=int(sheet.rows[position]),
            column=column.name,
            value=cells.texts[cells.codes[position]] or None,
            kind=error.error_list[0].code,
        )
    return values


def read_text(text: str, column: Column, field: models.Field) -> tuple[object, ...]:
    """What a text of a column means, by the fields that store it (`Table.stored_in`)."""
    if not text and column.required:
        raise ValidationError(_("This is needed. Fill it in."), "blank")
    if not text:
        return (None, "") if column.precision else (None if field.null else "",)
    if is_garbled(text):  # noted for the whole file when it was read
        return (None, None) if column.precision else (None,)
    if column.precision:
        day, precision = _partial_day(text)
        return field.clean(day, None), precision
    return (field.clean(_reader(field)(text), None),)


def _note_duplicates(
    table: Table, sheet: Sheet, columns: dict[str, CheckedColumn], problems: Problems
) -> np.ndarray:
    """Note each record that repeats the key of an earlier one; True where a record is kept."""
    kept = np.ones(len(sheet), dtype=bool)
    if not table.has_keys_in(sheet):
        return kept
    names = [column.name for column in table.keys]
    keyed = np.ones(len(sheet), dtype=bool)
    for column in table.keys:
        read = columns[table.stored_names(column)[0]]
        keyed &= np.array([value is not None for value in read.values], dtype=bool)[read.codes]
    positions = np.flatnonzero(keyed)
    firsts = positions[_firsts([sheet.columns[name].codes[positions] for name in names])]
    repeated = firsts != positions
    for position, first in zip(positions[repeated], firsts[repeated], strict=True):
        problems.add(
            sheet.file,
            _("Row %(row)s has the same %(names)s. Keep one of the two.")
            % {"row": sheet.rows[first], "names": _and(names)},
            row=int(sheet.rows[position]),
            column=names[-1],
            value=sheet.columns[names[-1]].at([position])[0],
            kind="duplicate key",
        )
    kept[positions[repeated]] = False
    return kept


def _firsts(columns: Sequence[np.ndarray]) -> np.ndarray:
    """For each record, the position of the first that has the same codes in all columns."""
    numbers, count = np.zeros(len(columns[0]), dtype=np.int64), 1
    for codes in columns:
        width = int(codes.max(initial=0)) + 1
        if count * width > np.iinfo(np.int64).max:
            distinct, numbers = np.unique(numbers, return_inverse=True)
            count = len(distinct)
        numbers, count = numbers * width + codes, count * width
    _distinct, first, inverse = np.unique(numbers, return_index=True, return_inverse=True)
    return first[inverse]


def _and(names: Sequence[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last
