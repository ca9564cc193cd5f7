"""The interface says the same numbers as the commands."""

import json
from io import StringIO

import pytest
from django.core.management import call_command

from tests.api.asking import get, rows, table

DAY = "2008-12-31"


def printed(command, **options):
    output = StringIO()
    call_command(command, stdout=output, as_of=DAY, **options)
    return output.getvalue()


def test_the_table_of_2008(leger):
    summary = get(leger, "cohort/summary/", as_of=DAY).json()

    naive = summary["short_term"]["naive"]
    assert (summary["patients"], summary["naive"]) == (40, 22)
    assert (naive["responders"], naive["evaluable"], naive["proportion"]) == (14, 20, 0.7)
    assert (naive["ci_low"], naive["ci_high"]) == pytest.approx((0.4572, 0.8811), abs=5e-5)
    assert naive["p_value"] == pytest.approx(1.845e-06, abs=5e-10)
    assert sum(naive["not_evaluable"].values()) == 2
    groups = summary["long_term"]
    assert [groups[name]["n"] for name in ("remission", "dependent", "other")] == [8, 25, 4]
    assert (groups["classified"], groups["dependent"]["without_response"]) == (37, 2)
    assert sum(groups["not_classified"].values()) == 3
    blocks = summary["block_change"]["naive"]
    assert [blocks[name] for name in ("decreased", "unchanged", "increased")] == [7, 5, 2]
    years = summary["follow_up_years"]
    assert (round(years["mean"], 1), round(years["sd"], 1)) == (2.2, 2.0)


def test_the_cohort_is_that_of_the_command(leger):
    assert get(leger, "cohort/summary/", as_of=DAY).json() == json.loads(
        printed("summarise_cohort")
    )


def test_every_number_of_the_cohort_stands_in_the_table_under_its_way(leger):
    summary = get(leger, "cohort/summary/", as_of=DAY).json()
    lines = {row["measure"]: row["value"] for row in table(leger, "cohort/summary/", as_of=DAY)}

    assert lines["patients"] == "40"
    assert float(lines["short_term.naive.p_value"]) == summary["short_term"]["naive"]["p_value"]
    assert lines["short_term.naive.reference"] == "0.2"
    remission = summary["time_to_remission"]
    assert lines["time_to_remission.at_years.2.at_risk"] == str(
        remission["at_years"][1]["at_risk"]
    )
    for predictor in summary["predictors"]:
        value = lines[f"predictors.{predictor['name']}.p_value"]
        assert value == ("" if predictor["p_value"] is None else repr(predictor["p_value"]))
    assert len(lines) == sum(1 for _ in leaves(summary)) - len(("as_of", *summary["rules"]))


def leaves(value):
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from leaves(inner)
    else:
        yield value


def test_outcomes_are_those_of_the_command(leger):
    found = rows(leger, "outcomes/", as_of=DAY)

    by_command = json.loads(printed("derive_outcomes", format="json"))
    assert len(found) == 40
    assert [{name: row[name] for name in by_command[0]} for row in found] == by_command


def test_the_table_of_outcomes_is_that_of_the_command(leger):
    import csv

    found = table(leger, "outcomes/", as_of=DAY)

    by_command = list(csv.DictReader(StringIO(printed("derive_outcomes", format="csv"))))
    assert len(found) == 40
    assert [{name: row[name] for name in by_command[0]} for row in found] == by_command


def test_records_are_those_that_were_loaded(leger):
    import csv

    from tests.api.asking import LEGER

    for name in ("patients", "visits", "muscle_scores", "infusions", "nerve_segments"):
        with (LEGER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            loaded = sorted(tuple(row.items()) for row in csv.DictReader(file))
        columns = [column for column, _value in loaded[0]]
        found = [
            tuple((column, row[column]) for column in columns)
            for row in table(leger, f"{name.replace('_', '-')}/")
        ]
        assert sorted(found) == loaded
