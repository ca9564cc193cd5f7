"""A day decides what counts: nothing of the day after it is known."""

from datetime import date, timedelta

import pytest

from tests.api.asking import get, rows, table

BY_DAY = {
    "patients/": "included_on",
    "visits/": "visited_on",
    "muscle-scores/": "visited_on",
    "infusions/": "given_on",
    "nerve-segments/": "studied_on",
}


@pytest.mark.parametrize(("address", "column"), BY_DAY.items())
def test_what_is_dated_later_is_not_listed(reader, address, column):
    days = [row[column] for row in rows(reader, address)]
    last = max(days)
    day_before = (date.fromisoformat(last) - timedelta(days=1)).isoformat()

    listed = [row[column] for row in rows(reader, address, as_of=day_before)]

    assert listed == [day for day in days if day != last] != days
    assert [row[column] for row in rows(reader, address, as_of=last)] == days


@pytest.mark.parametrize("address", [*BY_DAY, "outcomes/"])
def test_a_patient_not_yet_included_has_no_records(reader, address):
    """B-1 was seen in January 2004 and included in February."""
    studied = {row["study_id"] for row in rows(reader, address, as_of="2004-01-31")}

    assert studied == {"A-1"}
    assert {line["study_id"] for line in table(reader, address, as_of="2004-01-31")} == {"A-1"}


def test_a_patient_not_yet_included_is_not_found(reader):
    assert get(reader, "patients/A-2/", as_of="2004-01-31").status_code == 404
    assert get(reader, "patients/A-2/", as_of="2004-02-01").status_code == 200


def test_a_patient_not_yet_included_is_not_counted(reader):
    assert get(reader, "cohort/summary/", as_of="2004-01-31").json()["patients"] == 1


def test_a_death_is_unknown_until_its_day(reader):
    def death(as_of):
        listed = rows(reader, "patients/", patient="A-2", as_of=as_of)[0]["deceased_on"]
        assert get(reader, "patients/A-2/", as_of=as_of).json()["result"]["deceased_on"] == listed
        return listed

    assert death("2006-11-29") is None
    assert death("2006-11-30") == "2006-11-30"


def test_before_everything_there_is_nothing(reader):
    """The first day that a calendar has."""
    for address in (*BY_DAY, "outcomes/"):
        assert rows(reader, address, as_of="0001-01-01") == []
    assert get(reader, "cohort/summary/", as_of="0001-01-01").json()["patients"] == 0
