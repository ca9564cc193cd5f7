"""The list of patients with what was derived for each, as of a day."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, fields
from datetime import date

import pandas as pd
from django.db.models import QuerySet

from outcomes.cohorts import load_cohort
from outcomes.dashboards.pseudonymised import pseudonymised_rows
from outcomes.dashboards.recorded import first_included_on, lacks
from outcomes.dashboards.rows import rows_of
from outcomes.derivation.long_term import LongTermStatus
from outcomes.derivation.recorded import RECORDED_COLUMNS
from patients.models import Patient
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


def patient_list(
    patients: QuerySet[Patient],
    as_of: date,
    asked: Mapping[str, str],
    sort: str,
    coarse: Collection[str] = (),
) -> PatientList:
    """Read the outcomes of the patients and keep those that were asked for.

    ``coarse``: codes of the centres whose patients are shown in months and age bands.
    """
    columns = [field.name for field in fields(PatientRow) if field.name not in NOT_DERIVED]
    # What is recorded is read only where it is asked for: a past day would have to count it.
    if asked.get("missing", LOST) != LOST:
        columns += RECORDED_COLUMNS
    cohort = load_cohort(patients, as_of, (*columns, *ALSO_ASKED))
    derived = cohort.rows.reset_index()
    derived["age_band"] = _age_bands(derived)
    chosen = derived[_answers(derived, asked)]
    return PatientList(
        pseudonymised_rows(rows_of(PatientRow, _sorted(chosen, sort)), coarse),
        len(derived),
        first_included_on(cohort),
    )


def _age_bands(derived: pd.DataFrame) -> list[str]:
    ages = derived["included_on"].dt.year - derived["birth_year"]
    return ["" if pd.isna(age) else age_band(int(age)) for age in ages]


# ---------- What can be asked ----------

Question = Callable[[pd.DataFrame, str], pd.Series]

PRIMARY, SECONDARY, NAIVE_SC = "primary", "secondary", "naive_sc"
EVALUABLE, NOT_EVALUABLE = "evaluable", "not_evaluable"
CLASSIFIED, NOT_CLASSIFIED = "classified", "not_classified"
DECLINING = "declining"
LOST = "contact"
# Asked for, or needed for an age band, but in no column of the list; and the other way round.
ALSO_ASKED = ("in_primary_table", "declining_responsiveness", "included_on")
NOT_DERIVED = ("study_id", "age_band")


def _answers(derived: pd.DataFrame, asked: Mapping[str, str]) -> pd.Series:
    keep = pd.Series(True, index=derived.index)
    for name, question in QUESTIONS.items():
        if asked.get(name):
            keep &= question(derived, asked[name])
    if asked.get("missing"):
        keep &= _lacks(derived, asked["missing"])
    return keep


def _study_id(derived: pd.DataFrame, part: str) -> pd.Series:
    return derived["study_id"].str.contains(part.strip(), case=False, regex=False)


def _history(derived: pd.DataFrame, code: str) -> pd.Series:
    is_primary = derived["in_primary_table"]
    if code == PRIMARY:
        return is_primary
    if code == SECONDARY:
        return ~is_primary
    if code == NAIVE_SC:
        return (derived["treatment_history"] == "naive") & ~is_primary
    return derived["treatment_history"] == code


def _response(derived: pd.DataFrame, code: str) -> pd.Series:
    """A response, or the reason of one."""
    response = derived["short_term_response"]
    if code == EVALUABLE:
        return response != NOT_EVALUABLE
    return (response == code) | (derived["short_term_reason"] == code)


def _group(derived: pd.DataFrame, code: str) -> pd.Series:
    group = derived["long_term_group"]
    return group != NOT_CLASSIFIED if code == CLASSIFIED else group == code


def _status(derived: pd.DataFrame, code: str) -> pd.Series:
    return derived["long_term_status"] == code


def _blocks(derived: pd.DataFrame, code: str) -> pd.Series:
    change = derived["block_change"]
    if code == EVALUABLE:
        return change != NOT_EVALUABLE
    return (change == code) | (derived["block_change_reason"] == code)


def _dose(derived: pd.DataFrame, code: str) -> pd.Series:
    if code == DECLINING:
        return derived["declining_responsiveness"].fillna(False).astype(bool)
    return (derived["dose_trend"] == code) | (derived["dose_reason"] == code)


QUESTIONS: dict[str, Question] = {
    "q": _study_id,
    "history": _history,
    "response": _response,
    "group": _group,
    "status": _status,
    "blocks": _blocks,
    "dose": _dose,
}


def _lacks(derived: pd.DataFrame, kind: str) -> pd.Series:
    if kind == LOST:
        return derived["lost_to_follow_up"].fillna(False).astype(bool)
    return lacks(derived, kind)


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
