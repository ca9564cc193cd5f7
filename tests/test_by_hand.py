"""What is entered by hand, page by page, is what the same bundle imported is."""

import csv

import pytest
from django.contrib.auth import get_user_model
from django.db import transaction

from mmn_registry.accounts.models import Centre
from mmn_registry.bundle import load_bundle
from patients.models import Consent, Patient, Visit
from patients.unusual import grip_name
from tests.bundles import SMALL_BUNDLE, bundle, exported
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


# As a page can say it: who examines says how a grade came about, and of a cause only that it is
# another one.
EXAMINED = {
    "patients": """
study_id | centre | sex    | birth_year | onset_on   | diagnosed_on | included_on | \
prior_immunoglobulin | clinician_response | atrophy_at_baseline | deceased_on
A-1      | North  | female | 1961       | 1999       | 2003-05      | 2004-01-15  | \
no                   | yes                | unknown             |
B-1      | South  | male   |            | 2001-03-02 |              | 2004-02-01  | \
unknown              |                    |                     | 2006-11-30
""",
    "consents": """
study_id | scope    | version | given_on   | withdrawn_on
A-1      | registry | 1.0     | 2004-01-15 |
A-1      | research | 1.0     | 2004-01-15 | 2005-01-15
""",
    "visits": """
study_id | visited_on | weight_kg | onls_arm | onls_leg | incat_arm | incat_leg | mmn_rods
A-1      | 2004-01-10 | 62.5      | 2        | 0        | 3         | 1         | 38
A-1      | 2004-07-11 |           |          |          |           |           |
B-1      | 2004-02-10 | 80        | 5        | 7        | 5         | 5         | 50
""",
    "muscle_scores": """
study_id | visited_on | muscle          | side  | mrc_grade | not_tested_reason | not_due_to_mmn | \
origin
A-1      | 2004-01-10 | thumb_abduction | left  | 4-        |                   |                | \
graded
A-1      | 2004-01-10 | thumb_abduction | right | NT        | pain              |                | \
graded
A-1      | 2004-01-10 | wrist_extension | right | 3         |                   | yes            | \
graded
A-1      | 2004-07-11 | wrist_extension | left  | 5         |                   |                | \
rest_normal
A-1      | 2004-07-11 | thumb_abduction | left  | 4-        |                   |                | \
carried_forward
""",
    "grip_strengths": """
study_id | visited_on | side  | device          | value
A-1      | 2004-01-10 | left  | jamar_kg        | 0
A-1      | 2004-01-10 | right | vigorimeter_kpa | 48.3
""",
    "findings": """
study_id | observed_on | finding              | state
A-1      | 2004-01-10  | weakness_in_2_nerves | present
B-1      | 2004-02-10  | plexus_mri_t2        | not_examined
""",
}


@pytest.fixture
def imported(tmp_path):
    """What the bundle exports when it was imported; then nothing of it is there any more."""
    drawings = {table: drawing.replace("\\\n", "") for table, drawing in EXAMINED.items()}
    with transaction.atomic():
        load_bundle(bundle(tmp_path / "drawn", **drawings))
        imported = exported(tmp_path / "imported")
        transaction.set_rollback(True)
    assert not Patient.objects.exists()
    return imported


def drawn(table):
    header, *lines = EXAMINED[table].replace("\\\n", "").strip().splitlines()
    names = [name.strip() for name in header.split("|")]
    return [dict(zip(names, map(str.strip, line.split("|")), strict=True)) for line in lines]


def test_patients_and_visits_entered_by_hand_are_exported_as_when_they_were_imported(
    client, imported, tmp_path
):
    client.force_login(neurologist("North", "South"))

    for row in drawn("patients"):
        study_id, centre = row["study_id"], Centre.objects.get(code=row.pop("centre"))
        enter(client, "/patients/new/patient/", row | {"centre": centre.pk})
        enter(client, f"/patients/{study_id}/data/", row | {"reason": "Known later."})
    for row in drawn("consents"):
        consents = f"/patients/{row.pop('study_id')}/consents/"
        withdrawn = {"withdrawn_on": row.pop("withdrawn_on"), "reason": "Withdrawn."}
        enter(client, f"{consents}new/", row | {"form_version": row.pop("version")})
        if withdrawn["withdrawn_on"]:
            consent = Consent.objects.get(scope=row["scope"])
            enter(client, f"{consents}{consent.pk}/", withdrawn)
    for row in drawn("visits"):
        study_id, day = row.pop("study_id"), row["visited_on"]
        enter(client, f"/patients/{study_id}/visits/new/", row | parts_of_visit(study_id, day))

    assert exported(tmp_path / "by_hand") == imported
    assert Visit.objects.count() == 3


def parts_of_visit(study_id, day):
    """Grades, grips and findings of a day as they stand in the form."""
    typed = {"examined_unchanged": "on"}
    for score in drawn("muscle_scores"):
        if (score["study_id"], score["visited_on"]) == (study_id, day):
            cell = f"{score['muscle']}-{score['side']}"
            remark = score["not_tested_reason"] or (score["not_due_to_mmn"] and "other_cause")
            typed |= {f"g-{cell}": score["mrc_grade"], f"w-{cell}": remark}
            typed |= {f"o-{cell}": score["origin"]}
    for grip in drawn("grip_strengths"):
        if (grip["study_id"], grip["visited_on"]) == (study_id, day):
            typed |= {grip_name(grip["device"], grip["side"]): grip["value"]}
    for finding in drawn("findings"):
        if (finding["study_id"], finding["observed_on"]) == (study_id, day):
            typed |= {f"finding_{finding['finding']}": finding["state"]}
    return typed
