"""The list of patients in a browser: searched as one types, by keyboard, and without script."""

import re
from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest

from mmn_registry.bundle import load_bundle
from tests.browser.conftest import (
    DESK,
    LEGER,
    PHONE,
    TABLET,
    accessibility_problems,
    hidden_overflow,
    problems_in_every_look,
)
from tests.bundles import bundle
from tests.outcomes.stories import close_data, store_patient

LONG_ID = "A-STUDY-ID-OF-FORTY-LETTERS-AS-LONG-AS-X"
LONG_CENTRE = "CENTREHOSPITALIERUNIVERSITAIREDENEUROLOG"


@pytest.fixture
def listed(reader, tmp_path):
    """Léger's closed cohort, and somebody of a centre that lives."""
    load_bundle(LEGER)
    close_data("SALP", date(2008, 12, 31))
    store_patient(tmp_path / "b", study_id="P-1")


def asked(page):
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def heading(page, text):
    return page.get_by_role("heading", name=text, exact=True)


def ids(page):
    return page.locator(".patients tbody th a").all_inner_texts()


def test_the_list_follows_what_is_typed_and_the_field_keeps_the_focus(open_page, listed):
    with open_page("/patients/") as page:
        page.evaluate("window.is_the_same_page = true")
        page.get_by_label("Study id", exact=True).press_sequentially("syn-01", delay=20)
        heading(page, "10 of 41 patients").wait_for()

        assert ids(page) == [f"SYN-{n:03}" for n in range(10, 20)]
        assert asked(page) == {"q": "syn-01"}
        assert page.locator("#list-hits").inner_text() == "10 of 41 patients"
        assert page.evaluate("document.activeElement.id") == "id_q"
        page.keyboard.type("0")
        heading(page, "1 of 41 patients").wait_for()
        assert page.input_value("#id_q") == "syn-010"
        assert page.evaluate("window.is_the_same_page") is True


def test_after_a_slow_answer_the_last_question_is_asked_and_stays(open_page, listed):
    with open_page("/patients/") as page:
        held = []

        def hold(route):
            held.append(route)

        page.route(re.compile(r"[?&]q=S(&|$)"), hold)
        field = page.get_by_label("Study id", exact=True)
        with page.expect_request(re.compile("q=S")):
            field.press_sequentially("S")
        field.fill("SYN-0")
        page.wait_for_timeout(300)
        field.fill("SYN-010")
        page.wait_for_timeout(300)
        held[0].continue_()
        heading(page, "1 of 41 patients").wait_for()
        page.wait_for_timeout(300)

        assert ids(page) == ["SYN-010"]
        assert asked(page) == {"q": "SYN-010"}


def test_a_centre_brings_its_day_into_the_page_head_and_the_address(open_page, listed):
    with open_page("/patients/") as page:
        day = page.locator(".as-of summary")
        assert "31 Dec 2008" not in day.inner_text()

        page.get_by_label("Centre").select_option("SALP")
        heading(page, "40 of 40 patients").wait_for()
        assert "31 Dec 2008" in day.inner_text()
        page.get_by_label("Response, month 6").select_option("non_responder")
        page.locator(".patients tbody th a >> nth=6").wait_for(state="detached")

        assert asked(page) == {"centre": "SALP", "response": "non_responder"}
        assert page.locator(".patients tbody th a >> nth=0").get_attribute("href").endswith("/")
        page.locator(".as-of summary").click()
        page.locator("#id_as_of").fill("2001-06-30")
        page.locator(".as-of button").click()
        page.wait_for_url("**as_of=2001-06-30**")
        assert asked(page) == {
            "centre": "SALP",
            "response": "non_responder",
            "as_of": "2001-06-30",
        }


def test_going_back_shows_the_list_as_it_was_and_no_copy_is_kept(open_page, listed):
    with open_page("/patients/") as page:
        page.get_by_label("Long-term group").select_option("remission")
        page.wait_for_url("**group=remission")
        page.get_by_label("Treatment history").select_option("pretreated")
        page.wait_for_url("**history=pretreated**")
        later = ids(page)

        page.go_back()
        page.wait_for_url(re.compile(r"/patients/\?group=remission$"))
        heading(page, "8 of 41 patients").wait_for()
        assert len(ids(page)) == 8 > len(later)
        assert page.get_by_label("Long-term group").input_value() == "remission"
        assert page.get_by_label("Treatment history").input_value() == ""
        assert page.get_by_role("navigation", name="Main").is_visible()
        kept = page.evaluate("JSON.stringify([{...sessionStorage}, {...localStorage}])")
        assert "SYN-" not in kept


def test_the_note_on_an_unknown_value_goes_once_another_is_chosen(open_page, listed):
    with open_page("/patients/?centre=NOWHERE") as page:
        note = page.locator("#note-centre")
        assert note.inner_text().startswith("“NOWHERE” is not in this list")
        assert accessibility_problems(page) == []

        page.get_by_label("Centre").select_option("C1")
        heading(page, "1 of 1 patients").wait_for()

        assert not note.is_visible()
        assert asked(page) == {"centre": "C1"}


def test_everything_works_without_script(open_page, listed):
    with open_page("/patients/", java_script_enabled=False) as page:
        page.get_by_label("Treatment history").select_option("primary")
        page.get_by_role("button", name="Show", exact=True).locator("visible=true").click()
        assert heading(page, "23 of 41 patients").is_visible()
        page.get_by_role("link", name="Dose now, g/week").click()
        page.get_by_role("link", name="Dose now, g/week").click()
        sorted_by = page.locator("th[aria-sort]")
        assert sorted_by.get_attribute("aria-sort") == "descending"
        page.get_by_role("link", name="Last contact").click()
        assert asked(page) == {"history": "primary", "sort": "contact"}
        page.get_by_role("link", name="Show all").click()
        page.get_by_role("link", name="Next").click()
        assert page.get_by_text("26–41 of 41").is_visible()


def test_axe_finds_nothing(open_page, listed):
    with open_page("/patients/?missing=grip&sort=-dose") as page:
        assert page.get_by_label("What is missing").is_visible()
        assert problems_in_every_look(page) == []
        page.locator(".as-of summary").click()
        assert problems_in_every_look(page) == []


def test_the_list_is_never_wider_than_its_window(open_page, reader, tmp_path):
    load_bundle(
        bundle(
            tmp_path / "long",
            patients=f"""
                study_id  | centre        | sex    | included_on | prior_immunoglobulin
                {LONG_ID} | C1            | female | 2015-01-01  | no
                {LONG_ID[:-1]}Y | C2      | female | 2015-01-01  | no
            """,
        )
    )
    reader.memberships.first().centre.__class__.objects.filter(code="C2").update(
        code=LONG_CENTRE, name="Of a name that is as long as names of hospitals are " * 2
    )
    for width in (320, PHONE, TABLET, 1024, DESK):
        with open_page("/patients/", width=width) as page:
            assert hidden_overflow(page) <= 0, width
            assert ids(page) == [LONG_ID, f"{LONG_ID[:-1]}Y"]


def test_on_a_phone_every_value_of_a_patient_has_its_name(open_page, listed):
    with open_page("/patients/?q=SYN-010", width=PHONE) as page:
        named = page.locator(".patients tbody td").evaluate_all(
            "cells => cells.map(cell => getComputedStyle(cell, '::before').content)"
        )

    assert named == [
        '"Centre"',
        '"First infusion"',
        '"Response, month 6"',
        '"Long-term status"',
        '"Blocks, first → last"',
        '"Dose now, g/week"',
        '"Last contact"',
    ]
