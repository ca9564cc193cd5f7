"""What loading stores, what it amends, and when it stores nothing at all."""

import re
from datetime import date
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from mmn_registry.accounts.models import Centre, User
from mmn_registry.bundle import FILES, BundleRefusedError, load_bundle
from mmn_registry.bundle import load as loading
from patients.actions import amend
from patients.models import MuscleScore, NerveConductionStudy, Patient, Visit
from tests.bundles import (
    MUSCLE_SCORE,
    PATIENT,
    SMALL_BUNDLE,
    VISIT,
    bundle,
    contents,
    counts,
    refusal,
)

pytestmark = pytest.mark.django_db


def stored():
    """How many rows each table holds, voided ones included."""
    with connection.cursor() as cursor:
        tables = sorted(
            table
            for table in connection.introspection.table_names(cursor)
            if table.startswith(("patients_", "infusions_", "accounts_centre"))
        )
        cursor.execute(" UNION ALL ".join(f"SELECT '{t}', count(*) FROM {t}" for t in tables))
        return {table: count for table, count in cursor.fetchall() if count}


@pytest.fixture
def small():
    return load_bundle(SMALL_BUNDLE)


def test_values_are_stored_as_what_they_mean(small):
    patient = Patient.objects.get(study_id="A-1")
    score = MuscleScore.objects.get(visit__patient=patient, muscle="thumb_abduction", side="left")
    visit = score.visit

    assert (patient.onset_on, patient.onset_precision) == (date(1999, 1, 1), "year")
    assert (patient.diagnosed_on, patient.diagnosed_precision) == (date(2003, 5, 1), "month")
    assert (patient.deceased_on, patient.centre.code) == (None, "North")
    assert (score.mrc_grade, score.mrc_thirds, score.not_due_to_mmn) == ("4-", 11, False)
    assert (score.not_tested_reason, score.origin) == ("", "graded")
    assert (visit.weight_kg, visit.onls_arm, visit.onls_leg) == (Decimal("62.5"), 2, 0)
    assert (patient.version, patient.recorded_by, patient.amend_reason) == (1, None, "")
    assert patient.recorded_at is not None


def test_segments_of_one_day_are_one_study(small):
    studies = NerveConductionStudy.objects.filter(patient__study_id="A-1").order_by("studied_on")

    assert [(study.studied_on, study.segments.count()) for study in studies] == [
        (date(2004, 1, 12), 2),
        (date(2005, 1, 12), 1),
    ]


def test_centres_that_nobody_knows_are_created_once(small, tmp_path):
    assert small.centres_created == ("North", "South")

    again = load_bundle(bundle(tmp_path, patients=PATIENT.replace("C1", "North")))

    assert (again.centres_created, Centre.objects.count()) == ((), 2)


def test_who_loads_it_stands_on_the_records(tmp_path):
    user = User.objects.create_user("nurse@example.org", "A nurse")

    load_bundle(bundle(tmp_path, patients=PATIENT, visits=VISIT), by=user)

    assert Visit.objects.get().recorded_by == user


def test_a_row_may_belong_to_one_that_is_stored_already(small, tmp_path):
    report = load_bundle(
        bundle(
            tmp_path,
            muscle_scores="""
                study_id | visited_on | muscle        | side  | mrc_grade
                A-1      | 2004-07-11 | elbow_flexion | right | 5-
            """,
            infusion_lots="""
                study_id | given_on   | route | product  | lot_number
                B-1      | 2004-02-01 | SC    | Hizentra | 13
            """,
        )
    )

    assert counts(report) == {"muscle_scores.csv": (1, 0, 0), "infusion_lots.csv": (1, 0, 0)}
    assert MuscleScore.objects.get(mrc_grade="5-").visit.visited_on == date(2004, 7, 11)


def test_the_order_of_rows_and_columns_does_not_matter(small, tmp_path):
    for name, content in contents(SMALL_BUNDLE).items():
        if name != "adverse_reactions.csv":  # its texts hold commas and line breaks
            header, *rows = content.splitlines(keepends=True)
            (tmp_path / name).write_bytes(b"".join([header, *reversed(rows)]))
    (tmp_path / "dose_attempts.csv").write_text(
        "outcome,kind,attempted_on,study_id\nfailed,reduction,2005-03-01,A-1\n"
    )

    again = load_bundle(tmp_path)

    assert {(count.new, count.changed) for count in again.tables} == {(0, 0)}


def test_a_load_leaves_the_callers_transaction_as_it_was(tmp_path):
    def settings():
        with connection.cursor() as cursor:
            names = list(loading.SETTINGS)
            return [cursor.execute(f"SHOW {name}").fetchone()[0] for name in names]

    before = settings()
    load_bundle(bundle(tmp_path, patients=PATIENT))
    load_bundle(bundle(tmp_path, patients=PATIENT), dry_run=True)
    refusal(bundle(tmp_path, patients=PATIENT.replace("female", "f")))

    assert settings() == before


# --- changes ------------------------------------------------------------------------------------

CHANGED = {
    "patients": """
        study_id | centre | sex  | onset_on | diagnosed_on | included_on | prior_immunoglobulin
        A-2      | South  | male |          | 2003-05      | 2004-02-01  | no
    """,
    "visits": """
        study_id | visited_on | weight_kg | onls_arm
        A-1      | 2004-01-10 | 62.50     |
        A-1      | 2004-07-11 | 63.25     |
    """,
}


def test_the_planner_hears_at_once_of_a_large_import(monkeypatch):
    """A join that is planned for an empty table compares each row with each."""
    monkeypatch.setattr(loading, "ROWS_TO_ANALYZE", 5)

    def estimated():
        with connection.cursor() as cursor:
            cursor.execute("SELECT reltuples FROM pg_class WHERE relname = 'patients_patient'")
            return cursor.fetchone()[0]

    assert estimated() != 3
    load_bundle(SMALL_BUNDLE)

    assert estimated() == Patient.objects.count() == 3


def test_rows_that_differ_are_listed_value_by_value_and_amended(small, tmp_path):
    user = User.objects.create_user("nurse@example.org", "A nurse")

    report = load_bundle(bundle(tmp_path, **CHANGED), by=user)

    assert [str(change) for change in report.changes] == [
        "patients.csv, row 2 (A-2), centre: North → South",
        "patients.csv, row 2 (A-2), diagnosed_on: 2003-05-07 → 2003-05",
        "patients.csv, row 2 (A-2), prior_immunoglobulin: unknown → no",
        "visits.csv, row 2 (A-1, 2004-01-10), onls_arm: 2 → not recorded",
        "visits.csv, row 3 (A-1, 2004-07-11), weight_kg: not recorded → 63.25",
    ]
    assert counts(report) == {"patients.csv": (0, 1, 0), "visits.csv": (0, 2, 0)}
    patient = Patient.objects.get(study_id="A-2")
    assert (patient.centre.code, patient.version, patient.recorded_by) == ("South", 2, user)
    assert patient.amend_reason == "Amended by loading a bundle."
    assert (patient.diagnosed_on, patient.diagnosed_precision) == (date(2003, 5, 1), "month")


def test_a_column_that_the_file_lacks_keeps_what_is_stored(small, tmp_path):
    load_bundle(bundle(tmp_path, **CHANGED))

    patient = Patient.objects.get(study_id="A-2")
    visit = Visit.objects.get(visited_on="2004-01-10", patient__study_id="A-1")
    assert patient.deceased_on == date(2006, 11, 30)
    assert (visit.onls_arm, visit.onls_leg, visit.mmn_rods) == (None, 0, 38)


def test_rows_that_do_not_differ_keep_their_version(small, tmp_path):
    load_bundle(bundle(tmp_path, **CHANGED))

    versions = Visit.objects.order_by("patient__study_id", "visited_on")
    assert list(versions.values_list("version", flat=True)) == [2, 2, 1]


def test_a_dry_run_lists_what_a_run_would_do_and_stores_nothing(small, tmp_path):
    folder = bundle(tmp_path, **CHANGED)
    before = stored()

    tried = load_bundle(folder, dry_run=True)

    assert Patient.objects.get(study_id="A-2").version == 1
    assert stored() == before
    done = load_bundle(folder)
    assert (tried.tables, tried.changes) == (done.tables, done.changes)
    assert (tried.dry_run, done.dry_run) == (True, False)


def test_a_record_changed_meanwhile_is_not_written_over(small, tmp_path, monkeypatch):
    folder = bundle(tmp_path, **CHANGED)
    store = loading.store

    def store_late(*arguments):
        visit = Visit.objects.get(visited_on="2004-07-11")
        amend(visit, {"weight_kg": Decimal(70)}, by=None, reason="Weighed again.")
        store(*arguments)

    monkeypatch.setattr(loading, "store", store_late)

    assert refusal(folder) == [
        "visits.csv: Somebody changed a record of this table meanwhile. Load the bundle again."
    ]
    assert Patient.objects.get(study_id="A-2").version == 1


# --- all or nothing -----------------------------------------------------------------------------


def test_one_problem_in_one_table_keeps_everything_out(tmp_path):
    folder = bundle(
        tmp_path,
        patients=PATIENT,
        visits=VISIT,
        muscle_scores=MUSCLE_SCORE.replace("4-", "6"),
    )

    with pytest.raises(BundleRefusedError, match=r"mrc_grade(.|\n)*Nothing has been imported\."):
        load_bundle(folder)
    assert stored() == {}


REGIMENS = """
    study_id | started_on | route | ended_on
    P1       | 2004-02-01 | IV    | 2004-03-01
    P1       | 2004-05-01 | IV    | 2004-06-01
"""


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (
            "UPDATE known_visits SET visited_on = registry_today() + 1",
            r"visits\.csv: \S+ lies after today, \S+ Correct the date\.",
        ),
        (
            "UPDATE known_visits SET weight_kg = 812",
            r"visits\.csv: A weight lies between 1 and 300 kg\.",
        ),
        (
            "UPDATE known_regimens SET ended_on = '2004-05-02'",
            r"regimens\.csv: Another regimen of this route runs at the same time\. .*",
        ),
    ],
    ids=["of a trigger", "of a check", "of an exclusion"],
)
def test_the_last_word_of_the_database_is_told_as_a_problem(tmp_path, monkeypatch, spoil, told):
    store = loading.store

    def store_what_no_rule_has_seen(staging, *arguments):
        staging.cursor.execute(spoil)
        store(staging, *arguments)

    monkeypatch.setattr(loading, "store", store_what_no_rule_has_seen)
    drawings = {"visits": VISIT, "muscle_scores": MUSCLE_SCORE, "regimens": REGIMENS}

    problems = refusal(bundle(tmp_path, patients=PATIENT, **drawings))

    assert len(problems) == 1
    assert re.fullmatch(told, problems[0])
    assert stored() == {}


def test_files_left_alone_are_named_up_to_a_limit_on_one_line(tmp_path):
    folder = bundle(tmp_path / "in", patients=PATIENT)
    for number in range(22):
        (folder / f"note\n{number:02}.txt").touch()

    *_counts, left_alone = load_bundle(folder).lines()

    assert left_alone.startswith(r'Left alone: "note\n00.txt", "note\n01.txt"')
    assert left_alone.endswith(r'"note\n19.txt" and 2 more')


def test_a_folder_without_any_table_is_a_wrong_path(tmp_path):
    (tmp_path / "notes.txt").write_text("nothing here")

    with pytest.raises(BundleRefusedError) as refused:
        load_bundle(tmp_path)
    assert [problem.message for problem in refused.value.problems] == [
        "None of the bundle's tables is here. Check the path."
    ]
    assert refused.value.left_alone == ("notes.txt",)


# --- commands -----------------------------------------------------------------------------------


def printed(*arguments):
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue().splitlines()


def test_load_bundle_prints_a_count_per_table(tmp_path):
    folder = bundle(tmp_path / "in", patients=PATIENT, visits=VISIT)
    (folder / "expected_outcomes.csv").write_text("study_id\n")

    first = printed("load_bundle", str(folder))
    again = printed("load_bundle", str(folder), "--dry-run")

    assert [line.split() for line in first] == [
        ["table", "new", "changed", "unchanged"],
        ["patients.csv", "1", "0", "0"],
        ["visits.csv", "1", "0", "0"],
        ["Centres", "created:", "C1"],
        ["Left", "alone:", "expected_outcomes.csv"],
    ]
    assert [line.split() for line in again[1:3]] == [
        ["patients.csv", "0", "0", "1"],
        ["visits.csv", "0", "0", "1"],
    ]
    assert again[-1] == "This was a dry run: nothing has been stored."


def test_load_bundle_prints_one_problem_a_line_and_fails(tmp_path):
    folder = bundle(tmp_path, patients=PATIENT.replace("female", "f"), visits=VISIT)
    out = StringIO()

    with pytest.raises(CommandError, match=r"^Nothing has been imported\.$") as failed:
        call_command("load_bundle", str(folder), stdout=out)

    assert failed.value.returncode == 1
    assert out.getvalue().splitlines() == [
        'patients.csv, row 2, sex "f": “f” is not a known code here. '
        "Use one of: female, male, other, unknown."
    ]


def test_export_bundle_prints_a_count_per_table(small, tmp_path):
    lines = printed("export_bundle", str(tmp_path / "out"), "--centre", "South")

    counted = [line.split() for line in lines if line.split()[0] in FILES]
    assert [file for file, _count in counted] == list(FILES)
    assert dict(counted)["muscle_scores.csv"] == "1"


@pytest.mark.parametrize(("born", "said"), [("demo", True), ("registry", False)])
def test_an_export_of_a_demonstration_says_so_but_never_in_a_table(
    small, tmp_path, monkeypatch, born, said
):
    monkeypatch.setattr("mmn_registry.bundle.export.born_as", lambda: born)

    lines = printed("export_bundle", str(tmp_path / "out"))
    printed("export_bundle", str(tmp_path / "out.zip"))

    assert ("DEMONSTRATION DATA" in lines) is said
    assert contents(tmp_path / "out") == contents(SMALL_BUNDLE)
    assert (b"DEMONSTRATION DATA" in (tmp_path / "out.zip").read_bytes()) is said


@pytest.mark.parametrize(
    "arguments", [["out", "--centre", "East"], ["."]], ids=["unknown centre", "other things"]
)
def test_export_bundle_fails_with_what_to_do(small, tmp_path, arguments):
    (tmp_path / "thesis.txt").write_text("ten years")
    path, *options = arguments

    with pytest.raises(CommandError, match=r"Use one of|Choose another place"):
        call_command("export_bundle", str(tmp_path / path), *options)
