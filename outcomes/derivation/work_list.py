"""What is open for each patient as of a day: reviews, records that lack, treatment to look at.

These are reminders of the registry's own and no outcome rules: nothing derives from them.
"""

from enum import StrEnum

import numpy as np
import pandas as pd

from outcomes.derivation.rules import RULES, Rules

REVIEW_EVERY_DAYS = 365
REDUCTION_EVERY_DAYS = 365
TOLD_DAYS_AHEAD = 30
INFUSION_TOLD_DAYS_AHEAD = 7


class Task(StrEnum):
    """What somebody may do about a patient, the most pressing first."""

    SIX_MONTH_REVIEW = "six_month_review"
    PLANNED_INFUSION = "planned_infusion"
    INFUSION_EXPECTED = "infusion_expected"
    WEARING_OFF = "wearing_off"
    YEARLY_REVIEW = "yearly_review"
    REDUCTION_NOT_TRIED = "reduction_not_tried"
    BASELINE_MISSING = "baseline_missing"
    WEIGHT_OLD = "weight_old"
    DIAGNOSIS_OPEN = "diagnosis_open"


COLUMNS = (
    *("index_on", "baseline_on", "month6_on", "last_contact_on", "last_infusion_on"),
    *("expected_interval_days", "on_treatment", "declining_responsiveness"),
    *("stale_weight", "weight_on", "diagnosis_missing"),
)


def open_tasks(rows: pd.DataFrame, as_of: pd.Timestamp, rules: Rules = RULES) -> pd.DataFrame:
    """All that is open.

    Parameters
    ----------
    rows : DataFrame by ``study_id``
        `COLUMNS` of the outcomes as of the day, and what is recorded until then:
        ``included_on``, ``last_visit_on``, ``last_attempt_on``, ``planned_on`` (the first infusion
        that is planned and not given; datetime64, NaT for none) and ``is_dead`` (bool). The dead
        have nothing open.
    as_of : Timestamp

    Returns
    -------
    DataFrame: ``study_id``, ``task`` (`Task`), ``due_on`` (datetime64; NaT where no day is named),
    by task, then the longest due first, then by study id.
    """
    living = rows[~rows["is_dead"]]
    found = [
        pd.DataFrame({"study_id": due.index, "task": task, "due_on": due.to_numpy()})
        for task, due in _due(living, as_of, rules).items()
    ]
    together = pd.concat(found, ignore_index=True)
    order = together["task"].map({task: place for place, task in enumerate(Task)})
    return (
        together.assign(order=order)
        .sort_values(["order", "due_on", "study_id"], na_position="last")
        .drop(columns="order")
        .reset_index(drop=True)
    )


def _due(rows: pd.DataFrame, as_of: pd.Timestamp, rules: Rules) -> dict[Task, pd.Series]:
    """The days on which each task was or will be due, of the patients of whom it is open."""
    month6 = rows["index_on"] + _days(rules.month_6_target_day)
    window_ends = rows["index_on"] + _days(rules.month_6_days[1])
    yearly = rows["last_visit_on"].fillna(rows["included_on"]) + _days(REVIEW_EVERY_DAYS)
    interval = rows["expected_interval_days"].astype("float64").round()
    infusion = rows["last_infusion_on"] + pd.to_timedelta(interval, unit="D")
    tried = rows["last_attempt_on"].fillna(rows["index_on"]) + _days(REDUCTION_EVERY_DAYS)
    old = rows["weight_on"] + _days(rules.stale_weight_days)
    treated = rows["on_treatment"].astype("bool")
    soon = as_of + _days(TOLD_DAYS_AHEAD)
    no_day = pd.Series(np.datetime64("NaT", "s"), index=rows.index)
    return {
        Task.SIX_MONTH_REVIEW: month6[
            rows["month6_on"].isna() & (month6 <= soon) & (window_ends >= as_of)
        ],
        Task.PLANNED_INFUSION: rows["planned_on"][
            rows["planned_on"] <= as_of + _days(INFUSION_TOLD_DAYS_AHEAD)
        ],
        # Where infusions are planned, their days are what is waited for.
        Task.INFUSION_EXPECTED: infusion[
            treated
            & rows["planned_on"].isna()
            & (infusion <= as_of + _days(INFUSION_TOLD_DAYS_AHEAD))
        ],
        Task.WEARING_OFF: rows["last_contact_on"][_is_true(rows["declining_responsiveness"])],
        Task.YEARLY_REVIEW: yearly[yearly <= soon],
        Task.REDUCTION_NOT_TRIED: tried[treated & (tried <= as_of)],
        Task.BASELINE_MISSING: rows["index_on"][
            rows["index_on"].notna() & rows["baseline_on"].isna()
        ],
        Task.WEIGHT_OLD: old[treated & _is_true(rows["stale_weight"])],
        Task.DIAGNOSIS_OPEN: no_day[rows["diagnosis_missing"].fillna("").astype("str") != ""],
    }


def _days(days: int) -> pd.Timedelta:
    return pd.Timedelta(days=days)


def _is_true(answers: pd.Series) -> pd.Series:
    """Where the answer is yes; no answer is no yes."""
    return answers.astype("boolean").fillna(value=False).astype("bool")
