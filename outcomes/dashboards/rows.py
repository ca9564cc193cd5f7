"""Rows of a frame as plain Python values, for pages that read a few of them."""

from dataclasses import fields
from typing import Any, TypeVar

import pandas as pd

Kind = TypeVar("Kind")


def rows_of(kind: type[Kind], frame: pd.DataFrame) -> tuple[Kind, ...]:
    """One instance of a dataclass per row, fields by column name; what is missing is None."""
    columns = [plain_values(frame[field.name]) for field in fields(kind)]  # type: ignore[arg-type]
    return tuple(kind(*values) for values in zip(*columns, strict=True))


def plain_values(column: pd.Series) -> list[Any]:
    """Dates as dates and numbers as Python numbers; None where there is no value."""
    is_missing = column.isna().tolist()
    values = column.astype(object).tolist()
    if pd.api.types.is_datetime64_any_dtype(column):
        values = [None if pd.isna(value) else value.date() for value in values]
    return [None if gone else value for value, gone in zip(values, is_missing, strict=True)]
