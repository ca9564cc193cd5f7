"""Which patients lack a kind of record, as of a day; one answer for the cohort and for the list."""

from collections.abc import Callable
from datetime import date

import pandas as pd

from mmn_registry.disclosure import pseudonymised_somewhere
from mmn_registry.months import Month
from outcomes.derivation.frames import Records


def first_included_on(records: Records) -> date | None:
    """The day from which a cohort has somebody in it; None where nobody was ever included."""
    included_on = records.patients["included_on"]
    if included_on.empty:
        return None
    first = included_on.min().date()
    return Month.of(first) if pseudonymised_somewhere() else first


def patients_lacking(kind: str, records: Records, study_ids: pd.Index) -> pd.Index:
    """Those of some patients without one record of a kind (weight: with a visit without it).

    ``records`` are those known on the day.
    """
    if kind == "weight":
        unweighed = records.visits[records.visits["weight_kg"].isna()]
        return study_ids[study_ids.isin(unweighed["study_id"])]
    return study_ids[~study_ids.isin(RECORDED[kind](records)["study_id"])]


def _onls(records: Records) -> pd.DataFrame:
    visits = records.visits
    return visits[visits["onls_arm"].notna() & visits["onls_leg"].notna()]


def _mmn_rods(records: Records) -> pd.DataFrame:
    return records.visits[records.visits["mmn_rods"].notna()]


def _anti_gm1(records: Records) -> pd.DataFrame:
    samples = records.laboratory
    return samples[(samples["test"] == "anti_gm1_igm") & (samples["interpretation"] != "")]


def _grip(records: Records) -> pd.DataFrame:
    return records.grip_strengths


RECORDED: dict[str, Callable[[Records], pd.DataFrame]] = {
    "onls": _onls,
    "anti_gm1": _anti_gm1,
    "grip": _grip,
    "mmn_rods": _mmn_rods,
}
