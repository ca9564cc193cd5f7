"""Questions about the data: when each is asked, how it goes, and when it comes back."""

import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from infusions.models import Infusion
from mmn_registry.accounts.models import Centre
from mmn_registry.bundle import load_bundle
from outcomes.dashboards.questions import open_questions
from outcomes.figures.questions import NAMES
from patients.actions import amend, record
from patients.models import Confirmation, LowerLimit, NerveConductionStudy, Patient, Visit
from patients.unusual import UnusualCode
from tests.bundles import bundle
from tests.outcomes.pages import words
from tests.outcomes.stories import neurologist, store_patient

pytestmark = pytest.mark.django_db
PAGE = "/work/questions/"
SEGMENTS = """
study_id | studied_on | nerve  | side  | distal_site | proximal_site | distal_amplitude_mv
P-1      | 2020-03-03 | median | right | wrist       | elbow         | 8
P-1      | 2020-03-03 | ulnar  | left  | wrist       | elbow         | 7
"""
BARELY_KNOWN = """
study_id | centre | sex    | included_on | prior_immunoglobulin
P-1      | C1     | female | 2020-01-15  | no
"""
CONSENTS = """
study_id | scope    | version | given_on
P-1      | registry | 1.0     | 2020-01-01
"""


def asked(study_id="P-1"):
    """What is asked of a patient, by code."""
    questions = open_questions(Patient.objects.filter(study_id=study_id))
    return {question.asked.code.value: question for question in questions}


@pytest.fixture
def stored(tmp_path):
    store_patient(tmp_path, study_id="P-1", consents=CONSENTS)
    return Patient.objects.get()


@pytest.fixture
def anne(stored, client):
    anne = neurologist("C1")
    client.force_login(anne)
    return anne


def test_every_question_has_a_name():
    assert set(NAMES) == set(UnusualCode)


def test_what_lacks_of_a_patient_is_asked_until_it_is_recorded(tmp_path):
    lacking = {"no_consent", "no_onset", "no_birth_year"}
    store_patient(tmp_path, study_id="P-1", patients=BARELY_KNOWN)
    assert lacking <= asked().keys()

    store_patient(tmp_path, study_id="P-1", consents=CONSENTS)

    assert not lacking & asked().keys()


def test_a_visit_without_grades_is_asked_about(stored):
    assert "no_grades" not in asked()

    visit = record(Visit(patient=stored, visited_on="2021-08-01"), by=None)

    assert asked()["no_grades"].record == visit


def test_a_weak_muscle_that_is_left_out_next_time_is_asked_about(tmp_path):
    scores = """
study_id | visited_on | muscle          | side  | mrc_grade | not_tested_reason
P-1      | 2020-01-10 | thumb_abduction | left  | 3         |
P-1      | 2020-01-10 | wrist_extension | left  | 4         |
P-1      | 2020-01-10 | elbow_flexion   | left  | 5         |
P-1      | 2020-07-10 | wrist_extension | left  | NT        | pain
"""
    visits = """
study_id | visited_on
P-1      | 2020-01-10
P-1      | 2020-03-01
P-1      | 2020-07-10
"""
    load_bundle(bundle(tmp_path, patients=BARELY_KNOWN, visits=visits, muscle_scores=scores))

    left_out = asked()["muscle_left_out"]

    # The visit between, at which nothing was graded, is asked about for that alone; a muscle that
    # could not be tested has its answer, and a normal one need not be looked at again.
    assert left_out.record.visited_on == date(2020, 7, 10)
    assert left_out.asked.value == "1"


def test_a_limit_may_stand_beside_the_segment_or_in_the_centres_table(tmp_path):
    store_patient(tmp_path, study_id="P-1", nerve_segments=SEGMENTS)
    assert asked()["no_limit"].asked.value == "2"

    for nerve, valid_from in (("median", "2020-01-01"), ("ulnar", "2020-03-04")):
        limit = LowerLimit(
            centre=Centre.objects.get(code="C1"),
            nerve=nerve,
            valid_from=valid_from,
            distal_amplitude_lln_mv=4,
        )
        record(limit, by=None)
    assert asked()["no_limit"].asked.value == "1", "the ulnar one is not valid yet"

    ulnar = NerveConductionStudy.objects.get().segments.get(nerve="ulnar")
    amend(ulnar, {"distal_amplitude_lln_mv": 5}, by=None, reason="From the report.")
    assert "no_limit" not in asked()


def test_who_was_never_treated_has_no_infusion_before_inclusion(stored):
    assert "naive_but_treated" not in asked()

    give(stored, stored.included_on - timedelta(days=30))

    assert asked()["naive_but_treated"].record == stored


def test_a_gap_is_asked_about_unless_a_stop_was_tried(tmp_path):
    infusions = """
study_id | given_on   | route | product  | dose_g
P-1      | 2020-01-15 | IV    | Privigen | 70
P-1      | 2020-05-14 | IV    | Privigen | 70
P-1      | 2020-09-12 | IV    | Privigen | 70
"""
    store_patient(tmp_path, study_id="P-1", infusions=infusions)
    (gap,) = [
        q for q in open_questions(Patient.objects.all()) if q.asked.code == "gap_in_infusions"
    ]
    assert gap.record.given_on == date(2020, 9, 12), "120 days are none, 121 are one"

    attempts = "study_id|attempted_on|kind|outcome\nP-1|2020-05-14|stop|failed\n"
    store_patient(tmp_path, study_id="P-1", infusions=infusions, dose_attempts=attempts)
    assert "gap_in_infusions" not in asked()


def test_infusions_that_go_on_after_a_tolerated_stop_are_asked_about(tmp_path):
    attempts = "study_id|attempted_on|kind|outcome\nP-1|2021-01-01|stop|tolerated\n"
    store_patient(tmp_path, study_id="P-1", dose_attempts=attempts)
    patient = Patient.objects.get()
    give(patient, date(2021, 3, 3))
    assert "given_after_stop" not in asked(), "61 days later it may have been needed again"

    give(patient, date(2021, 3, 2))

    assert asked()["given_after_stop"].record.kind == "stop"


def test_a_reaction_needs_an_infusion_before_it(tmp_path):
    reactions = """
study_id | occurred_on | reaction | severity | serious
P-1      | 2019-06-15  | headache | mild     | no
"""
    store_patient(tmp_path, study_id="P-1", adverse_reactions=reactions)
    assert "reaction_without_infusion" in asked()

    give(Patient.objects.get(), date(2019, 6, 1))

    assert "reaction_without_infusion" not in asked()


def give(patient, day):
    given = Infusion(patient=patient, given_on=day, route="IV", product="Privigen", dose_g=70)
    return record(given, by=None)


def test_an_answer_closes_it_and_another_value_opens_it_again(anne, client, stored):
    visit = Visit.objects.order_by("visited_on").last()
    amend(visit, {"weight_kg": 20}, by=None, reason="Typed wrongly.")
    page = client.get(PAGE)
    assert "It is right" in words(page.content.decode())

    answer(
        client, page, asked()["weight_changed" if "weight_changed" in asked() else "seldom_weight"]
    )
    closed = {"weight_changed", "seldom_weight"} - asked().keys()
    assert closed == {"weight_changed", "seldom_weight"}
    assert Confirmation.objects.get().confirmed_by == anne
    assert "Anne Example" in words(client.get(f"{PAGE}?answered=1").content.decode())

    amend(Visit.objects.get(pk=visit.pk), {"weight_kg": 21}, by=None, reason="Typed again.")
    assert "weight_changed" in asked()


def answer(client, page, question):
    """Press the button of one line."""
    forms = re.findall(r"<form method=\"post\".*?</form>", page.content.decode(), re.DOTALL)
    (form,) = [f for f in forms if question.asked.key in f and str(question.record.pk) in f]
    sent = dict(re.findall(r'name="([^"]*)" value="([^"]*)"', form))
    return client.post(f"{PAGE}answer/", sent)


def test_what_is_not_asked_cannot_be_answered(anne, client, stored):
    sent = {"study_id": "P-1", "record_id": str(stored.pk), "key": "no_onset:onset_on:1999"}
    client.post(f"{PAGE}answer/", sent)

    assert not Confirmation.objects.exists()
    assert client.post(f"{PAGE}answer/", sent | {"record_id": "x"}).status_code == 404
    assert client.post(f"{PAGE}answer/", sent | {"study_id": "P-9"}).status_code == 404


def test_another_centres_questions_are_not_on_the_page_and_cannot_be_answered(anne, client, stored):
    record(Visit(patient=stored, visited_on="2021-08-01"), by=None)
    question = asked()["no_grades"]
    client.force_login(neurologist("C2"))

    assert "P-1" not in words(client.get(PAGE).content.decode())
    sent = {"study_id": "P-1", "record_id": str(question.record.pk), "key": question.asked.key}
    assert client.post(f"{PAGE}answer/", sent).status_code == 404
    assert not Confirmation.objects.exists()


def test_it_costs_as_many_queries_for_three_patients_as_for_one(client, tmp_path):
    store_patient(tmp_path, study_id="P-1")
    client.force_login(neurologist("C1"))
    client.get(PAGE)
    with CaptureQueriesContext(connection) as for_one:
        client.get(PAGE)
    for n in (2, 3):
        store_patient(tmp_path / str(n), study_id=f"P-{n}")
    with CaptureQueriesContext(connection) as for_three:
        client.get(PAGE)

    assert len(for_three) == len(for_one)
