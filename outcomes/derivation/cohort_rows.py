"""A row per patient that holds whatever the tables of a cohort are made of.

A cohort is summarised from these rows alone, wherever they come from: derived just now, or kept.
"""

from dataclasses import dataclass
from datetime import date

import pandas as pd

from outcomes.derivation.cohort import (
    Table,
    summarise,
    uncarried_columns,
)
from outcomes.derivation.columns import Columns, together
from outcomes.derivation.counting import places
from outcomes.derivation.derive import Outcomes
from outcomes.derivation.frames import Records
from outcomes.derivation.kept_courses import course_columns
from outcomes.derivation.predictors import (
    LEVELS,
    PREDICTORS,
    evaluable_of_primary,
    predictor_columns,
    predictor_table,
)
from outcomes.derivation.recorded import recorded_columns
from outcomes.derivation.response import Response
from outcomes.derivation.rules import RULES, Rules

# Predictors that are columns of every outcome already; the others are kept under their names.
_DERIVED_ALREADY = ("sex", "onset_to_treatment_years", "affected_muscles")
KEPT_PREDICTORS = tuple(name for name in PREDICTORS if name not in _DERIVED_ALREADY)
# What predictors and their table are made of.
_PREDICTED = (
    *("in_primary_table", "short_term_response", "sex", "onset_to_treatment_years", "affected"),
    *KEPT_PREDICTORS,
)
# The response, and the same had grades carried forward not been graded.
UNCARRIED = {
    "short_term_response": "uncarried_response",
    "short_term_reason": "uncarried_reason",
}

# What `tables_of_rows` reads.
TABLE_COLUMNS = (
    *("centre", "treatment_history", "in_primary_table", "diagnosis_category"),
    *("short_term_response", "short_term_reason", "provisional", "strict_response"),
    *("co_treated", "grip_response", "mrc_sum_response", *UNCARRIED.values()),
    *("long_term_status", "long_term_group", "dependency_proven", "relapsed_after_remission"),
    *("lost_to_follow_up", "follow_up_days", "death_days"),
    *("remission_days", "remission_event", "relapse_days", "relapse_event"),
    *("block_change", "block_change_reason", "blocks_first", "blocks_last"),
    *("nerves_blocked_first", "nerves_blocked_last"),
    *("weekly_dose_g", "weekly_dose_g_per_kg", "dose_trend", "dose_reason"),
    *("declining_responsiveness", "sex", "onset_to_treatment_years", "affected"),
    *KEPT_PREDICTORS,
)


@dataclass(frozen=True)
class _Rows:
    """Outcomes without what they rest on."""

    as_of: date
    rules: Rules
    patients: pd.DataFrame


def cohort_rows(records: Records, outcomes: Outcomes) -> pd.DataFrame:
    """Put beside the outcomes of each patient what the tables of the cohort need besides.

    Parameters
    ----------
    records : Records, whole
    outcomes : Outcomes
        Derived from the same records.

    Returns
    -------
    DataFrame: the rows and columns of ``outcomes.patients``; the columns of
    `recorded.recorded_kinds`; the values of `KEPT_PREDICTORS` (as `predictors.predictor_values`
    has them; missing for whom the predictors are not about); the columns of
    `kept_courses.kept_courses`; and ``uncarried_response`` and ``uncarried_reason``, response and
    reason had grades carried forward not been graded.

    References
    ----------
    .. [1] J.-M. Léger et al. (L08), J. Neurol. Neurosurg. Psychiatry 79:93-96, 2008.
    """
    return row_columns(records, outcomes).frame(outcomes.facts.study_ids)


def row_columns(records: Records, outcomes: Outcomes) -> Columns:
    """What `cohort_rows` returns, as columns."""
    facts = outcomes.facts
    again = together(outcomes.by_patient, uncarried_columns(records, outcomes)).with_texts()
    return together(
        outcomes.by_patient,
        recorded_columns(facts.records, facts.study_ids),
        predictor_columns(outcomes).select(KEPT_PREDICTORS),
        course_columns(outcomes),
        Columns.named({kept: again[column] for column, kept in UNCARRIED.items()}),
    )


def tables_of_rows(rows: pd.DataFrame, as_of: date, rules: Rules = RULES) -> Table:
    """All tables of a cohort, from rows alone.

    Parameters
    ----------
    rows : DataFrame as `cohort_rows` returns, or some of its rows; `TABLE_COLUMNS` will do
    as_of : date
        The day as of which they were derived.
    rules : Rules
        The rules they were derived by.

    Returns
    -------
    dict as `cohort.cohort_summary` returns it for the records of the same patients.
    """
    rows = rows.reset_index(drop=True)  # whose they are is not asked, and texts move slowly
    again = rows.assign(**{column: rows[kept] for column, kept in UNCARRIED.items()})
    return summarise(
        _Rows(as_of, rules, rows),
        predictors=predictor_table(_predictor_values(rows), rules),
        without_carried_forward=again,
    )


def _predictor_values(rows: pd.DataFrame) -> pd.DataFrame:
    """What `predictors.predictor_values` reads out of the records."""
    those = evaluable_of_primary(rows[list(_PREDICTED)])
    sex = places(those["sex"], LEVELS["sex"])
    values = those[list(KEPT_PREDICTORS)].assign(
        sex=pd.arrays.BooleanArray(sex == 0, sex == len(LEVELS["sex"])),
        onset_to_treatment_years=those["onset_to_treatment_years"],
        affected_muscles=those["affected"].astype("float64"),
    )
    return values[list(PREDICTORS)].assign(
        responder=those["short_term_response"] == Response.RESPONDER
    )
