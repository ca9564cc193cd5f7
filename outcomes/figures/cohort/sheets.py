"""A figure with the table beside it: the parts of which every panel of the cohort is made.

A cell is printed as words and kept as a value: the page shows the one, a file of the table the
other, and both come from here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.utils.text import capfirst

from outcomes.charts.drawing import Figure
from outcomes.derivation.cohort import Table
from outcomes.figures.cohort.words import share_and_interval
from outcomes.numbers import fixed, rounded

Value = str | int | float | None


@dataclass(frozen=True)
class Cell:
    """What is printed; `values` are what a file has, one for each code of the column.

    `patients` are the numbers of patients that it tells, openly or as what is left of a total.
    """

    text: str
    values: tuple[Value, ...]
    patients: tuple[int, ...] = ()


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


# ---------- Who reads pseudonymised ----------

FEWEST_TOLD = 5


def without_small_numbers(panel: Panel, note: object) -> Panel:
    """The panel without every part that tells of 1 to 4 patients, figure and table alike.

    A whole part, because of a part of a table the rest could be worked out.
    """
    if not any(map(_tells_few, panel.parts)):
        return panel
    parts = tuple(_withheld(part, note) if _tells_few(part) else part for part in panel.parts)
    return replace(panel, parts=parts, title=_plain(panel.key), lead="")


def _tells_few(part: Part) -> bool:
    told = [n for row in part.sheet.rows for cell in row for n in cell.patients]
    return any(0 < n < FEWEST_TOLD for n in told)


def _withheld(part: Part, note: object) -> Part:
    name = _plain(part.key)
    return Part(part.key, name, Sheet(name, part.sheet.columns, ()), note=str(note))


def _plain(key: str) -> str:
    """A name without numbers."""
    return capfirst(key.replace("-", " "))


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
    """A number of patients, or of what each of them may have once."""
    return Cell("–" if n is None else str(n), (n,), () if n is None else (n,))


def ordinal(n: int) -> Cell:
    """A number that counts nobody, as a year."""
    return Cell(str(n), (n,))


def n_of(n: int, total: int) -> Cell:
    """8/37: a number of patients of others."""
    return Cell(f"{n}/{total}", (n, total), (n, total - n))


def decimal(value: float | None, decimals: int = 2) -> Cell:
    return Cell("–" if value is None else _signed(fixed(value, decimals)), (value,))


def share(table: Table) -> Cell:
    """8/37, 22 (10–38): always with the denominator."""
    values = tuple(table[code] for code in ("n", "of", "proportion", "ci_low", "ci_high"))
    counts = n_of(table["n"], table["of"])
    if not table["of"]:
        return replace(counts, values=values)
    text = f"{counts.text}, {share_and_interval(table)} %"
    return Cell(text, values, counts.patients)


def distributed(table: Table, decimals: int = 1) -> Cell:
    """28 (27–29), n 39: median, quartiles, and of how many."""
    values = tuple(table[code] for code in SPREAD)
    if not table["n"]:
        return Cell("–, n 0", values)
    median, q1, q3 = (_signed(rounded(table[code], decimals)) for code in ("median", "q1", "q3"))
    to = " to " if "−" in f"{q1}{q3}" else "–"
    return Cell(f"{median} ({q1}{to}{q3}), n {table['n']}", values, (table["n"],))


def _signed(text: str) -> str:
    """With a minus that is one; what is rounded to nothing has none."""
    return text.replace("-", "−") if text.strip("-0.") else text.lstrip("-")


def sheet(caption: object, columns: Sequence[Column], rows: Sequence[Sequence[Cell]]) -> Sheet:
    return Sheet(str(caption), tuple(columns), tuple(tuple(row) for row in rows))
