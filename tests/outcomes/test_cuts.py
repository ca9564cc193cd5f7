"""Frozen cuts: the same bytes for ever, for whom they are, and what became of them since."""

import io
import zipfile
from datetime import date

import pytest
from django.db import DatabaseError, transaction

from mmn_registry.accounts.actions import grant_role
from mmn_registry.accounts.models import Centre
from mmn_registry.accounts.roles import Role
from mmn_registry.accounts.selectors import principal_for
from mmn_registry.principal import in_force
from outcomes.cuts.compare import CLASSES, compare
from outcomes.cuts.files import digest, outcome_rows
from outcomes.models import FrozenCut
from patients.actions import record_consent, void_visit, withdraw_consent
from patients.models import Consent, Patient, Visit
from patients.selectors import get_examination
from tests.outcomes.pages import words
from tests.outcomes.stories import neurologist, store_patient

pytestmark = pytest.mark.django_db
CUTS = "/cohort/cuts/"


@pytest.fixture
def paul(client, tmp_path):
    for n in (1, 2):
        store_patient(tmp_path / str(n), study_id=f"P-{n}")
    paul = neurologist("C1")
    grant_role(paul, Role.COORDINATOR, centre=Centre.objects.get(code="C1"))
    client.force_login(paul)
    return paul


@pytest.fixture
def cut(paul, client):
    client.post(CUTS, {"name": "For the paper"})
    return FrozenCut.objects.get()


def file_of(client, cut):
    return client.get(f"{CUTS}{cut.pk}/file/")


def test_it_is_handed_out_byte_for_byte_whatever_is_recorded_since(cut, client):
    assert cut.patients == 2
    frozen = file_of(client, cut).content
    assert digest(frozen) == cut.sha256

    first = Visit.objects.filter(patient__study_id="P-1").earliest("visited_on")
    as_read = get_examination(first).version
    void_visit(first, as_read=as_read, by=None, reason="Of another patient.")

    assert file_of(client, cut).content == frozen
    assert outcome_rows(frozen)["P-1"]["short_term_response"] == "responder"
    page = words(client.get(f"{CUTS}{cut.pk}/").content.decode())
    assert "P-1 short-term response responder not_evaluable" in page
    assert "1 patient is as it was" in page


def test_who_came_and_who_left_is_told(cut, client, tmp_path):
    store_patient(tmp_path / "3", study_id="P-3")

    assert "Came P-3" in words(client.get(f"{CUTS}{cut.pk}/").content.decode())


def test_only_classes_are_compared_and_each_change_is_told_once():
    row = dict.fromkeys(CLASSES, "a") | {"visits": "3"}
    found = compare(
        {"P-1": row, "P-2": row, "P-3": row},
        {"P-2": row | {"visits": "4"}, "P-3": row | {"dose_trend": "b"}, "P-4": row},
    )

    assert (found.came, found.left, found.unchanged) == (("P-4",), ("P-1",), 1)
    (change,) = found.changed
    assert (change.study_id, change.column, change.then, change.now) == (
        "P-3",
        "dose_trend",
        "a",
        "b",
    )


def test_who_withdraws_from_research_is_in_no_file_any_more(cut, client, paul):
    patient = Patient.objects.get(study_id="P-2")
    consent = Consent(patient=patient, scope="research", form_version="1", given_on="2020-01-15")
    record_consent(consent, by=None)
    withdraw_consent(consent, withdrawn_on=date(2021, 1, 1), by=None)

    assert file_of(client, cut).status_code == 302, "not handed out any more"
    client.post(f"{CUTS}{cut.pk}/anew/")

    old, anew = FrozenCut.objects.order_by("made_at")
    assert (old.sealed_at is not None, anew.replaces_id, anew.patients) == (True, old.pk, 1)
    assert file_of(client, old).status_code == 302
    with zipfile.ZipFile(io.BytesIO(file_of(client, anew).content)) as archive:
        tables = {name: archive.read(name) for name in archive.namelist()}
    assert b"P-1" in tables["outcomes.csv"]
    assert [name for name, part in tables.items() if b"P-2" in part] == []
    assert old.sha256.encode() in tables["manifest.json"]


def test_another_centres_cut_is_not_there(cut, client, tmp_path):
    other = neurologist("C2")
    grant_role(other, Role.COORDINATOR, centre=Centre.objects.get(code="C2"))
    client.force_login(other)

    assert "For the paper" not in words(client.get(CUTS).content.decode())
    assert client.get(f"{CUTS}{cut.pk}/").status_code == 404
    with in_force(principal_for(other)), transaction.atomic():
        assert not FrozenCut.objects.exists(), "by row-level security, too"


@pytest.mark.parametrize("change", [{"name": "Another"}, {"sha256": "0" * 64}, {"content": b""}])
def test_nothing_of_it_can_be_changed(cut, paul, change):
    with in_force(principal_for(paul)), pytest.raises(DatabaseError), transaction.atomic():
        FrozenCut.objects.filter(pk=cut.pk).update(**change)


def test_a_cut_without_a_name_is_refused(paul, client):
    answer = client.post(CUTS, {"name": ""})

    assert "Give the cut a name" in words(answer.content.decode())
    assert not FrozenCut.objects.exists()
