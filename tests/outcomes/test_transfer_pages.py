"""A patient goes to another centre: offered by a coordinator here, accepted by one there."""

import re

import pytest
from django.db import DatabaseError, connection, transaction

from mmn_registry.accounts.actions import grant_role, open_account
from mmn_registry.accounts.models import Centre
from mmn_registry.accounts.roles import Role
from mmn_registry.accounts.selectors import principal_for
from mmn_registry.audit.models import Entry
from mmn_registry.principal import in_force
from patients.actions import void
from patients.identity import Person, find_patients, record_identity
from patients.models import Patient, Transfer, Visit
from patients.selectors import list_patients
from tests.outcomes.pages import words
from tests.outcomes.stories import neurologist, store_patient

pytestmark = pytest.mark.django_db
OFFER, OFFERS = "/patients/P-1/transfer/", "/patients/transfers/offered/"


def coordinator(code):
    user = open_account(f"coordinator.{code.lower()}@hospital.example", f"Cora {code}")
    grant_role(user, Role.COORDINATOR, centre=Centre.objects.get_or_create(code=code)[0])
    return user


@pytest.fixture
def here(tmp_path, client):
    store_patient(tmp_path / "b")
    here = coordinator("C1")
    client.force_login(here)
    return here


@pytest.fixture
def there():
    return coordinator("C2")


def said(answer):
    return words(answer.content.decode())


def offer(client, to="C2"):
    centre = Centre.objects.get(code=to)
    return client.post(OFFER, {"to_centre": str(centre.pk)}, follow=True)


def decide(client, decision):
    made = Transfer.objects.latest("offered_at")
    address = f"/patients/transfers/{made.pk}/decide/"
    return client.post(address, {"decision": decision}, follow=True)


def treated_in():
    return Patient.objects.get(study_id="P-1").centre.code


def test_an_offer_changes_nothing(here, there, client):
    answer = offer(client)

    assert "P-1 is offered to C2. Nothing changes until they accept." in said(answer)
    assert treated_in() == "C1"
    client.force_login(there)
    assert client.get("/patients/P-1/").status_code == 404
    assert "1 patient is offered to your centre" in said(client.get("/patients/"))
    assert "P-1 , from C1 to C2, offered by Cora C1" in said(client.get(OFFERS)).replace(
        "P-1, ", "P-1 , "
    )


def test_accepting_takes_the_patient_over_with_records_history_and_identity(here, there, client):
    person = Person("Okapi", "Quokka")
    record_identity(Patient.objects.get(), person, by=None)
    offer(client)
    client.force_login(there)

    answer = decide(client, "accept")

    assert "P-1 is your centre's patient now, with all records." in said(answer)
    moved = Patient.objects.get(study_id="P-1")
    assert (moved.centre.code, moved.version, moved.recorded_by) == ("C2", 2, there)
    assert client.get("/patients/P-1/").status_code == 200
    with in_force(principal_for(there)):
        assert Visit.objects.filter(patient=moved).count() == 3
        assert find_patients(person, list_patients(there), route="t") == [moved]
    with in_force(principal_for(here)):
        assert not Visit.objects.exists()
        assert find_patients(person, list_patients(here), route="t") == []
    client.force_login(here)
    assert client.get("/patients/P-1/").status_code == 404
    verbs = Entry.objects.filter(study_id="P-1", verb__contains="a transfer")
    assert {(e.verb, e.actor_id) for e in verbs} == {("accepted a transfer", there.pk)}
    before = Entry.objects.filter(patient_id=moved.pk, centre_id=here.memberships.get().centre_id)
    assert before.filter(verb="offered a patient to another centre").exists()


def test_declining_leaves_all_as_it_was_and_it_can_be_offered_again(here, there, client):
    offer(client)
    client.force_login(there)
    assert "The offer of P-1 is declined." in said(decide(client, "decline"))

    client.force_login(here)
    offer(client)

    assert treated_in() == "C1"
    outcomes = Transfer.objects.order_by("offered_at").values_list("outcome", flat=True)
    assert list(outcomes) == ["declined", ""]


def test_an_offer_is_taken_back_by_who_made_it(here, there, client):
    offer(client)
    page = client.get(OFFER).content.decode()
    made = re.search(r'name="offer" value="([^"]+)"', page)[1]

    assert "The offer is taken back." in said(client.post(OFFER, {"offer": made}, follow=True))

    assert Transfer.objects.get().outcome == "withdrawn"
    client.force_login(there)
    assert decide(client, "accept").status_code == 404
    assert treated_in() == "C1"


def test_the_same_offer_sent_twice_is_one(here, there, client):
    offer(client)
    offer(client)

    assert Transfer.objects.get().outcome == ""


def test_who_offers_cannot_accept(here, there, client):
    offer(client)

    assert decide(client, "accept").status_code == 404
    made = Transfer.objects.get()
    with (
        in_force(principal_for(here)),
        pytest.raises(DatabaseError, match="not yours to decide"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT registry_decide_transfer(%s, 'accepted')", [made.pk])


def test_nobody_offers_a_patient_of_others_by_sql(here, there):
    patient, centres = Patient.objects.get(), {c.code: c for c in Centre.objects.all()}
    forged = Transfer(
        patient=patient,
        study_id="P-1",
        from_centre=centres["C2"],
        to_centre=centres["C1"],
    )

    with in_force(principal_for(there)), pytest.raises(DatabaseError), transaction.atomic():
        forged.save(force_insert=True)


def test_who_was_voided_meanwhile_is_not_taken_over(here, there, client):
    offer(client)
    void(Patient.objects.get(), by=None, reason="Registered twice.")
    client.force_login(there)

    assert "the registration was voided. Decline the offer." in said(decide(client, "accept"))
    assert Transfer.objects.get().outcome == ""


def test_it_is_for_coordinators(here, there, client):
    offer(client)
    client.force_login(neurologist("C1"))
    assert client.get(OFFER).status_code == 403
    assert "Transfer to another centre" not in client.get("/patients/P-1/data/").content.decode()
    client.force_login(neurologist("C2"))
    assert client.get(OFFERS).status_code == 403
    assert decide(client, "accept").status_code == 404
    national = open_account("nora@registry.example", "Nora Example")
    grant_role(national, Role.NATIONAL_COORDINATOR)
    client.force_login(national)
    assert {client.get(OFFERS).status_code, client.get(OFFER).status_code} == {403}
    assert decide(client, "accept").status_code == 404
    assert treated_in() == "C1"
