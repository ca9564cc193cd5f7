"""The list of patients with what was derived for each, as of a day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd
from django.db.models import QuerySet

from outcomes.dashboards.rows import rows_of
from outcomes.derivation.derive import derive
from outcomes.selectors import load_records
from patients.models import Patient


@dataclass(frozen=True)
class PatientRow:
    study_id: str
    centre: str
    sex: str
    birth_year: float | None
    treatment_history: str
    index_on: date | None
    short_term_response: str
    short_term_reason: str
    long_term_status: str
    long_term_group: str
    blocks_first: int | None
    blocks_last: int | None
    block_change: str
    weekly_dose_g: float | None
    dose_trend: str
    last_contact_on: date | None
    lost_to_follow_up: bool | None


@dataclass(frozen=True)
class PatientList:
    """The rows that answer the question, in order, and how many patients there are in all."""

    rows: tuple[PatientRow, ...]
    total: int


# What a list can be sorted by; a minus before the name turns the order round.
SORTS = {
    "study_id": "study_id",
    "centre": "centre",
    "index": "index_on",
    "response": "short_term_response",
    "status": "long_term_status",
    "blocks": "blocks_last",
    "dose": "weekly_dose_g",
    "contact": "last_contact_on",
}
PRIMARY = "primary"


def patient_list(
    patients: QuerySet[Patient], as_of: date, asked: Mapping[str, Any], sort: str
) -> PatientList:
    """Derive the patients and keep those that were asked for."""
    derived = derive(load_records(patients), as_of).patients.reset_index()
    chosen = derived[_answers(derived, asked)]
    return PatientList(rows_of(PatientRow, _sorted(chosen, sort)), len(derived))


def _answers(derived: pd.DataFrame, asked: Mapping[str, Any]) -> pd.Series:
    keep = pd.Series(True, index=derived.index)
    if asked.get("q"):
        keep &= derived["study_id"].str.contains(asked["q"].strip(), case=False, regex=False)
    if asked.get("history") == PRIMARY:
        keep &= derived["in_primary_table"]
    elif asked.get("history"):
        keep &= derived["treatment_history"] == asked["history"]
    for name, column in (
        ("response", "short_term_response"),
        ("group", "long_term_group"),
        ("status", "long_term_status"),
    ):
        if asked.get(name):
            keep &= derived[column] == asked[name]
    return keep


def _sorted(rows: pd.DataFrame, sort: str) -> pd.DataFrame:
    """Missing values last, whichever way round; ties by study id."""
    column = SORTS[sort.removeprefix("-")]
    if column == "study_id":
        return rows.sort_values("study_id", ascending=not sort.startswith("-"))
    by_id = rows.sort_values("study_id")
    return by_id.sort_values(
        column, ascending=not sort.startswith("-"), kind="stable", na_position="last"
    )
