"""A patient is registered: under the centre's next number, once, and not if known already."""

import re
from datetime import date, timedelta
from uuid import UUID

import pytest
from django.db import DatabaseError, connection, transaction

from mmn_registry.accounts.actions import grant_role, open_account
from mmn_registry.accounts.models import Centre
from mmn_registry.accounts.roles import Role
from mmn_registry.accounts.selectors import principal_for
from mmn_registry.audit.models import Entry
from mmn_registry.principal import in_force
from patients.actions import void
from patients.identity import Person, erase_identity, record_identity, stored_identity
from patients.models import Draft, Identity, Patient
from patients.registration import next_study_id
from tests.outcomes.pages import words
from tests.outcomes.stories import neurologist, store_patient
from tests.outcomes.test_visit_page import error_beside, form
from tests.patients.examples import patient, saved

pytestmark = pytest.mark.django_db
NEW, KNOWN = "/patients/new/patient/", "/patients/new/known/"
TYPED = {
    "sex": "male",
    "birth_year": "1961",
    "onset_on": "2009",
    "included_on": "3 Mar 2020",
    "prior_immunoglobulin": "no",
}
PERSON = {
    "family_name": "Zebrafinch-Okapi",
    "given_name": "Quokka",
    "born_on": "1961-03-31",
    "hospital_number": "H-0471/22",
}
QUOKKA = Person("Zebrafinch-Okapi", "Quokka", date(1961, 3, 31), "H-0471/22")


def centre(code):
    return Centre.objects.get_or_create(code=code)[0]


def registered(study_id, code="SALP", **values):
    return saved(patient(study_id=study_id, centre=centre(code), **values))


@pytest.fixture
def anne(client):
    anne = neurologist("SALP")
    client.force_login(anne)
    return anne


def send(client, **values):
    return client.post(NEW, form(client, NEW) | TYPED | values, follow=True)


def said(answer):
    return words(answer.content.decode())


class TestStudyId:
    @pytest.mark.parametrize(
        ("known", "proposed"),
        [
            ((), "SALP-001"),
            (("SALP-041", "SALP-007"), "SALP-042"),
            (("SALP-099",), "SALP-100"),
            (("SALP-999",), "SALP-1000"),
            (("P9", "P10"), "P11"),
            (("2019-03", "2019-04", "X-900"), "2019-05"),
            (("ALPHA", "BETA"), "SALP-001"),
        ],
    )
    def test_proposed_is_the_next_in_the_centres_own_style(self, known, proposed):
        for study_id in known:
            registered(study_id)

        assert next_study_id(centre("SALP")) == proposed

    def test_of_another_centre_is_not_looked_at(self):
        registered("SALP-041", "BERN")

        assert next_study_id(centre("SALP")) == "SALP-001"

    def test_of_a_voided_registration_is_not_used_again(self):
        void(registered("SALP-041"), by=None, reason="Registered by mistake.")

        assert next_study_id(centre("SALP")) == "SALP-042"

    def test_of_a_centre_whose_code_does_not_fit_is_left_to_type(self):
        assert next_study_id(centre("A/B")) == ""

    def test_that_is_taken_here_or_elsewhere_is_said_alike_beside_it(self, anne, client):
        registered("SALP-001")
        registered("BERN-1", "BERN")

        answers = [
            error_beside(send(client, study_id=one), "study_id") for one in ("SALP-001", "BERN-1")
        ]

        taken = "There is a patient with this study id already. Use another one."
        assert answers == [taken, taken]
        assert Patient.objects.count() == 2

    def test_of_the_other_centre_is_proposed_on_asking(self, client):
        client.force_login(neurologist("BERN", "SALP"))
        registered("SALP-041")
        shown = form(client, NEW)
        assert shown["study_id"] == "BERN-001"

        sent = shown | {"centre": str(centre("SALP").pk), "do": "propose"}
        page = client.post(NEW, sent).content.decode()

        assert re.search(r'name="study_id"[^>]*value="SALP-042"|value="SALP-042"[^>]*', page)
        assert Patient.objects.count() == 1


class TestRegistering:
    def test_stores_what_was_typed_under_its_author(self, anne, client):
        answer = send(client, diagnosed_on="Oct 2010", atrophy_at_baseline="yes")

        assert "SALP-001 is registered." in said(answer)
        assert answer.redirect_chain[-1][0].startswith("/patients/SALP-001/")
        new = Patient.objects.get()
        assert (new.study_id, new.centre.code, new.recorded_by) == ("SALP-001", "SALP", anne)
        assert (new.onset_on, new.onset_precision) == (date(2009, 1, 1), "year")
        assert (new.diagnosed_on, new.diagnosed_precision) == (date(2010, 10, 1), "month")
        assert (new.included_on, new.atrophy_at_baseline) == (date(2020, 3, 3), "yes")
        entry = Entry.objects.get(record_id=str(new.pk), operation="insert")
        assert (entry.verb, entry.actor_id) == ("registered a patient", anne.pk)

    def test_twice_with_one_form_makes_one_patient(self, anne, client):
        sent = form(client, NEW) | TYPED

        leads = [client.post(NEW, sent).headers["Location"] for _ in range(2)]

        assert Patient.objects.count() == 1
        assert all(one.startswith("/patients/SALP-001/") for one in leads)

    def test_keeps_a_draft_until_it_is_saved(self, anne, client):
        sent = form(client, NEW) | TYPED | {"onset_on": "some time"}
        client.post("/drafts/save/", sent)
        assert 'value="some time"' in client.get(NEW).content.decode()

        client.post(NEW, sent | {"onset_on": "2009"})

        with in_force(principal_for(anne)):
            assert not Draft.objects.exists()

    def test_refuses_what_is_missing_beside_its_field(self, anne, client):
        answer = send(client, sex="", included_on="")

        assert error_beside(answer, "sex")
        assert error_beside(answer, "included_on")
        assert not Patient.objects.exists()

    def test_asks_about_an_onset_after_inclusion(self, anne, client):
        answer = send(client, onset_on="2021")

        assert "The onset lies after the inclusion, 3 Mar 2020. Is that right?" in said(answer)
        assert not Patient.objects.exists()

    def test_in_a_centre_of_others_is_not_possible(self, client):
        client.force_login(neurologist("BERN", "SALP"))

        send(client, centre=str(centre("ROME").pk))

        assert not Patient.objects.exists()

    @pytest.mark.parametrize(
        ("role", "code", "status"),
        [
            (Role.COORDINATOR, "SALP", 200),
            (Role.STATISTICIAN, None, 403),
            (Role.NATIONAL_COORDINATOR, None, 403),
            (Role.AUDITOR, "SALP", 403),
            (Role.ADMINISTRATOR, None, 403),
        ],
    )
    def test_is_for_those_who_treat(self, client, role, code, status):
        user = open_account("paul@hospital.example", "Paul Example")
        grant_role(user, role, centre=centre(code) if code else None)
        client.force_login(user)

        assert client.get(NEW).status_code == status
        assert client.get(KNOWN).status_code == status
        assert client.post(KNOWN, PERSON).status_code == status
        assert (f'href="{NEW}"' in client.get("/patients/").content.decode()) == (status == 200)


class TestKnown:
    @pytest.fixture
    def known_in(self):
        def known_in(code):
            there = registered(f"{code}-9", code, birth_year=1961)
            record_identity(there, QUOKKA, by=None)
            return there

        return known_in

    def ask(self, client, **values):
        return client.post(KNOWN, PERSON | values)

    def answer(self, client, **values):
        page = self.ask(client, **values).content.decode()
        found = re.search(r'id="answer-name">([^<]*)<', page)
        return found.group(1) if found else None

    def test_nobody_is_new(self, anne, client):
        assert self.answer(client) == "New"

    @pytest.mark.parametrize(
        "other",
        [{}, {"hospital_number": "", "family_name": "zebrafinch okapi"}, {"given_name": "Q."}],
    )
    def test_in_the_own_centre_it_says_who(self, anne, client, known_in, other):
        known_in("SALP")

        page = self.ask(client, **other).content.decode()

        assert "Here already" in page
        assert 'href="/patients/SALP-9/"' in page

    def test_of_another_centre_it_says_whom_to_ask_and_nothing_else(self, anne, client, known_in):
        known_in("BERN")
        national = open_account("nora@registry.example", "Nora Example")
        grant_role(national, Role.NATIONAL_COORDINATOR)

        page = self.ask(client).content.decode()

        assert "Ask the national coordinator" in page
        assert "nora@registry.example" in page
        assert "BERN" not in page

    @pytest.mark.parametrize(
        "other", [{"given_name": "Q."}, {"born_on": "1961-03-30"}, {"family_name": "Okapi"}]
    )
    def test_of_another_centre_all_must_fit(self, anne, client, known_in, other):
        known_in("BERN")

        assert self.answer(client, **other) == "New"

    def test_a_hospital_number_says_nothing_about_other_hospitals(self, anne, client, known_in):
        known_in("BERN")

        other = {"family_name": "Muster", "given_name": "Max", "born_on": "1950-01-01"}
        assert self.answer(client, **other) == "New"

    def test_who_is_erased_or_voided_is_not_known(self, anne, client, known_in):
        there = known_in("BERN")
        erase_identity(stored_identity(there), by=None, reason="Asked to be forgotten.")
        assert self.answer(client) == "New"

        record_identity(there, QUOKKA, by=None)
        assert self.answer(client) == "Ask the national coordinator"
        void(there, by=None, reason="Registered by mistake.")
        assert self.answer(client) == "New"

    def test_thirty_questions_an_hour_and_each_is_in_the_trail(self, anne, client, known_in):
        known_in("BERN")
        for _ in range(30):
            assert self.answer(client) == "Ask the national coordinator"

        assert self.answer(client) == "Later"
        notes = Entry.objects.filter(actor_id=anne.pk, route="patients:known")
        kinds = notes.filter(record_id="", rows=None).values_list("kind", flat=True)
        assert sorted(kinds) == ["identity"] * 30 + ["refusal"]
        assert not any("BERN" in str(vars(entry)) for entry in notes)

        colleague = open_account("paul@hospital.example", "Paul Example")
        grant_role(colleague, Role.NEUROLOGIST, centre=centre("SALP"))
        client.force_login(colleague)
        assert self.answer(client) == "Ask the national coordinator"

    def test_is_no_business_of_who_reads_for_research(self):
        reader = open_account("rita@hospital.example", "Rita Example")
        grant_role(reader, Role.STATISTICIAN)

        with (
            in_force(principal_for(reader)),
            pytest.raises(DatabaseError, match="Only who registers"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute("SELECT registry_person_elsewhere('{x}', 'sql')")

    def test_nothing_of_it_is_kept_in_clear(self, anne, client):
        self.ask(client)

        with in_force(principal_for(anne)):
            kept = str(dict(client.session)) + str([*Draft.objects.values_list("typed")])
        assert not any(value in kept for value in PERSON.values())

    @pytest.mark.parametrize("left_out", ["family_name", "given_name", "born_on"])
    def test_asks_for_name_and_birth_date(self, anne, client, left_out):
        page = self.ask(client, **{left_out: ""}).content.decode()

        assert "This is needed to ask. Fill it in." in page
        assert self.answer(client, **{left_out: ""}) is None


class TestIdentity:
    def test_is_stored_with_the_registration_it_was_asked_for(self, anne, client):
        client.post(KNOWN, PERSON)
        page = client.get(NEW).content.decode()
        assert "Quokka Zebrafinch-Okapi, born 31 Mar 1961" in words(page)
        token = re.search(r'name="person" form="record" value="([^"]+)" checked', page)[1]
        assert form(client, NEW)["birth_year"] == "1961"

        send(client, person=token)

        assert Identity.objects.get().patient.study_id == "SALP-001"
        assert "Quokka" not in client.get(NEW).content.decode()

    def test_is_not_stored_if_it_is_not_ticked(self, anne, client):
        client.post(KNOWN, PERSON)

        send(client)

        assert Patient.objects.exists()
        assert not Identity.objects.exists()

    def test_of_another_person_than_the_form_showed_is_not_stored(self, anne, client):
        client.post(KNOWN, PERSON)

        answer = send(client, person=str(UUID(int=1)))

        assert "Name and birth date are no longer kept here." in said(answer)
        assert not Patient.objects.exists()

    def test_must_fit_the_year_of_birth(self, anne, client):
        client.post(KNOWN, PERSON)
        token = client.session["person_to_register"]["token"]

        answer = send(client, person=token, birth_year="1962")

        assert "recorded as 1962. Correct one of the two." in error_beside(answer, "birth_year")
        assert not Patient.objects.exists()
        assert not Identity.objects.exists()

    def test_waits_for_half_an_hour(self, anne, client, monkeypatch):
        client.post(KNOWN, PERSON)
        later = timedelta(minutes=31).total_seconds()
        session = client.session
        session["person_to_register"] |= {"at": session["person_to_register"]["at"] - later}
        session.save()

        assert "Quokka" not in client.get(NEW).content.decode()


class TestVoiding:
    VOID = "/patients/P-1/void/"

    @pytest.fixture
    def stored(self, client, tmp_path):
        store_patient(tmp_path / "b")
        client.force_login(neurologist("C1"))
        stored = Patient.objects.get()
        record_identity(stored, Person("Okapi", "Quokka"), by=None)
        return stored

    def void(self, client, reason="Registered twice."):
        page = client.get(self.VOID).content.decode()
        as_read = re.search(r'name="as_read" value="(\w+)"', page)[1]
        return client.post(self.VOID, {"as_read": as_read, "reason": reason}, follow=True)

    def test_takes_all_records_along_and_forgets_who_it_was(self, stored, client):
        page = said(client.get(self.VOID))
        assert "With it go: 3 visits, 12 infusions." in page

        answer = self.void(client)

        assert answer.redirect_chain[-1][0] == "/patients/"
        assert "The registration of P-1 does not count any more." in said(answer)
        assert client.get("/patients/P-1/").status_code == 404
        gone = Patient.including_voided.get()
        assert gone.void_reason == "Registered twice."
        assert all(visit.voided_at for visit in gone.visits(manager="including_voided").all())
        assert Identity.objects.get().erased_at is not None

    def test_needs_a_reason(self, stored, client):
        assert "Say why." in said(self.void(client, reason=" "))
        assert Patient.objects.exists()
        assert Identity.objects.get().erased_at is None
