"""Results printed in publications, to stand beside the registry's own, clearly apart."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from outcomes.derivation.inference import Proportion, proportion

FILE = Path(__file__).parent / "published_cohorts.csv"


@dataclass(frozen=True)
class PublishedResult:
    """One printed result. The interval is ours (Clopper-Pearson), computed from printed counts."""

    study: str
    year: str
    reference: str
    measure: str
    counted: Proportion | None
    printed: str
    ci_printed: str
    p_printed: str
    note: str

    @property
    def name(self) -> str:
        return f"{self.study} {self.year}".strip()


@cache
def published_results() -> tuple[PublishedResult, ...]:
    """Every result of the file, in its order; without counts it stands as printed only."""
    with FILE.open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(line for line in lines if not line.startswith("#"))
        return tuple(_result(row) for row in rows)


def _result(row: dict[str, str]) -> PublishedResult:
    has_counts = bool(row["numerator"] and row["denominator"])
    counts = (int(row["numerator"]), int(row["denominator"])) if has_counts else None
    return PublishedResult(
        study=row["study"],
        year=row["year"],
        reference=row["reference"],
        measure=row["measure"],
        counted=proportion(*counts) if counts else None,
        printed=row["printed"],
        ci_printed=row["ci_printed"],
        p_printed=row["p_printed"],
        note=row["note"],
    )
