"""The reference of the REST interface: drawn by a bundled script under the policy of every page."""

import re

import pytest
from playwright.sync_api import expect

ADDRESS = "/api/v1/docs/"


@pytest.mark.parametrize("look", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_every_address_is_drawn(open_page, reader, look, width):
    """A script, style or image from elsewhere would be a complaint of the browser."""
    with open_page(ADDRESS, look=look, width=width) as page:
        expect(page.locator(".opblock")).to_have_count(8)
        expect(page.get_by_role("heading", name="REST interface")).to_be_visible()
        follows = page.evaluate("document.documentElement.classList.contains('dark-mode')")
        wider_than_it_is = page.evaluate(
            "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        )

    assert follows == (look == "dark")
    assert not wider_than_it_is


def test_the_reference_asks_as_the_person_who_reads_it(open_page, reader):
    with open_page(f"{ADDRESS}#/Outcomes/listOutcomes") as page:
        page.get_by_role("button", name="Try it out").click()
        page.get_by_role("button", name="Execute").click()

        status = page.locator(".live-responses-table .response .response-col_status")
        expect(status.first).to_have_text("200")


def test_a_stranger_is_sent_to_sign_in(open_page, reader):
    with open_page(ADDRESS, signed_in=False) as page:
        expect(page).to_have_url(re.compile(f"/sign-in/\\?next={ADDRESS}$"))
