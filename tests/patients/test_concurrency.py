"""Two people at once, on connections of their own."""

from datetime import date
from threading import Thread

import pytest
from django.core.exceptions import ValidationError
from django.db import connections, transaction

from mmn_registry import principal
from patients.actions import StaleRecord, amend, record, void
from patients.models import MuscleScore, Patient, Visit

from .examples import known_visit, muscle_score, patient, saved, visit

pytestmark = pytest.mark.django_db(transaction=True)


def elsewhere(action):
    """Start an action on another connection; returns its thread and the list of its outcome."""
    outcome = []

    now = principal.at_work()

    def run():
        try:
            with principal.resumed(now):
                outcome.append(action())
        except (StaleRecord, ValidationError) as refused:
            outcome.append(refused)
        finally:
            connections.close_all()

    thread = Thread(target=run)
    thread.start()
    return thread, outcome


def test_of_two_amendments_at_once_one_is_stale():
    known_visit()
    hers, his = Visit.objects.get(), Visit.objects.get()

    with transaction.atomic():
        amend(hers, {"weight_kg": 60}, by=None, reason="Typo.")
        thread, outcome = elsewhere(lambda: amend(his, {"weight_kg": 61}, by=None, reason="Typo."))
        thread.join(timeout=0.3)
        assert thread.is_alive(), "waits for the first to end"
    thread.join()

    assert [type(result) for result in outcome] == [StaleRecord]
    assert Visit.objects.get().weight_kg == 60


def test_a_score_recorded_while_its_visit_is_voided_finds_it_voided():
    seen = known_visit()
    late = muscle_score(visit=seen)

    with transaction.atomic():
        void(seen, by=None, reason="Another patient's visit.")
        thread, outcome = elsewhere(lambda: record(late, by=None))
        thread.join(timeout=0.3)
        assert thread.is_alive(), "waits for the void to end"
    thread.join()

    assert [result.code for result in outcome] == ["voided_parent"]
    assert MuscleScore.objects.count() == 0


def test_a_void_takes_along_a_score_that_was_just_recorded():
    seen = known_visit()

    with transaction.atomic():
        saved(muscle_score(visit=seen))
        thread, outcome = elsewhere(lambda: void(seen, by=None, reason="Another patient's visit."))
        thread.join(timeout=0.3)
        assert thread.is_alive(), "waits for the score to be recorded"
    thread.join()

    assert outcome == [seen]
    assert MuscleScore.objects.count() == Visit.objects.count() == 0


def test_a_death_waits_for_a_visit_that_is_being_recorded():
    seen = saved(patient())

    with transaction.atomic():
        saved(visit(patient=seen, visited_on=date(2015, 6, 2)))
        died = {"deceased_on": date(2015, 6, 1)}
        thread, outcome = elsewhere(lambda: amend(seen, died, by=None, reason="Told by phone."))
        thread.join(timeout=0.3)
        assert thread.is_alive(), "waits for the visit to be recorded"
    thread.join()

    assert [result.code for result in outcome] == ["after_death"]
    assert Patient.objects.get().deceased_on is None


def test_forty_amendments_from_four_sides_lose_none():
    known_visit()

    def amend_ten_times():
        for _ in range(10):
            while True:
                try:
                    read = Visit.objects.get()
                    amend(read, {"mmn_rods": (read.mmn_rods or 0) + 1}, by=None, reason="One more.")
                    break
                except StaleRecord:
                    continue

    sides = [elsewhere(amend_ten_times) for _ in range(4)]
    for thread, _outcome in sides:
        thread.join()

    stored = Visit.objects.get()
    assert [outcome for _thread, outcome in sides] == [[None]] * 4
    assert (stored.mmn_rods, stored.version) == (40, 41)
