"""The reference of the REST interface in a browser: every width and look, keyboard alone, paper."""

import re

from playwright.sync_api import expect

from mmn_registry.rest.reference import registry_reference
from tests.browser.conftest import (
    DESK,
    PHONE,
    TABLET,
    hidden_overflow,
    problems_in_every_look,
)

ADDRESS = "/api/v1/docs/"
PAPER = 703  # A4 within its margins [px]


def cards():
    """How many there are: of each address, of each way to write, and of refusals of writing."""
    reference = registry_reference()
    read = sum(len(subject.addresses) for subject in reference.subjects)
    return read + len(reference.writings) + 1


# Cards are all made by the same two templates: of the many, those that differ
# most, with the first rows of their tables: axe takes minutes for all.
SAMPLE = ("listPatients", "getCohortSummary", "refused-writing")


def test_axe_finds_nothing_on_the_page(open_page, reader):
    with open_page(ADDRESS) as page:
        expect(page.get_by_role("heading", name="REST interface")).to_be_visible()
        expect(page.locator(".address")).to_have_count(cards())
        ids = page.locator("[id]").evaluate_all("all => all.map(e => e.id)")
        assert len(ids) == len(set(ids))
        page.evaluate(
            """sample => document.querySelectorAll('.address').forEach(card => {
                if (!sample.includes(card.getAttribute('aria-labelledby'))) card.remove();
                const rows = card.querySelectorAll('tbody tr:nth-child(n + 5)');
                rows.forEach(row => row.remove());
            })""",
            [*SAMPLE, registry_reference().writings[0].anchor],
        )
        expect(page.locator(".address")).to_have_count(len(SAMPLE) + 1)
        assert problems_in_every_look(page) == []


def test_the_page_is_never_wider_than_its_window(open_page, reader):
    with open_page(ADDRESS) as page:
        for width in (320, PHONE, TABLET, 1024, DESK):
            page.set_viewport_size({"width": width, "height": 900})
            assert hidden_overflow(page) <= 0, width
            wide = page.evaluate(
                """() => [...document.querySelectorAll('main .card *')]
                    .filter(e => e.getBoundingClientRect().right
                        > e.closest('.card').getBoundingClientRect().right)
                    .map(e => e.outerHTML.slice(0, 80))"""
            )
            assert wide == [], width


def focus(page):
    return page.evaluate("document.activeElement.textContent.trim()")


def test_an_address_is_reached_and_opened_by_keyboard(open_page, reader):
    with open_page(ADDRESS) as page:
        page.keyboard.press("Tab")
        assert focus(page) == "Skip to the content"
        page.keyboard.press("Enter")
        walked = []
        for _ in range(100):
            page.keyboard.press("Tab")
            walked.append(focus(page))
            if walked[-1] == "cohort/summary/":
                break
        assert walked[0].startswith("Schema, OpenAPI 3.1")
        assert walked[1:4] == ["How to ask", "Around every answer", "Refusals"]
        # All of them, in the order of the page.
        links = page.locator(".reference-nav a").all_inner_texts()
        assert walked[4:] == links[3 : links.index("cohort/summary/") + 1]
        assert walked[4:6] == ["patients/", "patients/{study_id}/"]

        page.keyboard.press("Enter")
        page.wait_for_url(f"**{ADDRESS}#getCohortSummary")
        expect(
            page.get_by_role("heading", name="GET /api/v1/cohort/summary/", exact=True)
        ).to_be_in_viewport()
        page.keyboard.press("Tab")  # from there, not from where the link was
        assert focus(page) == "Open"
        # Data have no icon of their own, and the browser asks for one.
        page.route("**/favicon.ico", lambda asked: asked.fulfill(status=204))
        page.keyboard.press("Enter")
        page.wait_for_url("**/api/v1/cohort/summary/")
        assert '"patients":0' in page.content()


def test_what_stands_in_a_value_is_one_step_away(open_page, reader):
    with open_page(ADDRESS) as page:
        page.get_by_role("link", name="used record").press("Enter")

        table = page.get_by_role("table", name="Used record")
        expect(table).to_be_in_viewport()
        expect(table.get_by_role("rowheader", name="used_as")).to_be_visible()


def test_on_a_phone_a_link_leads_back_up(open_page, reader):
    with open_page(f"{ADDRESS}#listVisits", width=PHONE) as page:
        visits = page.get_by_role("region", name="GET /api/v1/visits/", exact=True)
        visits.get_by_role("link", name="Up to all addresses").click()

        expect(page.get_by_role("heading", name="On this page")).to_be_in_viewport()
    with open_page(ADDRESS, width=DESK) as page:  # there the list stays in sight
        page.evaluate("window.scrollTo(0, 5000)")
        expect(page.get_by_role("heading", name="On this page")).to_be_in_viewport()
        expect(page.get_by_role("link", name="Up to all addresses")).to_have_count(0)


def test_all_is_there_without_a_script(open_page, reader):
    with open_page(ADDRESS, java_script_enabled=False) as page:
        expect(page.get_by_role("region", name="GET /api/v1/visits/", exact=True)).to_contain_text(
            "Body weight."
        )
        expect(page.locator(".address")).to_have_count(cards())


def test_on_paper_everything_stands_in_the_light_and_controls_are_gone(open_page, reader):
    with open_page(ADDRESS, width=PAPER, look="dark") as page:
        page.emulate_media(media="print", color_scheme="dark")

        assert hidden_overflow(page) <= 0
        expect(page.locator(".reference-nav")).to_be_hidden()
        expect(page.locator(".address-links").first).to_be_hidden()
        expect(page.get_by_role("columnheader", name="Missing").first).to_be_visible()
        surface = page.locator(".address").first.evaluate(
            "e => getComputedStyle(e).backgroundColor"
        )
        assert surface == "rgb(255, 255, 255)"


def test_a_stranger_is_sent_to_sign_in(open_page, reader):
    with open_page(ADDRESS, signed_in=False) as page:
        expect(page).to_have_url(re.compile(f"/sign-in/\\?next={ADDRESS}$"))
