"""A patient is registered and the own data amended, by keyboard alone; every page is accessible."""

import re

import pytest

from patients.models import Patient
from tests.browser.conftest import DESK, PHONE, accessibility_problems, hidden_overflow

# From the study id on: past the button that proposes another, sex, birth, onset, diagnosis, …
TYPED = ("", "female", "1961", "Oct 2003", "", "3 Mar 2020", "no", "")


def focused(page):
    return page.evaluate("document.activeElement.name || document.activeElement.textContent")


def tab_to(page, name):
    """Press Tab until a field has the focus; whoever never gets there cannot register."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if focused(page) == name:
            return
    pytest.fail(f"{name} cannot be reached with the Tab key", pytrace=False)


@pytest.mark.parametrize("width", [DESK, PHONE])
def test_a_patient_is_registered_by_keyboard(open_page, patients, width):
    with open_page("/patients/", width=width) as page:
        page.keyboard.press("r")
        page.wait_for_url("**/patients/new/patient/")
        assert accessibility_problems(page) == []
        assert hidden_overflow(page) <= 0

        tab_to(page, "study_id")
        page.keyboard.press("ControlOrMeta+a")
        page.keyboard.type("NEW-7")
        for text in TYPED:
            page.keyboard.press("Tab")
            if text:
                page.keyboard.type(text)
        page.keyboard.press("Control+s")

        page.wait_for_url(re.compile(r"/patients/NEW-7/"))
        assert "NEW-7 is registered." in page.locator(".messages").inner_text()

    new = Patient.objects.get(study_id="NEW-7")
    assert (new.sex, new.birth_year, new.onset_precision) == ("female", 1961, "month")
    assert new.prior_immunoglobulin == "no"


@pytest.mark.parametrize(("width", "look"), [(DESK, "light"), (PHONE, "dark")])
def test_what_is_amended_of_a_patient_is_accessible(open_page, patients, width, look):
    with open_page("/patients/SYN-010/data/", width=width, look=look) as page:
        tab_to(page, "clinician_response")
        page.keyboard.type("yes")
        page.locator("[data-draft-state][data-kind=saved]").wait_for()
        page.locator("[data-look-place] > *").first.wait_for()
        for address in ("data/", "diagnosis/", "diagnoses/new/", "consents/new/"):
            page.goto(f"/patients/SYN-010/{address}")
            assert accessibility_problems(page) == [], address
            assert hidden_overflow(page) <= 0, address
