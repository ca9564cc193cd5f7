"""The expected numbers of the shared cohorts, by the derivation and by the oracle, every cell.

The Léger cohort's numbers are checked in every checkout; the files with every cell are read where
they lie beside the repository.
"""

import csv
import json
from datetime import date
from pathlib import Path

import pytest

from outcomes.derivation.cohort import cohort_summary
from outcomes.derivation.derive import derive
from outcomes.derivation.frames import read_bundle
from outcomes.derivation.tables import outcome_table
from tests import oracles

PROJECT = Path(__file__).parents[2]
SHARED = PROJECT.parent / "shared" / "data"
LEGER = PROJECT / "mmn_registry" / "demo_data" / "leger_2008_synthetic"
LEGER_AS_OF = date(2008, 12, 31)
EXPECTED = [
    ("leger_2008_synthetic", "2008-12-31"),
    ("edge_cases", "2012-07-15"),
    ("edge_cases", "2019-03-31"),
]


def by_the_derivation(folder, as_of):
    records = read_bundle(folder)
    outcomes = derive(records, as_of)
    return outcome_table(outcomes).to_dict("records"), cohort_summary(records, outcomes)


def by_the_oracle(folder, as_of):
    bundle = oracles.read_bundle(folder)
    return oracles.outcome_texts(bundle, as_of), oracles.summarise(bundle, as_of)


both_ways = pytest.mark.parametrize("derived_by", [by_the_derivation, by_the_oracle])


@both_ways
def test_the_leger_cohort_gives_the_printed_tables(derived_by):
    _, summary = derived_by(LEGER, LEGER_AS_OF)

    short_term, long_term = summary["short_term"]["naive"], summary["long_term"]
    blocks, years = summary["block_change"]["naive"], summary["follow_up_years"]
    assert (summary["patients"], summary["naive"]) == (40, 22)
    assert (short_term["responders"], short_term["evaluable"]) == (14, 20)
    assert short_term["proportion"] == 0.7
    assert round(short_term["ci_low"], 4) == 0.4572
    assert round(short_term["ci_high"], 4) == 0.8811
    assert f"{short_term['p_value']:.3e}" == "1.845e-06"
    assert short_term["not_evaluable"] == {"NO_EXAMINATION": 2}
    groups = {name: long_term[name]["n"] for name in ("remission", "dependent", "other")}
    assert groups == {"remission": 8, "dependent": 25, "other": 4}
    assert long_term["dependent"]["without_response"] == 2
    assert long_term["classified"] == 37
    assert long_term["not_classified"] == {"unclassifiable": 3}
    assert [blocks[name] for name in ("decreased", "unchanged", "increased")] == [7, 5, 2]
    assert (years["n"], round(years["mean"], 1), round(years["sd"], 1)) == (40, 2.2, 2.0)


def test_both_ways_agree_on_every_cell_of_the_leger_cohort():
    derived, _ = by_the_derivation(LEGER, LEGER_AS_OF)
    slowly, _ = by_the_oracle(LEGER, LEGER_AS_OF)

    assert derived == slowly
    assert len(derived) == 40


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data are not beside the repository")
@both_ways
@pytest.mark.parametrize(("cohort", "day"), EXPECTED)
def test_every_cell_is_the_expected_one(cohort, day, derived_by):
    folder = SHARED / cohort
    expected = (folder / f"expected_outcomes_{day}.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(expected.splitlines()))

    derived, summary = derived_by(folder, date.fromisoformat(day))

    different = [
        f"{theirs['study_id']} {column}: {theirs[column]!r}, expected {text!r}"
        for theirs, row in zip(derived, rows, strict=True)
        for column, text in row.items()
        if theirs[column] != text
    ]
    assert different == []
    assert_has(summary, json.loads((folder / f"expected_summary_{day}.json").read_text()))


def assert_has(summary, expected, place="summary"):
    """Every expected number is there, to the last digits of a float; the rest may stand beside."""
    for name, value in expected.items():
        here = f"{place}.{name}"
        if name in {"not_evaluable", "not_classified"}:
            assert summary[name] == value, here
        elif isinstance(value, dict):
            assert_has(summary[name], value, here)
        elif isinstance(value, float):
            assert summary[name] == pytest.approx(value, rel=1e-12), here
        else:
            assert summary[name] == value, here


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data are not beside the repository")
def test_the_copy_of_the_leger_cohort_is_the_shared_one():
    shared = SHARED / "leger_2008_synthetic"

    assert oracles.read_bundle(LEGER) == oracles.read_bundle(shared)
