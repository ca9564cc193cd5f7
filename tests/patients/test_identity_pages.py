"""Identity on pages: opened by POST, kept out of addresses and logs, shown to who may see it."""

import logging
from datetime import date

import pytest
from django.db import connection
from django.test import Client

from mmn_registry.accounts.roles import Role
from mmn_registry.logs import NoValues
from patients.identity import Person, read_identity, record_identity, stored_identity
from patients.models import Identity, Patient
from tests.outcomes.canaries import somebody
from tests.outcomes.stories import store_patient

pytestmark = pytest.mark.django_db
ANNE = Person("Zebrafinch-Okapi", "Quokka", date(1960, 3, 31), "H-0471/22")
TELLING = ("Zebrafinch", "Okapi", "Quokka", "H-0471", "1960-03-31", "31 Mar 1960")
TYPED = {
    "family_name": "Zebrafinch-Okapi",
    "given_name": "Quokka",
    "born_on": "1960-03-31",
    "hospital_number": "H-0471/22",
}
PAGE, RECORD, AMEND, ERASE = (
    f"/patients/P-1/identity/{part}" for part in ("", "record/", "amend/", "erase/")
)
FIND = "/patients/find/by-identity/"


@pytest.fixture
def stored(tmp_path):
    store_patient(tmp_path / "bundle")
    return Patient.objects.get()


@pytest.fixture
def anne(stored):
    return record_identity(stored, ANNE, by=None)


@pytest.fixture
def neurologist(stored, client):
    client.force_login(somebody(Role.NEUROLOGIST, "C1"))
    return client


def told(answer) -> list[str]:
    """What of Anne stands in an answer, its headers included."""
    body = answer.content.decode() + str(dict(answer.headers))
    return [text for text in TELLING if text in body]


class TestShowing:
    def test_takes_a_post(self, neurologist, anne):
        assert told(neurologist.get(PAGE)) == []
        shown = neurologist.post(PAGE)

        assert set(told(shown)) == set(TELLING)
        assert shown.headers["Cache-Control"] == "no-store"

    def test_is_offered_on_the_patients_page_folded_and_empty(self, neurologist, anne):
        body = neurologist.get("/patients/P-1/")

        assert "Show identity" in body.content.decode()
        assert told(body) == []

    def test_says_where_nothing_is_recorded(self, neurologist):
        body = neurologist.post(PAGE).content.decode()

        assert "No identity is recorded" in body
        assert f'href="{RECORD}"' in body

    def test_needs_a_token_of_the_form(self, stored, anne):
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(somebody(Role.NEUROLOGIST, "C1"))

        assert strict.post(PAGE).status_code == 403

    @pytest.mark.parametrize("address", [PAGE, RECORD, AMEND, ERASE, FIND])
    @pytest.mark.parametrize("role", [Role.STATISTICIAN, Role.NATIONAL_COORDINATOR])
    def test_is_refused_to_who_reads_for_research(self, stored, anne, client, role, address):
        client.force_login(somebody(role))

        answer = client.post(address, TYPED)
        assert (answer.status_code, told(answer)) == (403, [])
        assert "Show identity" not in client.get("/patients/P-1/").content.decode()
        assert "Find by name" not in client.get("/patients/").content.decode()

    @pytest.mark.parametrize("address", [PAGE, RECORD, AMEND, ERASE])
    def test_anothers_patient_is_as_absent_as_nobodys(self, anne, tmp_path, client, address):
        store_patient(tmp_path / "other", study_id="P-2", patients=OTHER)
        client.force_login(somebody(Role.NEUROLOGIST, "C2"))

        foreign = client.post(address, TYPED)
        nobody = client.post(address.replace("P-1", "P-9"), TYPED)
        assert foreign.status_code == nobody.status_code == 404

    def test_leaves_an_address_without_any_of_it(self, neurologist):
        """Every form about identity is sent by POST."""
        for address in (PAGE, RECORD, FIND, "/patients/"):
            body = neurologist.get(address).content.decode()
            for form in body.split("<form")[1:]:
                head, inside = form.split(">", 1)
                about_it = "family_name" in inside.split("</form>")[0] or "identity" in head
                assert not about_it or 'method="post"' in head


OTHER = """
    study_id | centre | sex | birth_year | included_on | prior_immunoglobulin
    P-2 | C2 | male | 1960 | 2020-01-15 | no
"""


class TestRecording:
    def test_leads_back_without_a_word_of_it(self, neurologist, stored):
        answer = neurologist.post(RECORD, TYPED)

        assert (answer.status_code, answer.url) == (302, PAGE)
        assert told(answer) == []
        assert read_identity(stored_identity(stored), route="test") == ANNE

    def test_keeps_what_was_typed_beside_what_is_wrong(self, neurologist):
        answer = neurologist.post(RECORD, {**TYPED, "born_on": "1961-03-31"})
        body = answer.content.decode()

        assert "year of birth is recorded as 1960" in body
        assert 'value="Zebrafinch-Okapi"' in body
        assert not Identity.objects.exists()

    def test_of_nothing_is_refused(self, neurologist):
        assert "Fill in at least one" in neurologist.post(RECORD, {}).content.decode()

    def test_stores_neither_in_the_session_nor_in_a_message(self, neurologist):
        neurologist.post(RECORD, TYPED)
        neurologist.post(FIND, TYPED)

        with connection.cursor() as cursor:
            cursor.execute("SELECT session_data FROM django_session")
            assert cursor.fetchall()
        told_again = str(dict(neurologist.session))
        assert not [text for text in TELLING if text in told_again]


class TestAmending:
    def test_changes_and_leads_back(self, neurologist, anne):
        typed = {**TYPED, "family_name": "Tapir", "version": "1", "reason": "Married."}
        answer = neurologist.post(AMEND, typed)

        assert (answer.status_code, answer.url) == (302, PAGE)
        assert "Tapir" in neurologist.post(PAGE).content.decode()

    def test_shows_what_was_typed_where_it_cannot_be(self, neurologist, anne):
        answer = neurologist.post(AMEND, {**TYPED, "family_name": "Tapir", "version": "1"})
        body = answer.content.decode()

        assert "Say why." in body
        assert 'value="Tapir"' in body

    def test_overwrites_nothing_that_somebody_else_changed(self, neurologist, anne):
        answer = neurologist.post(AMEND, {**TYPED, "version": "7", "reason": "Married."})

        assert "changed by somebody else" in answer.content.decode()


class TestErasing:
    def test_leaves_that_it_was_and_why(self, neurologist, anne):
        answer = neurologist.post(ERASE, {"version": "1", "reason": "Asked for by the patient."})

        assert (answer.status_code, answer.url) == (302, PAGE)
        page = neurologist.post(PAGE)
        assert "Asked for by the patient." in page.content.decode()
        assert told(page) == []

    def test_needs_a_reason(self, neurologist, anne):
        assert "Say why." in neurologist.post(ERASE, {"version": "1"}).content.decode()
        assert Identity.objects.get().erased_at is None


class TestFinding:
    def test_answers_with_study_ids_alone(self, neurologist, anne):
        body = neurologist.post(FIND, {"family_name": "zebrafinch okapi"}).content.decode()

        assert "1 patient found" in body
        assert 'href="/patients/P-1/"' in body
        assert "Quokka" not in body

    def test_is_offered_in_the_list(self, neurologist):
        assert "Find by name, birth date or hospital number" in (
            neurologist.get("/patients/").content.decode()
        )

    def test_stays_within_ones_own_centres(self, anne, tmp_path, client):
        store_patient(tmp_path / "other", study_id="P-2", patients=OTHER)
        client.force_login(somebody(Role.COORDINATOR, "C2"))

        assert "0 patients found" in client.post(FIND, TYPED).content.decode()

    def test_for_nothing_is_refused(self, neurologist):
        assert "Fill in at least one" in neurologist.post(FIND, {}).content.decode()

    def test_asked_for_in_the_address_finds_nothing(self, neurologist, anne):
        assert "found" not in neurologist.get(f"{FIND}?family_name=Tapir").content.decode()


class TestFaults:
    def test_are_logged_and_answered_without_any_of_it(
        self, neurologist, anne, monkeypatch, caplog
    ):
        def fails(*_args, **_options):
            raise RuntimeError(f"Zebrafinch-Okapi, {TYPED}")

        monkeypatch.setattr("patients.views.identity.record_identity", fails)
        neurologist.raise_request_exception = False
        with caplog.at_level(logging.DEBUG):
            answer = neurologist.post(RECORD, TYPED)

        assert (answer.status_code, told(answer)) == (500, [])
        lines = "\n".join(NoValues().format(record) for record in caplog.records)
        assert "identity/record/" in lines
        assert not [text for text in TELLING if text in lines]
