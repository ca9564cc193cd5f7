"""Since when a cohort has anybody in it: for cohort and list."""

from datetime import date

from mmn_registry.disclosure import pseudonymised_somewhere
from mmn_registry.months import Month
from outcomes.cohorts import Cohort


def first_included_on(cohort: Cohort) -> date | None:
    """The day from which a cohort has somebody in it; None where nobody was ever included."""
    first = cohort.first_included_on
    return Month.of(first) if first and pseudonymised_somewhere() else first
