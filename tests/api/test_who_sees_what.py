"""Whose records an answer holds: those of one's centres that still stand."""

import base64

import pytest

from mmn_registry.accounts.actions import (
    end_role,
    grant_role,
    make_token,
    open_account,
    revoke_token,
)
from mmn_registry.accounts.models import Centre, Membership, User
from mmn_registry.accounts.roles import Role
from patients.actions import void
from patients.models import NerveConductionStudy, Patient, Visit
from tests.api.asking import ANSWERS, LISTS, get, refusal, rows, table, told

PASSWORD = "a long enough one"


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


class TestCentres:
    @pytest.mark.parametrize("address", LISTS)
    def test_lists_hold_the_patients_of_ones_own(self, northerner, address):
        everybody = {row["study_id"] for row in rows(northerner, address)}

        assert everybody in ({"A-1", "A-2"}, {"A-1"})  # A-2 has few records
        assert {line["study_id"] for line in table(northerner, address)} == everybody

    def test_the_cohort_is_counted_of_ones_own(self, northerner):
        assert get(northerner, "cohort/summary/").json()["patients"] == 2

    @pytest.mark.parametrize("address", LISTS)
    def test_anothers_patient_is_as_absent_as_nobody(self, northerner, address):
        foreign, nobody = (rows(northerner, address, patient=name) for name in ("B-1", "B-2"))

        assert foreign == nobody == []

    def test_anothers_patient_is_not_found_by_the_same_words_as_nobody(self, northerner):
        foreign, nobody, later = (
            get(northerner, "patients/B-1/"),
            get(northerner, "patients/B-2/"),
            get(northerner, "patients/A-1/", as_of="2004-01-14"),
        )

        assert foreign.status_code == 404
        assert foreign.json()["detail"] == "There is no such patient in your centres on that day."
        assert told(foreign) == told(nobody) == told(later)

    @pytest.mark.parametrize("address", [*LISTS, "cohort/summary/"])
    def test_anothers_centre_is_refused_by_the_same_words_as_none(self, northerner, address):
        sentence = "There is no centre “{}” among yours. You have: North."

        for centre in ("South", "Souht"):
            answer = get(northerner, address, centre=centre)
            assert refusal(answer) == (400, {"centre": sentence.format(centre)})


class TestPeople:
    @pytest.mark.parametrize("address", ANSWERS)
    def test_a_stranger_is_told_how_to_sign_in(self, small, client, address):
        answer = get(client, address)

        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert answer.json()["detail"].startswith("Sign in: with a token")

    def test_a_program_signs_in_with_a_token(self, small, client):
        user = open_account("R@hospital.example", "Rosa")
        grant_role(user, Role.STATISTICIAN)
        _token, text = make_token(user, "R", days=1)

        answer = client.get("/api/v1/patients/", headers=bearer(text))

        assert [row["study_id"] for row in answer.json()["results"]] == ["A-1", "A-2", "B-1"]
        assert answer.headers["Cache-Control"] == "no-store"

    @pytest.mark.parametrize("address", LISTS)
    def test_a_token_of_one_centre_reads_that_centre(self, small, client, address):
        user = User.objects.get(email="north-south@hospital.example")
        _token, text = make_token(user, "R", days=1, centre=Centre.objects.get(code="South"))

        for signed_in in (False, True):  # the token counts, whoever is signed in besides
            if signed_in:
                client.force_login(user)
            answer = client.get(f"/api/v1/{address}", headers=bearer(text)).json()
            assert {row["study_id"] for row in answer["results"]} <= {"B-1"}

    def test_a_password_signs_no_program_in(self, small, client):
        user = open_account("anne@hospital.example", "Anne", password=PASSWORD)
        grant_role(user, Role.STATISTICIAN)
        credentials = base64.b64encode(f"{user.email}:{PASSWORD}".encode()).decode()

        answer = client.get("/api/v1/patients/", headers={"Authorization": f"Basic {credentials}"})

        assert answer.status_code == 401

    def test_whatever_does_not_fit_is_refused_by_the_same_words(self, small, client):
        user = open_account("anne@hospital.example", "Anne")
        token, text = make_token(user, "R", days=1)
        revoke_token(token, by=user)
        headers = [
            bearer(text),
            bearer("mmn_" + "0" * 64),
            {"Authorization": "Bearer"},
            {"Authorization": "Bearer a b"},
            {"Authorization": "Bearer ÿþ"},
        ]

        answers = [client.get("/api/v1/patients/", headers=header) for header in headers]

        sentence = "This token does not sign in here: mistyped, expired or revoked."
        assert [(answer.status_code, answer.json()["detail"]) for answer in answers] == (
            [(401, sentence)] * len(headers)
        )

    @pytest.mark.parametrize("address", LISTS)
    def test_somebody_without_a_role_reads_empty_lists(self, small, client, address):
        client.force_login(open_account("new@hospital.example", "New"))

        assert rows(client, address) == table(client, address) == []
        assert get(client, "cohort/summary/").json()["patients"] == 0

    def test_somebody_without_a_role_has_no_centre_to_ask_for(self, small, client):
        client.force_login(open_account("new@hospital.example", "New"))

        assert refusal(get(client, "patients/", centre="North")) == (
            400,
            {"centre": "There is no centre “North” among yours. You have: none."},
        )

    def test_a_role_that_ended_shows_nothing_any_more(self, northerner):
        assert len(rows(northerner, "patients/")) == 2

        end_role(Membership.objects.get(user__email="north@hospital.example"))

        assert get(northerner, "patients/").status_code == 401  # the session went with it
        northerner.force_login(User.objects.get(email="north@hospital.example"))
        assert rows(northerner, "patients/") == []

    @pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMINISTRATOR])
    def test_roles_without_records_read_none(self, small, client, role):
        user = open_account("other@hospital.example", "Other")
        grant_role(user, role)
        client.force_login(user)

        assert rows(client, "patients/") == []
        assert get(client, "patients/A-1/").status_code == 404


class TestVoidedRecords:
    def test_are_listed_nowhere(self, reader):
        visit = Visit.objects.get(patient__study_id="A-1", visited_on="2004-07-11")

        void(visit.muscle_scores.get(), by=None, reason="Typed twice.")

        assert "2004-07-11" not in days(rows(reader, "muscle-scores/"), "visited_on")
        assert "2004-07-11" in days(rows(reader, "visits/"), "visited_on")

    def test_take_along_what_belongs_to_them(self, reader):
        for record in (
            Visit.objects.get(patient__study_id="A-1", visited_on="2004-07-11"),
            NerveConductionStudy.objects.get(studied_on="2005-01-12"),
        ):
            void(record, by=None, reason="Another patient's.")

        assert "2004-07-11" not in days(rows(reader, "visits/"), "visited_on")
        assert "2004-07-11" not in days(rows(reader, "muscle-scores/"), "visited_on")
        assert "2005-01-12" not in days(rows(reader, "nerve-segments/"), "studied_on")

    @pytest.mark.parametrize("address", LISTS)
    def test_of_a_patient_take_along_all_records(self, reader, address):
        void(Patient.objects.get(study_id="A-1"), by=None, reason="Entered twice.")

        assert "A-1" not in days(rows(reader, address), "study_id")
        assert "A-1" not in days(table(reader, address), "study_id")

    def test_of_a_patient_are_not_found(self, reader):
        void(Patient.objects.get(study_id="A-1"), by=None, reason="Entered twice.")

        assert get(reader, "patients/A-1/").status_code == 404


def days(listed, column):
    return {row[column] for row in listed}


def test_somebody_of_several_roles_reads_each_patient_once(northerner):
    """Two roles in a centre do not list its patients twice."""
    reader = User.objects.get(email="north@hospital.example")
    grant_role(reader, Role.STATISTICIAN)
    northerner.force_login(reader)

    assert [row["study_id"] for row in rows(northerner, "patients/")] == ["A-1", "A-2", "B-1"]
