"""`derive_outcomes` and `summarise_cohort`, on what is stored."""

import json
from datetime import date
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from mmn_registry.bundle import load_bundle
from outcomes import selectors
from outcomes.derivation.cohort import cohort_summary
from outcomes.derivation.derive import OUTCOME_COLUMNS, derive
from outcomes.derivation.frames import COLUMNS, read_bundle
from outcomes.derivation.tables import outcome_table
from outcomes.management.commands import _cohort_command
from outcomes.selectors import load_records
from patients.actions import void
from patients.models import MuscleScore, NerveConductionStudy, Patient, Visit
from tests.derivation.drawn import on, patient

PROJECT = Path(__file__).parents[2]
PUBLISHED = PROJECT / "mmn_registry" / "demo_data" / "leger_2008_synthetic"
SHARED = PROJECT.parent / "shared" / "data"

GRADES = """
    muscle                | -5 | 183
    ----------------------+----+----
    right wrist_extension | 3  | 4
    left wrist_extension  | 3- | NT
"""


def told(centre, **recorded):
    return {
        "centre": centre,
        "sex": "female",
        "included_on": "-10",
        "prior_immunoglobulin": "no",
        **recorded,
    }


def everything(study_id, centre="A01"):
    """A patient with a record in every table, and with cells left empty."""
    return patient(
        study_id,
        infusions="given_on | route | dose_g\n---\n0 | IV | 62.5\n28 | SC | 0.125",
        grades=GRADES,
        grips="side | -5\n---\nleft | 30.1",
        visits="visited_on | weight_kg | onls_arm\n---\n-5 | 70.5 | 2\n200 | |",
        recorded=told(centre, birth_year="1950", onset_on="y2003-05", diagnosed_on="y2004"),
        regimens="started_on | route | planned_dose_g | ended_on | end_reason\n---\n"
        "0 | IV | 125 | 28 | switch\n28 | SC | | |",
        dose_attempts="attempted_on | kind | outcome\n---\n90 | reduction | failed",
        immunosuppressants="drug | started_on | ended_on\n---\nrituximab | 60 |",
        nerve_segments="studied_on | nerve | side | distal_site | proximal_site"
        " | distal_amplitude_mv | excluded\n---\n1 | median | left | wrist | elbow | 8.25 | cold",
        laboratory="taken_on | test | value | unit | interpretation\n---\n"
        "-9 | ck | 180 | U/L |\n-9 | anti_gm1_igm | | | high",
        findings="observed_on | finding | state\n---\n-9 | plexus_mri_t2 | not_examined",
    )


def scarcely_anything(study_id, centre="A01"):
    return patient(study_id, recorded=told(centre))


def write_bundle(folder, *patients, **others):
    """Write drawn patients as the CSV files of a bundle."""
    for name in COLUMNS:
        drawn = [own[name] for own in patients if name in own] + (
            [others[name]] if name in others else []
        )
        if drawn:
            pd.concat(drawn).fillna("").to_csv(folder / f"{name}.csv", index=False)
    return folder


def printed(command, **options):
    output = StringIO()
    call_command(command, stdout=output, **options)
    return output.getvalue()


@pytest.fixture
def published(db):
    load_bundle(PUBLISHED)


@pytest.fixture
def three_patients(db, tmp_path):
    limits = pd.DataFrame(
        [["A01", "median", "2010-01-01", "4.1"]],
        columns=["centre", "nerve", "valid_from", "distal_amplitude_lln_mv"],
    )
    drawn = (everything("P1"), everything("P2", "B02"), scarcely_anything("P3"))
    load_bundle(write_bundle(tmp_path, *drawn, lower_limits=limits))
    return tmp_path


# ── What the commands print ──


def test_the_cohort_of_2008_is_printed_as_it_was_published(published):
    summary = json.loads(printed("summarise_cohort", as_of="2008-12-31"))

    naive, groups = summary["short_term"]["naive"], summary["long_term"]
    assert (summary["patients"], summary["naive"]) == (40, 22)
    assert (naive["responders"], naive["evaluable"], naive["proportion"]) == (14, 20, 0.7)
    assert [groups[name]["n"] for name in ("remission", "dependent", "other")] == [8, 25, 4]
    assert (groups["classified"], groups["dependent"]["without_response"]) == (37, 2)


def test_what_is_stored_derives_as_the_bundle_does(published):
    """One implementation, two ways to read: every cell and every number is the same."""
    records = read_bundle(PUBLISHED)
    outcomes = derive(records, date(2008, 12, 31))

    csv = printed("derive_outcomes", as_of="2008-12-31")
    summary = printed("summarise_cohort", as_of="2008-12-31")

    assert csv == outcome_table(outcomes).to_csv(index=False, lineterminator="\n")
    assert json.loads(summary) == cohort_summary(records, outcomes)


@pytest.mark.parametrize(
    ("cohort", "as_of"),
    [
        ("leger_2008_synthetic", "2008-12-31"),
        ("edge_cases", "2012-07-15"),
        ("edge_cases", "2019-03-31"),
    ],
)
@pytest.mark.skipif(not SHARED.exists(), reason="The shared cohorts are not beside the project.")
def test_the_shared_cohorts_are_printed_as_another_implementation_computed_them(db, cohort, as_of):
    load_bundle(SHARED / cohort)
    expected_csv = (SHARED / cohort / f"expected_outcomes_{as_of}.csv").read_text()
    expected = json.loads((SHARED / cohort / f"expected_summary_{as_of}.json").read_text())

    assert printed("derive_outcomes", as_of=as_of) == expected_csv
    assert_contains(json.loads(printed("summarise_cohort", as_of=as_of)), expected)


def assert_contains(found, expected, path="summary"):
    """Every expected key with its value; tables of reasons have no key more."""
    for key, value in expected.items():
        where = f"{path}.{key}"
        if key in {"not_evaluable", "not_classified"}:
            assert found[key] == value, where
        elif isinstance(value, dict):
            assert_contains(found[key], value, where)
        else:
            assert found[key] == pytest.approx(value, abs=1e-12), where


def test_a_summary_as_text_is_for_a_person(published):
    text = printed("summarise_cohort", as_of="2008-12-31", format="text")

    assert text.startswith("Cohort as of 2008-12-31\n")
    assert "naive, first treated by IV        14  20            70.0   45.7–88.1" in text


def test_outcomes_as_json_have_types_and_the_columns_of_the_csv(three_patients):
    first, *_, last = json.loads(printed("derive_outcomes", as_of="2021-01-01", format="json"))

    assert list(first) == ["study_id", *OUTCOME_COLUMNS]
    assert {key: first[key] for key in ("study_id", "index_on", "courses", "provisional")} == {
        "study_id": "P1",
        "index_on": on(0).isoformat(),
        "courses": 2,
        "provisional": False,
    }
    assert (last["study_id"], last["courses"]) == ("P3", 0)
    assert [last[key] for key in ("index_on", "affected", "provisional", "dose_trend")] == [
        None
    ] * 4


def test_an_empty_registry_prints_headings_and_zeros(db):
    csv = printed("derive_outcomes", as_of="2021-01-01")
    summary = json.loads(printed("summarise_cohort", as_of="2021-01-01"))

    assert csv == ",".join(["study_id", *OUTCOME_COLUMNS]) + "\n"
    assert printed("derive_outcomes", as_of="2021-01-01", format="json") == "[]\n"
    assert (summary["patients"], summary["short_term"]["naive"]["proportion"]) == (0, None)


# ── Of whom, and as of when ──


def study_ids(**options):
    rows = printed("derive_outcomes", **options).splitlines()[1:]
    return [row.split(",")[0] for row in rows]


def test_one_centre_is_printed_alone(three_patients):
    assert study_ids(as_of="2021-01-01") == ["P1", "P2", "P3"]
    assert study_ids(as_of="2021-01-01", centre="B02") == ["P2"]
    assert json.loads(printed("summarise_cohort", centre="A01"))["patients"] == 2


def test_patients_included_later_are_not_printed(three_patients):
    assert study_ids(as_of=on(-11).isoformat()) == []
    assert study_ids(as_of=on(-10).isoformat()) == ["P1", "P2", "P3"]


def test_the_day_is_today_unless_it_is_said(three_patients, monkeypatch):
    monkeypatch.setattr(_cohort_command, "registry_today", lambda: date(2020, 7, 1))

    assert json.loads(printed("summarise_cohort"))["as_of"] == "2020-07-01"


@pytest.mark.parametrize("command", ["derive_outcomes", "summarise_cohort"])
def test_an_unknown_centre_is_refused_with_those_that_there_are(command, three_patients):
    with pytest.raises(CommandError) as refusal:
        call_command(command, centre="X99")

    assert str(refusal.value) == "There is no centre “X99”. There are A01, B02."
    assert refusal.value.returncode == 1


def test_an_unknown_centre_of_an_empty_registry_says_what_to_do(db):
    with pytest.raises(CommandError, match="There are none yet: load a bundle first"):
        call_command("summarise_cohort", centre="A01")


@pytest.mark.parametrize("command", ["derive_outcomes", "summarise_cohort"])
@pytest.mark.parametrize("text", ["2008-13-01", "20081231", "31.12.2008", "", "2008-1-5", "today"])
def test_what_is_no_day_is_refused_in_one_sentence(command, text, db):
    with pytest.raises(CommandError) as refusal:
        call_command(command, as_of=text)

    assert str(refusal.value) == (
        f"“{text}” is not a day. Write the year, month and day like 2008-12-31."
    )
    assert refusal.value.returncode == 1


# ── Reading the records ──


def ordered(table):
    frame = table.assign(**{column: table[column].astype(object) for column in table})
    return frame.sort_values(list(table.columns), key=lambda cells: cells.astype(str))


def test_every_table_is_read_as_a_bundle_would_be(three_patients):
    stored, written = load_records(Patient.objects.all()), read_bundle(three_patients)

    for name in COLUMNS:
        found, expected = getattr(stored, name), getattr(written, name)
        found = found.astype(dict.fromkeys(found.select_dtypes("category"), "str"))  # compact text
        pd.testing.assert_series_equal(found.dtypes, expected.dtypes)
        assert len(expected) > 0, name
        pd.testing.assert_frame_equal(
            ordered(found).reset_index(drop=True), ordered(expected).reset_index(drop=True)
        )


def test_only_the_patients_asked_for_are_read(three_patients):
    records = load_records(Patient.objects.filter(study_id="P3"))

    assert {name: len(getattr(records, name)) for name in COLUMNS} == {
        **dict.fromkeys(COLUMNS, 0),
        "patients": 1,
        "lower_limits": 1,
    }


def test_three_rounds_however_many_patients_and_one_query_per_table_of_very_many(
    three_patients, monkeypatch
):
    def rounds(patients):
        with CaptureQueriesContext(connection) as queries:
            load_records(patients)
        return len(queries)

    some = (Patient.objects.filter(study_id="P1"), Patient.objects.all())
    # The patients; what is of them; what is of their visits and studies.
    assert [rounds(patients) for patients in some] == [3, 3]

    monkeypatch.setattr(selectors, "FEW_PATIENTS", 0)
    monkeypatch.setattr(selectors, "_are_many", lambda *_: False)  # found by their index
    tables = len(COLUMNS) + 1  # nerve conduction studies have no frame of their own
    assert [rounds(patients) for patients in some] == [tables, tables]


def test_voided_records_are_not_read(three_patients):
    p1 = Patient.objects.get(study_id="P1")
    p2 = Patient.objects.get(study_id="P2")
    for record in (
        MuscleScore.objects.get(visit__patient=p1, visit__visited_on=on(-5), side="left"),
        NerveConductionStudy.objects.get(patient=p1),
        Visit.objects.get(patient=p2, visited_on=on(-5)),
    ):
        void(record, by=None, reason="Recorded for somebody else.")

    records = load_records(Patient.objects.all())

    def left(name):
        return getattr(records, name)["study_id"].astype(str).value_counts().to_dict()

    assert left("muscle_scores") == {"P1": 3, "P2": 2}
    assert left("grip_strengths") == {"P1": 1}
    assert left("nerve_segments") == {"P2": 1}
    assert left("visits") == {"P1": 3, "P2": 2}


def test_a_voided_patient_is_not_read_even_if_asked_for(three_patients):
    void(Patient.objects.get(study_id="P3"), by=None, reason="Entered twice.")

    records = load_records(Patient.including_voided.all())

    assert sorted(records.patients["study_id"]) == ["P1", "P2"]


@pytest.mark.django_db(transaction=True, databases=["default", "derive", "owner"])
def test_all_tables_are_read_as_of_one_moment(tmp_path, monkeypatch):
    """Somebody saves a visit while the tables are being read: it is in all of them or in none."""
    load_bundle(write_bundle(tmp_path, everything("P1")))
    read_patients = selectors._read_patients

    def read_while_somebody_saves(patients):
        people = read_patients(patients)
        with connections["owner"].cursor() as cursor:
            cursor.execute(
                "INSERT INTO patients_visit (patient_id, visited_on)"
                " SELECT id, '2020-12-24' FROM patients_patient"
            )
        return people

    with monkeypatch.context() as meddling:
        meddling.setattr(selectors, "_read_patients", read_while_somebody_saves)
        meanwhile = load_records(Patient.objects.all())
    afterwards = load_records(Patient.objects.all())

    assert len(afterwards.visits) == len(meanwhile.visits) + 1
