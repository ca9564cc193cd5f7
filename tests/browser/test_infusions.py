"""Infusions in a browser: the same again in three keys, and what follows as one types."""

import re

import pytest

from infusions.models import Infusion
from patients.calendar import registry_today
from tests.browser.conftest import DESK, PHONE, accessibility_problems, hidden_overflow
from tests.browser.keyboards import Keyboard

pytestmark = pytest.mark.usefixtures("patients")
PATIENT = "/patients/P-FULL/"


def test_the_same_again_takes_at_most_three_keys(open_page):
    with open_page(PATIENT) as page:
        keyboard = Keyboard(page, "US")
        keyboard.type("i")
        page.wait_for_url(re.compile(r"/infusions/new/$"))
        page.locator("[data-look-place] .facts").wait_for()
        assert "Since the last course" in page.locator("[data-look-place]").inner_text()
        # Years since the last course are asked about: this one answer is the third key.
        page.locator(".ask input").focus()
        keyboard.type(" ")
        keyboard.type("Ctrl+s")
        page.wait_for_url(re.compile(r"/patients/P-FULL/(\?.*)?$"))
        assert " is saved." in page.locator(".messages").inner_text()
        page.wait_for_load_state("networkidle")

        assert len(keyboard.pressed) <= 3

    given = Infusion.objects.get(given_on=registry_today())
    assert (given.route, given.product, given.dose_g) == ("IV", "Privigen", 70)
    assert not given.lots.exists()


@pytest.mark.parametrize(("width", "look"), [(DESK, "light"), (PHONE, "dark")])
def test_the_pages_of_treatment_are_accessible(open_page, width, look):
    with open_page(PATIENT, width=width, look=look) as page:
        for address in (
            "infusions/new/",
            "infusions/",
            "regimens/new/",
            "reactions/new/",
            "planned/new/",
        ):
            page.goto(f"{PATIENT}{address}")
            page.wait_for_load_state("networkidle")
            assert accessibility_problems(page) == [], address
            assert hidden_overflow(page) <= 0, address
        page.goto("/lots/?lot=L1")
        assert accessibility_problems(page) == []
