"""Who a patient is, in a browser: opened on request, by keyboard, and never in the address bar."""

from datetime import date

import pytest
from playwright.sync_api import expect

from mmn_registry.accounts.roles import Role
from patients.identity import Person, record_identity
from patients.models import Patient
from tests.browser.conftest import accessibility_problems, problems_in_every_look
from tests.outcomes.canaries import somebody

ANNE = Person("Zebrafinch-Okapi", "Quokka", date(1960, 3, 31), "H-0471/22")
PAGE = "/patients/P-FULL/identity/"
TELLING = ("Zebrafinch", "Quokka", "0471", "1960-03")


@pytest.fixture
def anne(patients):
    return record_identity(Patient.objects.get(study_id="P-FULL"), ANNE, by=None)


def address_is_silent(page) -> bool:
    return not any(text in page.url for text in TELLING)


def test_axe_finds_nothing(open_page, anne):
    with open_page("/patients/") as page:
        for address in (PAGE, f"{PAGE}record/", "/patients/find/by-identity/"):
            page.goto(address)
            assert problems_in_every_look(page) == []


def test_axe_finds_nothing_where_everything_is_open(open_page, anne):
    with open_page(PAGE) as page:
        page.get_by_role("button", name="Show identity").click()
        for part in ("Amend", "Erase"):
            page.get_by_text(part, exact=True).click()
        expect(page.get_by_role("button", name="Erase identity for good")).to_be_visible()

        assert problems_in_every_look(page) == []


def test_is_opened_from_the_patients_page_by_keyboard(open_page, anne):
    with open_page("/patients/P-FULL/") as page:
        page.locator("summary", has_text="Identity").focus()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")

        expect(page.get_by_text("Zebrafinch-Okapi")).to_be_visible()
        assert page.url.endswith(PAGE)
        assert address_is_silent(page)


def test_is_recorded_by_a_form_that_says_what_is_wrong(open_page, patients):
    with open_page(f"{PAGE}record/") as page:
        page.get_by_label("Family name").fill("Zebrafinch-Okapi")
        page.get_by_label("Date of birth").fill("1961-03-31")
        page.get_by_role("button", name="Record identity").click()
        expect(page.get_by_role("alert")).to_contain_text("year of birth is recorded as 1960")
        assert accessibility_problems(page) == []
        assert page.input_value("[name=family_name]") == "Zebrafinch-Okapi"

        page.get_by_label("Date of birth").fill("1960-03-31")
        page.get_by_role("button", name="Record identity").click()
        expect(page.get_by_text("Who this patient is, is recorded.")).to_be_visible()
        assert address_is_silent(page)


def test_finds_a_patient_from_the_list(open_page, anne):
    with open_page("/patients/") as page:
        page.get_by_text("Find by name, birth date or hospital number").click()
        page.get_by_label("Family name").fill("zebrafinch okapi")
        page.get_by_role("button", name="Find", exact=True).click()

        expect(page.get_by_role("heading", name="1 patient found")).to_be_visible()
        assert address_is_silent(page)
        page.get_by_role("link", name="P-FULL").click()
        page.wait_for_url("**/patients/P-FULL/")


def test_the_pages_that_offer_it_hold_when_it_is_unfolded(open_page, anne):
    opened = {
        "/patients/": "Find by name, birth date or hospital number",
        "/patients/P-FULL/": "Identity",
    }
    with open_page("/cohort/") as page:
        for address, words in opened.items():
            page.goto(address)
            page.locator("summary", has_text=words).click()
            assert problems_in_every_look(page) == []


def test_pages_in_months_hold_as_the_others_do(open_page, patients, client):
    client.force_login(somebody(Role.STATISTICIAN))
    with open_page("/patients/") as page:
        for address in ("/patients/", "/patients/P-FULL/", "/cohort/"):
            page.goto(address)
            expect(page.get_by_text("shown pseudonymised: months, age bands")).to_be_visible()
            assert problems_in_every_look(page) == []
