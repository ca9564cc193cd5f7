"""Every door says the same of the same value: the pages, the REST interface, the import."""

import json
import re
from html import unescape
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command

from mmn_registry.bundle import BundleRefusedError, load_bundle
from patients.models import Confirmation, LaboratoryResult, NerveConductionStudy, Visit
from tests.bundles import bundle, counts
from tests.outcomes.stories import neurologist, store_patient
from tests.outcomes.test_visit_page import inputs

pytestmark = pytest.mark.django_db
SEGMENT = "median-right-wrist-elbow"
DAY = "2021-07-20"

# What is typed or written, once per kind of record: page, inputs, table of the bundle, its row.
VISIT = (
    "/patients/P-1/visits/new/",
    {"visited_on": DAY},
    "visits",
    {"study_id": "P-1", "visited_on": DAY},
)
GRADES = (
    "/patients/P-1/visits/new/",
    {"visited_on": DAY},
    "muscle_scores",
    {
        "study_id": "P-1",
        "visited_on": DAY,
        "muscle": "wrist_extension",
        "side": "left",
    },
)
STUDY = (
    "/patients/P-1/studies/new/",
    {"studied_on": DAY},
    "nerve_segments",
    {
        "study_id": "P-1",
        "studied_on": DAY,
        "nerve": "median",
        "side": "right",
        "distal_site": "wrist",
        "proximal_site": "elbow",
    },
)
SAMPLE = (
    "/patients/P-1/laboratory/new/",
    {"taken_on": DAY, "test": "csf_protein"},
    "laboratory",
    {"study_id": "P-1", "taken_on": DAY, "test": "csf_protein"},
)

# The record, what is typed, what is written: an input may have another name than a column.
UNUSUAL = {
    "weight": (VISIT, {"weight_kg": "36"}, {"weight_kg": "36"}),
    "grade": (GRADES, {"g-wrist_extension-left": "2"}, {"mrc_grade": "2"}),
    "microvolts": (
        STUDY,
        {f"distal_amplitude-{SEGMENT}": "40"},
        {"distal_amplitude_mv": "40"},
    ),
    "proximal": (
        STUDY,
        {f"distal_amplitude-{SEGMENT}": "4", f"proximal_amplitude-{SEGMENT}": "9"},
        {"distal_amplitude_mv": "4", "proximal_amplitude_mv": "9"},
    ),
    "distance": (
        STUDY,
        {f"distal_amplitude-{SEGMENT}": "4", f"distance-{SEGMENT}": "24"},
        {"distal_amplitude_mv": "4", "distance_mm": "24"},
    ),
    "unit": (SAMPLE, {"value": "62", "unit": "g/L"}, {"value": "62", "unit": "g/L"}),
    "no unit": (SAMPLE, {"value": "0.6"}, {"value": "0.6"}),
}
IMPOSSIBLE = {
    "weight": (VISIT, {"weight_kg": "812"}, {"weight_kg": "812"}),
    "not a number": (VISIT, {"onls_arm": "2.5"}, {"onls_arm": "2.5"}),
    "amplitude": (
        STUDY,
        {f"distal_amplitude-{SEGMENT}": "4000"},
        {"distal_amplitude_mv": "4000"},
    ),
    "area": (STUDY, {f"distal_area-{SEGMENT}": "-1"}, {"distal_area_mv_ms": "-1"}),
    "result": (SAMPLE, {"value": "-1"}, {"value": "-1"}),
}
COLUMNS_OF_VISITS = f"study_id | visited_on\nP-1 | {DAY}"


@pytest.fixture
def anne(client, tmp_path):
    store_patient(tmp_path / "stored", study_id="P-1")
    anne = neurologist("C1")
    client.force_login(anne)
    return anne


def through_the_page(client, record, typed, **more):
    address, usual, _table, _row = record
    opened = inputs(client.get(address).content.decode())
    return client.post(address, {**opened, **usual, **typed, **more})


def written(folder, record, values):
    _address, _typed, table, row = record
    columns = row | values
    tables = {table: f"{' | '.join(columns)}\n{' | '.join(columns.values())}"}
    if table == "muscle_scores":
        tables["visits"] = COLUMNS_OF_VISITS
    return bundle(folder, **tables)


def through_the_api(client, record, values, **more):
    """The same as a document: numbers as numbers, parts inside what they are part of."""
    _address, _typed, table, row = record
    address, part, day = DOCUMENTS[table]
    said = row | {name: json_value(name, value) for name, value in values.items()}
    if part:
        own = {name: said.pop(name) for name in [*said] if name not in ("study_id", day)}
        said[part] = [own]
    said |= more
    key = {"Idempotency-Key": str(uuid4())}
    return client.post(f"/api/v1/{address}/", said, content_type="application/json", headers=key)


def json_value(name, text):
    return text if name in ("mrc_grade", "unit") else json.loads(text)


# The table of the bundle: the list that takes it, the part in which, the day of the document.
DOCUMENTS = {
    "visits": ("visits", "", "visited_on"),
    "muscle_scores": ("visits", "muscle_scores", "visited_on"),
    "nerve_segments": ("nerve-conduction-studies", "segments", "studied_on"),
    "laboratory": ("laboratory-results", "", "taken_on"),
}


def asked_by_the_page(answer):
    """Question by question: its key and its sentence."""
    html = answer.content.decode()
    found = re.findall(
        r'class="ask"[^>]*><p>(.*?)</p>.*?name="confirmed"[^>]*value="([^"]*)"', html, re.S
    )
    return {unescape(key): unescape(sentence) for sentence, key in found}


@pytest.mark.parametrize("name", UNUSUAL)
def test_every_door_asks_the_same_in_the_same_words(anne, client, tmp_path, name):
    record, typed, values = UNUSUAL[name]

    by_the_page = asked_by_the_page(through_the_page(client, record, typed))
    by_the_api = through_the_api(client, record, values)
    asked = by_the_api.json()["questions"]
    report = load_bundle(written(tmp_path / "b", record, values))

    assert by_the_page
    assert by_the_api.status_code == 422
    assert {question["key"]: question["sentence"] for question in asked} == by_the_page
    assert {u.question.key: u.question.sentence for u in report.unusual} == by_the_page


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_every_door_refuses_the_same_in_the_same_words(anne, client, tmp_path, name):
    record, typed, values = IMPOSSIBLE[name]

    page = unescape(through_the_page(client, record, typed).content.decode())
    answer = through_the_api(client, record, values)
    with pytest.raises(BundleRefusedError) as refused:
        load_bundle(written(tmp_path / "b", record, values))

    (problem,) = refused.value.problems
    assert problem.message in page
    (wrong,) = answer.json()["errors"]
    assert (answer.status_code, wrong["detail"]) == (422, problem.message)
    assert wrong["field"].endswith(f"/{problem.column}")
    assert not NerveConductionStudy.objects.exists()
    assert not LaboratoryResult.objects.exists()


@pytest.mark.parametrize("name", UNUSUAL)
def test_a_program_that_confirms_by_key_is_named_with_the_record(anne, client, name):
    record, _typed, values = UNUSUAL[name]
    asked = through_the_api(client, record, values).json()["questions"]
    keys = [question["key"] for question in asked]

    answer = through_the_api(client, record, values, confirm=keys)

    assert answer.status_code == 201, answer.content
    given = {(one.key, one.confirmed_by, str(one.record_id)) for one in Confirmation.objects.all()}
    assert given == {(key, anne, answer.json()["result"]["id"]) for key in keys}


# ── What an import says and keeps ────────────────────────────────────────────────────────────


def test_unusual_values_are_stored_and_listed_beside_the_report(anne, tmp_path, capsys):
    record, _typed, values = UNUSUAL["microvolts"]
    folder = written(tmp_path / "b", record, values)

    call_command("load_bundle", str(folder))

    told = capsys.readouterr()
    said = [line for line in told.err.splitlines() if not line.endswith("…")]  # but the progress
    assert said == [
        "nerve_segments.csv, row 2 (P-1, 2021-07-20, median, right, wrist, elbow), "
        "distal_amplitude_mv: Right median nerve, wrist–elbow: a distal amplitude of 40 mV is "
        "seldom. Was it 40 µV, which is 0.04 mV? [perhaps_microvolts]",
        "Unusual values: 1, of them confirmed: 0.",
    ]
    assert "µV" not in told.out
    assert NerveConductionStudy.objects.exists()
    assert not Confirmation.objects.exists()


def test_who_loads_may_say_that_they_are_right(anne, client, tmp_path, capsys):
    record, typed, values = UNUSUAL["weight"]
    folder = written(tmp_path / "b", record, values)

    call_command("load_bundle", str(folder), "--confirm-unusual")

    assert capsys.readouterr().err.endswith("Unusual values: 1, of them confirmed: 1.\n")
    (answer,) = Confirmation.objects.all()
    assert (answer.key, answer.confirmed_by) == ("weight_changed:weight_kg:36", None)
    # And nobody is asked again when the visit is amended by hand.
    address = f"/patients/P-1/visits/{Visit.objects.get(weight_kg=36).pk}/"
    typed = inputs(client.get(address).content.decode()) | {"onls_arm": "2", "reason": "Added."}
    assert client.post(address, typed).status_code == 302


def test_a_dry_run_asks_and_keeps_no_answer(anne, tmp_path):
    record, _typed, values = UNUSUAL["weight"]

    report = load_bundle(
        written(tmp_path / "b", record, values), dry_run=True, confirm_unusual=True
    )

    assert [u.question.code for u in report.unusual] == ["weight_changed"]
    assert not Confirmation.objects.exists()


def test_what_is_stored_already_is_not_asked_about_again(anne, tmp_path):
    record, _typed, values = UNUSUAL["grade"]
    folder = written(tmp_path / "b", record, values)

    first, second = load_bundle(folder), load_bundle(folder)

    assert [u.question.code for u in first.unusual] == ["grade_changed"]
    assert (counts(second)["muscle_scores.csv"], second.unusual) == ((0, 0, 1), ())


def test_a_limit_that_no_laboratory_works_with_is_listed(anne, tmp_path):
    limits = "centre | nerve | valid_from | distal_amplitude_lln_mv\nC1 | ulnar | 2010-01-01 | 20"

    report = load_bundle(bundle(tmp_path / "b", lower_limits=limits), confirm_unusual=True)

    assert [(u.row, u.column, u.question.code) for u in report.unusual] == [
        (2, "distal_amplitude_lln_mv", "seldom_limit")
    ]
    assert report.confirmed == 0  # it is no patient's: nobody's name stands beside it


def test_a_refused_bundle_asks_nothing(anne, tmp_path, capsys):
    record, _typed, values = IMPOSSIBLE["weight"]

    with pytest.raises(CommandError):
        call_command("load_bundle", str(written(tmp_path / "b", record, values)))

    assert "Unusual" not in capsys.readouterr().err


def test_what_was_confirmed_is_not_listed_when_the_row_changes_otherwise(anne, tmp_path):
    record, _typed, values = UNUSUAL["weight"]
    load_bundle(written(tmp_path / "b", record, values), confirm_unusual=True)

    again = load_bundle(written(tmp_path / "b", record, values | {"onls_arm": "2"}))
    other = load_bundle(written(tmp_path / "b", record, {"weight_kg": "35"}))

    assert (counts(again)["visits.csv"], again.unusual) == ((0, 1, 0), ())
    assert [u.question.key for u in other.unusual] == ["weight_changed:weight_kg:35"]
