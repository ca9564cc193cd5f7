"""The list of patients with what was derived for each, as of a day."""

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import date

import pandas as pd

from outcomes.cohorts import Cohort
from outcomes.dashboards.pseudonymised import pseudonymised_rows
from outcomes.dashboards.recorded import first_included_on
from outcomes.dashboards.rows import rows_of
from outcomes.derivation.long_term import LongTermStatus
from outcomes.derivation.timeline import Bools
from patients.vocabulary import age_band


@dataclass(frozen=True)
class PatientRow:
    study_id: str
    centre: str
    sex: str
    birth_year: float | None
    age_band: str
    treatment_history: str
    index_on: date | None
    short_term_response: str
    short_term_reason: str
    long_term_status: str
    long_term_group: str
    blocks_first: int | None
    blocks_last: int | None
    block_change: str
    block_change_reason: str
    weekly_dose_g: float | None
    dose_trend: str
    dose_reason: str
    last_contact_on: date | None
    lost_to_follow_up: bool | None


@dataclass(frozen=True)
class PatientList:
    """The rows that answer the question, in order, and how many patients there are in all.

    `first_included_on` is None where nobody ever was, whatever the day looked at.
    """

    rows: tuple[PatientRow, ...]
    total: int
    first_included_on: date | None


# Needed for an age band, but in no column of the list; and the other way round.
_ALSO_READ = ("included_on",)
_NOT_DERIVED = ("study_id", "age_band")
LIST_COLUMNS = (*(f.name for f in fields(PatientRow) if f.name not in _NOT_DERIVED), *_ALSO_READ)


def patient_list(
    everybody: Cohort, is_listed: Bools, part: str, sort: str, coarse: Collection[str] = ()
) -> PatientList:
    """Rows of the patients who are asked for, and whose study id has this part in it.

    ``everybody``: with `LIST_COLUMNS`. ``coarse``: codes of the centres whose patients are shown
    in months and age bands.
    """
    derived = everybody.rows[is_listed].reset_index()
    derived["age_band"] = _age_bands(derived)
    chosen = derived[_has_part(derived, part)] if part else derived
    return PatientList(
        pseudonymised_rows(rows_of(PatientRow, _sorted(chosen, sort)), coarse),
        len(everybody.rows),
        first_included_on(everybody),
    )


def _has_part(derived: pd.DataFrame, part: str) -> pd.Series:
    return derived["study_id"].str.contains(part.strip(), case=False, regex=False)


def _age_bands(derived: pd.DataFrame) -> list[str]:
    ages = derived["included_on"].dt.year - derived["birth_year"]
    return ["" if pd.isna(age) else age_band(int(age)) for age in ages]


# ---------- The order ----------

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
# Results in the order of their meaning; what is no result has no place and comes last.
MEANING = {
    "short_term_response": ["responder", "non_responder"],
    "long_term_status": [
        LongTermStatus.REMISSION,
        LongTermStatus.REMISSION_ON_IMMUNOSUPPRESSANT,
        LongTermStatus.DEPENDENT,
        LongTermStatus.DEPENDENT_WITH_IMMUNOSUPPRESSANT,
        LongTermStatus.TREATED_WITHOUT_RESPONSE,
        LongTermStatus.RELAPSED_UNTREATED,
        LongTermStatus.NON_RESPONDER,
    ],
}


def _sorted(rows: pd.DataFrame, sort: str) -> pd.DataFrame:
    """What is missing last, whichever way round; ties by study id."""
    return rows.sort_values("study_id").sort_values(
        SORTS[sort.removeprefix("-")],
        ascending=not sort.startswith("-"),
        key=_places,
        kind="stable",
        na_position="last",
    )


def _places(column: pd.Series) -> pd.Series:
    if column.name not in MEANING:
        return column
    return column.map({str(word): place for place, word in enumerate(MEANING[column.name])})
