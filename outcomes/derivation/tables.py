"""Outcomes as text: the columns and the writing that `derive_outcomes` prints."""

import pandas as pd

from outcomes.derivation.derive import OUTCOME_COLUMNS, Outcomes

DECIMALS = 4


def outcome_table(outcomes: Outcomes) -> pd.DataFrame:
    """Outcomes as the text of a CSV file, column by column in the published order.

    Parameters
    ----------
    outcomes : Outcomes as `derive.derive` returns

    Returns
    -------
    DataFrame of text with ``study_id`` first: ISO dates, ``yes`` and ``no``, doses and ratio to
    4 decimals, whole counts, and ``""`` where there is no value. One row per patient, in order.
    """
    patients = outcomes.patients
    written = {column: as_text(patients[column]) for column in OUTCOME_COLUMNS}
    table = pd.DataFrame(written, index=patients.index)
    return table.rename_axis("study_id").reset_index().astype("str")


def as_text(column: pd.Series) -> pd.Series:
    """Write one typed column of outcomes as text; what is missing is empty.

    Parameters
    ----------
    column : Series of dates, booleans, whole numbers, decimals or text

    Returns
    -------
    Series of text on the same index.
    """
    if pd.api.types.is_datetime64_any_dtype(column):
        return _or_empty(column, column.dt.strftime("%Y-%m-%d"))
    if pd.api.types.is_bool_dtype(column):
        return _or_empty(column, column.map({True: "yes", False: "no"}))
    if pd.api.types.is_float_dtype(column):
        return _or_empty(column, pd.Series(_decimals(column), index=column.index))
    return _or_empty(column, column.astype(object).map(str))


def _or_empty(column: pd.Series, written: pd.Series) -> pd.Series:
    return written.astype(object).mask(column.isna(), "").astype("str")


def _decimals(column: pd.Series) -> list[str]:
    # Adding 0 turns minus zero into zero.
    return [f"{value + 0.0:.{DECIMALS}f}" for value in column.to_numpy(dtype=float)]
