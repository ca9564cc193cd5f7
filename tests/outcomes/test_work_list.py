"""The page of what is open: whose it is, and where its lines lead."""

import re
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from infusions.actions import plan_infusions, record_as_planned
from infusions.models import Infusion, PlannedInfusion
from mmn_registry.accounts.actions import grant_role, open_account
from mmn_registry.accounts.models import Centre
from mmn_registry.accounts.roles import Role
from patients.models import Patient
from tests.outcomes.stories import neurologist, store_patient

pytestmark = pytest.mark.django_db
PAGE = "/work/?as_of=2021-10-01"


@pytest.fixture
def anne(client, tmp_path):
    store_patient(tmp_path, study_id="P-1")
    anne = neurologist("C1")
    client.force_login(anne)
    return anne


def words(answer):
    main = re.search(r"<main.*?</main>", answer.content.decode(), re.DOTALL).group()
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


def test_each_line_says_what_is_due_since_when_and_leads_there(anne, client):
    answer = client.get(PAGE)

    page = words(answer)
    assert "Infusion expected, none recorded 1" in page
    assert re.search(r"P-1 \d+ \w+ 20\d\d, \d+ days? ago", page)
    assert 'href="/patients/P-1/"' in answer.content.decode()


def test_drafts_are_there_until_they_are_saved_or_discarded(anne, client):
    new = "/patients/P-1/laboratory/new/"
    form = client.get(new).content.decode()
    key = re.search(r'name="form_key" value="([^"]*)"', form).group(1)
    client.post("/drafts/save/", {"form_key": key, "address": new, "unit": "BTU"})

    assert f'href="{new}"' in client.get(PAGE).content.decode()

    client.post("/drafts/discard/", {"form_key": key, "address": new})
    assert "Your drafts" not in words(client.get(PAGE))


def test_the_draft_of_a_patient_who_is_not_registered_yet_is_told_as_one(anne, client):
    new = "/patients/new/patient/"
    key = re.search(r'name="form_key" value="([^"]*)"', client.get(new).content.decode()).group(1)
    client.post("/drafts/save/", {"form_key": key, "address": new, "sex": "female"})

    assert re.search(
        r"A new patient typed until .* with the draft of a new patient", words(client.get(PAGE))
    )


def test_a_planned_infusion_leaves_the_list_when_it_is_given(anne, client):
    patient = Patient.objects.get()
    planned = plan_infusions(
        [PlannedInfusion(patient=patient, planned_on="2021-09-20", route="IV", dose_g=70)], by=None
    )
    assert "Planned infusion 1" in words(client.get(PAGE))

    given = Infusion(
        patient=patient, given_on="2021-09-21", route="IV", product="Privigen", dose_g=70
    )
    record_as_planned(planned, [(given, [])], by=None)
    assert "Planned infusion" not in words(client.get(PAGE))


def test_another_centres_patients_are_not_on_it(anne, client):
    client.force_login(neurologist("C2"))

    assert "P-1" not in words(client.get(PAGE))


def test_who_only_reads_has_no_work_list_and_is_not_offered_one(anne, client):
    statistician = open_account("s@hospital.example", "Stat Example")
    grant_role(statistician, Role.STATISTICIAN)
    client.force_login(statistician)

    assert client.get(PAGE).status_code == 403
    assert 'href="/work/"' not in client.get("/patients/").content.decode()


def test_of_a_centre_whose_data_are_closed_nothing_is_open_unless_asked_for(anne, client):
    Centre.objects.filter(code="C1").update(data_closed_on="2021-10-01")

    assert "P-1" not in words(client.get("/work/"))
    assert "P-1" in words(client.get("/work/?centre=C1"))


def test_one_task_is_shown_whole(anne, client, tmp_path):
    for n in range(12):
        store_patient(tmp_path / str(n), study_id=f"Q-{n:02}")

    assert "Show 3 more" in words(client.get(PAGE))
    whole = words(client.get(f"{PAGE}&task=infusion_expected"))
    assert len(set(re.findall(r"[PQ]-\d+", whole))) == 13
    assert "Show everything that is open" in whole


def test_it_costs_as_many_queries_for_three_patients_as_for_one(anne, client, tmp_path):
    client.get(PAGE)
    with CaptureQueriesContext(connection) as for_one:
        client.get(PAGE)
    for n in (2, 3):
        store_patient(tmp_path / str(n), study_id=f"P-{n}")
    client.get(PAGE)
    with CaptureQueriesContext(connection) as for_three:
        client.get(PAGE)

    assert len(for_three) == len(for_one)
