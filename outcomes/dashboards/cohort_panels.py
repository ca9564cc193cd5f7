"""What the panels of the cohort beside the first page's count: each from columns of its own."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from django.db.models import Count, QuerySet

from infusions.models import AdverseReaction
from outcomes.cohorts import Cohort
from outcomes.derivation.cohort import Table
from outcomes.derivation.cohort_courses import (
    blocks_by_nerve,
    group_transitions,
    status_by_year,
    strength_changes,
    sum_scores_by_time,
)
from outcomes.derivation.cohort_treatment import TREATMENT_COLUMNS, treatment_table
from outcomes.derivation.completeness import CENTRE_COLUMNS, completeness_by_centre
from outcomes.derivation.curves import (
    EventCurve,
    curves_by,
    event_curve,
    times_to_relapse,
    times_to_remission,
)
from outcomes.derivation.kept_courses import infusion_counts
from outcomes.derivation.rates import Rate, rate_per_thousand
from outcomes.derivation.rules import Rules
from outcomes.derivation.survival import LogRank, log_rank
from patients.models import Patient

NAIVE = "naive"
HISTORIES = ("naive", "pretreated", "unknown")


@dataclass(frozen=True)
class Strata:
    """One event's curves by something, and whether they differ."""

    event: str  # "remission" or "relapse"
    by: str  # "history", "response" or "centre"
    curves: Mapping[str, EventCurve]
    test: LogRank  # of the strata with enough patients
    too_small: tuple[str, ...]


@dataclass(frozen=True)
class Curves:
    remission: EventCurve
    relapse: EventCurve
    strata: tuple[Strata, ...]


CURVE_COLUMNS = (
    *("centre", "treatment_history", "short_term_response", "death_days"),
    *("remission_days", "remission_event", "relapse_days", "relapse_event"),
)
# By history everybody is compared; by response and centre naive patients are.
STRATA = {"history": "treatment_history", "response": "short_term_response", "centre": "centre"}


def curves(cohort: Cohort) -> Curves:
    rows = cohort.rows
    strata = []
    for event, times_of in (("remission", times_to_remission), ("relapse", times_to_relapse)):
        for by, column in STRATA.items():
            histories = HISTORIES if by == "history" else (NAIVE,)
            stratum = rows[column].mask(rows[column] == "not_evaluable", "")
            strata.append(_strata(event, by, times_of(rows, histories), stratum, cohort.rules))
    return Curves(
        event_curve(times_to_remission(rows)), event_curve(times_to_relapse(rows)), tuple(strata)
    )


def _strata(event: str, by: str, times: pd.DataFrame, stratum: pd.Series, rules: Rules) -> Strata:
    """Strata of too few patients are described, not tested."""
    found, test = curves_by(times, stratum)
    too_small = tuple(n for n, curve in found.items() if curve.patients < rules.group_needed)
    if too_small:
        large = stratum.mask(stratum.isin(too_small), "").reindex(times.index)
        test = log_rank(times["days"], times["event"], large)
    return Strata(event, by, found, test, too_small)


@dataclass(frozen=True)
class StatusOverTime:
    treated: int
    years: tuple[Table, ...]
    transitions: tuple[Table, ...]


def status_over_time(cohort: Cohort) -> StatusOverTime:
    treated = cohort.rows[cohort.rows["index_on"].notna()]
    course = treated["status_course"]
    return StatusOverTime(
        len(treated), tuple(status_by_year(course)), tuple(group_transitions(course))
    )


@dataclass(frozen=True)
class Strength:
    patients: int
    changes: tuple[Table, ...]
    sums: Mapping[str, list[Table]]


def strength(cohort: Cohort) -> Strength:
    course = cohort.rows["strength_course"]
    changes = strength_changes(course, cohort.rules)
    return Strength(len(course), tuple(changes), sum_scores_by_time(course))


def nerves(cohort: Cohort) -> dict[str, Table]:
    """Naive patients, as the panel of blocks has them."""
    rows = cohort.rows
    return blocks_by_nerve(rows[rows["treatment_history"] == NAIVE])


def treatment(cohort: Cohort) -> Table:
    return treatment_table(cohort.rows, cohort.rules)


def completeness_of_centres(cohort: Cohort) -> list[Table]:
    return completeness_by_centre(cohort.rows)


# ---------- Reactions ----------


@dataclass(frozen=True)
class ReactionRate:
    """Reactions in the recorded infusions of a product or route; "" where none is named."""

    route: str
    product: str
    all: Rate
    serious: Rate
    patients: int


@dataclass(frozen=True)
class ReactionKind:
    reaction: str
    n: int
    serious: int
    patients: int


@dataclass(frozen=True)
class Safety:
    """`unassigned` reactions name no route and product under which infusions are recorded."""

    infusions: int
    all: Rate
    serious: Rate
    by_route: tuple[ReactionRate, ...]
    by_product: tuple[ReactionRate, ...]
    kinds: tuple[ReactionKind, ...]
    unassigned: int


def safety(cohort: Cohort, patients: QuerySet[Patient]) -> Safety:
    """Recorded reactions over recorded infusions, both up to the day."""
    given = infusion_counts(cohort.rows["infusions_given"])
    reactions = _reactions(cohort, patients)
    infusions = sum(given.values())
    keys = list(zip(reactions["route"], reactions["product"], strict=True))
    routes = {route: sum(n for (r, _), n in given.items() if r == route) for route, _ in given}
    return Safety(
        infusions=infusions,
        all=rate_per_thousand(int(reactions["n"].sum()), infusions),
        serious=rate_per_thousand(int(reactions["n"][reactions["serious"]].sum()), infusions),
        by_route=tuple(
            _rate(reactions[reactions["route"] == route], route, "", n)
            for route, n in routes.items()
        ),
        by_product=tuple(
            _rate(reactions[_are([key == one for one in keys])], *key, n)
            for key, n in given.items()
        ),
        kinds=_kinds(reactions),
        unassigned=int(reactions["n"][_are([key not in given for key in keys])].sum()),
    )


def _are(answers: list[bool]) -> np.ndarray:
    return np.array(answers, dtype=bool)


def _reactions(cohort: Cohort, patients: QuerySet[Patient]) -> pd.DataFrame:
    """How many of each kind, by patient; reactions are few beside everything else."""
    columns = ("patient__study_id", "reaction", "serious", "route", "product")
    found = (
        AdverseReaction.objects.using(patients.db)
        .filter(patient__in=patients.order_by().values("pk"), occurred_on__lte=cohort.as_of)
        .values_list(*columns)
        .annotate(n=Count("pk"))
        .order_by()
    )
    frame = pd.DataFrame(
        list(found), columns=["study_id", "reaction", "serious", "route", "product", "n"]
    )
    typed = frame.astype({"n": "int64"}).assign(serious=frame["serious"].isin([True, "yes"]))
    return typed[typed["study_id"].isin(cohort.rows.index)].reset_index(drop=True)


def _rate(own: pd.DataFrame, route: str, product: str, infusions: int) -> ReactionRate:
    return ReactionRate(
        route,
        product,
        rate_per_thousand(int(own["n"].sum()), infusions),
        rate_per_thousand(int(own["n"][own["serious"]].sum()), infusions),
        int(own["study_id"].nunique()),
    )


def _kinds(reactions: pd.DataFrame) -> tuple[ReactionKind, ...]:
    kinds = [
        ReactionKind(
            str(name),
            int(own["n"].sum()),
            int(own["n"][own["serious"]].sum()),
            int(own["study_id"].nunique()),
        )
        for name, own in reactions.groupby("reaction")
    ]
    return tuple(sorted(kinds, key=lambda kind: (-kind.n, kind.reaction)))


# What each of these reads of the kept rows.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "curves": CURVE_COLUMNS,
    "status": ("index_on", "status_course"),
    "strength": ("strength_course",),
    "nerves": ("treatment_history", "block_course"),
    "treatment": TREATMENT_COLUMNS,
    "safety": ("infusions_given",),
    "centres": CENTRE_COLUMNS,
}
