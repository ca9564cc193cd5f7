"""Small cells are hidden from who reads for research, and nothing that is left tells them."""

import json
import random
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import linprog

from mmn_registry.demo_data.living import write_living_cohort
from outcomes.derivation.cohort_rows import cohort_rows, tables_of_rows
from outcomes.derivation.derive import derive
from outcomes.derivation.frames import read_bundle
from outcomes.derivation.masking import HIDDEN, Counted, Hidden, _count, hidden_cells, masked

LEGER = Path(__file__).parents[2] / "mmn_registry" / "demo_data" / "leger_2008_synthetic"
DAY = date(2024, 6, 1)


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    """Outcomes of a living cohort: every reason and status occurs in it."""
    folder = tmp_path_factory.mktemp("living")
    write_living_cohort(folder, centre="NORD", today=DAY)
    records = read_bundle(folder)
    return cohort_rows(records, derive(records, DAY))


@pytest.fixture(scope="module")
def cohorts(rows):
    """Whole, and parts of it of many sizes, over several centres."""
    dice = random.Random(1)
    found = [tables_of_rows(rows, DAY)]
    for _n in range(24):
        some = rows.sample(frac=dice.choice((0.2, 0.5, 0.8, 1)), random_state=dice.randrange(9999))
        some = some.assign(centre=[dice.choice("ABB") for _patient in range(len(some))])
        found.append(tables_of_rows(some.sort_index(), DAY))
    return found


def bounds(counted, hidden):
    """What each hidden small cell may be, by linear programming over all sums at once."""
    ways = sorted(counted.cells)
    place = {way: n for n, way in enumerate(ways)}
    sums = np.zeros((len(counted.sums), len(ways)))
    for row, (total, parts) in enumerate(counted.sums):
        sums[row, place[total]] -= 1
        for part in parts:
            sums[row, place[part]] += 1
    ranges = [(1, None) if w in hidden else (counted.cells[w],) * 2 for w in ways]
    for way in sorted(hidden):
        if 0 < counted.cells[way] < 5:
            goal = np.zeros(len(ways))
            goal[place[way]] = -1
            solved = linprog(goal, A_eq=sums, b_eq=np.zeros(len(sums)), bounds=ranges)
            yield way, np.inf if solved.status == 3 else -solved.fun


def test_what_is_said_to_add_up_does(cohorts):
    for tables in cohorts:
        counted = _count(tables)
        for total, parts in counted.sums:
            assert counted.cells[total] == sum(counted.cells[p] for p in parts), (total, parts)


def test_no_small_cell_can_be_told_from_all_that_is_left(cohorts):
    """Solved as a linear programme over all sums together, which the masking itself does not do."""
    hidden_small = 0
    for tables in cohorts:
        counted = _count(tables)
        hidden = hidden_cells(counted)

        assert {w for w, n in counted.cells.items() if 0 < n < 5} <= hidden
        told = {way: high for way, high in bounds(counted, hidden) if high < 5}
        if tables["patients"] >= 30:
            assert told == {}, tables["patients"]
        hidden_small += len(hidden)
    assert hidden_small > 100


def numbers(node):
    if isinstance(node, dict | list):
        for inner in node.values() if isinstance(node, dict) else node:
            yield from numbers(inner)
    else:
        yield node


def test_no_number_of_one_to_four_patients_is_left_and_much_else_is(cohorts):
    for tables in cohorts:
        left = masked(tables)

        # Numbers of segments and nerves are none of patients.
        patients = json.loads(json.dumps(left, default=str))
        for table in patients["block_change"].values():
            del table["segments_with_block"], table["nerves_with_block"]
        for line in (*left["time_to_remission"]["at_years"], *left["time_to_relapse"]["at_years"]):
            line["years"] = 0
        shown = [
            n
            for n in numbers({k: v for k, v in left.items() if k not in ("block_change", "rules")})
            if isinstance(n, int) and not isinstance(n, bool | Hidden)
        ]
        assert not [n for n in shown if 0 < n < 5]
    whole = masked(cohorts[0])
    assert whole["patients"] == 60
    assert isinstance(whole["short_term"]["naive"]["patients"], int)


def test_what_was_computed_from_a_hidden_number_is_hidden_with_it(cohorts):
    for tables in cohorts:
        naive = masked(tables)["short_term"]["naive"]
        if HIDDEN in (naive["responders"], naive["evaluable"]) and any(
            isinstance(naive[name], Hidden) for name in ("responders", "evaluable")
        ):
            computed = ("proportion", "ci_low", "ci_high", "p_value")
            assert [naive[name] for name in computed] == [None] * 4
            assert naive["reference"] == 0.2


def test_a_total_less_the_others_tells_nobody():
    """2 of 100: the next smallest is hidden, too; 1 and 1 of 2 would be told, so a third is."""
    first = Counted({("all",): 100, ("a",): 69, ("b",): 29, ("c",): 2})
    first.add(("all",), ("a",), ("b",), ("c",))
    second = Counted({("all",): 100, ("a",): 60, ("b",): 38, ("c",): 1, ("d",): 1})
    second.add(("all",), ("a",), ("b",), ("c",), ("d",))
    proportion = Counted({("of",): 40, ("n",): 38})
    proportion.rest(("of",), ("n",))

    assert hidden_cells(first) == {("b",), ("c",)}
    assert hidden_cells(second) == {("b",), ("c",), ("d",)}
    assert ("n",) in hidden_cells(proportion)


def test_nothing_small_hides_nothing():
    counted = Counted({("all",): 100, ("a",): 60, ("b",): 40, ("c",): 0})
    counted.add(("all",), ("a",), ("b",), ("c",))

    assert hidden_cells(counted) == set()


def test_a_hidden_number_holds_none_and_hides_what_is_made_of_it():
    made = [
        HIDDEN + 3,
        3 - HIDDEN,
        HIDDEN * 2,
        100 / HIDDEN,
        sum([1, HIDDEN]),
        round(HIDDEN / 3, 1),
    ]

    assert {str(one) for one in made} == {f"{HIDDEN:.1f}"} == {"–"}
    assert int.__add__(HIDDEN, 0) == 0
    assert bool(HIDDEN)
