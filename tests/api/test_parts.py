"""A visit with its grades: one query, and the very rows that the list of grades has."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from patients.models import Patient, Visit
from tests.api.asking import get, refusal, rows

WITH_GRADES = {"include": "muscle_scores"}


def test_a_visit_has_the_grades_that_their_own_list_has(leger):
    listed = {}
    for row in rows(leger, "muscle-scores/", page_size=1000):
        visit = row.pop("study_id"), row.pop("centre"), row.pop("visited_on")
        listed.setdefault(visit, []).append(row)
    assert len(listed) > 10

    visits = rows(leger, "visits/", page_size=1000, **WITH_GRADES)

    nested = {(v["study_id"], v["centre"], v["visited_on"]): v["muscle_scores"] for v in visits}
    *complete, _last_of_the_page = listed
    assert {visit: nested[visit] for visit in complete} == {v: listed[v] for v in complete}


def test_a_visit_without_grades_has_an_empty_list_and_who_did_not_ask_has_none(reader):
    Visit.objects.create(patient=Patient.objects.get(study_id="A-1"), visited_on=date(2001, 1, 1))

    visits = rows(reader, "visits/", **WITH_GRADES)

    assert {len(visit["muscle_scores"]) for visit in visits} >= {0, 1}
    assert all("muscle_scores" not in visit for visit in rows(reader, "visits/"))
    assert [{**v, "muscle_scores": 0} for v in rows(reader, "visits/")] == [
        {**v, "muscle_scores": 0} for v in visits
    ]


def test_grades_cost_no_query_more(reader):
    def queries(**query):
        with CaptureQueriesContext(connection) as asked:
            get(reader, "visits/", **query)
        return len(asked)

    assert queries(**WITH_GRADES) == queries()


def test_the_way_on_includes_them_too(reader):
    page = get(reader, "visits/", page_size=1, **WITH_GRADES).json()

    assert "muscle_scores" in reader.get(page["next"]).json()["results"][0]


@pytest.mark.parametrize(
    ("query", "told"),
    [
        (
            WITH_GRADES | {"format": "csv"},
            "CSV has one table. Ask for it as a list of its own, or for JSON.",
        ),
        (
            {"include": "infusions"},
            "“infusions” is not a known code here. Use one of: muscle_scores.",
        ),
    ],
)
def test_what_cannot_be_included_is_refused(reader, query, told):
    assert refusal(get(reader, "visits/", **query)) == (400, {"include": told})
