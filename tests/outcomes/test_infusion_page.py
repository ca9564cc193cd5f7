"""An infusion, or a course of some days, on a page."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from infusions.models import Infusion, InfusionLot
from mmn_registry.audit.models import Entry
from patients.calendar import day_text, registry_today
from patients.models import Confirmation
from tests.outcomes.forms import hidden_inputs, inputs, send
from tests.outcomes.stories import neurologist, store_patient

pytestmark = pytest.mark.django_db
NEW = "/patients/P-1/infusions/new/"
LOTS = """
    study_id | given_on   | route | product  | lot_number | dose_g
    P-1      | 2020-12-15 | IV    | Privigen | L77        | 70
"""


@pytest.fixture
def anne(client, tmp_path):
    store_patient(tmp_path, study_id="P-1", infusion_lots=LOTS)
    anne = neurologist("C1")
    client.force_login(anne)
    return anne


def given(day):
    return Infusion.objects.filter(given_on=day).order_by("product")


def what(infusion):
    lots = infusion.lots.order_by("lot_number").values_list("lot_number", "dose_g")
    return infusion.route, infusion.product, infusion.dose_g, list(lots)


def address_of(infusion):
    return f"/patients/P-1/infusions/{infusion.pk}/"


def page(answer) -> str:
    return answer.content.decode()


# ── One infusion, one course ─────────────────────────────────────────────────────────────────


def test_an_infusion_is_recorded_with_its_lots(anne, client):
    typed = {"given_on": "12 Jan 2021", "dose_g": "72,5"}
    lots = {"lot-1": "L1", "lot_dose-1": "40", "lot-2": "L2"}

    answer = send(client, NEW, **typed, **lots)

    assert answer.headers["Location"].startswith("/patients/P-1/")
    (infusion,) = given(date(2021, 1, 12))
    assert what(infusion) == ("IV", "Privigen", Decimal("72.5"), [("L1", 40), ("L2", None)])
    assert infusion.recorded_by == anne


def test_a_course_of_days_is_one_entry_and_one_action(anne, client):
    lots = {"lot-1": "EVERY", "lot-2": "THIRD", "lot_day-2": "3"}

    send(client, NEW, given_on="12 Jan 2021", days="3", **lots)

    course = [given(date(2021, 1, 12) + timedelta(days=day)).get() for day in range(3)]
    both = [("EVERY", None), ("THIRD", None)]
    assert [what(one)[3] for one in course] == [both[:1], both[:1], both]
    told = Entry.objects.filter(verb="recorded a course of 3 infusions")
    assert sorted(told.values_list("table_name", "operation")) == [
        *[("infusions_infusion", "insert")] * 3,
        *[("infusions_infusionlot", "insert")] * 4,
    ]
    assert len({entry.action_id for entry in told}) == 1


def test_a_course_that_would_go_on_tomorrow_is_not_recorded_at_all(anne, client):
    today = registry_today()

    answer = send(client, NEW, given_on=today.isoformat(), days="2")

    assert "Day 2, " in page(answer)
    assert "lies after today" in page(answer)
    assert not given(today).exists()


@pytest.mark.parametrize(("days", "recorded"), [("7", 7), ("8", 0), ("0", 0)])
def test_a_course_has_one_to_seven_days_in_a_row(anne, client, days, recorded):
    # 7 × 40 g keeps within what is usual for a course.
    typed = {"given_on": "12 Jan 2021", "dose_g": "40", "days": days}
    send(client, NEW, **typed)

    assert Infusion.objects.filter(given_on__gte=date(2021, 1, 1)).count() == recorded


def test_a_day_that_has_its_infusion_refuses_the_whole_course(anne, client):
    answer = send(client, NEW, given_on="13 Dec 2020", days="3")

    assert "Day 3, 15 Dec 2020: This product is recorded for this day" in page(answer)
    assert not given(date(2020, 12, 13)).exists()


def test_the_same_course_sent_twice_is_recorded_once(anne, client):
    sent = inputs(client.get(NEW)) | {"given_on": "12 Jan 2021", "days": "2"}

    for _ in range(2):
        client.post(NEW, sent)

    assert Infusion.objects.filter(given_on__gte=date(2021, 1, 1)).count() == 2


# ── Same again ───────────────────────────────────────────────────────────────────────────────


def test_a_new_page_holds_the_last_course_on_todays_date_without_its_lot(anne, client):
    answer = client.get(NEW)

    shown = {name: inputs(answer)[name] for name in ("given_on", "route", "product", "dose_g")}
    today = day_text(registry_today())
    assert shown == {"given_on": today, "route": "IV", "product": "Privigen", "dose_g": "70"}
    assert inputs(answer)["days"] == "1"
    assert inputs(answer)["lot-1"] == ""
    assert 'name="lot_again" form="record" value="L77"' in page(answer)


def test_the_lot_of_the_last_time_counts_only_where_it_was_ticked(anne, client):
    send(client, NEW, given_on="12 Jan 2021")
    send(client, NEW, given_on="9 Feb 2021", lot_again="L77")

    assert [what(given(day).get())[3] for day in (date(2021, 1, 12), date(2021, 2, 9))] == [
        [],
        [("L77", None)],
    ]


def test_a_course_of_several_days_is_offered_as_such(anne, client):
    send(client, NEW, given_on="12 Jan 2021", dose_g="35", days="2")

    again = inputs(client.get(NEW))

    # Its last day is today: a day ahead cannot have been given.
    first = day_text(registry_today() - timedelta(days=1))
    assert (again["given_on"], again["dose_g"], again["days"]) == (first, "35", "2")


def test_the_patients_page_offers_it_to_who_may_write(anne, client):
    assert f'href="{NEW}" data-key="i"' in page(client.get("/patients/P-1/"))


# ── What is asked, what is refused ───────────────────────────────────────────────────────────


def test_milligrams_are_refused_with_the_grams_that_were_meant(anne, client):
    answer = send(client, NEW, given_on="12 Jan 2021", dose_g="30000")

    assert "Is it in mg? 30000 mg is 30 g: write 30." in page(answer)
    assert 'value="30000"' in page(answer)
    assert not given(date(2021, 1, 12)).exists()


def test_an_unusual_dose_waits_for_its_answer_and_is_recorded_as_confirmed(anne, client):
    sent = inputs(client.get(NEW)) | {"given_on": "12 Jan 2021", "dose_g": "110"}
    asked = page(client.post(NEW, sent))
    assert "110 g a day by IV; in the course of 15 Dec 2020 it was 70 g." in asked
    assert not given(date(2021, 1, 12)).exists()

    client.post(NEW, sent | {"confirmed": "dose_changed:dose_g:110"})

    (infusion,) = given(date(2021, 1, 12))
    (answer,) = Confirmation.objects.all()
    assert (answer.record_id, answer.code, answer.confirmed_by) == (
        infusion.pk,
        "dose_changed",
        anne,
    )


def test_a_day_before_inclusion_is_asked_about_in_who_had_none_before(anne, client):
    sent = {"given_on": "1 Jan 2020", "product": "Kiovig"}

    asked = page(send(client, NEW, **sent))

    assert "no immunoglobulin is said to have been given before" in asked
    assert not given(date(2020, 1, 1)).exists()


def test_lots_that_add_up_to_more_than_was_given_are_asked_about(anne, client):
    lots = {"lot-1": "L1", "lot_dose-1": "40", "lot-2": "L2", "lot_dose-2": "40"}

    asked = page(send(client, NEW, given_on="12 Jan 2021", **lots))

    assert "The lots add up to 80 g, and 70 g were given." in asked
    assert not given(date(2021, 1, 12)).exists()


@pytest.mark.parametrize(
    ("lots", "said"),
    [
        ({"lot_dose-1": "5"}, "Give the number of this lot, or remove its dose."),
        ({"lot-1": "L1", "lot-2": "L1"}, "The lot L1 is there twice for one day. Keep one."),
        ({"lot-1": "=L1"}, "=L1"),
        ({"lot-1": "L1", "lot_dose-1": "much"}, "“much” is not a number"),
        ({"lot-1": "L1", "lot_day-1": "2"}, "Day 2 is not one of this course."),
    ],
)
def test_a_lot_that_cannot_be_is_refused_in_its_line(anne, client, lots, said):
    answer = send(client, NEW, given_on="12 Jan 2021", **lots)

    assert said in page(answer).replace("&#x27;", "'")
    assert "aria-invalid" in page(answer)
    assert not InfusionLot.objects.exclude(lot_number="L77").exists()


# ── Live ─────────────────────────────────────────────────────────────────────────────────────


def test_what_follows_is_shown_as_one_types(anne, client):
    typed = inputs(client.get(NEW)) | {"given_on": "12 Jan 2021", "dose_g": "35", "days": "2"}

    told = page(client.post(f"{NEW}?look", typed))

    for said in (
        "1 g/kg, 0.5 a day",
        "70 kg on 12 Jul 2020",
        "28 days",
        "g/week",
        "910 g",
        "Next due",
    ):
        assert said in told, said
    assert Infusion.objects.count() == 12


def test_nothing_follows_while_a_value_cannot_be_read(anne, client):
    told = page(client.post(f"{NEW}?look", inputs(client.get(NEW)) | {"dose_g": "much"}))

    assert "What follows is shown once every value can be read." in told


# ── Amend, void, two people, drafts ──────────────────────────────────────────────────────────


def test_an_infusion_is_amended_with_its_lots(anne, client):
    (infusion,) = given(date(2020, 12, 15))
    lots = {"lot-1": "", "lot_dose-1": "", "lot-2": "L88"}

    send(client, address_of(infusion), dose_g="60", reason="Read from the box.", **lots)

    infusion.refresh_from_db()
    assert what(infusion) == ("IV", "Privigen", 60, [("L88", None)])
    assert (infusion.version, infusion.amend_reason) == (2, "Read from the box.")


def test_what_is_as_it_was_is_not_written(anne, client):
    (infusion,) = given(date(2020, 12, 15))

    send(client, address_of(infusion), reason="Looked.")

    infusion.refresh_from_db()
    assert infusion.version == 1


def test_two_people_on_one_infusion_choose_lot_by_lot(anne, client):
    (infusion,) = given(date(2020, 12, 15))
    mine = inputs(client.get(address_of(infusion))) | {"lot_dose-1": "60", "reason": "Mine."}
    send(client, address_of(infusion), reason="Theirs.", **{"lot_dose-1": "50"})

    compared = client.post(address_of(infusion), mine)

    assert "Lot L77" in page(compared)
    assert "1 value was changed by both of you: choose." in page(compared)
    client.post(address_of(infusion), hidden_inputs(compared) | {"choose-lot:L77": "mine"})
    assert infusion.lots.get().dose_g == 60


def test_a_voided_infusion_takes_its_lots_with_it(anne, client):
    (infusion,) = given(date(2020, 12, 15))
    as_read = inputs(client.get(address_of(infusion)))["as_read"]

    client.post(f"{address_of(infusion)}void/", {"as_read": as_read, "reason": "Not given."})

    assert not given(date(2020, 12, 15)).exists()
    assert not InfusionLot.objects.exists()


def test_a_draft_of_a_course_is_restored_with_its_lots(anne, client):
    sent = inputs(client.get(NEW)) | {"dose_g": "33", "days": "4", "lot-1": "L9", "lot_day-1": "2"}
    client.post("/drafts/save/", sent)

    restored = inputs(client.get(NEW))

    assert {name: restored[name] for name in ("dose_g", "days", "lot-1", "lot_day-1")} == {
        "dose_g": "33",
        "days": "4",
        "lot-1": "L9",
        "lot_day-1": "2",
    }


def test_all_infusions_stand_on_a_page_with_their_lots(anne, client):
    (infusion,) = given(date(2020, 12, 15))

    shown = page(client.get("/patients/P-1/infusions/"))

    assert "12 infusions" in shown
    assert f'href="{address_of(infusion)}"' in shown
    assert "/lots/?lot=L77" in shown


def test_another_centres_infusion_is_not_found(anne, client, tmp_path):
    (infusion,) = given(date(2020, 12, 15))
    client.force_login(neurologist("C2"))

    assert [client.get(at).status_code for at in (NEW, address_of(infusion))] == [404, 404]


def test_more_lines_for_lots_are_given_without_losing_any(anne, client):
    typed = inputs(client.get(NEW)) | {"lot-1": "L1", "lot-2": "L2", "lot_dose-2": "5"}

    shown = inputs(client.post(NEW, typed | {"do": "show", "lot_again": "L77"}))

    numbers = [shown[name] for name in sorted(shown) if name.startswith("lot-")]
    assert numbers == ["L1", "L2", "L77", "", ""]
    assert shown["lot_dose-2"] == "5"
    assert Infusion.objects.count() == 12
