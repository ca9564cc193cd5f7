"""Tables as arrays side by side: what the rules compute on between the frames outside.

A step on a frame costs a tenth of a millisecond however few its rows are, a step on an array a
microsecond. So a function of the rules takes a frame or `Columns`, reads it as `Columns`, and
frames are made of what comes out only for who reads them: pages, notebooks, tests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Rows: TypeAlias = Ints | slice

SECONDS_A_DAY = 86_400
# Lists of so few words are vocabularies: what was looked up in them is worth remembering.
VOCABULARY_SIZE = 100
MOST_REMEMBERED = 1_000
FEW_ROWS = 1_000


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """A column of text: the place of each value among its words, -1 where there is none."""

    code: npt.NDArray[Any]
    words: pd.Index
    is_categorical: bool = True  # in a frame; else it is a column of texts there

    def __len__(self) -> int:
        return len(self.code)

    def at(self, rows: Rows) -> Words:
        """The values of some rows."""
        return Words(self.code[rows], self.words, self.is_categorical)

    def is_(self, word: str) -> Bools:
        """Where the value is this word."""
        return self.is_in((word,))

    def is_in(self, words: Iterable[str]) -> Bools:
        """Where the value is one of these words."""
        found = [self.words.get_loc(word) for word in words if word in self.words]
        is_one = np.zeros(len(self.code), dtype=np.bool_)
        for place in found:
            is_one |= self.code == place
        return is_one

    def is_among(self, others: Words) -> Bools:
        """Where the value is one of those of another column."""
        is_there = np.zeros(len(others.words) + 1, dtype=np.bool_)
        is_there[others.code] = True
        is_there[-1] = False
        return is_there[self.codes(others.words)]

    def with_(self, chosen: Bools, word: str) -> Words:
        """The same, but this word where it is marked."""
        words = self.words if word in self.words else self.words.append(_index(word))
        (place,) = words.get_indexer(pd.Index([word], dtype="str"))
        return Words(np.where(chosen, place, self.code), words, self.is_categorical)

    def codes(self, words: pd.Index) -> Ints:
        """The place of each value among other words; -1 where it is none of them."""
        if self.words is words:
            return self.code.astype(np.int64, copy=False)
        places: Ints = _places(self.words, words)[self.code]
        return places

    def texts(self) -> npt.NDArray[np.object_]:
        """The values as Python's texts; missing is NaN, as pandas has it."""
        words = np.append(self.words.to_numpy(dtype=object), np.nan)
        texts: npt.NDArray[np.object_] = words[self.code]
        return texts

    def as_texts(self) -> Words:
        """The same, but a column of texts in a frame."""
        return Words(self.code, self.words, is_categorical=False)

    def framed(self) -> pd.api.extensions.ExtensionArray:
        """The values as a column of a frame."""
        if self.is_categorical:
            return pd.Categorical.from_codes(self.code, categories=self.words)
        return pd.array(self.texts(), dtype="str")


Column: TypeAlias = "npt.NDArray[Any] | Words | pd.api.extensions.ExtensionArray"


class Columns:
    """Columns of equal length by their names. A column is read, and cut, when it is asked for."""

    def __init__(self, names: Iterable[str], rows: int, read: Callable[[str], Column]) -> None:
        self.names = tuple(names)
        self._frame: pd.DataFrame | None = None
        self._rows = rows
        self._read = read
        self._columns: dict[str, Column] = {}
        self._days: dict[str, Ints] = {}

    @classmethod
    def of(cls, table: pd.DataFrame | Columns) -> Columns:
        """A frame's columns; `Columns` are what they are."""
        if isinstance(table, Columns):
            return table
        columns = cls(table.columns, len(table), lambda name: _column(table[name]))
        columns._frame = table
        return columns

    @classmethod
    def named(cls, columns: Mapping[str, Column]) -> Columns:
        """These columns, all of one length."""
        rows = len(next(iter(columns.values()))) if columns else 0
        return cls(columns, rows, columns.__getitem__)

    def __len__(self) -> int:
        return self._rows

    def __contains__(self, name: object) -> bool:
        return name in self.names

    def __getitem__(self, name: str) -> Column:
        if name not in self._columns:
            self._columns[name] = self._read(name)
        return self._columns[name]

    def words(self, name: str) -> Words:
        """A column of text."""
        column = self[name]
        if not isinstance(column, Words):
            column = self._columns[name] = _worded(np.asarray(column, dtype=object))
        return column

    def texts(self, name: str) -> npt.NDArray[Any]:
        """A column of text as an array of texts."""
        column = self[name]
        return column.texts() if isinstance(column, Words) else np.asarray(column)

    def floats(self, name: str) -> Floats:
        """A column of numbers, NaN where there is none."""
        column = self[name]
        if isinstance(column, pd.arrays.IntegerArray | pd.arrays.BooleanArray):
            return column.to_numpy(dtype=np.float64, na_value=np.nan)
        return np.asarray(column, dtype=np.float64)

    def bools(self, name: str) -> Bools:
        """A column of yes and no."""
        return np.asarray(self[name], dtype=np.bool_)

    def dates(self, name: str) -> npt.NDArray[np.datetime64]:
        """A column of dates, NaT where there is none."""
        return np.asarray(self[name])

    def key_days(self, name: str) -> Ints:
        """Days since 1970-01-01 of a column that dates its records, so that none is missing."""
        if name not in self._days:
            seconds = self.dates(name).astype("datetime64[s]", copy=False).view(np.int64)
            self._days[name] = seconds // SECONDS_A_DAY
        return self._days[name]

    def days(self, name: str) -> Floats:
        """Days since 1970-01-01 of a date column; NaN where not recorded."""
        days = self.key_days(name).astype(np.float64)
        days[np.isnat(self.dates(name))] = np.nan
        return days

    def where(self, chosen: Bools) -> Columns:
        """The rows that are marked; all of them are the same table."""
        return self if chosen.all() else self.rows(np.flatnonzero(chosen))

    def rows(self, chosen: Rows) -> Columns:
        """The rows at these places, in their order."""
        rows = len(range(self._rows)[chosen]) if isinstance(chosen, slice) else len(chosen)
        if isinstance(chosen, slice) and rows == self._rows:
            return self
        return Columns(self.names, rows, lambda name: _at(self[name], chosen))

    def sorted_by(self, *names: str) -> Columns:
        """The rows sorted by columns, the first decides; text of a vocabulary in its order."""
        keys = [_sortable(self[name]) for name in reversed(names)]
        return self.rows(np.lexsort(keys))

    def select(self, names: Sequence[str]) -> Columns:
        """Some of the columns."""
        return Columns(names, self._rows, self.__getitem__)

    def assign(self, **columns: Column) -> Columns:
        """The same with some columns in place of theirs, or besides."""

        def read(name: str) -> Column:
            return columns[name] if name in columns else self[name]

        return Columns(dict.fromkeys([*self.names, *columns]), self._rows, read)

    def with_texts(self) -> Columns:
        """The same, but text that was coded is a column of texts in a frame of them."""

        def read(name: str) -> Column:
            column = self[name]
            return column.as_texts() if isinstance(column, Words) else column

        return Columns(self.names, self._rows, read)

    def frame(self, index: pd.Index | None = None) -> pd.DataFrame:
        """A frame of them; the one that they are the columns of, if they are of one."""
        if self._frame is not None and index is None:
            return self._frame
        columns = {name: _of_frame(self[name]) for name in self.names}
        return pd.DataFrame(columns, index=pd.RangeIndex(self._rows) if index is None else index)


Table: TypeAlias = pd.DataFrame | Columns


def together(*parts: Columns) -> Columns:
    """The columns of all parts, which have the same rows; of two with one name the later."""
    whose = {name: part for part in parts for name in part.names}
    return Columns(whose, len(parts[0]), lambda name: whose[name][name])


def counted(numbers: npt.NDArray[Any], is_there: Bools) -> pd.arrays.IntegerArray:
    """Whole numbers, missing where there is none."""
    whole = np.where(is_there, numbers, 1).astype(np.int64)
    return pd.arrays.IntegerArray(whole, ~is_there)


def answered(truth: Bools, is_there: Bools) -> pd.arrays.BooleanArray:
    """Yes and no, missing where neither is the answer."""
    return pd.arrays.BooleanArray(truth & is_there, ~is_there)


def _column(column: pd.Series) -> Column:
    if isinstance(column.dtype, pd.CategoricalDtype):
        return Words(column.array.codes, column.array.categories)
    if isinstance(column.dtype, pd.StringDtype) or column.dtype == object:
        code, words = pd.factorize(column)
        return Words(code, pd.Index(words, dtype="str"), is_categorical=False)
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return column.to_numpy().astype("datetime64[s]", copy=False)
    array: Column = column.array if _has_mask(column.array) else column.to_numpy()
    return array


def _has_mask(array: object) -> bool:
    return isinstance(array, pd.arrays.BooleanArray | pd.arrays.IntegerArray)


def _worded(values: npt.NDArray[np.object_]) -> Words:
    code, words = pd.factorize(values) if len(values) > FEW_ROWS else _few_words(values)
    return Words(code, pd.Index(words, dtype=object), is_categorical=False)


def _few_words(values: npt.NDArray[np.object_]) -> tuple[npt.NDArray[Any], list[str]]:
    """What `pandas.factorize` finds, without its preparations."""
    places: dict[str, int] = {}
    code = [
        places.setdefault(value, len(places)) if isinstance(value, str) else -1
        for value in values.tolist()
    ]
    return np.array(code, dtype=np.int64), list(places)


def _index(word: str) -> pd.Index:
    return pd.Index([word], dtype="str")


def _at(column: Column, chosen: Rows) -> Column:
    if isinstance(column, Words):
        return column.at(chosen)
    taken: Column = column[chosen]
    return taken


def _sortable(column: Column) -> npt.NDArray[Any]:
    if not isinstance(column, Words):
        return np.asarray(column)
    if column.is_categorical:
        return column.code
    rank = np.argsort(np.argsort(column.words.to_numpy(dtype=object)))
    places: Ints = np.append(rank, len(rank))[column.code]
    return places


def _of_frame(column: Column) -> Any:
    if isinstance(column, Words):
        return column.framed()
    if isinstance(column, np.ndarray) and column.dtype.kind in "OU":
        return pd.array(column.astype(object), dtype="str")
    return column


_PLACES: dict[tuple[int, int], tuple[pd.Index, pd.Index, Ints]] = {}


def _places(words: pd.Index, others: pd.Index) -> Ints:
    """Where each of some words stands among others, and -1 for none at the end."""
    if max(len(words), len(others)) > VOCABULARY_SIZE:
        return _looked_up(words, others)
    # Kept with the words themselves, so that nothing else can come to have their identity.
    key = (id(words), id(others))
    if key not in _PLACES:
        if len(_PLACES) > MOST_REMEMBERED:
            _PLACES.clear()
        _PLACES[key] = (words, others, _looked_up(words, others))
    return _PLACES[key][2]


def _looked_up(words: pd.Index, others: pd.Index) -> Ints:
    return np.append(others.get_indexer(words), -1).astype(np.int64)
