"""The patient page in a browser: every width and look, keyboard alone, paper, no script."""

import re

import pytest

from tests.browser.conftest import (
    DESK,
    PHONE,
    TABLET,
    accessibility_problems,
    hidden_overflow,
    problems_in_every_look,
)

STUDY_IDS = ["SYN-010", "P-FULL", "P-EMPTY"]


def test_axe_finds_nothing(open_page, patients):
    with open_page("/patients/") as page:
        for study_id in STUDY_IDS:
            page.goto(f"/patients/{study_id}/")
            assert problems_in_every_look(page) == []


@pytest.mark.parametrize("look", ["light", "dark"])
def test_axe_finds_nothing_in_what_opens(open_page, patients, look):
    with open_page("/patients/P-FULL/", look=look) as page:
        openers = page.locator("main button[popovertarget]:visible").all()
        assert len(openers) == 6
        for opener in openers:
            opener.click()
            assert accessibility_problems(page, within="dialog:popover-open") == []
            page.keyboard.press("Escape")


def test_the_page_is_never_wider_than_its_window(open_page, patients):
    with open_page("/patients/") as page:
        for study_id in STUDY_IDS:
            page.goto(f"/patients/{study_id}/")
            for width in (PHONE, TABLET, 1024, DESK):
                page.set_viewport_size({"width": width, "height": 900})
                assert hidden_overflow(page) <= 0, (study_id, width)


def test_each_screen_has_its_drawing_and_its_columns(open_page, patients):
    with open_page("/patients/SYN-010/") as page:
        for width, drawing, columns in (
            (PHONE, "narrow", 3),
            (TABLET, "narrow", 7),
            (DESK, "wide", 10),
        ):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.locator("svg.timeline:visible").count() == 1
            assert page.locator(f"svg.timeline-{drawing}").is_visible()
            shown = page.locator(".map tbody tr >> nth=0 >> td:visible:not(.gap)")
            assert shown.count() == 2 * columns


def test_labels_of_the_timeline_do_not_run_out_of_their_card(open_page, patients):
    for width in (PHONE, 1100, DESK):
        with open_page("/patients/SYN-010/", width=width) as page:
            card = page.locator("[aria-labelledby=timeline-name]").bounding_box()
            for text in page.locator("svg.timeline:visible text").all():
                box = text.bounding_box()
                assert box["x"] >= card["x"], text.text_content()
                assert box["x"] + box["width"] <= card["x"] + card["width"], text.text_content()


def test_all_examinations_can_be_asked_for_on_a_phone(open_page, patients):
    with open_page("/patients/SYN-010/", width=PHONE) as page:
        page.get_by_label("Show all 10").check()

        assert page.locator(".map tbody tr >> nth=0 >> td:visible:not(.gap)").count() == 20
        assert hidden_overflow(page) <= 0


def test_only_affected_muscles_can_be_asked_for(open_page, patients):
    with open_page("/patients/SYN-010/") as page:
        page.get_by_label("Only affected (4)").check()

        rows = page.locator(".map tbody th:visible").all_inner_texts()
        assert rows == [
            "Wrist extension",
            "Finger extension",
            "Finger flexion",
            "First dorsal interosseous",
        ]


def readout(page):
    return re.sub(r"\s+", " ", page.locator(".readout output").inner_text())


def test_the_cursor_is_moved_by_arrow_keys_and_read_aloud(open_page, patients):
    with open_page("/patients/SYN-010/") as page:
        assert readout(page).startswith("At 16 Oct 2002 Day 1982 Dose 0 g/week MRC-140 135 of 140")
        page.get_by_role("button", name="Earlier day").focus()

        page.keyboard.press("Home")
        assert readout(page).startswith("At 28 Apr 1997 Day −15")
        assert "Blocks 2 of 5 segments" in readout(page)
        page.keyboard.press("ArrowRight")
        assert readout(page).startswith("At 9 May 1997")
        assert "MRC-140 132 of 140" in readout(page)

        assert page.locator(".readout output").get_attribute("aria-live") == "polite"
        assert page.locator("svg.timeline-wide .cursor").get_attribute("visibility") == "visible"


def test_the_cursor_follows_the_pointer_to_the_nearest_day(open_page, patients):
    with open_page("/patients/SYN-010/") as page:
        page.locator("svg.timeline-wide").scroll_into_view_if_needed()
        axis = page.locator("svg.timeline-wide .axis").bounding_box()
        page.mouse.move(axis["x"] + 4, axis["y"] - 60)

        assert readout(page).startswith("At 28 Apr 1997")


def test_a_why_opens_and_closes_by_keyboard_and_gives_the_focus_back(open_page, patients):
    with open_page("/patients/SYN-010/") as page:
        why = page.get_by_role("button", name="Why: Short-term response, month 6")
        why.focus()
        page.keyboard.press("Enter")

        sheet = page.get_by_role("dialog", name="Short-term response, month 6: Responder")
        assert sheet.is_visible()
        assert "IMPROVED" in sheet.inner_text()
        page.keyboard.press("Escape")
        assert not sheet.is_visible()
        assert page.evaluate("document.activeElement.textContent") == "Why"


def test_keys_lead_around_and_are_off_in_fields(open_page, patients):
    with open_page("/patients/SYN-010/") as page:
        page.keyboard.press("?")
        assert page.get_by_role("dialog", name="Keys").is_visible()
        page.keyboard.press("Escape")

        page.keyboard.press("/")
        assert page.evaluate("document.activeElement.id") == "find"
        page.keyboard.type("g c?")
        assert page.input_value("#find") == "g c?"
        assert page.url.endswith("/patients/SYN-010/")
        page.locator("h1").click()

        page.keyboard.press("g")
        page.keyboard.press("c")
        page.wait_for_url("**/cohort/")
        page.keyboard.press("g")
        page.keyboard.press("p")
        page.wait_for_url("**/patients/")


def test_keys_can_be_switched_off_on_a_device(open_page, patients):
    with open_page("/patients/SYN-010/") as page:
        page.keyboard.press("?")
        page.get_by_label("Use these keys on this device").uncheck()
        page.keyboard.press("Escape")
        page.reload()

        page.keyboard.press("?")

        assert not page.get_by_role("dialog", name="Keys").is_visible()


def test_the_first_tab_offers_to_skip_to_the_content(open_page, patients):
    with open_page("/patients/SYN-010/") as page:
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
        page.keyboard.press("Enter")

        assert page.evaluate("document.activeElement.id") == "main"


def test_whatever_has_the_focus_shows_it(open_page, patients):
    with open_page("/patients/SYN-010/") as page:
        seen, unseen = 0, []
        page.keyboard.press("Tab")
        while page.evaluate("document.activeElement !== document.body"):
            seen += 1
            if "solid 2px" not in page.evaluate("getComputedStyle(document.activeElement).outline"):
                unseen.append(page.evaluate("document.activeElement.outerHTML.slice(0, 80)"))
            page.keyboard.press("Tab")

        assert seen > 15
        assert unseen == []


def test_another_day_is_asked_for_by_keyboard(open_page, patients):
    with open_page("/patients/SYN-010/?as_of=2008-12-31") as page:
        page.locator(".as-of summary").focus()
        page.keyboard.press("Enter")
        page.get_by_label("Show what had happened by").fill("1997-12-31")
        page.keyboard.press("Enter")
        page.wait_for_url("**as_of=1997-12-31")

        assert page.locator(".as-of summary").inner_text().split() == [
            "As",
            "of",
            "31",
            "Dec",
            "1997",
        ]
        assert page.locator(".map thead th.key:visible").count() == 4


def test_without_script_everything_can_still_be_read(open_page, patients):
    with open_page("/patients/SYN-010/", java_script_enabled=False) as page:
        assert page.locator(".readout output").inner_text().startswith("At 16 Oct 2002")
        assert not page.get_by_role("button", name="Earlier day").is_visible()

        page.get_by_text("Table of 12 days").click()
        page.get_by_role("button", name="Why: Long-term status").click()

        assert page.locator(".readings tbody tr").count() == 12
        assert page.get_by_role("dialog", name="Long-term status: Remission").is_visible()


def test_paper_is_light_and_has_no_controls(open_page, patients):
    with open_page("/patients/SYN-010/", look="dark", width=700) as page:
        page.emulate_media(media="print")

        assert page.locator(".top").is_hidden()
        assert page.get_by_role("button", name="Why").count() == 0
        assert page.get_by_text("DEMONSTRATION DATA").is_visible()
        assert (
            page.locator(".card").first.evaluate("card => getComputedStyle(card).backgroundColor")
            == "rgb(255, 255, 255)"
        )
