"""The page of a visit: what it takes, refuses, asks and says; for whom, and at what cost."""

import re
import time
from datetime import date, timedelta
from decimal import Decimal
from html import unescape
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from mmn_registry.accounts.actions import grant_role, open_account
from mmn_registry.accounts.roles import Role
from mmn_registry.accounts.selectors import principal_for
from mmn_registry.accounts.session_time import ACTIVE_AT
from mmn_registry.principal import in_force
from patients.actions import amend, void_visit
from patients.calendar import day_text, registry_today
from patients.models import Confirmation, Draft, Finding, MuscleScore, Visit
from patients.selectors import get_examination
from tests.accounts.conftest import with_app
from tests.accounts.signing_in import also_shown, sign_in
from tests.outcomes.pages import words
from tests.outcomes.stories import neurologist, store_patient

pytestmark = pytest.mark.django_db
NEW = "/patients/P-1/visits/new/"
DAY = "20 Jul 2021"
# Session, user, roles, patient, right to write; visits, scores, grips; last infusion, draft; and
# the note that the patient was read, in a transaction with them (here a savepoint: two more).
QUERIES = 13


@pytest.fixture
def stored(tmp_path, client):
    store_patient(tmp_path / "b")
    user = neurologist("C1")
    client.force_login(user)
    return user


def form(client, address=NEW):
    """Inputs of the form as a browser would send them."""
    html = client.get(address).content.decode()
    return inputs(html)


def inputs(html):
    found = re.search(r'<form id="record".*?</form>', html, re.DOTALL).group()
    fields = re.findall(r"<input [^>]*>", html[: html.index('<form id="record"')] + found)
    typed = {}
    for field in fields:
        name = re.search(r'name="([^"]*)"', field)
        value = re.search(r'value="([^"]*)"', field)
        if name and "checkbox" not in field and name.group(1) not in typed:
            typed[name.group(1)] = unescape(value.group(1)) if value else ""
    for name, options in re.findall(
        r'<select [^>]*?name="([^"]*)".*?>(.*?)</select>', found, re.DOTALL
    ):
        chosen = re.search(r'value="([^"]*)" selected', options)
        typed[name] = chosen.group(1) if chosen else ""
    return typed


def send(client, typed, address=NEW, **more):
    return client.post(address, {**typed, "visited_on": DAY, **more})


def said(answer):
    return words(answer.content.decode())


def error_beside(answer, name):
    html = answer.content.decode()
    found = re.search(rf'id="id_{name}_error"[^>]*>(.*?)</p>', html)
    return unescape(found.group(1)) if found else None


# ── Recording ──────────────────────────────────────────────────────────────────────────────


def test_one_save_stores_everything_that_was_typed(stored, client):
    answer = send(
        client,
        form(client),
        **{
            "g-wrist_extension-right": "4 +",
            "g-wrist_extension-left": "5",
            "g-hip_flexion-left": "nt",
            "w-hip_flexion-left": "pain",
            "g-knee_extension-right": "4−",
            "w-knee_extension-right": "other_cause",
            "weight_kg": "70,5",
            "onls_arm": "3",
            "mmn_rods": "41",
            "grip_vigorimeter_kpa_right": "41,5",
            "grip_jamar_kg_left": "20",
            "finding_cramps_or_fasciculations": "present",
        },
    )

    assert answer.status_code == 302, said(answer)
    seen = Visit.objects.get(visited_on=date(2021, 7, 20))
    assert (seen.weight_kg, seen.onls_arm, seen.mmn_rods) == (Decimal("70.5"), 3, 41)
    assert seen.recorded_by == stored
    rows = seen.muscle_scores.order_by("muscle", "side").values_list(
        "muscle", "side", "mrc_grade", "not_tested_reason", "not_due_to_mmn", "origin"
    )
    assert list(rows) == [
        ("hip_flexion", "left", "NT", "pain", None, "graded"),
        ("knee_extension", "right", "4-", "", True, "graded"),
        ("wrist_extension", "left", "5", "", None, "graded"),
        ("wrist_extension", "right", "4+", "", None, "graded"),
    ]
    grips = seen.grip_strengths.order_by("device").values_list("device", "side", "value")
    assert list(grips) == [
        ("jamar_kg", "left", 20),
        ("vigorimeter_kpa", "right", Decimal("41.5")),
    ]
    finding = Finding.objects.get()
    assert (finding.observed_on, finding.state) == (seen.visited_on, "present")


@pytest.mark.parametrize(
    "written", ["20 Jul 2021", "20 July 2021", "2021-07-20", "20.7.2021", "20/07/2021"]
)
def test_a_day_is_understood_as_people_write_it(stored, client, written):
    client.post(NEW, {**form(client), "visited_on": written})

    assert Visit.objects.filter(visited_on=date(2021, 7, 20)).exists()


def test_after_saving_the_page_says_what_it_changed(tmp_path, client):
    store_patient(tmp_path / "b", visits=1)
    client.force_login(neurologist("C1"))
    typed = {
        **form(client),
        "visited_on": "12 Jul 2020",
        "g-wrist_extension-right": "4",
        "g-wrist_extension-left": "5",
        "g-finger_extension-right": "5",
    }

    answer = client.post(NEW, typed, follow=True)

    assert "The visit of 12 Jul 2020 is saved." in said(answer)
    assert (
        "Short-term response, month 6 is now Responder. 2 of 2 improvable muscles gained a point "
        "between 10 Jan and 12 Jul 2020"
    ) in said(answer)


def test_what_would_follow_is_shown_and_nothing_is_written(tmp_path, client):
    store_patient(tmp_path / "b", visits=1)
    client.force_login(neurologist("C1"))
    typed = {
        **form(client),
        "visited_on": "12 Jul 2020",
        "g-wrist_extension-right": "4",
        "g-wrist_extension-left": "5",
        "g-finger_extension-right": "5",
        "weight_kg": "7",
    }

    answer = client.post(f"{NEW}?look", typed)

    assert "Short-term response, month 6: Responder, if saved now" in said(answer)
    assert "Last infusion 15 Jun 2020, 27 days before" in said(answer)
    assert "Affected muscles (2): 9 of 10, 7 on 10 Jan 2020" in said(answer)
    assert "7 kg is 63 kg less than on 10 Jan 2020. Is that right?" in said(answer)
    assert Visit.objects.count() == 1


def test_an_amended_visit_is_looked_at_in_place_of_the_stored_one(stored, client):
    address = page_of(Visit.objects.get(visited_on="2020-07-12"))
    typed = form(client, address) | {"g-wrist_extension-right": "3"}

    answer = client.post(f"{address}?look", typed)

    assert "Short-term response, month 6: Non-responder, if saved now" in said(answer)


# ── Refused ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("visited_on", "31 Feb 2021", "“31 Feb 2021” is not a date. Write it like 12 Jan 2024"),
        ("weight_kg", "7o", "“7o” is not a number. Write it like 62.5 or 62,5."),
        ("weight_kg", "812", "812 is not possible. A weight lies between 1 and 300 kg."),
        ("onls_arm", "6", "6 is not possible. The arm score of ONLS lies between 0 and 5."),
        ("onls_leg", "2.5", "“2.5” is not a whole number. Write it like 12."),
        ("grip_vigorimeter_kpa_left", "500", "500 is not possible. A grip lies between 0 and 200"),
        ("finding_cramps_or_fasciculations", "maybe", "Select a valid choice."),
    ],
)
def test_what_is_impossible_is_refused_beside_its_field_and_kept_as_typed(
    stored, client, name, value, sentence
):
    typed = {**form(client), "visited_on": DAY, "onls_leg": "1", name: value}

    answer = client.post(NEW, typed)

    assert answer.status_code == 200
    assert error_beside(answer, name).startswith(sentence)
    assert inputs(answer.content.decode()).get(name, value) in (value, "")
    assert Visit.objects.count() == 3


def test_a_day_after_today_is_refused_with_today(stored, client):
    tomorrow = registry_today() + timedelta(days=1)

    answer = client.post(NEW, {**form(client), "visited_on": tomorrow.isoformat()})

    assert "lies after today" in error_beside(answer, "visited_on")


def test_a_grade_that_does_not_exist_is_refused_beside_its_cell(stored, client):
    answer = send(client, form(client), **{"g-wrist_extension-right": "5+"})

    assert answer.status_code == 200
    text = said(answer)
    assert text.count("“5+” is not a known code here. Use one of: 0, 1, 2-,") == 2
    assert "Wrist extension, right: “5+” is not" in text
    assert 'value="5+"' in answer.content.decode()


def test_a_second_visit_of_a_day_is_refused(stored, client):
    answer = client.post(NEW, {**form(client), "visited_on": "12 Jul 2020"})

    assert answer.status_code == 200
    assert "This patient has a visit on this day already. Amend that one instead." in said(answer)


# ── Unusual ────────────────────────────────────────────────────────────────────────────────


def test_what_is_unusual_is_asked_about_and_recorded_as_confirmed_by_whom(stored, client):
    typed = {**form(client), "weight_kg": "36", "g-wrist_extension-left": "2"}

    asked = send(client, typed)

    assert asked.status_code == 200
    assert "36 kg is 34 kg less than on 20 Jan 2021. Are the digits swapped?" in said(asked)
    assert "Change to 63 36 is right" in said(asked)
    assert "Left wrist extension is 2 and was 5 on 20 Jan 2021. Is that right?" in said(asked)
    assert Visit.objects.count() == 3

    keys = re.findall(r'name="confirmed"[^>]*value="([^"]*)"', asked.content.decode())
    assert send(client, typed, confirmed=keys[:1]).status_code == 200
    assert send(client, typed, confirmed=keys).status_code == 302
    assert {(c.key, c.confirmed_by) for c in Confirmation.objects.all()} == {
        ("weight_changed:weight_kg:36", stored),
        ("grade_changed:wrist_extension-left:2", stored),
    }


def test_an_answer_about_one_value_is_none_about_another(stored, client):
    typed = {**form(client), "weight_kg": "30"}

    assert send(client, typed, confirmed="weight_changed:weight_kg:36").status_code == 200


def test_what_was_confirmed_is_not_asked_again_when_the_visit_is_amended(stored, client):
    typed = {**form(client), "weight_kg": "36"}
    send(client, typed, confirmed="weight_changed:weight_kg:36")
    address = page_of(Visit.objects.get(weight_kg=36))

    again = {**form(client, address), "onls_arm": "2", "reason": "Added."}

    assert client.post(address, again).status_code == 302


def test_copied_grades_are_asked_about_once(stored, client):
    copied = client.post(NEW, {**form(client), "visited_on": DAY, "do": "copy"})
    typed = inputs(copied.content.decode())

    assert typed["g-wrist_extension-right"] == "4+"
    assert typed["o-wrist_extension-right"] == "carried_forward"
    asked = send(client, typed)
    assert asked.status_code == 200
    assert "3 grades were copied or filled, not typed." in said(asked)
    assert send(client, typed, examined_unchanged="yes").status_code == 302
    seen = Visit.objects.get(visited_on=date(2021, 7, 20))
    assert set(seen.muscle_scores.values_list("origin", flat=True)) == {"carried_forward"}
    address = page_of(seen)
    later = {**form(client, address), "onls_arm": "1", "reason": "Added."}
    assert client.post(address, later).status_code == 302


def test_the_rest_is_filled_as_normal_and_taken_out_again(stored, client):
    typed = {**form(client), "visited_on": DAY, "g-wrist_extension-right": "4"}

    filled = inputs(client.post(NEW, {**typed, "do": "rest"}).content.decode())
    emptied = inputs(client.post(NEW, {**filled, "do": "uncopy"}).content.decode())

    assert (filled["g-wrist_extension-right"], filled["g-hip_flexion-left"]) == ("4", "5")
    assert filled["o-hip_flexion-left"] == "rest_normal"
    assert filled["g-knee_flexion-left"] == ""  # of no set
    assert (emptied["g-wrist_extension-right"], emptied["g-hip_flexion-left"]) == ("4", "")


# ── Sent twice, drafts, sign-in ────────────────────────────────────────────────────────────


def test_a_form_that_is_sent_twenty_times_makes_one_visit(stored, client):
    typed = {**form(client), "weight_kg": "70"}

    answers = [send(client, typed) for _ in range(20)]

    assert {(a.status_code, a["Location"]) for a in answers} == {(302, "/patients/P-1/")}
    assert Visit.objects.filter(visited_on=date(2021, 7, 20)).count() == 1


def test_a_draft_is_kept_restored_listed_and_gone_with_its_visit(stored, client):
    typed = {**form(client), "visited_on": "19 Ju", "g-wrist_extension-right": "4"}

    answer = client.post("/drafts/save/", typed)

    assert re.fullmatch(r"\d\d:\d\d:\d\d", answer.json()["saved_at"])
    again = client.get(NEW)
    assert f"This is what you typed until {answer.json()['saved_at']}" in said(again)
    restored = inputs(again.content.decode())
    assert (restored["visited_on"], restored["g-wrist_extension-right"]) == ("19 Ju", "4")
    assert restored["form_key"] == typed["form_key"]
    assert "Your draft of" in said(client.get("/patients/P-1/"))
    assert send(client, restored).status_code == 302
    assert "Your draft of" not in said(client.get("/patients/P-1/"))
    assert form(client)["g-wrist_extension-right"] == ""


def test_what_the_browser_saves_by_itself_keeps_no_session_open(stored, client):
    typed = {**form(client), "address": NEW}
    session = client.session
    session[ACTIVE_AT] = before = time.time() - 20 * 60
    session.save()

    assert client.post("/drafts/save/", typed).json()["saved_at"]
    assert client.session[ACTIVE_AT] == before

    session = client.session
    session[ACTIVE_AT] = time.time() - 31 * 60
    session.save()
    assert client.post("/drafts/save/", typed).status_code == 401
    assert client.get(NEW).status_code == 302


def test_a_draft_is_discarded(stored, client):
    typed = {**form(client), "weight_kg": "71"}
    client.post("/drafts/save/", typed)

    answer = client.post("/drafts/discard/", typed)

    assert answer["Location"] == NEW
    assert form(client)["weight_kg"] == ""


@pytest.mark.parametrize(
    "address",
    [
        "/patients/P-2/visits/new/",
        "/patients/P-1/",
        "/cohort/",
        "/nowhere/",
        "",
        "https://x.example/",
    ],
)
def test_a_draft_belongs_to_a_form_of_a_patient_one_may_write(stored, client, address):
    typed = {**form(client), "address": address}

    assert client.post("/drafts/save/", typed).status_code == 404


def test_a_draft_without_the_key_of_a_form_or_too_long_for_one_is_refused(stored, client):
    typed = form(client)

    assert client.post("/drafts/save/", {**typed, "form_key": "x"}).status_code == 404
    assert client.post("/drafts/save/", {**typed, "more": "x" * 200_000}).status_code == 413


def test_discarding_never_leads_elsewhere(stored, client):
    for address in ("https://x.example/", "//x.example/", ""):
        answer = client.post("/drafts/discard/", {"form_key": uuid4(), "address": address})
        assert answer["Location"] == "/"


def test_a_sign_in_that_expires_in_the_middle_loses_nothing(stored, client):
    typed = {**form(client), "g-wrist_extension-right": "4"}
    client.logout()

    answer = send(client, typed, weight_kg="71")

    assert answer["Location"] == f"/sign-in/?next={NEW}"
    client.force_login(stored)
    restored = form(client)
    assert (restored["g-wrist_extension-right"], restored["weight_kg"]) == ("4", "71")
    assert send(client, restored).status_code == 302


def test_what_was_typed_waits_for_nobody_else(stored, client):
    typed = {**form(client), "weight_kg": "71"}
    client.logout()
    send(client, typed)
    colleague = open_account("second@hospital.example", "Second Example")
    grant_role(colleague, Role.NEUROLOGIST, centre=stored.memberships.get().centre)
    client.force_login(colleague)

    assert form(client)["weight_kg"] == ""
    client.force_login(stored)
    assert form(client)["weight_kg"] == ""


# ── Amending and voiding ───────────────────────────────────────────────────────────────────


def page_of(visit):
    return f"/patients/P-1/visits/{visit.pk}/"


@pytest.fixture
def second(stored):
    return Visit.objects.get(visited_on="2020-07-12")


def test_the_table_of_visits_leads_to_each(stored, client, second):
    assert f'href="{page_of(second)}"' in client.get("/patients/P-1/").content.decode()


def test_an_amended_visit_shows_what_it_was_and_writes_only_what_changed(stored, client, second):
    typed = form(client, page_of(second))
    assert (typed["visited_on"], typed["weight_kg"]) == ("12 Jul 2020", "70")
    assert (typed["g-finger_extension-right"], typed["w-finger_extension-right"]) == ("NT", "pain")

    answer = client.post(
        page_of(second), {**typed, "g-wrist_extension-right": "4+", "reason": "Misread."}
    )

    assert answer.status_code == 302, said(answer)
    now = get_examination(second)
    assert {s.mrc_grade: (s.version, s.amend_reason) for s in now.muscle_scores} == {
        "4+": (2, "Misread."),
        "5": (1, ""),
        "NT": (1, ""),
    }
    assert (now.visit.version, now.visit.weight_kg) == (2, 70)


def test_a_change_without_a_reason_is_refused_and_no_change_needs_no_trail(stored, client, second):
    typed = form(client, page_of(second))

    refused = client.post(page_of(second), {**typed, "weight_kg": "71"})
    same = client.post(page_of(second), {**typed, "reason": "Looked again."}, follow=True)

    assert error_beside(refused, "reason").startswith("Say why")
    assert "The visit of 12 Jul 2020 is as it was: nothing was changed." in said(same)
    assert get_examination(second).visit.version == 1


def amended_by_somebody(visit, **grades):
    for score in MuscleScore.objects.filter(visit=visit, mrc_grade__in=grades):
        amend(score, {"mrc_grade": grades[score.mrc_grade]}, by=None, reason="Looked again.")


def test_the_second_save_shows_both_versions_and_writes_nothing(stored, client, second):
    typed = form(client, page_of(second))
    wrist = MuscleScore.objects.get(visit=second, muscle="wrist_extension", side="right")
    amend(wrist, {"mrc_grade": "3"}, by=None, reason="Misread.")
    amend(second, {"onls_arm": 2}, by=None, reason="Added.")
    typed |= {"g-wrist_extension-right": "4+", "weight_kg": "69,5", "reason": "Misread."}

    answer = client.post(page_of(second), typed)

    assert answer.status_code == 200
    text = said(answer)
    assert "an operator changed this visit on" in text
    assert "1 value was changed by both of you: choose." in text
    rows = re.findall(r"<tr.*?</tr>", answer.content.decode(), re.DOTALL)
    cells = [
        [words(cell) for cell in re.findall(r"<t[hd]\b.*?</t[hd]>", row, re.DOTALL)]
        for row in rows[1:]
    ]
    assert [
        [label, opened, *(c.split(": ")[1] for c in both)] for label, opened, *both in cells
    ] == [
        ["Wrist extension, right both changed it", "4", "3", "4+"],
        ["Weight", "70", "70", "69.5"],
        ["ONLS arm, 0–5", "–", "2", "–"],
    ]
    assert get_examination(second).visit.weight_kg == 70


def compare_inputs(answer, **choices):
    html = answer.content.decode()
    found = re.search(
        r'<form method="post" action="[^"]*" class="card compare".*?</form>', html, re.DOTALL
    )
    typed = {}
    for field in re.findall(r"<input [^>]*>", found.group()):
        name, value = (re.search(rf'{a}="([^"]*)"', field) for a in ("name", "value"))
        if "radio" in field and "checked" not in field:
            continue
        typed.setdefault(name.group(1), []).append(unescape(value.group(1)))
    return typed | {f"choose-{name}": [choice] for name, choice in choices.items()}


@pytest.mark.parametrize(("choice", "grade"), [("mine", "4+"), ("theirs", "3")])
def test_who_saves_second_chooses_value_by_value(stored, client, second, choice, grade):
    typed = form(client, page_of(second))
    wrist = MuscleScore.objects.get(visit=second, muscle="wrist_extension", side="right")
    amend(wrist, {"mrc_grade": "3"}, by=None, reason="Misread.")
    amend(second, {"onls_arm": 2}, by=None, reason="Added.")
    typed |= {"g-wrist_extension-right": "4+", "weight_kg": "69,5", "reason": "Misread."}
    compared = client.post(page_of(second), typed)

    undecided = client.post(page_of(second), compare_inputs(compared))
    assert undecided.status_code == 200
    assert "A value is still without a choice." in said(undecided)
    chosen = compare_inputs(undecided, **{"wrist_extension-right": choice})
    answer = client.post(page_of(second), chosen)

    assert answer.status_code == 302, said(answer)
    now = get_examination(second)
    wrist.refresh_from_db()
    assert (wrist.mrc_grade, now.visit.onls_arm, now.visit.weight_kg) == (
        grade,
        2,
        Decimal("69.5"),
    )


def test_a_visit_that_was_voided_meanwhile_may_be_recorded_anew(stored, client, second):
    typed = {**form(client, page_of(second)), "weight_kg": "71", "reason": "Misread."}
    as_read = get_examination(second).version
    void_visit(second, as_read=as_read, by=stored, reason="Another patient's.")

    answer = client.post(page_of(second), typed)

    assert answer.status_code == 200
    assert (
        "The visit of 12 Jul 2020 was voided by Anne Example: “Another patient's.”. "
        "Saving records it anew."
    ) in said(answer)
    anew = inputs(answer.content.decode())
    assert client.post(NEW, anew).status_code == 302
    assert Visit.objects.get(visited_on="2020-07-12").weight_kg == 71


def test_a_visit_is_voided_with_a_reason(stored, client, second):
    address = f"{page_of(second)}void/"
    page = client.get(address)
    assert "Void the visit of 12 Jul 2020" in said(page)
    assert "It has 3 grades, 0 grip values and 0 findings" in said(page)
    as_read = re.search(r'name="as_read" value="([^"]*)"', page.content.decode()).group(1)

    refused = client.post(address, {"as_read": as_read, "reason": " "})
    stale = client.post(address, {"as_read": "other", "reason": "Another patient's."})
    voided = client.post(address, {"as_read": as_read, "reason": "Another patient's."})

    assert (refused.status_code, stale.status_code, voided.status_code) == (200, 200, 302)
    assert "Say why." in said(refused)
    assert "Somebody changed it since" in said(stale)
    assert get_examination(second) is None
    gone = client.get(page_of(second), follow=True)
    assert "was voided by Anne Example: “Another patient's.”" in said(gone)


# ── For whom ───────────────────────────────────────────────────────────────────────────────


def addresses(visit):
    return [NEW, f"{NEW}?look", page_of(visit), f"{page_of(visit)}void/"]


def answers(client, visit):
    found = []
    for address in addresses(visit):
        if not address.endswith("?look"):
            found.append(client.get(address).status_code)
        found.append(client.post(address, {"form_key": uuid4()}).status_code)
    found.append(client.post("/drafts/save/", {"form_key": uuid4(), "address": NEW}).status_code)
    return set(found)


def test_who_only_reads_cannot_write_and_is_offered_nothing(stored, client, second):
    statistician = open_account("s@hospital.example", "Stat Example")
    grant_role(statistician, Role.STATISTICIAN)
    client.force_login(statistician)

    assert answers(client, second) == {403}
    page = client.get("/patients/P-1/").content.decode()
    assert "P-1" in page
    assert "/visits/" not in page
    assert Visit.objects.count() == 3


def test_another_centres_visits_do_not_exist(stored, client, second):
    client.force_login(neurologist("C2"))

    assert answers(client, second) == {404}


def test_a_visit_of_one_patient_is_not_found_under_another(stored, client, second, tmp_path):
    store_patient(tmp_path / "c", study_id="P-2")

    there = page_of(second).replace("P-1", "P-2")
    assert client.get(there).status_code == 404
    assert client.get(f"{there}void/").status_code == 404
    assert client.post(f"{there}?look", form(client)).status_code == 404


def test_strangers_are_asked_to_sign_in(stored, client, second):
    client.logout()

    # A script that keeps a draft reads a status, not a page.
    assert answers(client, second) == {302, 401}


# ── At what cost ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("visits", [1, 3])
def test_the_form_takes_the_same_queries_however_much_was_recorded(tmp_path, client, visits):
    store_patient(tmp_path / "b", visits=visits)
    client.force_login(neurologist("C1"))

    with CaptureQueriesContext(
        connection,
    ) as queries:
        client.get(NEW)

    assert len(queries) == QUERIES


def test_the_page_is_light(stored, client):
    assert len(client.get(NEW).content) < 150_000


def test_the_muscles_are_those_of_the_smallest_set_that_holds_what_was_examined(stored, client):
    html = client.get(NEW).content.decode()

    # Wrist and finger extension were examined: finger extension is of MRC-140 only.
    assert '<option value="MRC-140" selected>' in html
    rows = re.findall(r"<tr data-sets=\"[^\"]*\"([^>]*)><th scope=\"row\">([^<]*)", html)
    assert len(rows) == 18
    assert [name for state, name in rows if "hidden" in state] == [
        "Thumb adduction",
        "Thumb flexion",
        "Thumb extension",
        "Knee flexion",
    ]


def test_the_form_opens_on_today_and_names_the_last_infusion(stored, client):
    assert form(client)["visited_on"] == day_text(registry_today())
    assert "Last infusion 15 Dec 2020" in said(client.get(NEW))


def test_only_their_owner_meets_a_draft_in_the_page(stored, client):
    client.post("/drafts/save/", {**form(client), "weight_kg": "71"})
    colleague = neurologist("C1", "C2")
    client.force_login(colleague)

    assert form(client)["weight_kg"] == ""
    with in_force(principal_for(stored)):
        assert Draft.objects.count() == 1


# ── Signing ──────────────────────────────────────────────────────────────────────────────────


def signed(client, visit):
    address = page_of(visit)
    return client.post(f"{address}sign/", {"as_read": form(client, address)["as_read"]})


def test_a_signed_visit_is_shown_and_not_changed(stored, client, second):
    typed = form(client, page_of(second)) | {"weight_kg": "69", "reason": "Misread."}

    assert signed(client, second).headers["Location"] == page_of(second)
    refused = client.post(page_of(second), typed)

    page = said(client.get(page_of(second)))
    assert "Signed by Anne Example on" in page
    assert "Save changes" not in page
    assert "This visit was signed on" in said(refused)
    assert get_examination(second).visit.version == 1
    assert "signed" in said(client.get("/patients/P-1/"))


def test_a_signature_is_taken_back_with_a_reason(stored, client, second):
    signed(client, second)
    address = f"{page_of(second)}unsign/"

    assert "Say why." in said(client.post(address, {"reason": ""}))
    client.post(address, {"reason": "A grade was missing."})

    page = said(client.get(page_of(second)))
    assert "Save changes" in page
    assert "Sign visit" in page


def test_what_somebody_else_changed_is_looked_at_again_before_it_is_signed(stored, client, second):
    as_read = form(client, page_of(second))["as_read"]
    amend(second, {"onls_arm": 2}, by=None, reason="Added.")

    client.post(f"{page_of(second)}sign/", {"as_read": as_read})

    page = said(client.get(page_of(second)))
    assert "Somebody changed this visit since you opened it." in page
    assert "Sign visit" in page


def test_signing_asks_for_the_second_factor_anew(stored, client, second):
    with_app(stored)
    sign_in(client, stored, shown=("mfa",), seconds_ago=6 * 60)
    also_shown(client, "password")

    answer = client.post(f"{page_of(second)}sign/", {"as_read": "any"})

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(reverse("mfa_reauthenticate"))
