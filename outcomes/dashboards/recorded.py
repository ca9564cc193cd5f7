"""Which patients lack a kind of record, and since when there are any: for cohort and list."""

from datetime import date

import pandas as pd

from mmn_registry.disclosure import pseudonymised_somewhere
from mmn_registry.months import Month
from outcomes.cohorts import Cohort


def first_included_on(cohort: Cohort) -> date | None:
    """The day from which a cohort has somebody in it; None where nobody was ever included."""
    first = cohort.first_included_on
    return Month.of(first) if first and pseudonymised_somewhere() else first


def lacks(rows: pd.DataFrame, kind: str) -> pd.Series:
    """Whether a patient has no record of a kind (weight: has a visit without it)."""
    if kind == "weight":
        return (rows["weighed_visits"] < rows["visits"]).astype(bool)
    return ~rows[f"has_{kind}"]
