"""A record of any kind on a page: what all of them do alike."""

import re
from uuid import uuid4

import pytest
from django.test import Client

from patients.actions import amend
from patients.models import Draft, Finding, LaboratoryResult
from patients.unusual import plain
from tests.outcomes.stories import neurologist, store_patient
from tests.outcomes.typists import Typist, edit_in_turns, inputs

pytestmark = pytest.mark.django_db
NEW = "/patients/P-1/laboratory/new/"


@pytest.fixture
def anne(client, tmp_path):
    store_patient(tmp_path, study_id="P-1")
    anne = neurologist("C1")
    client.force_login(anne)
    return anne


def typed(client, address=NEW, **values):
    filled = {"taken_on": "3 Mar 2020", "test": "anti_gm1_igm", "value": "12,5", "unit": "BTU"}
    return inputs(client.get(address).content.decode()) | filled | values


def page_of(result):
    return f"/patients/P-1/laboratory/{result.pk}/"


@pytest.fixture
def result(anne, client):
    client.post(NEW, typed(client))
    return LaboratoryResult.objects.get()


def test_what_is_typed_is_recorded_under_its_author(result, anne):
    assert (plain(result.value), result.unit, result.recorded_by) == ("12.5", "BTU", anne)


def test_the_same_form_sent_twice_makes_one_record(anne, client):
    sent = typed(client)

    for _ in range(2):
        answer = client.post(NEW, sent)
        assert answer.headers["Location"].startswith("/patients/P-1/")

    assert LaboratoryResult.objects.count() == 1


def test_what_is_impossible_is_said_beside_its_field_and_nothing_is_lost(anne, client):
    answer = client.post(NEW, typed(client, taken_on="31 Feb 2020", unit="BTU/ml"))

    page = answer.content.decode()
    assert "“31 Feb 2020” is not a date. Write it like 12 Jan 2024 or 2024-01-12." in page
    assert 'value="31 Feb 2020"' in page
    assert 'value="BTU/ml"' in page
    assert not LaboratoryResult.objects.exists()


def test_a_draft_is_restored_at_the_same_address(anne, client):
    sent = typed(client, value="99")
    client.post("/drafts/save/", sent)

    page = client.get(NEW).content.decode()

    assert 'value="99"' in page
    assert "Draft saved" in page
    client.post(NEW, sent)
    assert not Draft.objects.exists()


def test_an_amendment_needs_a_reason(result, client):
    address = page_of(result)
    assert "Say why" in client.post(address, typed(client, address, value="13")).content.decode()

    client.post(address, typed(client, address, value="13", reason="Misread."))

    result.refresh_from_db()
    assert (plain(result.value), result.amend_reason, result.version) == ("13", "Misread.", 2)


def test_two_people_on_one_record_choose_field_by_field(result, client):
    address = page_of(result)
    mine = typed(client, address, value="13", unit="U", reason="Misread.")
    amend(result, {"value": 14}, by=None, reason="Misread, too.")

    page = client.post(address, mine).content.decode()

    assert "changed this laboratory result on" in page
    assert "1 value was changed by both of you: choose." in page
    result.refresh_from_db()
    assert plain(result.value) == "14"


def test_of_edits_in_turns_none_is_lost(result, client, anne):
    other = Client()
    other.force_login(neurologist("C1", "C2"))
    address = page_of(result)
    two = Typist(client, address, "unit"), Typist(other, address, "method")

    asked = edit_in_turns(two, 10)

    result.refresh_from_db()
    assert (result.unit, result.method, result.version) == ("8", "9", 11)
    assert asked == 9  # all but the first met somebody else's version


def test_what_is_voided_meanwhile_can_be_recorded_anew(result, client):
    address = page_of(result)
    mine = typed(client, address, value="13", reason="Misread.")
    as_read = re.search(
        r'name="as_read" value="(\w+)"', client.get(f"{address}void/").content.decode()
    ).group(1)
    client.post(f"{address}void/", {"as_read": as_read, "reason": "Another patient's."})
    assert not LaboratoryResult.objects.exists()

    page = client.post(address, mine)

    assert "was voided by Anne Example: “Another patient&#x27;s.”" in page.content.decode()
    again = inputs(page.content.decode()) | {
        k: mine[k] for k in ("taken_on", "test", "value", "unit")
    }
    client.post(NEW, again)
    assert LaboratoryResult.objects.get().version == 1


def test_a_record_of_another_patient_is_not_found(result, client, tmp_path):
    store_patient(tmp_path / "other", study_id="P-2")

    assert client.get(page_of(result).replace("P-1", "P-2")).status_code == 404
    assert client.get(f"/patients/P-1/laboratory/{uuid4()}/").status_code == 404


# ── Laboratory results and findings ──────────────────────────────────────────────────────────


def test_what_was_used_last_time_for_a_test_is_offered_and_taken_without_script(result, client):
    amend(result, {"method": "ELISA", "cutoff": "> 1:800"}, by=None, reason="Added.")

    opened = inputs(client.get(NEW).content.decode())
    asked = {**opened, "test": "anti_gm1_igm", "unit": "U", "do": "as_last"}
    page = client.post(NEW, asked)

    html = page.content.decode()
    assert "3 Mar 2020</th>" in html
    assert 'name="method" value="ELISA"' in html
    assert 'name="cutoff" value="&gt; 1:800"' in html
    assert 'name="unit" value="U"' in html
    other = client.post(f"{NEW}?look", {"test": "ck", "taken_on": "3 Mar 2021"}).content.decode()
    assert "None of this patient is recorded." in other
    assert LaboratoryResult.objects.count() == 1


def test_a_result_in_another_unit_is_asked_about_beside_its_value(anne, client):
    sent = typed(client, test="haemoglobin", value="140", unit="g/dL")

    asked = client.post(NEW, sent).content.decode()

    assert "140 g/dL is seldom found (haemoglobin). Was it g/L?" in asked
    assert not LaboratoryResult.objects.exists()
    client.post(NEW, {**sent, "confirmed": "seldom_result:value:140"})
    assert LaboratoryResult.objects.exists()


def test_a_finding_of_a_day_without_a_visit_is_recorded_amended_and_voided(anne, client):
    address = "/patients/P-1/findings/new/"
    sent = inputs(client.get(address).content.decode()) | {
        "observed_on": "1 Feb 2019",
        "finding": "plexus_mri_t2",
        "state": "present",
    }
    client.post(address, sent)
    found = Finding.objects.get()
    assert (found.finding, found.state, found.recorded_by) == ("plexus_mri_t2", "present", anne)

    page = f"/patients/P-1/findings/{found.pk}/"
    assert page in client.get("/patients/P-1/").content.decode()
    sent = (
        inputs(client.get(page).content.decode()) | sent | inputs(client.get(page).content.decode())
    )
    client.post(page, {**sent, "state": "absent", "reason": "Read again."})
    found.refresh_from_db()
    assert (found.state, found.version) == ("absent", 2)

    void = f"{page}void/"
    html = client.get(void).content.decode()
    as_read = re.search(r'name="as_read" value="(\w+)"', html).group(1)
    client.post(void, {"as_read": as_read, "reason": "Another patient's."})
    assert not Finding.objects.exists()
