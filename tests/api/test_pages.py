"""Lists in pages: each row once and in order, there and back, whatever happens meanwhile."""

import re
from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from patients.actions import void
from patients.models import Patient
from tests.api.asking import LISTS, everything, get, rows, table, walk
from tests.patients.examples import muscle_score, saved, visit


@pytest.mark.parametrize("address", LISTS)
@pytest.mark.parametrize("size", [1, 2, 1000])
def test_a_walk_meets_every_row_once_and_in_order(reader, address, size):
    pages = walk(reader, f"/api/v1/{address}?page_size={size}")

    whole = rows(reader, address)
    assert everything(pages) == whole
    assert [len(page["results"]) for page in pages[:-1]] == [size] * (len(pages) - 1)
    assert 1 <= len(pages[-1]["results"]) <= size
    assert len(whole) == len(table(reader, address)) > 1


@pytest.mark.parametrize("address", LISTS)
@pytest.mark.parametrize("size", [1, 2])
def test_the_way_back_meets_the_same_pages(reader, address, size):
    there = walk(reader, f"/api/v1/{address}?page_size={size}")

    back = walk(reader, there[-2]["next"], "previous")

    assert everything(reversed(back)) == everything(there)
    assert (there[0]["previous"], there[-1]["next"]) == (None, None)
    assert (back[0]["next"], back[-1]["previous"]) == (None, None)


def test_the_way_on_keeps_what_was_asked_and_names_its_day(reader):
    page = get(reader, "muscle-scores/", side="right", page_size=1).json()

    asked = parse_qs(urlsplit(page["next"]).query)

    assert asked.pop("cursor")
    assert asked == {
        "side": ["right"],
        "page_size": ["1"],
        "as_of": [timezone.localdate().isoformat()],
    }


def test_a_row_recorded_meanwhile_moves_nothing(reader):
    first = get(reader, "muscle-scores/", page_size=2).json()
    a_1 = Patient.objects.get(study_id="A-1")
    earlier = saved(visit(patient=a_1, visited_on=date(2004, 1, 2)))
    saved(muscle_score(visit=earlier))

    rest = walk(reader, first["next"])

    assert [row["visited_on"] for row in first["results"] + everything(rest)] == [
        "2004-01-10",
        "2004-01-10",
        "2004-01-10",
        "2004-07-11",
        "2004-01-10",
    ]


def test_a_page_whose_rows_are_gone_ends_the_list(reader):
    page = get(reader, "patients/", page_size=2).json()
    void(Patient.objects.get(study_id="B-1"), by=None, reason="Entered twice.")

    after = reader.get(page["next"]).json()

    assert (after["results"], after["next"], after["previous"]) == ([], None, None)


@pytest.mark.parametrize("address", ["muscle-scores/", "infusions/"])
def test_texts_are_in_the_same_order_on_every_machine(reader, address):
    """A database may be born with the order of its country; ours sorts by bytes."""
    with CaptureQueriesContext(connection) as queries:
        get(reader, address)

    order = of_rows(queries).split("ORDER BY")[-1]
    assert order.count('COLLATE "C"') == 2


def of_rows(queries) -> str:
    """The statement that reads the list: the last before the trail notes that it was read."""
    *_, read, _noted = queries
    return read["sql"]


@pytest.mark.parametrize("address", ["visits/", "muscle-scores/", "infusions/", "nerve-segments/"])
def test_a_page_is_looked_up_in_the_indexes(reader, address):
    """They hold standing records only; without saying so the whole table is sorted for a page."""
    page = get(reader, address, page_size=1).json()

    with CaptureQueriesContext(connection) as queries:
        reader.get(page["next"])

    sql = of_rows(queries)
    tables = set(re.findall(r'(?:FROM|JOIN) "((?:patients|infusions)_\w+)"', sql))
    assert tables == set(re.findall(r'"(\w+)"."voided_at" IS NULL', sql))
    assert '"patients_patient"."study_id" >= ' in sql
