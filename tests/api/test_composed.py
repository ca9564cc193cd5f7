"""A page that is asked for again is composed by nobody, and says what PostgreSQL has then."""

from unittest import mock

import pytest

from mmn_registry.bundle import load_bundle
from mmn_registry.rest import composed
from patients.actions import record_visit
from patients.models import Patient, Visit
from patients.models.record import RecordQuerySet
from tests.api.asking import get
from tests.bundles import bundle
from tests.outcomes.stories import neurologist

DAYS = ("2020-01-02", "2020-01-03", "2020-01-04", "2020-01-05")


@pytest.fixture
def visits(transactional_db, tmp_path, client):
    rows = "\n".join(["study_id | visited_on", *(f"P0 | {day}" for day in DAYS)])
    patients = (
        "study_id | centre | sex | included_on | prior_immunoglobulin\n"
        "P0 | C1 | male | 2020-01-01 | no"
    )
    load_bundle(bundle(tmp_path, patients=patients, visits=rows))
    client.force_login(neurologist("C1"))
    composed._composed.clear()


def days(answer) -> list[str]:
    return [row["visited_on"] for row in answer.json()["results"]]


def walked(client) -> list[str]:
    answer = get(client, "visits/", page_size=1)
    found = days(answer)
    while answer.json()["next"]:
        answer = client.get(answer.json()["next"])
        found += days(answer)
    return found


def test_a_walk_composes_its_first_page_and_one_of_the_others(client, visits):
    with mock.patch.object(
        RecordQuerySet, "visible_to", autospec=True, side_effect=RecordQuerySet.visible_to
    ) as asked:
        found = [walked(client), walked(client)]

    assert found == [[*DAYS], [*DAYS]]
    assert asked.call_count == 2


def test_what_is_recorded_in_between_stands_in_the_next_answer(client, visits):
    walked(client)
    patient = Patient.objects.get(study_id="P0")
    record_visit(Visit(patient=patient, visited_on="2020-02-01"), by=None)

    assert walked(client) == [*DAYS, "2020-02-01"]


def test_another_person_is_asked_for_anew(client, visits):
    walked(client)
    client.force_login(neurologist("C2"))

    assert walked(client) == []
