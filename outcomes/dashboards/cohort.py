"""Everything that the cohort page shows, as of a day: tables, curve, doses, completeness."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date

import pandas as pd
from django.db.models import QuerySet

from outcomes.cohorts import Cohort, load_cohort
from outcomes.dashboards.recorded import first_included_on
from outcomes.derivation.cohort import Table
from outcomes.derivation.cohort_rows import TABLE_COLUMNS, tables_of_rows
from outcomes.derivation.criteria import lacks
from outcomes.derivation.curves import EventCurve, event_curve, times_to_remission
from outcomes.derivation.inference import Distribution, distribution
from outcomes.derivation.masking import HIDDEN, SMALLEST_SHOWN, Hidden
from outcomes.derivation.recorded import KINDS, RECORDED_COLUMNS
from outcomes.derivation.rules import Rules
from outcomes.literature import PublishedResult, published_results
from patients.models import Patient


@dataclass(frozen=True)
class BlockPath:
    """Patients whose segments with block went from one count to another."""

    first: int
    last: int
    patients: int


@dataclass(frozen=True)
class Dose:
    """Weekly dose now of a patient on treatment, and how it compares with the reference."""

    study_id: str
    weekly_g_per_kg: float
    trend: str  # "" while there is no reference yet


@dataclass(frozen=True)
class Completeness:
    """How many have an answer; those who do not by reason, or as one number of patients."""

    what: str
    n: int
    of: int
    reasons: tuple[tuple[str, int], ...] = ()
    patients_lacking: int = 0


@dataclass(frozen=True)
class CohortDashboard:
    """`first_included_on` is None where nobody ever was, whatever the day looked at."""

    as_of: date
    rules: Rules
    summary: Table
    centres: int
    first_included_on: date | None
    block_paths: tuple[BlockPath, ...]
    doses: tuple[Dose, ...]
    dose_per_kg: Distribution
    remission: EventCurve
    completeness: tuple[Completeness, ...]
    literature: tuple[PublishedResult, ...]


# What `dashboard_of` reads.
DASHBOARD_COLUMNS = (*TABLE_COLUMNS, *RECORDED_COLUMNS)


def cohort_dashboard(patients: QuerySet[Patient], as_of: date) -> CohortDashboard:
    """Read the outcomes of a queryset of patients and count."""
    return dashboard_of(load_cohort(patients, as_of, DASHBOARD_COLUMNS))


def dashboard_of(
    cohort: Cohort, summary: Table | None = None, *, hides_small: bool = False
) -> CohortDashboard:
    """Count the patients of a cohort, or of a part of one.

    ``summary``: its tables, if they are there already. ``hides_small``: they are told without
    small numbers, and then nothing is shown patient by patient.
    """
    rows, as_of = cohort.rows, cohort.as_of
    summary = summary or tables_of_rows(rows, as_of, cohort.rules)
    doses = _doses(rows)
    per_kg = distribution(pd.Series([d.weekly_g_per_kg for d in doses], dtype="float64"))
    times = times_to_remission(rows)
    if hides_small:
        doses = ()
        per_kg = per_kg if per_kg.n >= SMALLEST_SHOWN else distribution(pd.Series(dtype="float64"))
        is_told = not isinstance(summary["time_to_remission"]["events"], Hidden)
        times = times if is_told else times[:0]
    return CohortDashboard(
        as_of=as_of,
        rules=cohort.rules,
        summary=summary,
        centres=rows["centre"].nunique(),
        first_included_on=first_included_on(cohort),
        block_paths=_block_paths(rows, at_least=SMALLEST_SHOWN if hides_small else 1),
        doses=doses,
        dose_per_kg=per_kg,
        remission=event_curve(times),
        completeness=_completeness(rows, summary, hides_small=hides_small),
        literature=published_results(),
    )


def _block_paths(patients: pd.DataFrame, at_least: int) -> tuple[BlockPath, ...]:
    """None at all if one of them is of fewer patients than may be told."""
    naive = patients[
        (patients["treatment_history"] == "naive") & (patients["block_change"] != "not_evaluable")
    ]
    pairs = Counter(zip(naive["blocks_first"], naive["blocks_last"], strict=True))
    if any(n < at_least for n in pairs.values()):
        return ()
    return tuple(BlockPath(int(a), int(b), n) for (a, b), n in sorted(pairs.items()))


def _doses(patients: pd.DataFrame) -> tuple[Dose, ...]:
    on = patients[
        (patients["long_term_group"] == "dependent") & patients["weekly_dose_g_per_kg"].notna()
    ].sort_values("weekly_dose_g_per_kg")
    columns = on["weekly_dose_g_per_kg"], on["dose_trend"]
    return tuple(
        Dose(str(study_id), float(dose), str(trend))
        for study_id, dose, trend in zip(on.index, *columns, strict=True)
    )


def _completeness(
    rows: pd.DataFrame, summary: Table, *, hides_small: bool
) -> tuple[Completeness, ...]:
    recorded = _recorded(rows)
    if hides_small:
        recorded = tuple(map(_without_small, recorded))
    return (*_derived(summary), *recorded, _seen(summary))


def _without_small(entry: Completeness) -> Completeness:
    """Who lacks a record and who has one tell each other."""
    several = entry.patients_lacking, entry.of - entry.n, entry.n
    if any(0 < n < SMALLEST_SHOWN for n in several):
        return replace(entry, n=HIDDEN, patients_lacking=HIDDEN)
    return entry


def _derived(summary: Table) -> tuple[Completeness, ...]:
    """What could be derived, and why not where it could not."""
    short_term, long_term = summary["short_term"]["naive"], summary["long_term"]
    blocks, dose = summary["block_change"]["naive"], summary["dose"]
    without_trend = {r: n for r, n in dose["incomplete"].items() if r != "NO_WEIGHT"}
    everybody = summary["patients"]
    tables = (
        (
            "short_term",
            short_term["evaluable"],
            short_term["patients"],
            short_term["not_evaluable"],
        ),
        ("long_term", long_term["classified"], everybody, long_term["not_classified"]),
        ("blocks", blocks["evaluable"], blocks["patients"], blocks["not_evaluable"]),
        ("dose", sum(dose["trend"].values()), everybody, without_trend),
    )
    return tuple(
        Completeness(what, n, of, tuple(reasons.items())) for what, n, of, reasons in tables
    )


def _recorded(rows: pd.DataFrame) -> tuple[Completeness, ...]:
    """Patients with at least one record of a kind; weight by visit, because doses need it."""
    weighed, visits = int(rows["weighed_visits"].sum()), int(rows["visits"].sum())
    lacking = {kind: int(lacks(rows, kind).sum()) for kind in (*KINDS, "weight")}
    return (
        Completeness("weight", weighed, visits, patients_lacking=lacking.pop("weight")),
        *(
            Completeness(kind, len(rows) - n, len(rows), patients_lacking=n)
            for kind, n in lacking.items()
        ),
    )


def _seen(summary: Table) -> Completeness:
    lost = summary["long_term"]["lost_to_follow_up"]
    return Completeness("contact", lost["of"] - lost["n"], lost["of"], patients_lacking=lost["n"])
