"""The page of a visit in a browser: by keyboard alone, on every layout, and nothing is lost."""

import re
from contextlib import contextmanager
from datetime import date

import pytest

from patients.models import Confirmation, Visit
from tests.browser.conftest import (
    DESK,
    PHONE,
    TABLET,
    accessibility_problems,
    hidden_overflow,
    problems_in_every_look,
)
from tests.browser.keyboards import Keyboard

NEW = "/patients/SYN-010/visits/new/"
LAYOUTS = ("US", "French", "German")
DAY = "14 Jan 2003"


@pytest.fixture
def open_page(open_page):
    """As everywhere; what the page still asks the server is answered before the test ends."""

    @contextmanager
    def opened(address, **options):
        with open_page(address, **options) as page:
            yield page
            if not page.is_closed():
                page.wait_for_load_state("networkidle")

    return opened


@pytest.fixture
def grades():
    """What is stored of a day: (muscle, side) → grade and origin."""

    def read(day=date(2003, 1, 14), study_id="SYN-010"):
        seen = Visit.objects.get(patient__study_id=study_id, visited_on=day)
        rows = seen.muscle_scores.values_list("muscle", "side", "mrc_grade", "origin")
        return {(muscle, side): (grade, origin) for muscle, side, grade, origin in rows}

    return read


def on_day(page, day=DAY):
    """The day is typed first: the grid's keys are counted apart."""
    page.fill("#id_visited_on", day)
    page.locator("input.grade:visible").first.focus()


def cell(page, name):
    return page.locator(f"[name='g-{name}']")


def saved_draft(page):
    """Wait until the server has answered for all that was typed."""
    page.locator("[data-draft-state][data-kind=saved]").wait_for()
    return page.locator("[data-draft-state]").inner_text()


def saved(page):
    page.wait_for_url(re.compile(r"/patients/[^/]+/(\?.*)?$"))
    return page.locator(".messages").inner_text()


# Six cells of SYN-010 that changed, far apart: the hand has to travel.
FOLLOW_UP = (
    *("ArrowDown", "ArrowDown", "ArrowDown", "4", "+"),  # wrist extension, right: 4 → 4+
    *("ArrowDown", "ArrowDown", "ArrowLeft", "4"),  # finger extension, right: 3 → 4
    *("ArrowDown", "ArrowDown", "ArrowLeft", "3", "4"),  # first dorsal interosseous: 4 → 3, 5 → 4
    *("ArrowRight", "4"),  # thumb abduction, left: 5 → 4
    *("ArrowDown", "ArrowDown", "ArrowRight", "4"),  # ankle dorsiflexion, left: 5 → 4
    "C",
)
CHANGED = {
    ("wrist_extension", "right"): "4+",
    ("finger_extension", "right"): "4",
    ("first_dorsal_interosseous", "right"): "3",
    ("first_dorsal_interosseous", "left"): "4",
    ("thumb_abduction", "left"): "4",
    ("ankle_dorsiflexion", "left"): "4",
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_follow_up_with_six_changes_takes_at_most_24_keys_and_saving(
    open_page, patients, grades, layout
):
    with open_page(NEW) as page:
        on_day(page)
        keyboard = Keyboard(page, layout)
        keyboard.type(*FOLLOW_UP)

        assert len(keyboard.pressed) <= 24
        keyboard.type("Ctrl+s")
        assert "22 grades were copied or filled" in page.locator("dialog[open]").inner_text()
        keyboard.type("Enter")
        assert "The visit of 14 Jan 2003 is saved." in saved(page)

    stored = grades()
    assert len(stored) == 28
    assert {place: g for place, (g, origin) in stored.items() if origin == "graded"} == CHANGED
    before = grades(date(2002, 10, 16))
    copied = {place: g for place, (g, origin) in stored.items() if origin == "carried_forward"}
    assert copied == {place: before[place][0] for place in set(before) - set(CHANGED)}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_first_examination_takes_at_most_30_keys_and_saving(open_page, patients, grades, layout):
    with open_page("/patients/P-EMPTY/visits/new/") as page:
        on_day(page, "12 Jan 2020")
        keyboard = Keyboard(page, layout)
        keyboard.type(*"5554-" + "5" * 20 + "4+" + "432")

        assert len(keyboard.pressed) <= 30
        keyboard.type("Ctrl+s")
        assert "The visit of 12 Jan 2020 is saved." in saved(page)

    stored = grades(date(2020, 1, 12), "P-EMPTY")
    assert [grade for grade, _ in stored.values()].count("5") == 23
    assert {grade for grade, _ in stored.values()} == {"5", "4-", "4+", "4", "3", "2"}
    assert {origin for _, origin in stored.values()} == {"graded"}
    assert len(stored) == 28
    assert stored["elbow_flexion", "left"] == ("4-", "graded")
    assert stored["great_toe_extension", "left"] == ("2", "graded")


def test_weak_muscles_are_typed_and_the_rest_is_normal(open_page, patients, grades):
    with open_page("/patients/P-EMPTY/visits/new/") as page:
        on_day(page, "12 Jan 2020")
        keyboard = Keyboard(page, "US")
        keyboard.type("4", "r", "Ctrl+s", "Enter")
        saved(page)

    origins = [origin for _, origin in grades(date(2020, 1, 12), "P-EMPTY").values()]
    assert (origins.count("graded"), origins.count("rest_normal")) == (1, 27)


def test_copied_grades_are_hatched_and_changes_say_how_much(open_page, patients):
    with open_page(NEW) as page:
        on_day(page)
        Keyboard(page, "US").type(*FOLLOW_UP)

        def seen(name):
            note = cell(page, name).locator("xpath=../following-sibling::td[1]/span")
            return cell(page, name).get_attribute("class"), note.inner_text()

        assert seen("wrist_extension-right") == ("grade g4", "+⅓")
        assert seen("finger_extension-right") == ("grade g4 gain", "▲ +1")
        assert seen("first_dorsal_interosseous-right") == ("grade g3 loss", "▼ −1")
        assert seen("hip_flexion-left") == ("grade g5 copied", "copied")
        image = cell(page, "hip_flexion-left").evaluate("e => getComputedStyle(e).backgroundImage")
        assert "repeating-linear-gradient" in image


def test_sums_are_those_that_the_registry_derives(open_page, patients):
    with open_page(NEW) as page:
        on_day(page)
        keyboard = Keyboard(page, "US")
        keyboard.type(*FOLLOW_UP)
        sums = {
            row.locator("th").inner_text().split()[0]: row.locator("td").all_inner_texts()
            for row in page.locator("[data-sums] tbody tr").all()
        }
        keyboard.type("Ctrl+s", "Enter")
        saved(page)
        row = page.locator("table:has(th:text-is('MRC-140')) tbody tr").first
        derived = row.locator("td").first.inner_text()

    assert sums == {
        "MRC-60": ["59", "58⅓", "−⅔"],
        "MRC-70": ["68", "65⅓", "−2⅔"],
        "MRC-140": ["135", "132⅓", "−2⅔"],
    }
    assert derived == "132⅓"


def test_which_grades_are_missing_is_said(open_page, patients):
    def notes(page):
        return page.locator(".sum-note").all_inner_texts()

    with open_page(NEW) as page:
        on_day(page)
        keyboard = Keyboard(page, "US")
        assert notes(page) == [f"{n} of {n} still without a grade" for n in (12, 14, 28)]
        keyboard.type("n", "p", "C")
        assert notes(page) == ["no sum: shoulder abduction, right not tested"] * 3
        keyboard.type("ArrowLeft", "5", "Backspace")
        assert notes(page) == ["1 missing: shoulder abduction, left"] * 3
        keyboard.type("ArrowLeft", "Backspace")
        assert notes(page) == ["2 missing: shoulder abduction, both sides"] * 3


def test_not_tested_has_its_reason_by_its_first_letter(open_page, patients, grades):
    with open_page(NEW) as page:
        on_day(page)
        keyboard = Keyboard(page, "US")
        keyboard.type("n", "r", "n", "5", "4", "x", "n", "Enter", "3")
        keyboard.type("Ctrl+s")
        saved(page)

    assert {place: grade for place, (grade, _) in grades().items()} == {
        ("shoulder_abduction", "right"): "NT",
        ("shoulder_abduction", "left"): "NT",
        ("elbow_flexion", "right"): "5",
        ("elbow_flexion", "left"): "4",
        ("elbow_extension", "right"): "NT",
        ("elbow_extension", "left"): "3",
    }
    seen = Visit.objects.get(visited_on=date(2003, 1, 14))
    reasons = seen.muscle_scores.exclude(not_tested_reason="")
    assert list(reasons.values_list("muscle", "side", "not_tested_reason")) == [
        ("shoulder_abduction", "right", "refused")
    ]


def test_another_cause_is_marked_and_leaves_the_sum(open_page, patients, grades):
    with open_page(NEW) as page:
        on_day(page)
        Keyboard(page, "US").type("4", "ArrowLeft", "x", "C")
        assert page.locator(".sum-note").first.inner_text() == (
            "no sum: shoulder abduction, right weak for another reason"
        )
        page.keyboard.press("Control+s")
        page.keyboard.press("Enter")
        saved(page)

    seen = Visit.objects.get(visited_on=date(2003, 1, 14))
    assert [s.muscle for s in seen.muscle_scores.filter(not_due_to_mmn=True)] == [
        "shoulder_abduction"
    ]


def test_a_step_is_taken_back(open_page, patients):
    with open_page(NEW) as page:
        on_day(page)
        keyboard = Keyboard(page, "US")
        keyboard.type("4", "C")
        assert page.locator("[data-progress]").inner_text() == "All 28 answered"
        keyboard.type("Ctrl+z")
        assert page.locator("[data-progress]").inner_text() == "1 of 28 answered, 27 to go"
        keyboard.type("Ctrl+z")
        assert cell(page, "shoulder_abduction-right").input_value() == ""


def test_a_forgotten_caps_lock_copies_one_grade_only(open_page, patients):
    with open_page(NEW) as page:
        on_day(page)
        page.evaluate("""() => document.activeElement.dispatchEvent(new KeyboardEvent("keydown",
            {key: "C", bubbles: true, cancelable: true, modifierCapsLock: true}))""")

        assert page.locator("[data-progress]").inner_text() == "1 of 28 answered, 27 to go"


def test_the_grid_is_one_stop_of_the_tab_key(open_page, patients):
    with open_page(NEW) as page:
        on_day(page)
        Keyboard(page, "US").type("5", "5")
        assert page.evaluate("document.activeElement.name") == "g-elbow_flexion-right"
        while page.evaluate("document.activeElement.closest('.grid-card') !== null"):
            page.keyboard.press("Tab")
        page.keyboard.press("Shift+Tab")
        page.evaluate("document.querySelector('.muscles [tabindex=\"0\"]').focus()")

        assert page.locator(".muscles input.grade[tabindex='0']").count() == 1
        assert page.evaluate("document.activeElement.name") == "g-elbow_flexion-right"


def test_a_key_is_on_the_screen_within_50_ms(open_page, patients):
    with open_page(NEW) as page:
        on_day(page)
        page.evaluate("""() => {
            window.taken = [];
            document.addEventListener("keydown", (event) => {
                requestAnimationFrame(() => setTimeout(() =>
                    window.taken.push(performance.now() - event.timeStamp)));
            }, true);
        }""")
        for key in "5432154321" * 2 + "C":
            page.keyboard.press(key)
            page.wait_for_timeout(100)
        taken = sorted(page.evaluate("window.taken"))

        assert len(taken) == 21
        print(f"key to screen: median {taken[10]:.1f} ms, worst {taken[-1]:.1f} ms")
        assert taken[10] < 50


# ── Nothing typed is lost ──────────────────────────────────────────────────────────────────


def test_what_was_said_to_be_saved_is_there_in_another_browser(open_page, patients):
    with open_page(NEW) as page:
        on_day(page)
        Keyboard(page, "US").type("4", "+", "3", "c")
        page.fill("#id_weight_kg", "62,5")
        page.locator("[data-draft-state]:has-text('Saving…')").wait_for()
        assert re.fullmatch(r"Draft saved \d\d:\d\d:\d\d", saved_draft(page))
        page.context.close()  # without a word: a crash, a dead battery

    with open_page(NEW, width=PHONE) as page:
        assert "This is what you typed until" in page.locator(".message-draft").inner_text()
        assert page.input_value("#id_visited_on") == DAY
        assert page.input_value("#id_weight_kg") == "62,5"
        assert cell(page, "shoulder_abduction-right").input_value() == "4+"
        assert cell(page, "shoulder_abduction-left").input_value() == "3"
        assert cell(page, "elbow_flexion-right").get_attribute("class") == "grade g5 copied"
        page.get_by_role("button", name="Discard the draft").click()
        page.wait_for_load_state()
        assert cell(page, "shoulder_abduction-right").input_value() == ""


def test_leaving_warns_only_while_something_is_not_saved(open_page, patients):
    with open_page(NEW) as page:
        asked = []
        page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
        on_day(page)
        page.keyboard.press("4")
        page.goto("/patients/")
        assert asked == ["beforeunload"]

        page.goto(NEW)
        on_day(page)
        page.keyboard.press("4")
        saved_draft(page)
        page.goto("/patients/")
        assert asked == ["beforeunload"]


def test_while_the_server_is_away_nothing_is_said_to_be_saved(open_page, patients):
    with open_page(NEW) as page:
        on_day(page)
        page.evaluate(
            "() => { window.there = window.fetch; window.fetch = () => Promise.reject(); }"
        )
        page.keyboard.press("4")
        state = page.locator("[data-draft-state][data-kind=failed]")
        state.wait_for()
        assert state.inner_text().startswith("Not saved yet, trying again")
        page.evaluate("() => { window.fetch = window.there; }")
        saved_draft(page)
        page.reload()
        assert cell(page, "shoulder_abduction-right").input_value() == "4"


def test_a_double_click_makes_one_visit(open_page, patients):
    for day in range(1, 4):
        with open_page(NEW) as page:
            on_day(page, f"{day} Feb 2003")
            page.keyboard.press("4")
            page.get_by_role("button", name="Save visit").dblclick()
            saved(page)

    days = Visit.objects.filter(visited_on__year=2003, visited_on__month=2)
    assert sorted(days.values_list("visited_on__day", flat=True)) == [1, 2, 3]


def test_a_sign_in_that_expired_comes_back_to_what_was_typed(
    open_page, patients, reader, client, settings
):
    settings.SECOND_FACTOR = False  # of a demonstration
    reader.set_password("a long enough one")
    reader.save()
    client.force_login(reader)
    with open_page(NEW) as page:
        on_day(page)
        page.keyboard.press("4")
        page.context.clear_cookies(name="sessionid")
        page.keyboard.press("4")
        state = page.locator("[data-draft-state][data-kind=failed]")
        state.wait_for()
        assert state.inner_text().startswith("You are signed out: sign in in another window")
        page.get_by_role("button", name="Save visit").click()
        page.wait_for_url(re.compile(r"/sign-in/\?next=/patients/SYN-010/visits/new/"))
        page.fill("[name=login]", reader.email)
        page.fill("[name=password]", "a long enough one")
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(rf"^http://[^/]+{NEW}$"))

        assert cell(page, "shoulder_abduction-right").input_value() == "4"
        assert page.input_value("#id_visited_on") == DAY
        page.get_by_role("button", name="Save visit").click()
        assert "is saved" in saved(page)


def test_two_browsers_on_one_visit_lose_nothing(open_page, patients, grades):
    seen = Visit.objects.get(patient__study_id="SYN-010", visited_on=date(2002, 10, 16))
    address = f"/patients/SYN-010/visits/{seen.pk}/"
    with open_page(address) as first, open_page(address) as second:
        for page, grade, weight in ((first, "2", "64"), (second, "3", "")):
            cell(page, "wrist_extension-right").focus()
            page.keyboard.press(grade)
            if weight:
                page.fill("#id_weight_kg", weight)
            page.get_by_label("Why is it changed?").fill("Looked again.")
        first.get_by_role("button", name="Save changes").click()
        saved(first)
        second.get_by_role("button", name="Save changes").click()
        second.get_by_role("button", name="Save as chosen").wait_for()
        rows = second.locator("tbody tr").all_inner_texts()
        assert rows[0].startswith("Wrist extension, right")
        assert accessibility_problems(second) == []
        second.get_by_label("Wrist extension, right, yours: 3").check()
        second.get_by_role("button", name="Save as chosen").click()
        saved(second)

    assert grades(date(2002, 10, 16))["wrist_extension", "right"] == ("3", "graded")
    seen.refresh_from_db()
    assert seen.weight_kg == 64


# ── Questions ──────────────────────────────────────────────────────────────────────────────


def test_an_unusual_weight_is_asked_about_as_it_is_typed(open_page, patients, reader):
    with open_page(NEW) as page:
        on_day(page)
        page.keyboard.press("4")
        page.fill("#id_weight_kg", "36")
        page.get_by_text("36 kg is 27 kg less than on 16 Oct 2002.").wait_for()
        assert accessibility_problems(page) == []
        page.get_by_role("button", name="Change to 63").click()
        assert page.input_value("#id_weight_kg") == "63"
        page.get_by_text("36 kg is 27 kg").wait_for(state="detached")

        page.fill("#id_weight_kg", "36")
        page.get_by_label("36 is right").check()
        page.get_by_role("button", name="Save visit").click()
        saved(page)

    assert Confirmation.objects.get().confirmed_by == reader


# ── Every screen ───────────────────────────────────────────────────────────────────────────


def test_axe_finds_nothing(open_page, patients):
    with open_page(NEW) as page:
        on_day(page)
        Keyboard(page, "US").type("0", "1", "2", "3", "4", "n", "p", "C")
        page.locator("details.opener summary").last.click()
        assert problems_in_every_look(page) == []
        page.get_by_role("button", name="Save visit").click()
        assert problems_in_every_look(page) == []


def test_the_page_is_never_wider_than_its_window(open_page, patients):
    with open_page(NEW) as page:
        on_day(page)
        Keyboard(page, "US").type("4", "n", "a", "C")
        for width in (PHONE, TABLET, 1024, DESK):
            page.set_viewport_size({"width": width, "height": 900})
            assert hidden_overflow(page) <= 0, width


def test_a_phone_has_a_pad_of_grades(open_page, patients, grades):
    with open_page(NEW, width=PHONE, has_touch=True) as page:
        page.fill("#id_visited_on", DAY)
        cell(page, "wrist_extension-right").tap()
        assert page.locator("[data-pad-name]").inner_text() == "Wrist extension, right"
        for name in ("4", "A little stronger", "Rest: copy"):
            page.get_by_role("button", name=name, exact=True).tap()
        page.get_by_role("button", name="Save visit").tap()
        page.get_by_role("button", name="Yes, examined, unchanged: save").tap()
        saved(page)

    assert grades()["wrist_extension", "right"] == ("4+", "graded")
    assert len(grades()) == 28


def test_the_form_works_without_script(open_page, patients, grades):
    with open_page(NEW, java_script_enabled=False) as page:
        page.fill("#id_visited_on", DAY)
        cell(page, "wrist_extension-right").fill("4+")
        cell(page, "hip_flexion-left").fill("NT")
        page.locator("[name='w-hip_flexion-left']").select_option("pain")
        page.fill("#id_weight_kg", "63,5")
        page.get_by_role("button", name="Copy the empty ones from before").click()
        assert cell(page, "finger_extension-right").input_value() == "3"
        assert page.input_value("#id_weight_kg") == "63,5"
        page.get_by_role("button", name="Save visit").click()
        page.get_by_label("I examined these muscles today and found them unchanged.").check()
        page.get_by_role("button", name="Save visit").click()
        saved(page)

    stored = grades()
    assert stored["wrist_extension", "right"] == ("4+", "graded")
    assert stored["hip_flexion", "left"] == ("NT", "graded")
    assert stored["finger_extension", "right"] == ("3", "carried_forward")


def test_another_muscle_set_shows_its_muscles(open_page, patients):
    with open_page(NEW) as page:
        assert page.locator(".muscles tbody tr:visible").count() == 14
        page.get_by_label("Muscle set").select_option("all")
        assert page.locator(".muscles tbody tr:visible").count() == 18
        page.get_by_label("Muscle set").select_option("MRC-60")
        assert page.locator(".muscles tbody tr:visible").count() == 14  # examined before: kept
