"""A figure with the table beside it: the parts of which every panel of the cohort is made.

A cell is printed as words and kept as a value: the page shows the one, a file of the table the
other, and both come from here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from outcomes.charts.drawing import Figure
from outcomes.derivation.cohort import Table
from outcomes.figures.cohort.counts import Count
from outcomes.figures.cohort.words import share_and_interval
from outcomes.numbers import fixed, rounded

Value = str | int | float | None


@dataclass(frozen=True)
class Cell:
    """What is printed; `values` are what a file has, one for each code of the column."""

    text: str
    values: tuple[Value, ...]
    count: Count | None = None  # a number of patients that opens their list


@dataclass(frozen=True)
class Column:
    """A heading, and the names under which a file has the values of its cells."""

    name: str
    codes: tuple[str, ...]
    is_number: bool = True


@dataclass(frozen=True)
class Sheet:
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]

    @property
    def codes(self) -> list[str]:
        return [code for column in self.columns for code in column.codes]

    @property
    def lines(self) -> list[list[tuple[Column, Cell]]]:
        """Every cell with its column."""
        return [list(zip(self.columns, row, strict=True)) for row in self.rows]

    @property
    def values(self) -> list[list[Value]]:
        return [[value for cell in row for value in cell.values] for row in self.rows]


@dataclass(frozen=True)
class Part:
    """A figure, its table, and a sentence; `key` names it in the address of its files."""

    key: str
    title: str
    sheet: Sheet
    figure: Figure | None = None
    note: str = ""
    is_wide: bool = False  # it has the panel's whole width


@dataclass(frozen=True)
class Panel:
    """`lead` says what was found; `empty` why there is nothing to show."""

    key: str
    title: str
    parts: tuple[Part, ...]
    lead: str = ""
    how: str = ""
    empty: str = ""


# ---------- Columns ----------


def named(name: object, code: str) -> Column:
    """A column of words."""
    return Column(str(name), (code,), is_number=False)


def number(name: object, code: str) -> Column:
    return Column(str(name), (code,))


def shares(name: object, prefix: str = "") -> Column:
    """A proportion with its interval."""
    codes = ("n", "of", "proportion", "ci_low", "ci_high")
    return Column(str(name), tuple(f"{prefix}{code}" for code in codes))


def spread(name: object, prefix: str) -> Column:
    """A distribution: n, median, quartiles, mean, standard deviation."""
    return Column(str(name), tuple(f"{prefix}_{code}" for code in SPREAD))


SPREAD = ("n", "median", "q1", "q3", "mean", "sd")


# ---------- Cells ----------


def words(text: object, code: Value = None) -> Cell:
    """Words, and the code that stands for them in a file."""
    return Cell(str(text), (str(text) if code is None else code,))


def whole(n: int | None) -> Cell:
    return Cell("–" if n is None else str(n), (n,))


def decimal(value: float | None, decimals: int = 2) -> Cell:
    return Cell("–" if value is None else _signed(fixed(value, decimals)), (value,))


def share(table: Mapping[str, Value]) -> Cell:
    """8/37, 22 (10–38): always with the denominator."""
    values = tuple(table[code] for code in ("n", "of", "proportion", "ci_low", "ci_high"))
    if not table["of"]:
        return Cell(f"{table['n']}/{table['of']}", values)
    return Cell(f"{table['n']}/{table['of']}, {share_and_interval(dict(table))} %", values)


def distributed(table: Table, decimals: int = 1) -> Cell:
    """28 (27–29), n 39: median, quartiles, and of how many."""
    values = tuple(table[code] for code in SPREAD)
    if not table["n"]:
        return Cell("–, n 0", values)
    median, q1, q3 = (_signed(rounded(table[code], decimals)) for code in ("median", "q1", "q3"))
    to = " to " if "−" in f"{q1}{q3}" else "–"
    return Cell(f"{median} ({q1}{to}{q3}), n {table['n']}", values)


def _signed(text: str) -> str:
    """With a minus that is one; what is rounded to nothing has none."""
    return text.replace("-", "−") if text.strip("-0.") else text.lstrip("-")


def sheet(caption: object, columns: Sequence[Column], rows: Sequence[Sequence[Cell]]) -> Sheet:
    return Sheet(str(caption), tuple(columns), tuple(tuple(row) for row in rows))
