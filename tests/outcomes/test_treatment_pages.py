"""What was prescribed, tried, taken beside it, or not tolerated, on pages."""

from datetime import date

import pytest

from infusions.models import AdverseReaction, DoseAttempt, Immunosuppressant, Regimen
from patients.calendar import day_text, registry_today
from patients.forms.record import input_text
from patients.models import Confirmation
from tests.outcomes.forms import inputs, send
from tests.outcomes.stories import neurologist, store_patient

pytestmark = pytest.mark.django_db
PATIENT = "/patients/P-1/"
LOTS = """
    study_id | given_on   | route | product  | lot_number | dose_g
    P-1      | 2020-12-15 | IV    | Privigen | L77        | 70
"""
REGIMEN = {
    "started_on": "15 Jan 2020",
    "route": "IV",
    "product": "Privigen",
    "planned_dose_g": "70",
    "planned_interval_days": "28",
}
KINDS = {
    "regimens": (Regimen, REGIMEN, {"planned_dose_g": "80"}),
    "dose-attempts": (
        DoseAttempt,
        {"attempted_on": "1 Oct 2020", "kind": "reduction", "outcome": "unknown"},
        {"outcome": "failed"},
    ),
    "immunosuppressants": (
        Immunosuppressant,
        {"drug": "mycophenolate", "started_on": "1 Mar 2020"},
        {"drug": "rituximab"},
    ),
    "reactions": (
        AdverseReaction,
        {"occurred_on": "16 Dec 2020", "reaction": "headache", "severity": "mild", "serious": "no"},
        {"severity": "severe"},
    ),
}


@pytest.fixture
def anne(client, tmp_path):
    store_patient(tmp_path, study_id="P-1", infusion_lots=LOTS)
    anne = neurologist("C1")
    client.force_login(anne)
    return anne


def page(answer) -> str:
    return answer.content.decode()


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_recorded_amended_and_voided(anne, client, kind):
    model, typed, amended = KINDS[kind]
    send(client, f"{PATIENT}{kind}/new/", **typed)
    (record,) = model.objects.all()
    address = f"{PATIENT}{kind}/{record.pk}/"
    assert record.recorded_by == anne
    assert f'href="{address}"' in page(client.get(PATIENT))

    assert "Say why" in page(send(client, address, **amended))
    send(client, address, reason="Read again.", **amended)
    record.refresh_from_db()
    ((name, value),) = amended.items()
    assert input_text(getattr(record, name)) == value
    assert (record.version, record.amend_reason) == (2, "Read again.")

    as_read = inputs(client.get(address))["as_read"]
    client.post(f"{address}void/", {"as_read": as_read, "reason": "Another patient's."})
    assert not model.objects.exists()


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_sent_twice_is_recorded_once(anne, client, kind):
    model, typed, _amended = KINDS[kind]
    new = f"{PATIENT}{kind}/new/"
    sent = inputs(client.get(new)) | typed

    for _ in range(2):
        assert client.post(new, sent).status_code == 302

    assert model.objects.count() == 1


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_of_another_centre_unknown(anne, client, kind):
    model, typed, _amended = KINDS[kind]
    send(client, f"{PATIENT}{kind}/new/", **typed)
    record = model.objects.get()
    client.force_login(neurologist("C2"))

    asked = (f"{PATIENT}{kind}/new/", f"{PATIENT}{kind}/{record.pk}/")
    assert [client.get(address).status_code for address in asked] == [404, 404]


# ── Regimens ─────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def regimen(anne, client):
    send(client, f"{PATIENT}regimens/new/", **REGIMEN)
    return Regimen.objects.get()


def test_a_regimen_ends_by_its_day_and_why_without_another_reason(regimen, client):
    address = f"{PATIENT}regimens/{regimen.pk}/end/"
    assert f'href="{address}"' in page(client.get(PATIENT))
    assert inputs(client.get(address))["ended_on"] == day_text(registry_today())

    send(client, address, ended_on="20 Dec 2020", end_reason="switch")

    regimen.refresh_from_db()
    told = (regimen.ended_on, regimen.end_reason, regimen.amend_reason)
    assert told == (date(2020, 12, 20), "switch", "Regimen ended.")
    assert regimen.planned_dose_g == 70


def test_a_regimen_needs_the_day_to_end(regimen, client):
    answer = send(client, f"{PATIENT}regimens/{regimen.pk}/end/", ended_on="", end_reason="switch")

    assert answer.status_code == 200
    regimen.refresh_from_db()
    assert (regimen.ended_on, regimen.end_reason) == (None, "")


def test_a_second_regimen_of_the_route_is_refused_and_the_running_one_named(regimen, client):
    new = f"{PATIENT}regimens/new/"
    assert f"{PATIENT}regimens/{regimen.pk}/end/" in page(client.get(new))

    answer = send(client, new, **REGIMEN | {"started_on": "1 Jun 2020"})

    assert "Another regimen of this route runs at the same time." in page(answer)
    assert Regimen.objects.count() == 1


def test_a_plan_in_mg_is_refused_and_a_seldom_one_is_asked_about(anne, client):
    new = f"{PATIENT}regimens/new/"

    refused = page(send(client, new, **REGIMEN | {"planned_dose_g": "70000"}))
    sent = inputs(client.get(new)) | REGIMEN | {"planned_dose_g": "7"}
    asked = page(client.post(new, sent))

    assert "70000 mg is 70 g: write 70." in refused
    assert "This comes to 1.75 g a week; 4 to 114 is usual." in asked
    assert not Regimen.objects.exists()
    client.post(new, sent | {"confirmed": "seldom_weekly_dose:planned_dose_g:7 / 28"})
    assert Confirmation.objects.get().record_id == Regimen.objects.get().pk


def looked(client, **typed):
    new = f"{PATIENT}regimens/new/"
    return page(client.post(f"{new}?look", inputs(client.get(new)) | typed))


def test_the_arithmetic_from_vein_to_skin_shows_what_was_reported_and_proposes_nothing(
    anne, client
):
    plan = REGIMEN | {"route": "SC", "planned_dose_g": "16", "planned_interval_days": "7"}

    told = looked(client, **plan, sc_factor="2")

    # 70 g each month: over the last intervals, 31, 31, 30 and 31 days, that is 15.8 g a week.
    assert "By vein in the last course, of 15 Dec 2020: 15.8 g a week." in told
    for row in (
        ("1", "15.8", "kept strength", "Harbo 2009"),
        ("1.53", "24.2", "reported", "Katzberg 2016"),
        ("0.5", "7.9", "failed", "Eftimov 2009"),
        ("2", "31.6", "–", "typed here"),
    ):
        factor, weekly, outcome, source = row
        cells = f'<td class="number">{factor}</td><td class="number"><b>{weekly}</b></td>'
        assert f"{cells}<td>{outcome}</td><td>{source}</td>" in told
    assert "This plan is 1.01 times that." in told
    assert inputs(client.get(f"{PATIENT}regimens/new/"))["sc_factor"] == ""


def test_the_factor_is_stored_nowhere(anne, client):
    send(client, f"{PATIENT}regimens/new/", **REGIMEN, sc_factor="2")

    assert Regimen.objects.get().planned_dose_g == 70


# ── Other drugs, reactions ───────────────────────────────────────────────────────────────────


def test_another_drug_ends_by_its_day(anne, client):
    send(client, f"{PATIENT}immunosuppressants/new/", drug="rituximab", started_on="1 Mar 2020")
    taken = Immunosuppressant.objects.get()

    send(client, f"{PATIENT}immunosuppressants/{taken.pk}/end/", ended_on="1 Sep 2020")

    taken.refresh_from_db()
    assert (taken.ended_on, taken.amend_reason) == (date(2020, 9, 1), "Treatment ended.")


def test_a_reaction_opens_with_what_was_given_last(anne, client):
    opened = inputs(client.get(f"{PATIENT}reactions/new/"))

    known = {name: opened[name] for name in ("route", "product", "lot_number", "occurred_on")}
    today = day_text(registry_today())
    assert known == {
        "route": "IV",
        "product": "Privigen",
        "lot_number": "L77",
        "occurred_on": today,
    }
    assert (opened["reaction"], opened["severity"], opened["serious"]) == ("", "", "")


def test_lines_are_stored_as_they_were_written(anne, client):
    typed = KINDS["reactions"][1] | {"action": "rate reduced,\r\nthen resumed "}

    send(client, f"{PATIENT}reactions/new/", **typed)

    assert AdverseReaction.objects.get().action == "rate reduced,\nthen resumed "


@pytest.mark.parametrize(
    ("kind", "day"), [("dose-attempts", "attempted_on"), ("reactions", "occurred_on")]
)
def test_a_day_long_before_inclusion_is_asked_about(anne, client, kind, day):
    model, typed, _amended = KINDS[kind]

    # Included on 15 January 2020: 90 days before are not asked about, 91 are.
    asked = page(send(client, f"{PATIENT}{kind}/new/", **typed | {day: "16 Oct 2019"}))
    assert "lies 91 days before this patient was included" in asked
    assert not model.objects.exists()

    send(client, f"{PATIENT}{kind}/new/", **typed | {day: "17 Oct 2019"})
    assert model.objects.count() == 1
