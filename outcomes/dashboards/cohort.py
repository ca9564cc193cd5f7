"""Everything that the cohort page shows, as of a day: tables, curve, completeness."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from statistics import median

import pandas as pd
from django.db.models import QuerySet

from outcomes.derivation.cohort import Table, cohort_summary
from outcomes.derivation.curves import EventCurve, event_curve, times_to_remission
from outcomes.derivation.derive import Outcomes, derive
from outcomes.derivation.frames import Records, known_on
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
    """How many of those asked have an answer."""

    what: str
    n: int
    of: int
    reasons: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class CohortDashboard:
    as_of: date
    rules: Rules
    summary: Table
    centres: int
    block_paths: tuple[BlockPath, ...]
    doses: tuple[Dose, ...]
    median_dose: float | None
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
        block_paths=_block_paths(derived),
        doses=doses,
        median_dose=median(dose.weekly_g_per_kg for dose in doses) if doses else None,
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
    short_term = summary["short_term"]["naive"]
    long_term, blocks = summary["long_term"], summary["block_change"]["naive"]
    everybody = summary["patients"]
    return (
        Completeness(
            "short_term",
            short_term["evaluable"],
            short_term["patients"],
            tuple(short_term["not_evaluable"].items()),
        ),
        Completeness(
            "long_term",
            long_term["classified"],
            everybody,
            tuple(long_term["not_classified"].items()),
        ),
        Completeness(
            "blocks",
            blocks["evaluable"],
            blocks["patients"],
            tuple(blocks["not_evaluable"].items()),
        ),
        Completeness(
            "dose",
            sum(summary["dose"]["trend"].values()),
            everybody,
            tuple(
                (reason, n)
                for reason, n in summary["dose"]["incomplete"].items()
                if reason != "NO_WEIGHT"
            ),
        ),
        *_recorded(records, outcomes),
    )


def _recorded(records: Records, outcomes: Outcomes) -> tuple[Completeness, ...]:
    """Patients with at least one value of a kind; weight by visit, because doses need it."""
    visits = records.visits
    visits = visits[visits["study_id"].isin(outcomes.patients.index)]
    tested = records.laboratory[records.laboratory["interpretation"] != ""]
    gm1 = tested[tested["test"] == "anti_gm1_igm"]
    onls = visits[visits["onls_arm"].notna() & visits["onls_leg"].notna()]
    rods = visits[visits["mmn_rods"].notna()]
    everybody = len(outcomes.patients)

    def patients_in(frame: pd.DataFrame) -> int:
        return int(outcomes.patients.index.isin(frame["study_id"]).sum())

    return (
        Completeness("onls", patients_in(onls), everybody),
        Completeness("anti_gm1", patients_in(gm1), everybody),
        Completeness("weight", int(visits["weight_kg"].notna().sum()), len(visits)),
        Completeness("grip", patients_in(records.grip_strengths), everybody),
        Completeness("mmn_rods", patients_in(rods), everybody),
    )
