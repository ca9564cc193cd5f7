"""Who a patient is, in a browser: opened on request, by keyboard, and never in the address bar."""

from datetime import date

import pytest
from playwright.sync_api import expect

from mmn_registry.accounts.roles import Role
from patients.identity import Person, record_identity
from patients.models import Patient
from tests.browser.conftest import DESK, PHONE, accessibility_problems, hidden_overflow
from tests.outcomes.canaries import somebody

ANNE = Person("Zebrafinch-Okapi", "Quokka", date(1960, 3, 31), "H-0471/22")
PAGE = "/patients/P-FULL/identity/"
SCREENS = [{"width": PHONE, "look": "dark"}, {"width": DESK, "look": "light"}]
TELLING = ("Zebrafinch", "Quokka", "0471", "1960-03")


@pytest.fixture
def anne(patients):
    return record_identity(Patient.objects.get(study_id="P-FULL"), ANNE, by=None)


def address_is_silent(page) -> bool:
    return not any(text in page.url for text in TELLING)


class TestEverywhere:
    pytestmark = [
        pytest.mark.parametrize("look", ["light", "dark"]),
        pytest.mark.parametrize("width", [PHONE, DESK]),
    ]

    @pytest.mark.parametrize(
        "address",
        [PAGE, "/patients/P-EMPTY/identity/", f"{PAGE}record/", "/patients/find/by-identity/"],
    )
    def test_axe_finds_nothing(self, open_page, anne, address, width, look):
        with open_page(address, width=width, look=look) as page:
            assert accessibility_problems(page) == []
            assert hidden_overflow(page) <= 0

    def test_nor_where_everything_is_open(self, open_page, anne, width, look):
        with open_page(PAGE, width=width, look=look) as page:
            page.get_by_role("button", name="Show identity").click()
            for part in ("Amend", "Erase"):
                page.get_by_text(part, exact=True).click()
            expect(page.get_by_role("button", name="Erase identity for good")).to_be_visible()

            assert accessibility_problems(page) == []
            assert hidden_overflow(page) <= 0


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


@pytest.mark.parametrize("screen", SCREENS, ids=str)
def test_the_pages_that_offer_it_hold_when_it_is_unfolded(open_page, anne, screen):
    opened = {
        "/patients/": "Find by name, birth date or hospital number",
        "/patients/P-FULL/": "Identity",
    }
    for address, words in opened.items():
        with open_page(address, **screen) as page:
            page.locator("summary", has_text=words).click()
            assert accessibility_problems(page) == []
            assert hidden_overflow(page) <= 0


@pytest.mark.parametrize("screen", SCREENS, ids=str)
@pytest.mark.parametrize("address", ["/patients/", "/patients/P-FULL/", "/cohort/"])
def test_pages_in_months_hold_as_the_others_do(open_page, patients, client, address, screen):
    client.force_login(somebody(Role.STATISTICIAN))
    with open_page(address, **screen) as page:
        expect(page.get_by_text("shown pseudonymised: months, age bands")).to_be_visible()
        assert accessibility_problems(page) == []
        assert hidden_overflow(page) <= 0
