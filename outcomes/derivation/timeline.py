"""Dated things of many patients in one sorted array, and the few questions the rules ask of it.

Days are whole days since 1970-01-01. One key per thing (patient code and day in one integer) lets
"the last before", "the first after" and "all within" be a binary search for all patients at once.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from outcomes.derivation.columns import SECONDS_A_DAY, Bools, Floats, Ints, Words

# Days fit in 22 bits (years -3770 to 7710), which leaves 41 bits for patients.
_SPAN = 1 << 22
_FIRST_DAY = -(1 << 21)
_LAST_DAY = (1 << 21) - 1


@dataclass(frozen=True)
class Timeline:
    """Things sorted by owner and day. Owners are integer codes: a patient, or patient and route."""

    owner: Ints
    day: Ints

    @cached_property
    def key(self) -> Ints:
        """One ascending integer per thing."""
        return _keys(self.owner, self.day)

    def last_until(self, owner: Ints, day: Ints | Floats) -> Ints:
        """Position of the owner's last thing on or before the day; -1 if there is none."""
        at = np.searchsorted(self.key, _keys(owner, day), side="right") - 1
        return np.where(self._belongs(at, owner), at, -1)

    def first_from(self, owner: Ints, day: Ints | Floats) -> Ints:
        """Position of the owner's first thing on or after the day; -1 if there is none."""
        at = np.searchsorted(self.key, _keys(owner, day), side="left")
        return np.where(self._belongs(at, owner) & ~np.isnan(day), at, -1)

    def first_after(self, owner: Ints, day: Ints | Floats) -> Ints:
        """Position just behind the owner's last thing on or before the day, whoever's it is."""
        return np.searchsorted(self.key, _keys(owner, day), side="right")

    def within(self, owner: Ints, first: Ints | Floats, last: Ints | Floats) -> tuple[Ints, Ints]:
        """Half-open range of positions of the owner's things from first to last, both included."""
        start = np.searchsorted(self.key, _keys(owner, first), side="left")
        stop = np.searchsorted(self.key, _keys(owner, last), side="right")
        return start, np.maximum(start, stop)

    def day_at(self, position: Ints) -> Floats:
        """Day of the things at these positions; NaN where the position is -1."""
        return take_or_nan(self.day, position)

    def _belongs(self, at: Ints, owner: Ints) -> Bools:
        """Whether the thing at a position is there at all, and is this owner's."""
        belongs = (at >= 0) & (at < len(self.owner))
        belongs[belongs] = self.owner[at[belongs]] == owner[belongs]
        return belongs


def _keys(owner: Ints, day: Ints | Floats) -> Ints:
    """NaN is a day before all others: nothing lies on or before it, a window to it is empty."""
    return owner * _SPAN + (_bounded(day) - _FIRST_DAY)


def _bounded(day: Ints | Floats) -> Ints:
    if day.dtype.kind != "f":
        return day.astype(np.int64, copy=False)
    # fmax takes the first day for NaN.
    return np.fmin(np.fmax(day, _FIRST_DAY), _LAST_DAY).astype(np.int64)


def sorted_timeline(owner: Ints, day: Ints) -> tuple[Timeline, Ints]:
    """Sort things by owner and day (stable); the second value is the order that did it."""
    key = _keys(owner, day)
    order = np.arange(len(key)) if is_ascending(key) else np.argsort(key, kind="stable")
    return Timeline(owner[order], day[order]), order


def distinct_days(owner: Ints, day: Ints) -> Timeline:
    """One thing per owner and day."""
    timeline, _ = sorted_timeline(owner, day)
    is_first = starts_of_runs(timeline.key)
    return Timeline(timeline.owner[is_first], timeline.day[is_first])


def is_ascending(values: Ints) -> bool:
    """Whether no value is below the one before it, so that sorting can be spared."""
    return bool((values[1:] >= values[:-1]).all())


def starts_of_runs(values: npt.NDArray[Any]) -> Bools:
    """True where a value differs from the one before it, and at the first."""
    changed = np.ones(len(values), dtype=bool)
    changed[1:] = values[1:] != values[:-1]
    return changed


def spread_ranges(start: Ints, stop: Ints) -> tuple[Ints, Ints]:
    """List every position of many half-open ranges, and beside it the number of its range."""
    lengths = stop - start
    owner = np.repeat(np.arange(len(lengths)), lengths)
    before = np.cumsum(lengths) - lengths
    return owner, np.arange(len(owner)) - before[owner] + start[owner]


def take_or_nan(values: Ints | Floats, position: Ints) -> Floats:
    """Values at these positions; NaN where the position is -1."""
    taken = np.full(len(position), np.nan)
    is_there = position >= 0
    taken[is_there] = values[position[is_there]]
    return taken


def whole_days(column: pd.Series) -> Floats:
    """Days since 1970-01-01 of a date column; NaN where not recorded."""
    days = key_days(column).astype(np.float64)
    days[np.isnat(column.to_numpy())] = np.nan
    return days


def key_days(column: pd.Series) -> Ints:
    """Days since 1970-01-01 of a column that dates its records, so that none is missing."""
    seconds = column.to_numpy().astype("datetime64[s]", copy=False).view(np.int64)
    return seconds // SECONDS_A_DAY


def middle_days(first_on: npt.NDArray[np.datetime64], precision: Words) -> Floats:
    """Days since 1970-01-01 that partial dates count as: 1 July of a year, the 15th of a month."""
    first = first_on.astype("datetime64[D]")
    july = first.astype("datetime64[Y]").astype("datetime64[M]") + 6
    fifteenth = first.astype("datetime64[M]").astype("datetime64[D]") + 14
    chosen = [precision.is_("year"), precision.is_("month")]
    middle = np.select(chosen, [july.astype("datetime64[D]"), fifteenth], first)
    return np.where(np.isnat(middle), np.nan, middle.astype(np.int64).astype(np.float64))


def dates(days: Ints | Floats) -> npt.NDArray[np.datetime64]:
    """Back from days since 1970-01-01 to datetime64[s]; NaN becomes NaT."""
    is_known = np.isfinite(days)
    whole = np.where(is_known, days, 0).astype(np.int64).astype("datetime64[D]")
    return np.where(is_known, whole, np.datetime64("NaT")).astype("datetime64[s]")


def codes(column: pd.Series | Words, words: pd.Index) -> Ints:
    """Position of every value among the words; -1 where it is none of them.

    A column of codes is looked up once per word: loaders of large cohorts use that.
    """
    if isinstance(column, Words):
        return column.codes(words)
    if isinstance(column.dtype, pd.CategoricalDtype):
        if column.cat.categories is words or column.cat.categories.equals(words):
            return column.cat.codes.to_numpy().astype(np.int64)
        looked_up = np.append(words.get_indexer(column.cat.categories), -1)
        return looked_up[column.cat.codes.to_numpy()].astype(np.int64)
    return words.get_indexer(pd.Index(column.to_numpy(dtype=object))).astype(np.int64)


def labels(code: Ints, words: pd.Index) -> Words:
    """The words at these positions, compactly; -1 is missing."""
    return Words(code, words)


def study_id_index(column: pd.Series | Words) -> pd.Index:
    """The distinct study ids of a column, sorted bytewise: what patient codes are positions in."""
    if isinstance(column, Words):
        return _sorted_words(column)
    if isinstance(column.dtype, pd.CategoricalDtype):
        times = np.bincount(column.cat.codes + 1, minlength=len(column.cat.categories) + 1)[1:]
        distinct = column.cat.categories[times > 0].to_numpy(dtype=object)
    else:
        distinct = pd.Index(column.unique()).to_numpy(dtype=object)
    study_ids: pd.Index = pd.Index(np.sort(distinct), dtype="str", name="study_id")
    return study_ids


def _sorted_words(column: Words) -> pd.Index:
    times = np.bincount(column.code + 1, minlength=len(column.words) + 1)[1:]
    distinct = column.words.to_numpy(dtype=object)[times > 0]
    if (times > 0).all() and column.words.name == "study_id" and _is_sorted(distinct):
        return column.words
    study_ids: pd.Index = pd.Index(np.sort(distinct), dtype="str", name="study_id")
    return study_ids


def _is_sorted(values: npt.NDArray[np.object_]) -> bool:
    return bool((values[1:] >= values[:-1]).all())
