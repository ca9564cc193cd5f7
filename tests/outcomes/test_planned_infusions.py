"""Infusions planned in a series: none counts as given until it is confirmed, one by one."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError

from infusions.actions import plan_infusions, record_as_planned, void
from infusions.models import Infusion, PlannedInfusion
from infusions.selectors import list_open_plans
from mmn_registry.audit.models import Entry
from outcomes.models import StaleMark
from patients.calendar import day_text, registry_today
from patients.models import Patient
from tests.bundles import exported
from tests.outcomes.forms import inputs, send
from tests.outcomes.stories import neurologist, store_patient

pytestmark = pytest.mark.django_db
PATIENT = "/patients/P-1/"
NEW = f"{PATIENT}planned/new/"
REGIMENS = """
    study_id | started_on | route | product  | planned_dose_g | planned_interval_days
    P-1      | 2020-01-15 | IV    | Privigen | 70             | 28
"""


@pytest.fixture
def anne(client, tmp_path):
    store_patient(tmp_path, study_id="P-1", regimens=REGIMENS)
    anne = neurologist("C1")
    client.force_login(anne)
    return anne


@pytest.fixture
def patient(anne):
    return Patient.objects.get()


def page(answer) -> str:
    return answer.content.decode()


def plan(patient, day, **what):
    planned = PlannedInfusion(patient=patient, planned_on=day, route="IV", **what)
    return plan_infusions([planned], by=None)


def given(patient, day, **what):
    return Infusion(
        **{"patient": patient, "given_on": day, "route": "IV", "product": "Privigen", "dose_g": 70}
        | what
    )


# ── A series in one entry ────────────────────────────────────────────────────────────────────


def test_a_series_is_planned_in_one_entry_and_one_action(anne, client):
    first = registry_today() + timedelta(days=10)

    send(client, NEW, planned_on=first.isoformat(), every_days="28", times="6", note="day ward")

    planned = PlannedInfusion.objects.order_by("planned_on")
    days = [first + timedelta(days=28 * number) for number in range(6)]
    assert [one.planned_on for one in planned] == days
    assert {(p.route, p.product, p.dose_g, p.note) for p in planned} == {
        ("IV", "Privigen", 70, "day ward")
    }
    assert len({one.series_id for one in planned}) == 1
    told = Entry.objects.filter(verb="planned a series of 6 infusions")
    assert (told.count(), len({entry.action_id for entry in told})) == (6, 1)


def test_the_page_opens_with_the_regimen_and_what_was_given_last(anne, client):
    opened = inputs(client.get(NEW))

    names = ("planned_on", "every_days", "times", "route", "product", "dose_g")
    today = day_text(registry_today())  # the next was due in January 2021
    expected = (today, "28", "6", "IV", "Privigen", "70")
    assert tuple(opened[name] for name in names) == expected


@pytest.mark.parametrize(("times", "planned"), [("0", 0), ("1", 1), ("60", 60), ("61", 0)])
def test_a_series_has_one_to_sixty_infusions(anne, client, times, planned):
    send(client, NEW, every_days="7", times=times)

    assert PlannedInfusion.objects.count() == planned


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"every_days": "", "times": "2"}, "Say after how many days the next one follows."),
        ({"planned_on": "3 Mar 2206"}, "lies more than 5 years ahead. Check the year."),
        ({"every_days": "366", "times": "60"}, "lies more than 5 years ahead"),
        ({"dose_g": "30000"}, "30000 mg is 30 g: write 30."),
        ({"route": ""}, "This is needed. Fill it in."),
    ],
)
def test_what_cannot_be_planned_is_refused_whole(anne, client, typed, said):
    answer = send(client, NEW, **typed)

    assert said in page(answer)
    assert not PlannedInfusion.objects.exists()


def test_a_day_that_has_its_plan_is_not_planned_twice(anne, client, patient):
    plan(patient, registry_today() + timedelta(days=28))

    answer = send(client, NEW, every_days="28", times="3")

    assert "Number 2, " in page(answer)
    assert PlannedInfusion.objects.count() == 1


def test_nothing_is_planned_after_death(patient):
    patient.deceased_on = date(2020, 12, 20)

    with pytest.raises(ValidationError, match="after this patient's death"):
        PlannedInfusion(patient=patient, planned_on=date(2020, 12, 21), route="IV").full_clean()


# ── Not given, until it is confirmed ─────────────────────────────────────────────────────────


def test_a_plan_changes_no_outcome_and_no_export(patient, client, tmp_path):
    before, seen = exported(tmp_path / "before"), page(client.get(PATIENT))
    marks = StaleMark.objects.using("derive").count()

    plan(patient, registry_today())

    assert exported(tmp_path / "after") == before
    assert StaleMark.objects.using("derive").count() == marks
    assert seen.count("12 courses") == page(client.get(PATIENT)).count("12 courses") > 0


def test_the_patients_page_says_what_is_next_and_what_is_overdue(patient, client):
    today = registry_today()
    due, later = plan(patient, today - timedelta(days=5)), plan(patient, today + timedelta(days=9))

    shown = page(client.get(PATIENT))

    assert "overdue by 5 days" in shown
    assert "in 9 days" in shown
    # One key confirms the one that is due; there is no second element with it.
    assert f'href="{PATIENT}planned/{due.pk}/given/" data-key="i"' in shown
    assert shown.count('data-key="i"') == 1
    assert f"{PATIENT}planned/{later.pk}/given/" in shown


def test_as_long_as_nothing_is_due_the_key_gives_the_last_course_again(patient, client):
    plan(patient, registry_today() + timedelta(days=4))

    assert f'href="{PATIENT}infusions/new/" data-key="i"' in page(client.get(PATIENT))


def test_a_confirmed_plan_is_an_infusion_and_is_due_no_more(patient, client, anne):
    planned = plan(patient, date(2021, 1, 12), dose_g=65)
    address = f"{PATIENT}planned/{planned.pk}/given/"
    opened = inputs(client.get(address))
    names = ("given_on", "route", "product", "dose_g", "days")
    assert tuple(opened[n] for n in names) == ("12 Jan 2021", "IV", "Privigen", "65", "1")

    send(client, address, **{"lot-1": "L9"})

    infusion = Infusion.objects.get(given_on=date(2021, 1, 12))
    planned.refresh_from_db()
    assert (infusion.dose_g, infusion.recorded_by, planned.infusion) == (65, anne, infusion)
    assert list(list_open_plans(patient)) == []
    told = Entry.objects.filter(verb="recorded a planned infusion as given")
    assert {entry.table_name for entry in told} == {
        "infusions_infusion",
        "infusions_infusionlot",
        "infusions_plannedinfusion",
    }
    assert len({entry.action_id for entry in told}) == 1
    # To confirm it a second time leads back.
    assert client.get(address).headers["Location"] == PATIENT


def test_one_day_ahead_a_plan_is_confirmed_on_today(patient, client):
    planned = plan(patient, registry_today() + timedelta(days=1))

    opened = inputs(client.get(f"{PATIENT}planned/{planned.pk}/given/"))

    assert opened["given_on"] == day_text(registry_today())


def test_two_who_confirm_one_plan_make_one_infusion(patient, client):
    planned = plan(patient, date(2021, 1, 12))
    address = f"{PATIENT}planned/{planned.pk}/given/"
    forms = [inputs(client.get(address)), inputs(client.get(address))]

    client.post(address, forms[0])
    second = client.post(address, forms[1] | {"given_on": "13 Jan 2021"})

    assert "was confirmed as given on 12 Jan 2021 already." in page(second)
    assert 'value="13 Jan 2021"' in page(second)
    assert Infusion.objects.filter(given_on__year=2021).count() == 1


def test_a_plan_whose_infusion_is_voided_is_open_again(patient):
    planned = plan(patient, date(2021, 1, 12))
    infusion = record_as_planned(planned, [(given(patient, date(2021, 1, 12)), ())], by=None)
    assert list(list_open_plans(patient)) == []

    void(infusion, by=None, reason="Not given.")

    assert list(list_open_plans(patient)) == [planned]
    planned.refresh_from_db()
    again = record_as_planned(planned, [(given(patient, date(2021, 1, 14)), ())], by=None)
    planned.refresh_from_db()
    assert planned.infusion == again


def test_a_plan_is_given_by_an_infusion_of_its_own_patient_alone(patient, tmp_path):
    store_patient(tmp_path / "other", study_id="P-2")
    other = Patient.objects.get(study_id="P-2")
    planned = plan(patient, date(2021, 1, 12))

    with pytest.raises(ValidationError, match="another patient's"):
        record_as_planned(planned, [(given(other, date(2021, 1, 12)), ())], by=None)

    assert not Infusion.objects.filter(given_on__year=2021).exists()


# ── Moved, cancelled, and whose ──────────────────────────────────────────────────────────────


def test_one_of_a_series_is_moved_with_a_reason(patient, client):
    planned = plan(patient, date(2021, 1, 12))

    send(client, f"{PATIENT}planned/{planned.pk}/", planned_on="19 Jan 2021", reason="Holiday.")

    planned.refresh_from_db()
    assert (planned.planned_on, planned.amend_reason) == (date(2021, 1, 19), "Holiday.")


def test_a_plan_is_cancelled_with_a_reason(patient, client):
    planned = plan(patient, date(2021, 1, 12))
    address = f"{PATIENT}planned/{planned.pk}/"
    as_read = inputs(client.get(address))["as_read"]

    client.post(f"{address}void/", {"as_read": as_read, "reason": ""})
    assert list(list_open_plans(patient)) == [planned]
    client.post(f"{address}void/", {"as_read": as_read, "reason": "Dose reduced."})

    assert list(list_open_plans(patient)) == []
    assert PlannedInfusion.including_voided.get().void_reason == "Dose reduced."
    with pytest.raises(ValidationError, match="cancelled meanwhile"):
        record_as_planned(planned, [(given(patient, date(2021, 1, 12)), ())], by=None)


def test_another_centres_plans_are_unknown(patient, client):
    planned = plan(patient, date(2021, 1, 12))
    client.force_login(neurologist("C2"))

    asked = (NEW, f"{PATIENT}planned/{planned.pk}/", f"{PATIENT}planned/{planned.pk}/given/")
    assert [client.get(address).status_code for address in asked] == [404, 404, 404]
