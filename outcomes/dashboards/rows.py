"""Rows of a table as plain Python values, for pages that read a few of them."""

from dataclasses import fields
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from outcomes.derivation.columns import Column, Columns, Table, Words

Kind = TypeVar("Kind")


def rows_of(kind: type[Kind], table: Table) -> tuple[Kind, ...]:
    """One instance of a dataclass per row, fields by column name; what is missing is None."""
    columns = Columns.of(table)
    values = [plain_values(columns[field.name]) for field in fields(kind)]  # type: ignore[arg-type]
    return tuple(kind(*row) for row in zip(*values, strict=True))


def plain_values(column: Column) -> list[Any]:
    """Dates as dates and numbers as Python numbers; None where there is no value."""
    if isinstance(column, Words):
        words = [*column.words.tolist(), None]
        return [words[place] for place in column.code.tolist()]
    if isinstance(column, pd.arrays.IntegerArray | pd.arrays.BooleanArray):
        return column.to_numpy(dtype=object, na_value=None).tolist()
    if column.dtype.kind == "M":
        return column.astype("datetime64[D]").astype(object).tolist()
    if column.dtype.kind == "f":
        return [None if value != value else value for value in column.tolist()]  # noqa: PLR0124
    return np.asarray(column).tolist()
