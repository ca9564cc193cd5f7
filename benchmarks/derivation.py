"""How long the rules take, on cohorts as large as those at hand and larger."""

import tempfile
import time
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import date
from pathlib import Path

import pandas as pd

from benchmarks.figures import Figure, print_as_json
from mmn_registry.demo_data.living import write_living_cohort
from outcomes.derivation.cohort import summarise
from outcomes.derivation.derive import derive
from outcomes.derivation.frames import Records, read_bundle

LEGER = Path(__file__).parents[1] / "mmn_registry/demo_data/leger_2008_synthetic"
COPIES = 50


def legers_cohort() -> Iterator[Figure]:
    """40 patients, from the files to the printed tables."""
    began = time.monotonic()
    outcomes = derive(read_bundle(LEGER), date(2008, 12, 31))
    summarise(outcomes)
    yield Figure("Léger's 40 patients, files to tables", time.monotonic() - began, "s", limit=2)


def a_national_cohort() -> Iterator[Figure]:
    """The living cohort fifty times over: 3,000 patients, a million muscle scores."""
    today = date(2026, 11, 20)
    with tempfile.TemporaryDirectory() as folder:
        write_living_cohort(Path(folder), centre="NORD", today=today)
        records = _repeated(read_bundle(Path(folder)), COPIES)
    began = time.monotonic()
    derive(records, today)
    seconds = time.monotonic() - began
    scores = len(records.muscle_scores)
    note = f"{len(records.patients)} patients, {scores} muscle scores"
    yield Figure("3,000 patients derived", seconds, "s", limit=5, note=note)


def _repeated(records: Records, copies: int) -> Records:
    """As many cohorts, told apart by their study ids."""
    return replace(
        records,
        **{
            field.name: _repeated_table(getattr(records, field.name), copies)
            for field in fields(records)
        },
    )


def _repeated_table(table: pd.DataFrame, copies: int) -> pd.DataFrame:
    if "study_id" not in table or table.empty:
        return table
    parts = [table.assign(study_id=table["study_id"] + f"/{number}") for number in range(copies)]
    return pd.concat(parts, ignore_index=True)


DRILLS = (legers_cohort, a_national_cohort)

if __name__ == "__main__":
    print_as_json(*DRILLS)
