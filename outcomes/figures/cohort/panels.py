"""All panels of the cohort by the key in their address, each as figures and tables."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from outcomes.cohorts import Cohort
from outcomes.dashboards.cohort import DASHBOARD_COLUMNS, dashboard_of
from outcomes.dashboards.cohort_panels import (
    COLUMNS,
    completeness_of_centres,
    curves,
    nerves,
    safety,
    status_over_time,
    strength,
    treatment,
)
from outcomes.figures.cohort.centres import centres_panel
from outcomes.figures.cohort.first_page import FIRST_PAGE, first_page_panel
from outcomes.figures.cohort.given import safety_panel, treatment_panel
from outcomes.figures.cohort.muscles_and_nerves import nerves_panel, strength_panel
from outcomes.figures.cohort.over_time import curves_panel, status_panel
from outcomes.figures.cohort.sheets import Panel
from outcomes.labels import Words
from patients.models import Patient

Build = Callable[[Cohort, QuerySet[Patient]], Panel]


@dataclass(frozen=True)
class PanelSource:
    """The columns of the kept rows that a panel reads, and how it is made from them."""

    columns: Iterable[str]
    build: Build


def _of_first_page(key: str) -> PanelSource:
    return PanelSource(
        DASHBOARD_COLUMNS, lambda cohort, _patients: first_page_panel(key, dashboard_of(cohort))
    )


# Loaded after the page, in this order; the names stand there until they are.
LATER: Words = {
    "curves": _("Remission and relapse by stratum"),
    "status": _("Status over the years"),
    "strength": _("Strength of each muscle"),
    "nerves": _("Blocks by nerve and criteria set"),
    "treatment": _("Dose and intervals then and now, switches of route"),
    "safety": _("Reactions"),
    "centres": _("Completeness by centre"),
}

_BUILDS: Mapping[str, Build] = {
    "curves": lambda cohort, _patients: curves_panel(curves(cohort), cohort.rules),
    "status": lambda cohort, _patients: status_panel(status_over_time(cohort)),
    "strength": lambda cohort, _patients: strength_panel(strength(cohort)),
    "nerves": lambda cohort, _patients: nerves_panel(nerves(cohort)),
    "treatment": lambda cohort, _patients: treatment_panel(treatment(cohort)),
    "safety": lambda cohort, patients: safety_panel(safety(cohort, patients)),
    "centres": lambda cohort, _patients: centres_panel(completeness_of_centres(cohort)),
}

PANELS: Mapping[str, PanelSource] = {
    **{key: _of_first_page(key) for key in FIRST_PAGE},
    **{key: PanelSource(COLUMNS[key], build) for key, build in _BUILDS.items()},
}
