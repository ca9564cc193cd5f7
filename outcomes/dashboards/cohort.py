"""Everything that the cohort page shows, as of a day: tables, curve, doses, completeness."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

import pandas as pd
from django.db.models import QuerySet

from outcomes.dashboards.recorded import RECORDED, first_included_on, patients_lacking
from outcomes.derivation.cohort import Table, cohort_summary
from outcomes.derivation.curves import EventCurve, event_curve, times_to_remission
from outcomes.derivation.derive import Outcomes, derive
from outcomes.derivation.frames import Records, known_on
from outcomes.derivation.inference import Distribution, distribution
from outcomes.derivation.rules import Rules
from outcomes.literature import PublishedResult, published_results
from outcomes.selectors import load_records
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


def cohort_dashboard(patients: QuerySet[Patient], as_of: date) -> CohortDashboard:
    """Read a queryset of patients once, derive them as a whole and count."""
    records = load_records(patients)
    outcomes = derive(records, as_of)
    derived = outcomes.patients
    summary = cohort_summary(records, outcomes)
    doses = _doses(derived)
    return CohortDashboard(
        as_of=as_of,
        rules=outcomes.rules,
        summary=summary,
        centres=derived["centre"].nunique(),
        first_included_on=first_included_on(records),
        block_paths=_block_paths(derived),
        doses=doses,
        dose_per_kg=distribution(pd.Series([d.weekly_g_per_kg for d in doses], dtype="float64")),
        remission=event_curve(times_to_remission(derived)),
        completeness=_completeness(known_on(records, as_of), outcomes, summary),
        literature=published_results(),
    )


def _block_paths(patients: pd.DataFrame) -> tuple[BlockPath, ...]:
    naive = patients[
        (patients["treatment_history"] == "naive") & (patients["block_change"] != "not_evaluable")
    ]
    pairs = Counter(zip(naive["blocks_first"], naive["blocks_last"], strict=True))
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


def _completeness(records: Records, outcomes: Outcomes, summary: Table) -> tuple[Completeness, ...]:
    return (*_derived(summary), *_recorded(records, outcomes.patients.index), _seen(summary))


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


def _recorded(records: Records, study_ids: pd.Index) -> tuple[Completeness, ...]:
    """Patients with at least one record of a kind; weight by visit, because doses need it."""
    visits = records.visits[records.visits["study_id"].isin(study_ids)]
    lacking = {
        kind: len(patients_lacking(kind, records, study_ids)) for kind in (*RECORDED, "weight")
    }
    weighed = int(visits["weight_kg"].notna().sum())
    return (
        Completeness("weight", weighed, len(visits), patients_lacking=lacking.pop("weight")),
        *(
            Completeness(kind, len(study_ids) - n, len(study_ids), patients_lacking=n)
            for kind, n in lacking.items()
        ),
    )


def _seen(summary: Table) -> Completeness:
    lost = summary["long_term"]["lost_to_follow_up"]
    return Completeness("contact", lost["of"] - lost["n"], lost["of"], patients_lacking=lost["n"])
