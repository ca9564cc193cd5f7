"""The cohort page: its numbers are the summary's, and each opens the list of these patients."""

from datetime import date
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mmn_registry.accounts.models import Centre
from mmn_registry.bundle import load_bundle
from mmn_registry.demo_data.living import write_living_cohort
from outcomes.derivation.cohort import cohort_summary
from outcomes.derivation.derive import derive
from outcomes.derivation.frames import read_bundle
from tests.outcomes.pages import LEGER, card, links, words
from tests.outcomes.stories import close_data, neurologist, store_patient

CLOSED_ON = date(2008, 12, 31)
LIVING_DAY = date(2024, 6, 1)


@pytest.fixture
def leger(db, client):
    """Somebody of the centre of the cohort of 2008, which is looked at as of its closing."""
    load_bundle(LEGER)
    close_data("SALP", CLOSED_ON)
    client.force_login(neurologist("SALP"))
    return client


@pytest.fixture
def two_centres(transactional_db, client, tmp_path):
    """The closed cohort, and a living one in which every reason occurs."""
    load_bundle(LEGER)
    write_living_cohort(tmp_path, centre="NORD", today=LIVING_DAY)
    load_bundle(tmp_path)
    close_data("SALP", CLOSED_ON)
    client.force_login(neurologist("SALP", "NORD"))
    return client


def page(client, address="/cohort/"):
    return client.get(address).content.decode()


def summary_of(folder: Path, as_of: date):
    records = read_bundle(folder)
    return cohort_summary(records, derive(records, as_of))


# ---------- The numbers of 2008 ----------


def test_the_tables_of_2008_stand_on_the_page(leger):
    html = page(leger)
    flow, response = words(card(html, "flow-name")), words(card(html, "response-name"))
    long_term, blocks = words(card(html, "long-term-name")), words(card(html, "blocks-name"))

    assert "14 of 20 naive patients responded at month 6" in response
    assert "70 % (95 % CI 46–88); against 20 %: p = 1.8 × 10⁻⁶" in response
    assert "This registry ≥ 1 MRC point in ≥ 2 muscles, month 6 14/20 70 (46–88)" in response
    assert "2 not evaluable 2 no visit near month 6" in flow
    for group in ("8/37", "25/37", "2/25", "4/37"):
        assert group in long_term
    assert "3 untreated, or followed ≤ 183 days" in flow
    for change in ("7/14", "5/14", "2/14", "12/14, 86 (57–98) %"):
        assert change in blocks
    assert "4 no study, 4 one study." in blocks
    assert "Follow-up of 40 treated 2.2 ± 2.0 years, median 1.3 (IQR 0.8–3.3)" in words(html)


def test_the_page_computes_what_the_command_prints(leger):
    shown = leger.get("/cohort/").context["dashboard"].summary

    assert shown == summary_of(LEGER, CLOSED_ON)


def test_every_panel_prints_the_numbers_of_the_summary(two_centres):
    """Another cohort and day than the one that the panels were drawn with."""
    html = page(two_centres, "/cohort/?as_of=2015-01-01")
    summary = two_centres.get("/cohort/?as_of=2015-01-01").context["dashboard"].summary
    primary, long_term = summary["short_term"]["naive"], summary["long_term"]
    blocks, predictors = summary["block_change"]["naive"], summary["predictors"]

    assert f"{primary['responders']}/{primary['evaluable']}" in words(card(html, "response-name"))
    of = long_term["classified"]
    for group in ("remission", "dependent", "other"):
        assert f"{long_term[group]['n']}/{of}" in words(card(html, "long-term-name"))
    for change in ("decreased", "unchanged", "increased"):
        assert f"{blocks[change]}/{blocks['evaluable']}" in words(card(html, "blocks-name"))
    for trend, n in summary["dose"]["trend"].items():
        assert f"{n}/{summary['patients']}" in words(card(html, "dose-name")), trend
    for line in predictors:
        assert f"{line['n']} {line['missing']}" in words(card(html, "predictors-name"))
    numbers = words(card(html, "completeness-name"))
    assert f"{primary['evaluable']}/{primary['patients']}" in numbers
    assert f"{of}/{summary['patients']}" in numbers


def test_the_trends_and_the_reasons_for_none_add_up_to_all_patients(two_centres):
    dose = two_centres.get("/cohort/").context["dose"]

    assert sum(row.count.n for row in dose.trends) == 100
    assert {row.of for row in dose.trends} == {100}


# ---------- Numbers open lists ----------


@pytest.fixture
def one_row_per_page(monkeypatch):
    """Of each list only the number of patients is looked at."""
    monkeypatch.setattr("outcomes.views.patient_list.ROWS_PER_PAGE", 1)


def test_every_number_opens_the_list_of_exactly_these_patients(two_centres, one_row_per_page):
    at_least = {
        "/cohort/": 40,
        "/cohort/?centre=SALP": 25,
        "/cohort/?centre=SALP&as_of=2001-06-30": 25,
        "/cohort/?centre=NORD": 35,
    }
    for address, number in at_least.items():
        html = page(two_centres, address)
        said = {link.address: link.number for link in links(html, "/patients/?")}
        listed = {there: two_centres.get(there).context["found"] for there in said}

        assert listed == said
        assert len(said) >= number, address


def test_links_carry_the_centre_and_the_day_and_the_list_looks_as_of_that_day(two_centres):
    html = page(two_centres, "/cohort/?centre=SALP&as_of=2001-06-30")

    for link in links(html, "/patients/"):
        if link.words not in {"Patients", "MMN registry"}:
            carried = dict(parse_qsl(urlsplit(link.address).query))
            assert (carried["centre"], carried["as_of"]) == ("SALP", "2001-06-30")


def test_links_from_the_usual_day_carry_no_day(two_centres):
    html = page(two_centres, "/cohort/?centre=SALP&as_of=2008-12-31")

    assert "as_of=2008" not in "".join(link.address for link in links(html, "/patients/"))


def test_links_do_not_carry_a_day_that_cannot_be(leger):
    answer = leger.get("/cohort/?as_of=2199-01-01")

    assert "lies after today" in words(answer.content.decode())
    assert answer.context["dashboard"].as_of == CLOSED_ON
    assert "2199" not in "".join(
        link.address for link in links(answer.content.decode(), "/patients/")
    )


def test_nobody_is_no_link(leger):
    html = page(leger, "/cohort/?as_of=1996-01-01")

    assert "0 non-responders" in words(html)
    assert all(link.number > 0 for link in links(html, "/patients/?"))


# ---------- Centres ----------


def test_a_cohort_of_several_centres_is_looked_at_today_and_compares_them(two_centres):
    answer = two_centres.get("/cohort/")
    html = answer.content.decode()

    assert answer.context["as_of"].data_closed_on is None
    assert "100 patients, 2 centres" in words(html)
    assert "By centre (2)" in words(html)


def test_one_centre_is_asked_for_by_its_code(two_centres):
    answer = two_centres.get("/cohort/?centre=SALP")

    assert answer.context["dashboard"].summary == summary_of(LEGER, CLOSED_ON)
    assert '<option value="SALP" selected>' in answer.content.decode()


@pytest.mark.parametrize("code", ["C-OF-OTHERS", "NOWHERE"])
def test_the_centre_of_others_is_as_unknown_as_none(leger, tmp_path, code):
    store_patient(tmp_path / "b", study_id="P-1")
    Centre.objects.filter(code="C1").update(code="C-OF-OTHERS")

    html = page(leger, f"/cohort/?centre={code}")

    assert f"“{code}” is not in this list" in words(html)
    assert "the centre asked for is none of yours" in words(html)
    assert "Who is counted" not in html
    assert "0 patients" not in words(html)


# ---------- Nobody ----------


def test_before_the_first_inclusion_the_page_says_when_that_was(leger):
    said = words(page(leger, "/cohort/?as_of=1990-01-01"))

    assert "Nobody had been included by 1 Jan 1990: the first patient was included on" in said
    assert "responded at month 6" not in said


def test_a_centre_without_patients_says_so(db, client):
    client.force_login(neurologist("C9"))

    assert "No patient of your centres has been recorded yet." in words(page(client))


def test_who_has_no_role_is_told_what_to_do(db, client):
    client.force_login(neurologist())

    assert "You have no role in a centre yet" in words(page(client))


def test_nobody_treated_evaluable_or_compared_is_said_without_a_percentage(db, client, tmp_path):
    store_patient(tmp_path / "b", visits=0, infusions="")
    client.force_login(neurologist("C1"))

    said = words(page(client))

    for finding in (
        "1 patient, 1 centre",
        "Nobody has been treated yet",
        "No naive patient is evaluable at month 6 yet",
        "Long-term status: nobody is classified yet",
        "Time to remission: no naive patient has been treated yet",
        "Conduction blocks: nobody can be compared yet",
        "Dose now: nobody on treatment has a dose per kg yet",
        "too few evaluable patients to test any",
    ):
        assert finding in said
    assert "nan" not in said.lower()
    assert "None" not in said


def test_one_patient_is_a_cohort(db, client, tmp_path):
    store_patient(tmp_path / "b")
    client.force_login(neurologist("C1"))

    said = words(page(client, "/cohort/?as_of=2021-02-01"))

    assert "1 patient, 1 centre" in said
    assert "1 of 1 naive patient responded at month 6" in said
    assert "100 (3–100)" in said


# ---------- Cost ----------


@pytest.mark.parametrize("patients", [1, 3])
def test_the_page_asks_one_query_for_its_outcomes_however_many_patients(
    transactional_db, client, tmp_path, patients
):
    for number in range(patients):
        store_patient(tmp_path / "b", study_id=f"P-{number}")
    client.force_login(neurologist("C1"))
    page(client)

    with CaptureQueriesContext(connection) as queries:
        page(client)

    # Who asks, in which centres, where it may export, the outcomes, and the products to choose.
    assert len(queries) == 7
