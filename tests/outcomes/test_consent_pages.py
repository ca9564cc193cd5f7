"""Consent: given, amended and withdrawn on pages, and what follows at once."""

import re
from datetime import date

import pytest

from mmn_registry.accounts.actions import grant_role, open_account
from mmn_registry.accounts.roles import Role
from patients.actions import record_consent
from patients.models import Consent, Patient
from tests.outcomes.pages import words
from tests.outcomes.stories import neurologist, store_patient
from tests.outcomes.test_visit_page import error_beside, form

pytestmark = pytest.mark.django_db
NEW = "/patients/P-1/consents/new/"


@pytest.fixture
def anne(client, tmp_path):
    store_patient(tmp_path / "b")
    anne = neurologist("C1")
    client.force_login(anne)
    return anne


def given(scope="research", day=date(2020, 1, 15), **values):
    of = Patient.objects.get(study_id="P-1")
    consent = Consent(patient=of, scope=scope, form_version="2.1", given_on=day, **values)
    return record_consent(consent, by=None)


def page_of(consent):
    return f"/patients/P-1/consents/{consent.pk}/"


def withdraw(client, consent, day="3 Mar 2021", **more):
    address = f"{page_of(consent)}withdraw/"
    page = client.get(address).content.decode()
    version = re.search(r'name="version" value="(\d+)"', page)[1]
    return client.post(address, {"withdrawn_on": day, "version": version} | more, follow=True)


def said(answer):
    return words(answer.content.decode())


def test_a_consent_is_recorded_and_stands_on_the_patients_page(anne, client):
    filled = form(client, NEW) | {
        "scope": "research",
        "form_version": "2.1",
        "given_on": "15 Jan 2020",
    }
    answer = client.post(NEW, filled, follow=True)

    consent = Consent.objects.get()
    assert (consent.scope, consent.form_version, consent.recorded_by) == ("research", "2.1", anne)
    assert consent.given_on == date(2020, 1, 15)
    assert "The consent of 15 Jan 2020 is saved." in said(answer)
    assert "research 2.1 15 Jan 2020 Withdraw" in said(answer)


def test_the_version_used_last_in_the_centre_is_suggested(anne, client):
    given()

    assert form(client, NEW)["form_version"] == "2.1"


def test_withdrawing_says_before_and_after_what_follows(anne, client):
    consent = given()
    follows = "P-1 leaves the lists, the cohort's numbers, the exports and the API"
    assert follows in said(client.get(f"{page_of(consent)}withdraw/"))

    answer = withdraw(client, consent)

    assert follows in said(answer)
    consent.refresh_from_db()
    assert (consent.withdrawn_on, consent.amend_reason) == (
        date(2021, 3, 3),
        "Consent withdrawn.",
    )
    assert "research 2.1 15 Jan 2020 3 Mar 2021" in said(answer)


def test_who_withdrew_leaves_research_at_once_and_comes_back_with_a_new_consent(anne, client):
    reader = open_account("rita@hospital.example", "Rita Example")
    grant_role(reader, Role.STATISTICIAN)
    consent = given()

    def seen_for_research():
        client.force_login(reader)
        page, api = client.get("/patients/P-1/"), client.get("/api/v1/patients/P-1/")
        client.force_login(anne)
        return {page.status_code, api.status_code}

    assert seen_for_research() == {200}
    withdraw(client, consent)
    assert seen_for_research() == {404}
    assert client.get("/patients/P-1/").status_code == 200
    given(day=date(2021, 6, 1))
    assert seen_for_research() == {200}


def test_another_consent_to_research_keeps_the_patient_in(anne, client):
    old = given()
    given(day=date(2020, 6, 1))

    assert "P-1 stays in research: the consent of 1 Jun 2020" in said(withdraw(client, old))


@pytest.mark.parametrize(
    ("scope", "follows"),
    [("registry", "Nothing is hidden or deleted by itself"), ("contact", "Do not ask this")],
)
def test_other_withdrawals_say_what_follows_too(anne, client, scope, follows):
    assert follows in said(withdraw(client, given(scope)))


def test_a_consent_is_not_withdrawn_before_it_was_given_nor_twice(anne, client):
    consent = given()

    early = withdraw(client, consent, "14 Jan 2020")
    assert error_beside(early, "withdrawn_on").startswith("This consent was withdrawn on")
    withdraw(client, consent)
    again = client.post(f"{page_of(consent)}withdraw/", {"withdrawn_on": "1 May 2021"}, follow=True)

    assert "This consent was withdrawn on 3 Mar 2021. Nothing was changed." in said(again)
    assert Consent.objects.get().version == 2


def test_what_was_changed_meanwhile_is_not_withdrawn(anne, client):
    assert "was changed by somebody else" in said(withdraw(client, given(), version="7"))
    assert Consent.objects.get().withdrawn_on is None


def test_a_withdrawal_by_mistake_is_amended_with_a_reason(anne, client):
    consent = given(withdrawn_on=date(2020, 2, 1))
    address = page_of(consent)

    client.post(address, form(client, address) | {"withdrawn_on": "", "reason": "Another patient."})

    assert Consent.objects.get().withdrawn_on is None


def test_a_consent_is_voided_with_a_reason(anne, client):
    address = f"{page_of(given())}void/"
    page = client.get(address).content.decode()
    as_read = re.search(r'name="as_read" value="(\w+)"', page)[1]

    client.post(address, {"as_read": as_read, "reason": "Another patient's form."})

    assert not Consent.objects.exists()


def test_who_reads_for_research_sees_no_consent_and_writes_none(anne, client):
    consent = given()
    reader = open_account("rita@hospital.example", "Rita Example")
    grant_role(reader, Role.STATISTICIAN)
    client.force_login(reader)

    assert "Record a consent" not in client.get("/patients/P-1/").content.decode()
    assert client.post(f"{page_of(consent)}withdraw/").status_code == 403
    client.force_login(neurologist("C2"))
    assert client.post(f"{page_of(consent)}withdraw/").status_code == 404
