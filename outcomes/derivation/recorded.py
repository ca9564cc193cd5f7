"""Which patients have a kind of record: one answer for the cohort's page and for the list."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from outcomes.derivation.columns import Columns, Ints, counted
from outcomes.derivation.frames import Records
from outcomes.derivation.timeline import codes
from patients.vocabulary import LaboratoryTest


def recorded_kinds(records: Records, study_ids: pd.Index) -> pd.DataFrame:
    """Whether each patient has a record of each kind whose completeness is shown.

    Parameters
    ----------
    records : Records as known on a day (`frames.known_on`)
    study_ids : Index of the cohort's study ids

    Returns
    -------
    DataFrame by ``study_id``: ``visits`` and ``weighed_visits`` (those with a weight; doses need
    it) as Int64; ``has_`` each of `KINDS` as bool.
    """
    return recorded_columns(records, study_ids).frame(study_ids)


def recorded_columns(records: Records, study_ids: pd.Index) -> Columns:
    """What `recorded_kinds` returns, as columns."""
    visits = records.columns("visits")
    weighed = visits.where(~np.isnan(visits.floats("weight_kg")))
    numbers = {
        "visits": _rows_of_each(visits, study_ids),
        "weighed_visits": _rows_of_each(weighed, study_ids),
    }
    everyone = np.ones(len(study_ids), dtype=bool)
    return Columns.named(
        {
            **{name: counted(rows, everyone) for name, rows in numbers.items()},
            **{
                f"has_{kind}": _rows_of_each(of_kind(records), study_ids) > 0
                for kind, of_kind in KINDS.items()
            },
        }
    )


def _rows_of_each(table: Columns, study_ids: pd.Index) -> Ints:
    patient = codes(table.words("study_id"), study_ids)
    return np.bincount(patient[patient >= 0], minlength=len(study_ids))


def _onls(records: Records) -> Columns:
    visits = records.columns("visits")
    return visits.where(~np.isnan(visits.floats("onls_arm") + visits.floats("onls_leg")))


def _mmn_rods(records: Records) -> Columns:
    visits = records.columns("visits")
    return visits.where(~np.isnan(visits.floats("mmn_rods")))


def _anti_gm1(records: Records) -> Columns:
    samples = records.columns("laboratory")
    is_read = ~samples.words("interpretation").is_("")
    return samples.where(samples.words("test").is_(LaboratoryTest.ANTI_GM1_IGM) & is_read)


def _grip(records: Records) -> Columns:
    return records.columns("grip_strengths")


KINDS: dict[str, Callable[[Records], Columns]] = {
    "onls": _onls,
    "anti_gm1": _anti_gm1,
    "grip": _grip,
    "mmn_rods": _mmn_rods,
}
RECORDED_COLUMNS = ("visits", "weighed_visits", *(f"has_{kind}" for kind in KINDS))
