"""Which patients have a kind of record: one answer for the cohort's page and for the list."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from outcomes.derivation.frames import Records
from outcomes.derivation.timeline import Ints, codes
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
    counted = {
        "visits": records.visits,
        "weighed_visits": records.visits[records.visits["weight_kg"].notna()],
    }
    return pd.DataFrame(
        {
            **{
                name: pd.array(_rows_of_each(frame, study_ids), dtype="Int64")
                for name, frame in counted.items()
            },
            **{
                f"has_{kind}": _rows_of_each(of_kind(records), study_ids) > 0
                for kind, of_kind in KINDS.items()
            },
        },
        index=study_ids,
    )


def _rows_of_each(frame: pd.DataFrame, study_ids: pd.Index) -> Ints:
    patient = codes(frame["study_id"], study_ids)
    return np.bincount(patient[patient >= 0], minlength=len(study_ids))


def _onls(records: Records) -> pd.DataFrame:
    visits = records.visits
    return visits[visits["onls_arm"].notna() & visits["onls_leg"].notna()]


def _mmn_rods(records: Records) -> pd.DataFrame:
    return records.visits[records.visits["mmn_rods"].notna()]


def _anti_gm1(records: Records) -> pd.DataFrame:
    samples = records.laboratory
    is_read = samples["interpretation"] != ""
    return samples[(samples["test"] == LaboratoryTest.ANTI_GM1_IGM) & is_read]


def _grip(records: Records) -> pd.DataFrame:
    return records.grip_strengths


KINDS: dict[str, Callable[[Records], pd.DataFrame]] = {
    "onls": _onls,
    "anti_gm1": _anti_gm1,
    "grip": _grip,
    "mmn_rods": _mmn_rods,
}
RECORDED_COLUMNS = ("visits", "weighed_visits", *(f"has_{kind}" for kind in KINDS))
