"""Who got a lot: a recall asks for every patient of one's centres, and for nobody else's."""

import csv
import io

import pytest

from infusions.selectors import list_who_got
from mmn_registry.accounts.actions import grant_role, open_account
from mmn_registry.accounts.models import Centre
from mmn_registry.accounts.roles import Role
from mmn_registry.audit.models import Entry
from tests.accounts.signing_in import sign_in
from tests.bundles import bundle, load_bundle
from tests.outcomes.stories import neurologist

pytestmark = pytest.mark.django_db
TABLES = {
    "patients": """
        study_id | centre | sex    | included_on | prior_immunoglobulin
        P-1      | C1     | female | 2020-01-01  | no
        P-2      | C1     | male   | 2020-01-01  | no
        P-3      | C1     | male   | 2020-01-01  | no
        Q-1      | C2     | male   | 2020-01-01  | no
    """,
    "infusions": """
        study_id | given_on   | route | product  | dose_g
        P-1      | 2020-02-01 | IV    | Privigen | 30
        P-1      | 2020-03-01 | IV    | Privigen | 30
        P-2      | 2020-02-01 | SC    | Hizentra | 8
        Q-1      | 2020-02-01 | IV    | Privigen | 40
    """,
    "infusion_lots": """
        study_id | given_on   | route | product  | lot_number | dose_g
        P-1      | 2020-02-01 | IV    | Privigen | L-39 23    | 10
        P-1      | 2020-03-01 | IV    | Privigen | l3923      |
        P-2      | 2020-02-01 | SC    | Hizentra | L39230     | 8
        Q-1      | 2020-02-01 | IV    | Privigen | L3923      | 40
    """,
    "adverse_reactions": """
        study_id | occurred_on | reaction | severity | serious | lot_number | product
        P-1      | 2020-02-02  | headache | mild     | no      | L3923      | Privigen
        P-3      | 2020-04-02  | fever    | mild     | no      | L3923      |
    """,
}


@pytest.fixture
def stored(tmp_path):
    load_bundle(bundle(tmp_path, **TABLES))


def person(client, role, centre="C1"):
    user = open_account(f"{role}@hospital.example", "Anne Example")
    grant_role(user, role, centre=Centre.objects.get(code=centre) if centre else None)
    sign_in(client, user)
    return user


def search(client, lot):
    return client.get("/lots/", {"lot": lot}).content.decode()


def test_everybody_of_ones_centres_who_got_a_lot_is_found(stored):
    found = list_who_got("L3923", Centre.objects.all())

    assert [
        (one.study_id, one.on.isoformat(), one.lot_number, one.is_reaction) for one in found
    ] == [
        ("P-3", "2020-04-02", "L3923", True),
        ("P-1", "2020-03-01", "l3923", False),
        ("P-1", "2020-02-01", "L-39 23", False),
        ("Q-1", "2020-02-01", "L3923", False),
    ]


@pytest.mark.parametrize("written", ["l3923", " L 3923 ", "L.39/23", "l-3923"])
def test_capitals_blanks_and_signs_between_make_no_difference(stored, written):
    found = list_who_got(written.strip(), Centre.objects.filter(code="C2"))

    assert [one.study_id for one in found] == ["Q-1"]


def test_the_page_counts_patients_and_leads_to_them(stored, client):
    person(client, Role.NEUROLOGIST)

    page = search(client, "L3923")

    assert "2 patients got lot L3923" in page
    assert page.count('href="/patients/P-1/"') == 2
    assert "from a reaction; no infusion names it" in page
    assert "Q-1" not in page
    assert "P-2" not in page


def test_who_works_in_two_centres_searches_both(stored, client):
    client.force_login(neurologist("C1", "C2"))

    assert "3 patients got lot L3923" in search(client, "L3923")


@pytest.mark.parametrize("lot", ["X1", "' OR 1=1", "%", "_"])
def test_a_lot_that_nobody_got_is_said_so(stored, client, lot):
    person(client, Role.NEUROLOGIST)

    assert "Nobody is recorded to have got lot" in search(client, lot)


def test_a_search_is_noted_without_the_lot(stored, client):
    person(client, Role.NEUROLOGIST)

    search(client, "L3923")

    noted = Entry.objects.filter(kind="read", route="lots:search").latest("seq")
    assert noted.rows == 3


@pytest.mark.parametrize("role", [Role.STATISTICIAN, Role.NATIONAL_COORDINATOR, Role.ADMINISTRATOR])
def test_who_does_not_treat_is_shown_no_lots(stored, client, role):
    person(client, role, centre=None)

    answers = [client.get(at, {"lot": "L3923"}) for at in ("/lots/", "/lots/patients.csv")]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert b"P-1" not in answers[0].content


def test_only_who_may_export_takes_it_out(stored, client):
    person(client, Role.NEUROLOGIST)
    assert "/lots/patients.csv" not in search(client, "L3923")
    assert client.get("/lots/patients.csv", {"lot": "L3923"}).status_code == 403


def test_a_coordinator_takes_it_out_after_showing_who_they_are(stored, client):
    user = person(client, Role.COORDINATOR)
    assert "/lots/patients.csv?lot=L3923" in search(client, "L3923")

    answer = client.get("/lots/patients.csv", {"lot": "L3923"})

    lines = list(csv.DictReader(io.StringIO(answer.content.decode(), newline="")))
    assert [(line["study_id"], line["on"], line["known_from"]) for line in lines] == [
        ("P-3", "2020-04-02", "reaction"),
        ("P-1", "2020-03-01", "infusion"),
        ("P-1", "2020-02-01", "infusion"),
    ]
    assert lines[2]["dose_g_from_lot"] == "10"
    assert Entry.objects.filter(kind="export", actor_id=user.pk, route="lots:csv").exists()


def test_whoever_signed_in_long_ago_is_asked_first(stored, client):
    user = person(client, Role.COORDINATOR)
    user.set_password("a long enough passphrase")
    user.save()
    sign_in(client, user, seconds_ago=600)

    answer = client.get("/lots/patients.csv", {"lot": "L3923"})

    assert answer.status_code == 302
    assert not Entry.objects.filter(kind="export").exists()
