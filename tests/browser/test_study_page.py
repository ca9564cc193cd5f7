"""A nerve conduction study in a browser: by keyboard alone, live, and on a phone."""

import re
from contextlib import contextmanager
from datetime import date

import pytest

from patients.models import NerveSegment
from patients.unusual import plain
from tests.browser.conftest import DESK, PHONE, accessibility_problems, hidden_overflow
from tests.browser.keyboards import Keyboard

NEW = "/patients/P-EMPTY/studies/new/"


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


# Amplitudes, areas, durations, distal and proximal: as a machine prints them, row by row.
EIGHT = (
    ("8", "7.5", "24", "22", "5", "5.5"),
    ("9", "8", "27", "25", "5", "5.4"),
    ("8", "3.5", "24", "9.6", "5", "5.5"),
    ("7", "6.8", "21", "20", "5", "5.2"),
    ("10", "9", "30", "28", "5", "5.6"),
    ("11", "0", "33", "0"),
    ("0.9", "0.2", "2.7", "0.6", "5", "5.5"),
)


def saved(page):
    page.wait_for_url(re.compile(r"/patients/[^/]+/(\?.*)?$"))
    return page.locator(".messages").inner_text()


def typed_row(values):
    """Value, Tab, value …, and on to the next row."""
    keys = [key for value in values for key in (*value, "Tab")]
    return [*keys[:-1], "Enter"]


def result(page, segment):
    return page.locator(f"tr[data-segment='{segment}'] .segment-grade").inner_text()


def test_a_study_of_eight_segments_is_typed_without_the_mouse(open_page, patients):
    with open_page(NEW, width=DESK) as page:
        keyboard = Keyboard(page, "French")
        page.fill("#id_studied_on", "12 Jan 2020")
        page.locator("tr.segment input").first.focus()
        for values in EIGHT:
            keyboard.type(*typed_row(values))
        # The eighth is named: from the last row on to the fields that add one.
        for _row in range(7):
            keyboard.type("Enter")
        assert page.evaluate("document.activeElement.name") == "add_nerve"
        keyboard.type("r", "Tab", "l", "Tab", "e", "Tab", "a", "x", "Enter")
        segment = page.evaluate("document.activeElement.name").partition("-")[2]
        assert segment == "radial-left-elbow-axilla"
        keyboard.type(*typed_row(("6", "5.5", "18", "17", "5", "5.2"))[:-1])
        page.locator("tr[data-segment='radial-left-elbow-axilla'] .segment-grade").wait_for()

        assert result(page, "median-right-elbow-axilla") == (
            "definite block line 5: area loss ≥ 50 %, duration increase ≤ 30 %"
        )
        assert result(page, "median-left-axilla-erb").startswith("definite block line 5")
        assert result(page, "ulnar-right-wrist-below_elbow").startswith("not assessable line 3")
        assert accessibility_problems(page) == []
        keyboard.type("Ctrl+s")
        assert "The nerve conduction study of 12 Jan 2020 is saved." in saved(page)

    stored = NerveSegment.objects.filter(study__studied_on=date(2020, 1, 12))
    assert stored.count() == 8
    third = stored.get(nerve="median", side="right", distal_site="elbow")
    assert [plain(third.proximal_amplitude_mv), plain(third.proximal_area_mv_ms)] == ["3.5", "9.6"]
    absent = stored.get(nerve="median", side="left", distal_site="axilla")
    assert (absent.proximal_area_mv_ms, absent.proximal_duration_ms) == (0, None)


def test_on_a_phone_each_value_stands_under_its_name(open_page, patients):
    with open_page(NEW, width=PHONE, look="dark") as page:
        page.locator("tr.segment input").first.fill("40")
        page.locator("tr.segment .ask").first.wait_for()

        assert "Was it 40 µV, which is 0.04 mV?" in page.locator(".ask").first.inner_text()
        page.locator(".ask button").first.click()
        assert page.locator("tr.segment input").first.input_value() == "0.04"
        assert hidden_overflow(page) <= 0
        assert accessibility_problems(page) == []
        page.locator("[data-draft-state][data-kind=saved]").wait_for()
