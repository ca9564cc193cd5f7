"""Stata and SPSS: codes as numbers with value labels, every column with its label.

Neither format can be written a piece at a time by what we have, so that a long table becomes
several files of so many rows.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyreadstat

from outcomes.exports.columns import Chunk, Column, Kind
from outcomes.exports.writing.package import Package
from outcomes.exports.writing.parquet_files import in_groups

ROWS_PER_FILE = 250_000
LABEL_LONGEST = 80  # of a variable, in Stata
FILE_LABEL_LONGEST = 60
_NO_YES = {0: "no", 1: "yes"}
_NUMBERS = (Kind.COUNT, Kind.NUMBER, Kind.TRUTH, Kind.CODE)


class _LabelledWriter:
    ending: str
    day_format: str

    def __init__(self, package: Package, folder: Path, banner: str):
        self.package, self.folder = package, folder
        self.banner = banner[:FILE_LABEL_LONGEST]

    def table(self, name: str, columns: Sequence[Column], chunks: Iterable[Chunk]) -> int:
        rows = 0
        for number, group in enumerate(in_groups(chunks, ROWS_PER_FILE), start=1):
            part = name if number == 1 else f"{name}_{number}"
            self._file(part, name, columns, group)
            rows += len(group)
        if rows == 0:
            self._file(name, name, columns, [])
        return rows

    def end(self) -> None:
        pass

    def _file(self, part: str, table: str, columns: Sequence[Column], group: Chunk) -> None:
        path = self.folder / f"{part}.{self.ending}"
        by_column = zip(*group, strict=True) if group else ([] for _c in columns)
        frame = pd.DataFrame(
            {c.name: self._values(c, values) for c, values in zip(columns, by_column, strict=True)}
        )
        self._write(
            frame,
            path,
            file_label=self.banner,
            column_labels={c.name: _label(c) for c in columns},
            variable_value_labels={c.name: numbered(c) for c in columns if numbered(c)},
            variable_format={c.name: self.day_format for c in columns if c.is_day},
        )
        self.package.add(path, path.name, table, len(group))

    def _values(self, column: Column, values: Sequence[Any]) -> pd.Series:
        if column.is_day:
            told = [np.nan if v is None else self._day(v) for v in values]
            return pd.Series(told, dtype=float)
        if column.kind is Kind.CODE:
            number_of = {code: number for number, code in enumerate(column.codes, start=1)}
            return pd.Series([number_of.get(v, np.nan) for v in values], dtype=float)
        if column.kind in _NUMBERS:
            return pd.Series([np.nan if v is None else float(v) for v in values], dtype=float)
        return pd.Series(["" if v is None else v for v in values], dtype=object)

    def _day(self, day: date) -> float:
        raise NotImplementedError

    def _write(self, frame: pd.DataFrame, path: Path, **said: Any) -> None:
        raise NotImplementedError


def numbered(column: Column) -> dict[int, str]:
    """The numbers that stand for codes here, with their words."""
    if column.kind is Kind.TRUTH:
        return _NO_YES
    if column.kind is not Kind.CODE:
        return {}
    return dict(enumerate(column.codes.values(), start=1))


def _label(column: Column) -> str:
    label = f"{column.label} [{column.unit}]" if column.unit else column.label
    return label if len(label) <= LABEL_LONGEST else f"{label[: LABEL_LONGEST - 1]}…"


class StataWriter(_LabelledWriter):
    ending, day_format = "dta", "%td"
    _EPOCH = date(1960, 1, 1)

    def _day(self, day: date) -> float:
        return float((day - self._EPOCH).days)

    def _write(self, frame: pd.DataFrame, path: Path, **said: Any) -> None:
        pyreadstat.write_dta(frame, str(path), version=15, **said)


class SpssWriter(_LabelledWriter):
    ending, day_format = "sav", "DATE11"
    _EPOCH = date(1582, 10, 14)
    _SECONDS = 24 * 60 * 60

    def _day(self, day: date) -> float:
        return float((day - self._EPOCH).days * self._SECONDS)

    def _write(self, frame: pd.DataFrame, path: Path, **said: Any) -> None:
        pyreadstat.write_sav(frame, str(path), compress=False, **said)
