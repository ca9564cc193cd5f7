"""The cohort page in a browser: every width and look, keyboard alone, paper."""

import re
from datetime import date
from itertools import pairwise

import pytest
from playwright.sync_api import expect

from mmn_registry.bundle import load_bundle
from mmn_registry.demo_data.living import write_living_cohort
from tests.browser.conftest import (
    DESK,
    LEGER,
    PHONE,
    TABLET,
    accessibility_problems,
    hidden_overflow,
    problems_in_every_look,
)
from tests.outcomes.stories import close_data, neurologist

PAPER = 703  # A4 within its margins [px]


@pytest.fixture
def cohort(reader):
    load_bundle(LEGER)
    close_data("SALP", date(2008, 12, 31))


@pytest.fixture
def two_cohorts(cohort, client, tmp_path):
    """With every reason there is, and lines that cross."""
    write_living_cohort(tmp_path, centre="NORD", today=date(2024, 6, 1))
    load_bundle(tmp_path)
    client.force_login(neurologist("SALP", "NORD"))


def open_everything(page):
    """With the panels that are loaded after the page."""
    expect(page.locator(".cohort [hx-get]")).to_have_count(0, timeout=30_000)
    page.evaluate("document.querySelectorAll('.cohort details').forEach(d => { d.open = true })")


def test_axe_finds_nothing(open_page, cohort):
    with open_page("/cohort/?centre=SALP") as page:
        open_everything(page)
        assert problems_in_every_look(page) == []


def test_every_why_opens_and_closes_and_axe_finds_nothing_in_it(open_page, cohort):
    with open_page("/cohort/?centre=SALP") as page:
        whys = page.get_by_role("button", name="Why:")
        for why in whys.all():
            why.press("Enter")
            assert page.get_by_role("dialog").get_by_text("Rule").is_visible()
            page.keyboard.press("Escape")
            assert page.get_by_role("dialog").count() == 0
        assert whys.count() == 7
        whys.first.click()
        assert accessibility_problems(page) == []


def test_the_page_is_never_wider_than_its_window(open_page, two_cohorts):
    for width in (320, PHONE, TABLET, 1024, DESK):
        with open_page("/cohort/", width=width) as page:
            assert hidden_overflow(page) <= 0, width
            open_everything(page)
            assert hidden_overflow(page) <= 0, width


def test_no_label_of_a_figure_runs_out_of_its_card(open_page, two_cohorts):
    for width in (PHONE, TABLET, 1200, DESK):
        with open_page("/cohort/", width=width) as page:
            open_everything(page)
            outside = page.evaluate(
                """() => [...document.querySelectorAll('main section svg text')].filter(text => {
                    if (!text.checkVisibility()) return false;
                    const box = text.getBoundingClientRect();
                    const card = text.closest('section').getBoundingClientRect();
                    return box.left < card.left || box.right > card.right;
                }).map(text => text.textContent)"""
            )
            assert outside == [], width


def test_names_over_the_bar_do_not_meet(open_page, cohort):
    for width in (350, PHONE, TABLET, 1200, DESK):
        with open_page("/cohort/?centre=SALP", width=width) as page:
            names = page.locator(".whole-name").all()
            assert [name.text_content() for name in names] == [
                "Remission",
                "Periodic immunoglobulin",
                "Other",
            ]
            boxes = [name.bounding_box() for name in names]
            for left, right in pairwise(boxes):
                assert left["x"] + left["width"] < right["x"], width


def test_what_leaves_the_flow_is_grey_and_never_red(open_page, cohort):
    with open_page("/cohort/?centre=SALP") as page:
        grey, red = page.evaluate(
            """() => ['--ink-2', '--refusal'].map(token => {
                const probe = document.createElement('p');
                document.body.append(probe);
                probe.style.color = `var(${token})`;
                const colour = getComputedStyle(probe).color;
                probe.remove();
                return colour;
            })"""
        )
        asides = page.locator(".flow-aside")
        assert asides.count() == 3
        for aside in asides.all():
            assert aside.evaluate("e => getComputedStyle(e).color") == grey
        # A field's place for a refusal is empty, where nothing is refused.
        colours = page.evaluate(
            """() => [...document.querySelectorAll('main *:not(.form-error:empty)')]
                .map(e => getComputedStyle(e).color)"""
        )
        assert red not in colours


def tab_to(page, words, most=120):
    """Press Tab until what has the focus says this."""
    for _ in range(most):
        page.keyboard.press("Tab")
        said = page.evaluate(
            "(document.activeElement.getAttribute('aria-label') || "
            "document.activeElement.textContent).replace(/\\\\s+/g, ' ').trim()"
        )
        if said == words:
            return
    pytest.fail(f"Tab never reached {words!r}.")


def test_the_journey_from_list_to_patient_to_cohort_and_back_by_keyboard(open_page, cohort):
    with open_page("/patients/?centre=SALP") as page:
        tab_to(page, "SYN-003")
        page.keyboard.press("Enter")
        page.wait_for_url("**/patients/SYN-003/")

        page.keyboard.press("g")
        page.keyboard.press("c")
        page.wait_for_url("**/cohort/")
        tab_to(page, "Why: Who is counted")
        page.keyboard.press("Enter")
        assert page.get_by_role("dialog").is_visible()
        page.keyboard.press("Escape")
        assert page.get_by_role("dialog").count() == 0
        tab_to(page, "6 non-responders")
        page.keyboard.press("Enter")
        page.wait_for_url("**/patients/?history=primary&response=non_responder")

        assert page.get_by_role("heading", name="6 of 40 patients").is_visible()
        assert page.locator(".patients tbody th a").count() == 6


def test_a_centre_is_chosen_by_keyboard(open_page, two_cohorts):
    with open_page("/cohort/") as page:
        page.get_by_label("Centre", exact=True).focus()
        page.keyboard.press("End")
        for _field in range(20):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.textContent") == "Show":
                break
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(r"/cohort/\?centre=SALP"))

        assert page.get_by_text("14 of 20 naive patients responded at month 6").first.is_visible()
        assert "31 Dec 2008" in page.locator(".as-of summary").inner_text()


def test_on_paper_nothing_is_cut_and_controls_are_gone(open_page, cohort):
    with open_page("/cohort/?centre=SALP", width=PAPER, look="dark") as page:
        open_everything(page)
        page.emulate_media(media="print", color_scheme="dark")

        assert hidden_overflow(page) <= 0
        assert page.get_by_role("button", name="Why:").first.is_hidden()
        assert page.locator(".top").is_hidden()
        # Names and numbers of the forest stand in columns, not below each other.
        row = page.locator(".forest .own").first.locator("th, td.number").all()
        assert len({round(cell.bounding_box()["y"]) for cell in row}) == 1
        surface = page.locator(".card").first.evaluate("e => getComputedStyle(e).backgroundColor")
        assert surface == "rgb(255, 255, 255)"


def test_an_unknown_centre_is_answered_beside_its_field(open_page, cohort):
    with open_page("/cohort/?centre=NOWHERE", width=PHONE) as page:
        assert page.get_by_role("alert").inner_text().startswith("“NOWHERE” is not in this list")
        assert accessibility_problems(page) == []
        assert hidden_overflow(page) <= 0
