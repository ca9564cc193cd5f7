"""Outcomes as they last: what can be kept until something is recorded, and finished when read.

Once every record of a patient lies in the past, the day asked about decides three things only:
whether the window of month 6 is still open (``PENDING``, ``provisional``) and whether the patient
is lost to follow-up. All three follow from days that are kept. So a row derived as of a day that
never comes answers for every day from its last record on, and no job has to run at midnight.
"""

from datetime import date

import numpy as np
import pandas as pd

from outcomes.derivation.cohort_rows import UNCARRIED, row_columns
from outcomes.derivation.columns import Columns
from outcomes.derivation.courses import latest_day
from outcomes.derivation.derive import derive
from outcomes.derivation.frames import DATED_BY, Records
from outcomes.derivation.response import ResponseReason
from outcomes.derivation.rules import RULES, Rules
from outcomes.derivation.timeline import dates, whole_days

ALWAYS = date.max

_REASONS = ("short_term_reason", UNCARRIED["short_term_reason"])
# What tells of a patient's records that something ended.
_ENDS = {"regimens": "ended_on", "immunosuppressants": "ended_on", "patients": "deceased_on"}


def lasting_rows(records: Records, rules: Rules = RULES) -> pd.DataFrame:
    """Derive what holds from a patient's last record on, whatever day it is then.

    Parameters
    ----------
    records : Records, whole
    rules : Rules

    Returns
    -------
    DataFrame as `cohort_rows.cohort_rows` returns, derived as of `ALWAYS`, and
    ``recorded_until``: the latest day that a record of the patient names as its own, as an end or
    as death (datetime64[s]). For that day and every later one, `as_on` finishes the row.

    Notes
    -----
    Limits of normal are not asked for their day: one that begins after a study does not concern
    it (rules, section 5).
    """
    study_ids, rows = lasting_columns(records, rules)
    return rows.frame(study_ids)


def lasting_columns(records: Records, rules: Rules = RULES) -> tuple[pd.Index, Columns]:
    """What `lasting_rows` returns, as columns: whose rows, and the rows."""
    outcomes = derive(records, ALWAYS, rules)
    study_ids = outcomes.facts.study_ids
    rows = row_columns(records, outcomes)
    latest = [
        latest_day(records.columns(name), day, study_ids)
        for name, day in (*DATED_BY.items(), *_ENDS.items())
        if "study_id" in records.columns(name)
    ]
    return study_ids, rows.assign(recorded_until=dates(np.fmax.reduce(latest)))


def as_on(rows: pd.DataFrame, as_of: date, rules: Rules = RULES) -> pd.DataFrame:
    """Finish lasting rows for a day.

    Parameters
    ----------
    rows : DataFrame as `lasting_rows` returns, or some of its rows and columns
    as_of : date
        On or after ``recorded_until`` of every row.
    rules : Rules
        Those by which the rows were derived.

    Returns
    -------
    DataFrame of the same rows and columns, as `cohort_rows.cohort_rows` derives them as of the
    day.
    """
    day = np.datetime64(as_of, "D").astype(np.int64)
    finished: dict[str, pd.Series | pd.api.extensions.ExtensionArray] = {}
    if {"provisional", *_REASONS} & set(rows):
        index_day = whole_days(rows["index_on"])
        is_open = day <= index_day + rules.month_6_days[1]
    for column in set(_REASONS) & set(rows):
        is_pending = is_open & (rows[column] == ResponseReason.NO_EXAMINATION).to_numpy(bool)
        finished[column] = rows[column].mask(is_pending, ResponseReason.PENDING.value)
    if "provisional" in rows:
        finished["provisional"] = pd.arrays.BooleanArray(is_open, np.isnan(index_day))
    if "lost_to_follow_up" in rows:
        since_contact = day - whole_days(rows["last_contact_on"])
        is_seen = since_contact <= rules.lost_after_days  # never where there was no contact
        finished["lost_to_follow_up"] = rows["lost_to_follow_up"].mask(is_seen, other=False)
    return rows.assign(**finished)
