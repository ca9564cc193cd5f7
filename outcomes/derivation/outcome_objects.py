"""Outcomes as typed values, for JSON: numbers, true and false, and null where there is none."""

from collections.abc import Iterable
from typing import Any

import pandas as pd

from outcomes.derivation.derive import OUTCOME_COLUMNS
from outcomes.derivation.tables import DECIMALS


def outcome_objects(
    patients: pd.DataFrame, columns: Iterable[str] = OUTCOME_COLUMNS
) -> list[dict[str, Any]]:
    """Outcomes of each patient as a dict of Python scalars.

    Parameters
    ----------
    patients : DataFrame as ``Outcomes.patients``, indexed by ``study_id``
    columns : iterable of str
        The columns wanted, in order.

    Returns
    -------
    list of dict, one per patient in order: ``study_id`` first; ISO dates, bool, int, float (doses
    and ratio to 4 decimals, as the CSV has them), str, and None where there is no value.

    Raises
    ------
    KeyError
        If a column is lacking.
    """
    values = {column: _scalars(patients[column]) for column in columns}
    named = {"study_id": patients.index.tolist(), **values}
    return [dict(zip(named, row, strict=True)) for row in zip(*named.values(), strict=True)]


def _scalars(column: pd.Series) -> list[Any]:
    if pd.api.types.is_datetime64_any_dtype(column):
        column = column.dt.strftime("%Y-%m-%d")
    elif pd.api.types.is_float_dtype(column):
        # By way of the text, so that the CSV and the JSON say the same number.
        column = pd.Series([float(f"{value:.{DECIMALS}f}") for value in column.to_numpy(float)])
    values = column.astype(object)
    return values.where(column.notna() & (values != ""), None).tolist()
