"""What is entered by hand, page by page, is what the same bundle imported is."""

import csv

import pytest
from django.contrib.auth import get_user_model
from django.db import transaction

from mmn_registry.bundle import load_bundle
from patients.models import Patient
from tests.bundles import SMALL_BUNDLE, exported
from tests.outcomes.forms import inputs
from tests.outcomes.stories import neurologist

pytestmark = pytest.mark.django_db
BY_HAND = {
    "regimens": "regimens",
    "dose_attempts": "dose-attempts",
    "immunosuppressants": "immunosuppressants",
    "adverse_reactions": "reactions",
}


def rows(table):
    with (SMALL_BUNDLE / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def elsewhere(tmp_path):
    """The bundle without what is entered by hand, in place of the registry's folder."""
    folder = tmp_path / "in"
    folder.mkdir()
    for file in SMALL_BUNDLE.glob("*.csv"):
        if file.stem not in {*BY_HAND, "infusions", "infusion_lots"}:
            (folder / file.name).write_bytes(file.read_bytes())
    return folder


def enter(client, address, typed):
    """Type, and say that whatever is asked about is right."""
    sent = inputs(client.get(address)) | typed
    answer = client.post(address, sent)
    if answer.status_code == 200:
        asked = [question.key for question in answer.context["form"].asks]
        assert asked, answer.context["form"].errors
        answer = client.post(address, sent | {"confirmed": asked})
    assert answer.status_code == 302


def test_treatment_entered_by_hand_is_exported_as_when_it_was_imported(client, elsewhere, tmp_path):
    with transaction.atomic():
        load_bundle(SMALL_BUNDLE)
        imported = exported(tmp_path / "imported")
        transaction.set_rollback(True)
    load_bundle(elsewhere)
    client.force_login(neurologist("North", "South"))

    for row in rows("infusions"):
        enter(client, f"/patients/{row.pop('study_id')}/infusions/new/", infusion(row))
    for table, address in BY_HAND.items():
        for row in rows(table):
            enter(client, f"/patients/{row.pop('study_id')}/{address}/new/", row)

    assert exported(tmp_path / "by_hand") == imported
    assert get_user_model().objects.count() == 1
    assert Patient.objects.count() == 3


def infusion(row):
    """An infusion with its lots as they stand in the form."""
    lots = [
        lot
        for lot in rows("infusion_lots")
        if (lot["given_on"], lot["route"], lot["product"])
        == (row["given_on"], row["route"], row["product"])
    ]
    typed = row | {"days": "1"}
    for n, lot in enumerate(lots, start=1):
        typed |= {f"lot-{n}": lot["lot_number"], f"lot_dose-{n}": lot["dose_g"]}
    return typed
