"""The diagnosis: answers to the criteria, what follows from them, and a clinician's own opinion."""

import re
from datetime import date

import pytest

from mmn_registry.accounts.actions import grant_role, open_account
from mmn_registry.accounts.roles import Role
from outcomes.derivation.diagnosis import QUESTIONS
from outcomes.selectors import load_records
from outcomes.views.diagnosis import ASKED
from patients.models import DiagnosisOverride, Finding, Patient
from tests.outcomes.pages import words
from tests.outcomes.stories import neurologist, store_patient
from tests.outcomes.test_visit_page import error_beside, form
from tests.patients.examples import diagnosis_override, finding, saved

pytestmark = pytest.mark.django_db
PAGE = "/patients/P-1/diagnosis/"
OVERRIDE = "/patients/P-1/diagnoses/new/"
# A definite block, so that only the clinical answers are missing.
BLOCK = """
study_id | studied_on | nerve | side | distal_site | proximal_site | distal_amplitude_mv \
| distal_area_mv_ms | proximal_area_mv_ms | distal_duration_ms | proximal_duration_ms
P-1 | 2020-01-12 | median | right | wrist | elbow | 8 | 20 | 6 | 6 | 7
"""
ALL_FIT = {
    "finding_weakness_over_1_month": "present",
    "finding_weakness_in_2_nerves": "present",
    "finding_sensory_loss_beyond_vibration": "absent",
    "finding_upper_motor_neuron_signs": "absent",
    "finding_marked_bulbar_involvement": "absent",
    "finding_diffuse_symmetric_onset": "absent",
    "finding_sensory_conduction_normal": "present",
}


@pytest.fixture
def anne(client, tmp_path):
    store_patient(tmp_path / "b", nerve_segments=BLOCK)
    anne = neurologist("C1")
    client.force_login(anne)
    return anne


def patient():
    return Patient.objects.get(study_id="P-1")


def typed(client, **answers):
    return form(client, PAGE) | {"observed_on": "15 Jan 2020"} | answers


def said(answer):
    return words(answer.content.decode())


def test_every_question_of_the_rule_that_a_clinician_answers_is_asked(anne, client):
    fields = set(re.findall(r'name="finding_(\w+)"', client.get(PAGE).content.decode()))

    assert fields == set(ASKED)
    assert set(QUESTIONS) - fields == {"nerve_conduction", "anti_gm1_igm", "csf_protein"}


def test_the_page_says_what_is_missing_before_anything_is_typed(anne, client):
    assert "Not evaluable, as recorded Not evaluable; missing: weakness for over 1 month" in said(
        client.get(PAGE)
    )


def test_what_the_answers_would_make_of_it_is_shown_as_one_types(anne, client):
    look = said(client.post(f"{PAGE}?look", typed(client, **ALL_FIT)))

    assert "Definite MMN, if saved now Definite MMN: definite block in a nerve." in look
    assert not Finding.objects.exists()


def test_answers_are_recorded_of_their_day_and_the_page_says_what_changed(anne, client):
    answer = client.post(PAGE, typed(client, **ALL_FIT), follow=True)

    found = Finding.objects.values_list("finding", "state", "observed_on", "recorded_by")
    assert set(found) == {
        (name.removeprefix("finding_"), state, date(2020, 1, 15), anne.pk)
        for name, state in ALL_FIT.items()
    }

    assert "The findings of 15 Jan 2020 are saved." in said(answer)
    assert "Diagnosis is now Definite MMN." in said(answer)


def test_only_what_was_answered_is_recorded_and_the_last_answer_stands_beside(anne, client):
    client.post(PAGE, typed(client, finding_upper_motor_neuron_signs="absent"))

    assert Finding.objects.get().finding == "upper_motor_neuron_signs"
    assert "Upper motor neuron signs absent, 15 Jan 2020" in said(client.get(PAGE))


def test_nothing_answered_is_nothing_recorded(anne, client):
    assert "Answer at least one question." in said(client.post(PAGE, typed(client)))


def test_a_question_is_answered_once_a_day(anne, client):
    saved(finding(patient=patient(), observed_on=date(2020, 1, 15)))

    answer = client.post(PAGE, typed(client, finding_plexus_mri_t2="absent"))

    said_beside = error_beside(answer, "finding_plexus_mri_t2")
    assert said_beside == "This finding of this day is recorded already. Amend that one instead."
    assert Finding.objects.get().state == "present"


def test_a_form_sent_twice_records_once(anne, client):
    sent = typed(client, finding_plexus_mri_t2="absent")

    assert [client.post(PAGE, sent).status_code for _ in range(2)] == [302, 302]
    assert Finding.objects.count() == 1


def test_an_answer_is_amended_and_voided_with_a_reason(anne, client):
    known = saved(finding(patient=patient()))
    address = f"/patients/P-1/findings/{known.pk}/"

    client.post(address, form(client, address) | {"state": "absent", "reason": "Misread."})
    known.refresh_from_db()
    assert (known.state, known.amend_reason) == ("absent", "Misread.")

    page = client.get(f"{address}void/").content.decode()
    as_read = re.search(r'name="as_read" value="(\w+)"', page)[1]
    client.post(f"{address}void/", {"as_read": as_read, "reason": "Another patient's."})
    assert not Finding.objects.exists()


class TestOverride:
    def typed(self, client, **values):
        filled = {
            "decided_on": "3 Mar 2021",
            "opinion": "probable",
            "grounds": "Block above Erb, out of reach.",
        }
        return form(client, OVERRIDE) | filled | values

    def test_stands_beside_the_derived_category_and_changes_none(self, anne, client):
        before = load_records(Patient.objects.all())

        client.post(OVERRIDE, self.typed(client))

        override = DiagnosisOverride.objects.get()
        assert (override.opinion, override.recorded_by) == ("probable", anne)
        page = said(client.get("/patients/P-1/"))
        assert "Not evaluable; missing:" in page
        assert (
            "In the opinion of Anne Example, 3 Mar 2021 Probable MMN: "
            "“Block above Erb, out of reach.”"
        ) in page
        after = load_records(Patient.objects.all())
        assert before.patients.equals(after.patients)
        assert before.findings.equals(after.findings)

    def test_needs_its_grounds(self, anne, client):
        answer = client.post(OVERRIDE, self.typed(client, grounds=" "))

        assert error_beside(answer, "grounds") == "This is needed. Fill it in."
        assert not DiagnosisOverride.objects.exists()

    def test_grounds_are_not_for_who_reads_for_research(self, anne, client):
        saved(diagnosis_override(patient=patient()))
        reader = open_account("rita@hospital.example", "Rita Example")
        grant_role(reader, Role.STATISTICIAN)
        client.force_login(reader)

        assert "Block at a site" not in client.get("/patients/P-1/").content.decode()
        assert client.get(OVERRIDE).status_code == 403
        assert client.get(PAGE).status_code == 403

    def test_of_another_centres_patient_is_not_found(self, anne, client):
        client.force_login(neurologist("C2"))

        assert {client.get(PAGE).status_code, client.get(OVERRIDE).status_code} == {404}
