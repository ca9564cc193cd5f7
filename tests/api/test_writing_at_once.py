"""Several programs at the same time: nothing is lost, and nothing is stored twice."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from django.test import Client

from infusions.models import Infusion
from mmn_registry import principal
from mmn_registry.accounts.actions import make_token
from patients.models import Visit
from tests.api.writing import INFUSION, VISIT, create, send
from tests.outcomes.stories import neurologist, store_patient

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "derive", "owner"])


@pytest.fixture
def program(tmp_path):
    """Makes clients that sign in by one token, as a program's threads would."""
    store_patient(tmp_path / "stored", study_id="P-1")
    _token, secret = make_token(neurologist("C1"), "R", days=1, scope="write")
    return lambda: Client(headers={"Authorization": f"Bearer {secret}"})


def at_once(clients, work):
    """Each in a thread of its own, all released together."""
    gate = threading.Barrier(clients)

    def run(number):
        try:
            with principal.in_force(None):
                gate.wait(10)
                return work(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(clients) as pool:
        return [*pool.map(run, range(clients))]


def test_one_key_sent_by_ten_makes_one_record_and_ten_equal_answers(program):
    answers = at_once(10, lambda _number: create(program(), "infusions/", INFUSION, key="one"))

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sum("Idempotency-Replayed" in answer.headers for answer in answers) == 9
    assert Infusion.objects.filter(given_on=INFUSION["given_on"]).count() == 1


def test_no_change_of_eight_who_change_one_visit_is_lost(program):
    here = create(program(), "visits/", VISIT | {"mmn_rods": 0}).headers["Location"]

    def count_up(_number):
        client, stale = program(), 0
        for _time in range(2):
            while True:
                read = client.get(here)
                change = {
                    "mmn_rods": read.json()["result"]["mmn_rods"] + 1,
                    "reason": "One more.",
                }
                answer = send(client, "PATCH", here, change, If_Match=read.headers["ETag"])
                if answer.status_code == 200:
                    break
                assert answer.status_code == 412, answer.content
                stale += 1
        return stale

    at_once(8, count_up)

    visit = Visit.objects.get(visited_on=VISIT["visited_on"])
    assert (visit.mmn_rods, visit.version) == (16, 17)
