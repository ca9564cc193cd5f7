"""The demonstration: two centres, their people, and the same again after a restart."""

import csv
import re
from datetime import date
from pathlib import Path

import pytest
from django.core.management import call_command

from mmn_registry.accounts.models import Centre, Membership
from mmn_registry.demo_data import loading as demo_data
from mmn_registry.demo_data.living import write_living_cohort
from outcomes.derivation.derive import derive
from outcomes.derivation.frames import read_bundle
from patients.models import MuscleScore, Patient

TODAY = date(2026, 11, 20)
SHARED = Path(__file__).parents[2].parent / "shared" / "data" / "leger_2008_synthetic"


@pytest.fixture(scope="module")
def living(tmp_path_factory):
    """The living cohort as it is written on one day."""
    folder = tmp_path_factory.mktemp("living")
    write_living_cohort(folder, centre="NORD", today=TODAY)
    return folder


def rows(folder, table):
    with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def dates_in(folder):
    """Every full date of every table, with the table it stands in."""
    full_date = re.compile(r"\d{4}-\d\d-\d\d")
    for path in folder.glob("*.csv"):
        for found in full_date.findall(path.read_text()):
            yield path.name, date.fromisoformat(found)


def test_the_living_cohort_is_the_same_for_the_same_day(living, tmp_path):
    write_living_cohort(tmp_path, centre="NORD", today=TODAY)

    for path in living.glob("*.csv"):
        assert (tmp_path / path.name).read_bytes() == path.read_bytes()


def test_the_living_cohort_reaches_up_to_today_and_not_beyond(living):
    assert max(day for _table, day in dates_in(living)) <= TODAY
    visits = [date.fromisoformat(row["visited_on"]) for row in rows(living, "visits")]
    assert (TODAY - max(visits)).days < 30


def test_the_living_cohort_begins_after_legers_was_closed(living):
    included = [date.fromisoformat(row["included_on"]) for row in rows(living, "patients")]

    assert len(included) == 60
    assert min(included) > demo_data.LEGER_CLOSED_ON


def test_the_living_cohort_shows_what_a_clinic_sees(living):
    patients = derive(read_bundle(living), TODAY).patients

    assert set(patients["long_term_status"]) >= {
        "dependent",
        "dependent_with_immunosuppressant",
        "non_responder",
        "recently_stopped",
        "relapsed_untreated",
        "remission",
        "unclassifiable",
    }
    assert set(patients["short_term_reason"]) >= {
        "FEWER_THAN_2_IMPROVABLE",
        "IMPROVED",
        "NOT_IMPROVED",
        "NO_EXAMINATION",
        "NO_INFUSION",
        "PENDING",
        "STOPPED_FOR_INEFFICACY",
    }
    assert set(patients["dose_trend"]) >= {"escalated", "reduced", "stable", "stopped"}
    assert set(patients["block_change"]) == {"decreased", "increased", "not_evaluable", "unchanged"}
    assert set(patients["treatment_history"]) == {"naive", "pretreated", "unknown"}
    assert patients["declining_responsiveness"].any()
    assert patients["lost_to_follow_up"].any()
    evaluable = patients[patients["short_term_response"] != "not_evaluable"]
    share = (evaluable["short_term_response"] == "responder").mean()
    assert 0.6 < share < 0.9


@pytest.mark.parametrize("today", [date(2024, 2, 29), date(2027, 1, 1), date(2031, 7, 15)])
def test_the_living_cohort_can_be_made_on_any_day(tmp_path, today):
    write_living_cohort(tmp_path, centre="NORD", today=today)

    assert max(day for _table, day in dates_in(tmp_path)) <= today
    assert len(derive(read_bundle(tmp_path), today).patients) == 60


def test_legers_cohort_is_the_one_that_was_handed_over():
    if not SHARED.exists():
        pytest.skip("the folder it was copied from is not beside this checkout")
    for path in demo_data.LEGER_FOLDER.glob("*.csv"):
        assert path.read_bytes() == (SHARED / path.name).read_bytes()


@pytest.mark.django_db
def test_loading_twice_loads_once(client):
    told = []
    demo_data.load_once(told.append)
    first = Patient.objects.count(), MuscleScore.objects.count(), Membership.objects.count()
    assert first[0] == 100
    assert len(told) == 2

    demo_data.load_once(told.append)

    again = Patient.objects.count(), MuscleScore.objects.count(), Membership.objects.count()
    assert again == first
    assert len(told) == 2
    closed = dict(Centre.objects.values_list("code", "data_closed_on"))
    assert closed == {"SALP": date(2008, 12, 31), "NORD": None}
    for person in demo_data.PEOPLE:
        assert client.login(username=person.email, password=demo_data.PASSWORD)


@pytest.mark.django_db
def test_every_printed_sign_in_sees_its_centres(client):
    demo_data.load_once(lambda _text: None)
    seen = {}
    for person in demo_data.PEOPLE:
        user = Membership.objects.filter(user__email=person.email).first().user
        found = Patient.objects.visible_to(user)
        seen[person.email] = set(found.values_list("centre__code", flat=True))

    assert seen == {
        "neurologist@demo.example": {"SALP"},
        "coordinator@demo.example": {"SALP", "NORD"},
        "statistician@demo.example": {"SALP", "NORD"},
        "national@demo.example": {"SALP", "NORD"},
        "auditor@demo.example": set(),
        "administrator@demo.example": set(),
    }


@pytest.mark.django_db
def test_the_living_cohort_loads_without_a_question(living):
    call_command("load_bundle", str(living))

    assert Patient.objects.count() == 60
    assert MuscleScore.objects.count() == len(rows(living, "muscle_scores"))
