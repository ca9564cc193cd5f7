"""The cohort of 2008: the same numbers as the commands print, page by page or whole."""

import csv
import json
import re
from html import unescape
from io import StringIO

import pytest
from django.core.management import call_command

from mmn_registry.rest.schema import registry_schema
from tests.api.asking import ANSWERS, LEGER, LISTS, everything, get, rows, table, walk
from tests.api.described import answer, problems

DAY = "2008-12-31"
KEYS = ("study_id", "visited_on", "muscle", "side", "given_on", "route", "product")


def printed(command, **options):
    output = StringIO()
    call_command(command, stdout=output, as_of=DAY, **options)
    return output.getvalue()


class TestCohort:
    def test_is_the_one_that_was_published(self, leger):
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

    def test_is_as_described(self, leger):
        """Here every table has rows."""
        summary = get(leger, "cohort/summary/", as_of=DAY).json()

        schema = registry_schema()
        assert summary["predictors"]
        assert summary["time_to_remission"]["at_years"]
        assert problems(schema, answer(schema, "cohort/summary/"), summary) == []

    def test_is_that_of_the_command(self, leger):
        summary = get(leger, "cohort/summary/", as_of=DAY).json()

        assert summary.pop("cohort") == {
            "query": "as_of=2008-12-31",
            "sentence": "Patients of SALP, as of 31 Dec 2008",
            "everybody": 40,
            "out": [],
        }
        assert summary == json.loads(printed("summarise_cohort"))

    def test_has_each_of_its_numbers_in_the_table_under_its_way(self, leger):
        summary = get(leger, "cohort/summary/", as_of=DAY).json()

        lines = table(leger, "cohort/summary/", as_of=DAY)

        value = {line["measure"]: line["value"] for line in lines}
        assert (value["patients"], value["short_term.naive.reference"]) == ("40", "0.2")
        p_value = summary["short_term"]["naive"]["p_value"]
        assert float(value["short_term.naive.p_value"]) == p_value
        second_year = summary["time_to_remission"]["at_years"][1]
        at_risk = value["time_to_remission.at_years.2.at_risk"]
        assert (second_year["years"], at_risk) == (2, str(second_year["at_risk"]))
        for predictor in summary["predictors"]:
            missing = value[f"predictors.{predictor['name']}.missing"]
            assert missing == str(predictor["missing"])
        in_columns = ["as_of", *summary["rules"]]
        assert len(value) == len(lines) == len(list(leaves(summary))) - len(in_columns)


def leaves(value):
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from leaves(inner)
    else:
        yield value


class TestOutcomes:
    def test_are_as_described(self, leger):
        page = get(leger, "outcomes/", as_of=DAY).json()

        schema = registry_schema()
        assert problems(schema, answer(schema, "outcomes/"), page) == []

    def test_are_those_of_the_command(self, leger):
        found = rows(leger, "outcomes/", as_of=DAY)

        by_command = json.loads(printed("derive_outcomes", format="json"))
        assert len(found) == 40
        assert [{name: row[name] for name in by_command[0]} for row in found] == by_command

    def test_are_those_of_the_command_as_a_table(self, leger):
        found = table(leger, "outcomes/", as_of=DAY)

        by_command = list(csv.DictReader(StringIO(printed("derive_outcomes", format="csv"))))
        assert len(found) == 40
        assert [{name: row[name] for name in by_command[0]} for row in found] == by_command


class TestRecords:
    @pytest.mark.parametrize("address", [name for name in LISTS if name != "outcomes/"])
    def test_are_those_that_were_loaded(self, leger, address):
        file = LEGER / f"{address.strip('/').replace('-', '_')}.csv"
        with file.open(encoding="utf-8", newline="") as lines:
            loaded = [as_numbers(row) for row in csv.DictReader(lines)]

        found = [as_numbers(row) for row in table(leger, address)]

        assert len(found) == len(loaded)
        assert sorted(map(repr, ({name: row[name] for name in loaded[0]} for row in found))) == (
            sorted(map(repr, loaded))
        )

    def test_leave_as_a_stream(self, leger):
        answer = get(leger, "muscle-scores/", format="csv")

        lines = [chunk.count(b"\r\n") for chunk in answer]

        assert lines == [1 + 2000, 2000, 1544]  # the first line names the columns


def as_numbers(row):
    """How a file writes a number is its own affair: 62.50 is 62.5."""
    return {name: float(cell) if is_number(cell) else cell for name, cell in row.items()}


def is_number(cell):
    return cell.replace(".", "", 1).isdecimal()


class TestPages:
    @pytest.mark.parametrize("address", LISTS)
    def test_hold_the_whole_list_in_order(self, leger, address):
        """Some patients have more rows than a page."""
        pages = walk(leger, f"/api/v1/{address}?as_of={DAY}&page_size=373")

        found, whole = everything(pages), table(leger, address, as_of=DAY)
        keys = [name for name in found[0] if name in KEYS]
        assert [[row[key] for key in keys] for row in found] == [
            [line[key] for key in keys] for line in whole
        ]

    @pytest.mark.parametrize("address", LISTS)
    def test_have_a_hundred_rows_unless_asked_otherwise(self, leger, address):
        page = get(leger, address, as_of=DAY).json()

        whole = len(table(leger, address, as_of=DAY))
        assert len(page["results"]) == min(whole, 100)
        assert (page["next"] is None) == (whole <= 100)


def test_the_examples_of_the_reference_can_be_asked_as_they_stand(leger):
    page = get(leger, "docs/").content.decode()
    commands = re.findall(r'<pre class="example"><code>curl (.*?)</code></pre>', page, re.DOTALL)
    asked = [re.search(r'"http://testserver(\S*)"', unescape(command))[1] for command in commands]
    whole = [address for address in asked if "$" not in address]  # who asks knows the id

    answers = {f"/api/v1/{address.replace('A-1', 'SYN-010')}" for address in ANSWERS}
    assert answers <= {address.partition("?")[0] for address in whole}
    for address in whole:
        given = leger.get(address)
        assert given.status_code == 200, address
        path, _, query = address.partition("?")
        assert not query or given.headers["MMN-As-Of"] == DAY, address
        if path in answers and "cohort" not in path:
            assert b"SYN-010" in given.getvalue(), address
