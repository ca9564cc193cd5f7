"""Panels of the cohort: each at its own address, and every figure and table as a file."""

import csv
import io
import re
from datetime import date
from xml.etree import ElementTree

import pytest

from mmn_registry.accounts.actions import grant_role, open_account
from mmn_registry.accounts.models import Centre
from mmn_registry.accounts.roles import Role
from mmn_registry.audit.vocabulary import EntryKind
from mmn_registry.bundle import load_bundle
from outcomes.charts.cohort_drawings import (
    Estimate,
    Line,
    Scale,
    Stack,
    interval_rows,
    stacks,
    step_curves,
)
from outcomes.charts.drawing import NARROW_PX, WIDE_PX, Drawing
from outcomes.cohorts import Cohort
from outcomes.derivation.cohort import cohort_summary
from outcomes.derivation.cohort_rows import cohort_rows
from outcomes.derivation.derive import derive
from outcomes.derivation.frames import read_bundle
from outcomes.derivation.inference import proportion
from outcomes.derivation.rules import RULES
from outcomes.figures.cohort.panels import LATER, PANELS
from outcomes.figures.cohort.sheets import n_of, share, whole, without_small_numbers
from outcomes.literature import published_results
from outcomes.views.cohort_panels import FIRST_FIGURES
from patients.models import Patient
from tests.outcomes.pages import LEGER, PROJECT, card, links
from tests.outcomes.stories import close_data, neurologist

CLOSED_ON = date(2008, 12, 31)
HTMX = {"HX-Request": "true"}


@pytest.fixture
def leger(db, client):
    """The cohort of 2008, read by somebody who may not export."""
    load_bundle(LEGER)
    close_data("SALP", CLOSED_ON)
    client.force_login(neurologist("SALP"))
    return client


@pytest.fixture
def exporting(leger):
    """The same, by a coordinator."""
    user = open_account("coordinator@hospital.example", "Anne Example")
    grant_role(user, Role.COORDINATOR, centre=Centre.objects.get(code="SALP"))
    leger.force_login(user)
    return leger


def rows_of(answer) -> list[dict[str, str]]:
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(answer.content.decode())))


@pytest.fixture(scope="module")
def panels():
    """Every panel of the cohort of 2008, from its files: no database is asked."""
    records = read_bundle(LEGER)
    rows = cohort_rows(records, derive(records, CLOSED_ON))
    cohort = Cohort(CLOSED_ON, RULES, rows, date(1990, 1, 1))
    return {key: source.build(cohort, Patient.objects.none()) for key, source in PANELS.items()}


@pytest.fixture(scope="module")
def summary():
    records = read_bundle(LEGER)
    return cohort_summary(records, derive(records, CLOSED_ON))


def part_of(panels, key: str, part: str) -> list[dict]:
    """A table as its file has it."""
    found = next(one for one in panels[key].parts if one.key == part).sheet
    return [dict(zip(found.codes, row, strict=True)) for row in found.values]


# ---------- Panels ----------


def test_a_panel_is_a_page_and_a_fragment_and_the_first_page_leads_to_it_with_its_filter(leger):
    first_page = leger.get("/cohort/?history=naive").content.decode()
    page = leger.get("/cohort/panels/nerves/?history=naive").content.decode()
    fragment = leger.get("/cohort/panels/nerves/?history=naive", headers=HTMX).content.decode()

    assert "<html" in page
    assert "<html" not in fragment
    assert fragment.strip() in page
    for key in LATER:
        assert f'hx-get="/cohort/panels/{key}/?history=naive"' in first_page
        assert [link.words for link in links(first_page, f"/cohort/panels/{key}/?history=naive")]
    assert ".csv" not in first_page  # files are for who may export
    assert leger.get("/cohort/panels/safety/rates.csv").status_code == 403
    assert leger.get("/cohort/panels/safety/rates.svg").status_code == 403
    assert leger.get("/cohort/panels/weather/").status_code == 404
    assert leger.post("/cohort/panels/safety/").status_code == 405
    none = leger.get("/cohort/panels/nerves/?history=pretreated&as_of=2008-12-31")
    assert "No naive patient has two studies" in card(none.content.decode(), "nerves-name")


@pytest.mark.parametrize("key", LATER)
def test_a_panel_of_nobody_says_so(key):
    records = read_bundle(LEGER)
    rows = cohort_rows(records, derive(records, date(1980, 1, 1)))
    cohort = Cohort(date(1980, 1, 1), RULES, rows, None)
    panel = PANELS[key].build(cohort, Patient.objects.none())

    assert panel.parts == ()
    assert panel.title
    assert panel.empty


def test_every_part_has_a_key_of_its_own_and_a_value_for_each_column(panels):
    for key, panel in panels.items():
        assert panel.parts, key
        assert len({part.key for part in panel.parts}) == len(panel.parts)
        for part in panel.parts:
            assert len(set(part.sheet.codes)) == len(part.sheet.codes), (key, part.key)
            assert {len(row) for row in part.sheet.values} <= {len(part.sheet.codes)}


# ---------- Their numbers ----------


def test_the_published_table_of_2008_is_what_the_registry_derives(summary):
    """Léger et al. 2008, as printed, from the cohort made up after them."""
    long_term = summary["long_term"]
    of = long_term["classified"]
    response = summary["short_term"]["naive"]
    blocks = summary["block_change"]["naive"]["decreased_or_unchanged"]
    derived = {
        "short_term_response": (response["responders"], response["evaluable"]),
        "remission": (long_term["remission"]["n"], of),
        "dependent": (long_term["dependent"]["n"], of),
        "blocks_decreased_or_unchanged": (blocks["n"], blocks["of"]),
    }
    printed = {
        one.measure: (one.counted.n, one.counted.of)
        for one in published_results()
        if one.name.startswith("Léger") and str(one.year) == "2008" and one.counted
    }

    assert derived == printed
    assert summary["patients"] == 40
    interval = (round(response["ci_low"], 2), round(response["ci_high"], 2))
    assert (response["proportion"], interval) == (0.7, (0.46, 0.88))
    assert response["p_value"] < 0.0001
    assert {name: round(long_term[name]["n"] / of, 2) for name in ("remission", "dependent")} == {
        "remission": 0.22,
        "dependent": 0.68,
    }


def test_panels_agree_with_the_summary(panels, summary):
    blocks, response = summary["block_change"]["naive"], summary["short_term"]["naive"]
    kinds = ("decreased", "unchanged", "increased")

    criteria = part_of(panels, "nerves", "criteria")[0]
    assert criteria["criteria"] == summary["rules"]["criteria"]
    assert criteria["evaluable"] == blocks["evaluable"]
    assert [criteria[f"{kind}_n"] for kind in kinds] == [blocks[kind] for kind in kinds]
    forest = part_of(panels, "response", "forest")[0]
    assert (forest["n"], forest["of"]) == (response["responders"], response["evaluable"])
    naive = part_of(panels, "response", "tables")[0]
    assert (naive["ci_low"], naive["patients"]) == (response["ci_low"], response["patients"])
    (centre,) = part_of(panels, "centres", "fields")
    assert (centre["short_term_n"], centre["short_term_of"]) == (
        response["evaluable"],
        response["patients"],
    )
    classified = summary["long_term"]["classified"]
    assert (centre["long_term_n"], centre["dose_n"]) == (
        classified,
        sum(summary["dose"]["trend"].values()),
    )
    by_history = {
        line["stratum"]: line for line in part_of(panels, "curves", "remission-by-history")
    }
    remission = summary["time_to_remission"]
    assert (by_history["naive"]["patients"], by_history["naive"]["events"]) == (
        remission["patients"],
        remission["events"],
    )


# ---------- Who reads pseudonymised ----------


def test_parts_that_tell_of_one_to_four_patients_are_withheld_whole(panels):
    """The cohort of 2008 has 40 patients: much of it is told of few."""
    withheld, kept = 0, 0
    for panel in panels.values():
        masked = without_small_numbers(panel, "Not shown.")
        for part in masked.parts:
            told = [n for row in part.sheet.rows for cell in row for n in cell.patients]
            assert not any(0 < n < 5 for n in told)
            if part.note == "Not shown.":
                withheld += 1
                assert part.figure is None
                assert part.sheet.rows == ()
                assert not re.search(r"\d+ of \d+", f"{part.title} {masked.title} {masked.lead}")
            else:
                kept += 1
    assert withheld > 10
    assert kept > 3
    assert next(p for p in panels["strength"].parts if p.key == "map").sheet.rows  # as before


def test_a_number_is_small_also_as_what_is_left_of_its_total():
    assert n_of(38, 40).patients == (38, 2)
    assert share(proportion(40, 42)._asdict()).patients == (40, 2)
    assert whole(3).patients == (3,)


def test_who_reads_pseudonymised_is_shown_no_few(leger):
    user = open_account("statistician@hospital.example", "Anne Example")
    grant_role(user, Role.STATISTICIAN)
    leger.force_login(user)
    html = card(leger.get("/cohort/panels/nerves/").content.decode(), "nerves-name")

    assert "fewer than five patients" in html
    assert "2/14" not in html


# ---------- Files ----------


def test_a_figure_and_its_table_are_files_that_are_noted_in_the_trail(exporting, monkeypatch):
    noted = []
    monkeypatch.setattr(
        "mmn_registry.audit.notes.note_rows", lambda kind, **told: noted.append((kind, told))
    )
    table = exporting.get("/cohort/panels/long-term/groups.csv")
    rows = rows_of(table)

    assert [(row["n"], row["of"]) for row in rows] == [
        ("8", "37"),
        ("25", "37"),
        ("2", "25"),
        ("4", "37"),
    ]
    assert table["Content-Disposition"].endswith('cohort_long-term_groups.csv"')
    assert [kind for kind, _ in noted] == [EntryKind.EXPORT, EntryKind.EXPORT]
    assert noted[-1][1] == {"route": "outcomes:cohort_table", "study_id": "", "rows": 4}

    drawing = exporting.get("/cohort/panels/long-term/groups.svg")
    root = ElementTree.fromstring(drawing.content)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert "as of 31 Dec 2008" in drawing.content.decode()
    assert "var(" not in drawing.content.decode()

    first_page = exporting.get("/cohort/").content.decode()
    offered = {link.address for link in links(first_page, "/cohort/panels/")}
    assert {"/cohort/panels/flow/chart.svg", "/cohort/panels/flow/chart.csv"} <= offered
    assert exporting.get("/cohort/panels/safety/rates.csv?centre=NOWHERE").status_code == 400
    assert exporting.get("/cohort/panels/safety/nothing.csv").status_code == 404


def test_every_figure_of_the_first_page_that_is_offered_is_there(panels):
    for files in FIRST_FIGURES.values():
        part = next(part for part in panels[files.panel].parts if part.key == files.part)
        assert part.figure is not None


# ---------- Drawings ----------


def classes(style: str) -> set[str]:
    return set(re.findall(r"\.(d-[\w-]+)", style))


def test_every_shape_has_its_look_on_the_page_and_in_a_file(panels):
    page = (PROJECT / "static/css/drawing.css").read_text()
    file = (PROJECT / "templates/outcomes/drawing_file.css").read_text()
    used = {
        name
        for panel in panels.values()
        for part in panel.parts
        if part.figure
        for shape in part.figure.wide.shapes
        for name in shape.css.split()
        if not name.endswith("-text")  # on most colours the usual text is readable
    }

    assert classes(page) == classes(file)
    assert used <= classes(page) | {"d-on-remission", "d-on-other"}
    assert len(used) > 15


@pytest.mark.parametrize("width", [WIDE_PX, NARROW_PX])
def test_nothing_is_drawn_outside_its_drawing(width):
    rows = [
        Estimate("A long name of a cohort that has many words", "70 (46–88)", 0.7, 0.46, 0.88),
        Estimate("Beyond", "3 (0.2–∞)", 0.9, -0.01, None, counts="3/4"),
        Estimate("Nobody", "–"),
    ]
    scale = Scale(((0, "0"), (0.5, "50"), (1, "100")), "%", 0.2)
    figures = [
        interval_rows(rows, scale, "", "% (95 % CI)", "n/N"),
        stacks([Stack("1", 4, (("a", 3), ("b", 1)))], [("a", "A"), ("b", "B")], "", "years"),
        step_curves([line([100, 400], [0.2, 1.0], [6, 1])], 365.25, "", "years", "at risk"),
    ]
    for figure in figures:
        drawing = figure.wide if width == WIDE_PX else figure.narrow
        assert drawing.width == width
        assert_inside(drawing)


def line(days, shares, at_risk) -> Line:
    limits = (None,) * len(days)
    return Line("", tuple(days), tuple(shares), limits, limits, (days[0],), tuple(at_risk))


def assert_inside(drawing: Drawing) -> None:
    for shape in drawing.shapes:
        places = {name: float(value) for name, value in shape.attributes if name[0] in "xy"}
        for name, value in places.items():
            most = drawing.width if name.startswith("x") else drawing.height
            assert -1 <= value <= most + 1, shape


def test_a_curve_fades_where_fewer_than_five_are_at_risk():
    curve = line([100, 200, 300], [0.1, 0.3, 0.6], [9, 5, 3])
    shapes = step_curves([curve], 365.25, "", "", "").wide.shapes
    drawn = {s.css: dict(s.attributes).get("d") for s in shapes if "d-curve" in s.css}

    assert drawn["d-curve d-curve-0"].count("V") == 2
    assert drawn["d-curve d-curve-0 d-few"].count("V") == 1
