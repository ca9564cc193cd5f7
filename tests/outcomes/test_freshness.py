"""Outcomes are derived again before anyone reads them, whoever recorded what by whichever door."""

import csv
import json
import threading
import time
from datetime import date, timedelta
from io import StringIO
from types import SimpleNamespace

import pandas as pd
import psycopg
import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from benchmarks.edits import Editor
from infusions.models import PlannedInfusion
from mmn_registry.accounts.models import Centre
from mmn_registry.bundle import load_bundle
from mmn_registry.postgres import embedded, roles
from mmn_registry.principal import EVERYWHERE, Kind, Principal, Right, in_force, operator
from outcomes import freshness, stored
from outcomes.cohorts import load_cohort
from outcomes.derivation.cohort_rows import TABLE_COLUMNS, cohort_rows, tables_of_rows
from outcomes.derivation.derive import OUTCOME_COLUMNS, derive
from outcomes.derivation.lasting import lasting_rows
from outcomes.derivation.tables import outcome_table
from outcomes.models import PatientOutcome, StaleMark
from outcomes.selectors import load_records
from patients.actions import amend, record_consent, record_visit, void
from patients.models import Consent, LowerLimit, MuscleScore, Patient, ProtocolSegment, Visit
from patients.models.record import Record
from tests.bundles import SMALL_BUNDLE, bundle, shared_bundle
from tests.derivation.test_shared_cohorts import assert_has
from tests.patients.examples import store_what_no_bundle_holds

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "derive", "owner"])


@pytest.fixture
def small():
    """A-1 and A-2 of North, B-1 of South, with a record of every kind; all derived."""
    load_bundle(SMALL_BUNDLE)
    store_what_no_bundle_holds("A-1")
    freshness.refresh()


def stale() -> set[str]:
    with in_force(operator("tests")):
        ids = StaleMark.objects.using("derive").values("patient_id")
        return {
            *Patient.including_voided.filter(
                pk__in=list(ids.values_list("patient_id", flat=True))
            ).values_list("study_id", flat=True)
        }


def everybody(columns=tuple(stored.KEPT)):
    """What a reader gets as of today, and what the rules say of the records."""
    today = date.today()
    columns = [name for name in columns if name != "recorded_until"]
    records = load_records(Patient.objects.all())
    expected = cohort_rows(records, derive(records, today))[columns]
    return load_cohort(Patient.objects.all(), today, columns).rows[columns], expected


def no_marks_and_no_drift() -> bool:
    return stale() == set() and list(freshness.drifts()) == []


def sql(statement: str, *parameters, using: str = "default") -> int:
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.rowcount


# ── The table is what the rules make ─────────────────────────────────────────────────────────


def test_the_table_has_the_columns_that_are_derived_under_their_types(small):
    derived = lasting_rows(load_records(Patient.objects.all()))
    kept = stored.read_rows(Patient.objects.all(), stored.KEPT).rows

    assert {*stored.KEPT, *stored.RECORDED} == {*derived}
    pd.testing.assert_frame_equal(kept, derived[list(stored.KEPT)])


@pytest.mark.parametrize("cohort", ["leger_2008_synthetic", "edge_cases"])
def test_what_is_kept_is_bit_by_bit_what_is_derived(cohort):
    load_bundle(shared_bundle(cohort))

    kept, expected = everybody()

    assert len(kept) >= 40
    assert stored.read_rows(Patient.objects.all(), []).stale == []
    pd.testing.assert_frame_equal(kept, expected)


def test_many_rows_are_read_in_another_way_and_are_the_same(small, monkeypatch):
    as_few = stored.read_rows(Patient.objects.all(), stored.KEPT)
    monkeypatch.setattr(stored, "MANY", 2)
    monkeypatch.setattr(stored, "_met_many", {"default"})

    with CaptureQueriesContext(connection) as asked:
        as_many = stored.read_rows(Patient.objects.all(), stored.KEPT)

    assert any("TO STDOUT" in query["sql"] for query in asked)
    pd.testing.assert_frame_equal(as_many.rows, as_few.rows)


def test_every_word_that_a_rule_may_say_survives_its_packing():
    words = {str(word) for vocabulary in stored._VOCABULARIES for word in vocabulary}

    assert {stored._WORDS[stored._PLACES[stored._begin_of_hash(word)]] for word in words} == words


def test_patients_who_were_chosen_by_their_records_come_once(small):
    chosen = Patient.objects.filter(visits__isnull=False)

    assert stored.read_rows(chosen, []).rows.index.is_unique
    assert chosen.count() > chosen.distinct().count()


def test_nobody_has_no_rows_and_every_column():
    rows = load_cohort(Patient.objects.none(), date(2020, 1, 1), TABLE_COLUMNS).rows

    assert rows.empty
    assert {*TABLE_COLUMNS} <= {*rows}


# ── Every table, every way of writing ────────────────────────────────────────────────────────

# What is only planned, or what a centre means to examine, is no observation.
WITHOUT_OUTCOMES = {PlannedInfusion, ProtocolSegment}
MODELS = sorted(
    (
        model
        for model in apps.get_models()
        if issubclass(model, Record) and model not in WITHOUT_OUTCOMES
    ),
    key=lambda model: model._meta.db_table,
)


def whose(model: type[Record], row: Record) -> set[str]:
    """Study ids of whom a row may concern."""
    if model is LowerLimit:
        studied = Patient.objects.filter(nerve_conduction_studies__isnull=False)
        return {*studied.filter(centre=row.centre).values_list("study_id", flat=True)}
    way = model.centre_path.removesuffix("centre").removesuffix("__")
    for step in way.split("__") if way else ():
        row = getattr(row, step)
    return {row.study_id}


def copied(model: type[Record], row: Record) -> str:
    """SQL that records a row once more; the first one must not stand any more."""
    columns = [f.column for f in model._meta.concrete_fields if not f.generated]
    fresh = {"id": "gen_random_uuid()", "version": "1", "voided_at": "NULL", "void_reason": "''"}
    values = ", ".join(fresh.get(column, column) for column in columns)
    table = model._meta.db_table
    return f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM {table} WHERE id = %s"


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_whatever_is_written_by_sql_marks_whom_it_concerns(small, model):
    row = model.objects.order_by("pk").first()
    table, concerned = model._meta.db_table, whose(model, row)
    assert stale() == set()
    found = {}

    sql(f"UPDATE {table} SET version = version + 1 WHERE id = %s", row.pk)
    found["amended"] = stale()
    freshness.refresh()
    row.refresh_from_db()
    void(row, by=None, reason="Somebody else's.")
    found["voided"] = stale()
    freshness.refresh()
    sql(copied(model, row), row.pk)
    found["recorded"] = stale()
    freshness.refresh()
    sql(f"UPDATE {table} SET version = version + 1 WHERE false")
    found["nothing"] = stale()

    assert concerned
    expected = dict.fromkeys(["amended", "voided", "recorded"], concerned) | {"nothing": set()}
    assert found == expected
    assert no_marks_and_no_drift()


@pytest.mark.skipif(not settings.EMBEDDED, reason="needs a superuser")
def test_not_even_a_superuser_who_replays_changes_deletes_unnoticed(small):
    there = embedded.connection_settings(roles.SUPERUSER)
    with psycopg.connect(
        dbname=connection.settings_dict["NAME"],
        user=there["USER"],
        password=there["PASSWORD"],
        host=there["HOST"],
        port=there["PORT"],
    ) as superuser:
        superuser.execute("SET session_replication_role = replica")
        for model in sorted(MODELS, key=lambda model: model is Patient):  # patients last
            row = model.including_voided.order_by("pk").last()
            table, concerned = model._meta.db_table, whose(model, row)
            superuser.execute("DELETE FROM outcomes_stalemark")
            superuser.execute(f"DELETE FROM {table} WHERE id = %s", [row.pk])
            marked = superuser.execute(
                "SELECT DISTINCT study_id FROM outcomes_stalemark AS mark "
                "LEFT JOIN patients_patient AS patient ON patient.id = mark.patient_id"
            ).fetchall()
            superuser.rollback()
            superuser.execute("SET session_replication_role = replica")

            assert {of for (of,) in marked} == ({None} if model is Patient else concerned), table


def test_a_limit_of_normal_concerns_those_whose_nerves_its_centre_studied(small):
    """A-2 of the same centre was never studied, B-1 is of another."""
    load_bundle(shared_bundle("edge_cases"))

    sql(
        "UPDATE patients_lowerlimit SET distal_amplitude_lln_mv = 30, version = version + 1 "
        "WHERE centre_id = (SELECT id FROM accounts_centre WHERE code = 'North')"
    )

    assert stale() == {"A-1"}
    kept, expected = everybody()
    pd.testing.assert_frame_equal(kept, expected)


def test_who_moves_to_another_centre_is_judged_by_its_limits(small):
    patient = Patient.objects.get(study_id="A-1")
    south = Centre.objects.get(code="South")

    amend(patient, {"centre": south}, by=None, reason="Moved.")

    assert stale() == {"A-1"}
    kept, expected = everybody(TABLE_COLUMNS)
    assert kept.loc["A-1", "centre"] == "South"
    pd.testing.assert_frame_equal(kept, expected)


# ── Every door ───────────────────────────────────────────────────────────────────────────────


def test_an_import_is_fresh_when_it_reports_success(small, tmp_path):
    infusions = bundle(
        tmp_path / "more",
        infusions="""
            study_id | given_on   | route | product  | dose_g
            A-1      | 2003-12-20 | IV    | Privigen | 120
        """,
    )

    load_bundle(infusions)

    assert stale() == set()
    assert PatientOutcome.objects.get(patient__study_id="A-1").index_on == date(2003, 12, 20)


def test_a_dry_run_leaves_nothing_to_derive(small, tmp_path):
    weights = bundle(
        tmp_path / "w", visits="study_id | visited_on | weight_kg\nA-1 | 2004-01-10 | 99"
    )

    load_bundle(weights, dry_run=True)

    assert stale() == set()


def test_a_recorded_visit_is_in_the_next_reading(small):
    patient = Patient.objects.get(study_id="A-1")
    visit = Visit(patient=patient, visited_on=date(2020, 2, 3))

    record_visit(visit, muscle_scores=[score()], by=None)

    rows = load_cohort(Patient.objects.all(), date.today(), ["last_contact_on"]).rows
    assert rows.loc["A-1", "last_contact_on"] == pd.Timestamp("2020-02-03")
    assert stale() == set()


def score():
    return MuscleScore(muscle="elbow_flexion", side="left", mrc_grade="4")


def test_who_is_voided_has_no_outcomes_and_who_comes_first_gets_them(small):
    a_1 = Patient.objects.get(study_id="A-1")
    void(a_1, by=None, reason="Registered twice.")

    assert "A-1" not in load_cohort(Patient.objects.all(), date.today(), ["index_on"]).rows.index
    freshness.refresh()
    with in_force(freshness.DERIVER):
        assert not PatientOutcome.objects.using("derive").filter(pk=a_1.pk).exists()


def test_random_edits_through_every_door_leave_no_drift():
    load_bundle(SMALL_BUNDLE)
    editor = Editor(seed=7)
    stored_edits = 0
    for number in range(120):
        stored_edits += editor.edit()
        if number % 20 == 10:
            kept, expected = everybody()
            pd.testing.assert_frame_equal(kept, expected)

    assert stored_edits > 70
    assert list(freshness.drifts()) == []


# ── Who reads does not shape what is kept ────────────────────────────────────────────────────


def reader(centre: str, right=Right.READ) -> Principal:
    reach = frozenset([Centre.objects.get(code=centre).pk])
    return Principal(Kind.USER, reach={right: reach})


def test_a_reader_of_one_centre_does_not_wait_for_the_others(small):
    sql("UPDATE infusions_infusion SET dose_g = dose_g + 1, version = version + 1")
    sql("UPDATE patients_visit SET weight_kg = 60, version = version + 1")

    with in_force(reader("North")):
        rows = load_cohort(Patient.objects.all(), date.today(), ["index_on"]).rows

    assert [*rows.index] == ["A-1", "A-2"]
    assert stale() == {"B-1"}
    freshness.refresh()
    assert no_marks_and_no_drift()


def test_a_reader_sees_the_kept_rows_and_marks_of_nobody_elses_patients(small):
    sql("UPDATE patients_visit SET weight_kg = 60, version = version + 1")
    with in_force(reader("South")):
        assert {one.patient.study_id for one in PatientOutcome.objects.all()} == {"B-1"}
        assert StaleMark.objects.values("patient_id").distinct().count() == 1
    with in_force(None):
        assert not PatientOutcome.objects.exists()
        assert not StaleMark.objects.exists()


def test_research_sees_no_outcomes_of_who_withdrew(small):
    b_1 = Patient.objects.get(study_id="B-1")
    consent = Consent(
        patient=b_1,
        scope="research",
        form_version="9",
        given_on=date(2004, 3, 1),
        withdrawn_on=date(2005, 1, 1),
    )
    record_consent(consent, by=None)

    with in_force(Principal(Kind.USER, reach={Right.RESEARCH: EVERYWHERE})):
        assert PatientOutcome.objects.count() == 2


@pytest.mark.skipif(not settings.EMBEDDED, reason="this server has one role for everything")
def test_the_application_writes_neither_outcomes_nor_marks(small):
    for statement in (
        "UPDATE outcomes_patientoutcome SET index_on = NULL",
        "DELETE FROM outcomes_patientoutcome",
        "INSERT INTO outcomes_patientoutcome DEFAULT VALUES",
        "TRUNCATE outcomes_patientoutcome",
        "DELETE FROM outcomes_stalemark",
        "INSERT INTO outcomes_stalemark (patient_id) VALUES (gen_random_uuid())",
        "ALTER TABLE patients_visit DISABLE TRIGGER registry_6_note_stale_on_update",
    ):
        with pytest.raises(DatabaseError) as refused:
            sql(statement)

        assert refused.value.__cause__.sqlstate == "42501"


@pytest.mark.skipif(not settings.EMBEDDED, reason="this server has one role for everything")
def test_who_derives_writes_no_record(small):
    for model in MODELS:
        with pytest.raises(DatabaseError) as refused:
            sql(f"UPDATE {model._meta.db_table} SET version = version + 1", using="derive")

        assert refused.value.__cause__.sqlstate == "42501"


# ── Two at once, and what breaks off ─────────────────────────────────────────────────────────


def in_threads(*works) -> list[BaseException]:
    """Run each in a thread of its own; what went wrong."""
    wrong = []

    def run(work):
        try:
            with in_force(operator("tests")):
                work()
        except BaseException as problem:  # noqa: BLE001 — told to the test
            wrong.append(problem)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return wrong


def test_a_record_that_comes_while_others_are_derived_leaves_its_mark(small, monkeypatch):
    """Between taking the marks and storing the rows, the same patient is written again."""
    sql("UPDATE patients_visit SET weight_kg = 61, version = version + 1")
    load, weights = freshness.load_records, iter([62])

    def while_somebody_records(patients):
        records = load(patients)
        with in_force(operator("tests")):
            for weight in weights:
                sql("UPDATE patients_visit SET weight_kg = %s, version = version + 1", weight)
        return records

    monkeypatch.setattr(freshness, "load_records", while_somebody_records)
    freshness.refresh()

    assert stale() == {"A-1", "B-1"}
    freshness.refresh()
    assert no_marks_and_no_drift()


def test_two_refreshes_at_once_take_turns_and_lose_no_mark(small):
    def edits():
        for weight in range(40, 60):
            sql("UPDATE patients_visit SET weight_kg = %s, version = version + 1", weight)

    def refreshes():
        for _ in range(12):
            freshness.refresh()

    assert in_threads(edits, refreshes, refreshes) == []
    kept, expected = everybody(["weight_kg"])

    pd.testing.assert_frame_equal(kept, expected)
    assert no_marks_and_no_drift()


def test_who_waited_for_a_refresh_does_not_derive_again(small, monkeypatch):
    sql("UPDATE patients_visit SET weight_kg = 61, version = version + 1")
    passes = []
    load = freshness.load_records

    def counted(patients):
        passes.append(1)
        time.sleep(0.3)
        return load(patients)

    monkeypatch.setattr(freshness, "load_records", counted)

    assert in_threads(freshness.refresh, freshness.refresh, freshness.refresh) == []
    assert passes == [1]


def test_a_crash_between_mark_and_row_leaves_the_mark(small, monkeypatch):
    sql("UPDATE patients_visit SET weight_kg = 61, version = version + 1")

    def breaks_off(*_arguments, **_options):
        raise DatabaseError("the server went away")

    with monkeypatch.context() as broken:
        broken.setattr(freshness, "write_rows", breaks_off)
        with pytest.raises(DatabaseError, match="went away"):
            freshness.refresh()

    assert stale() == {"A-1", "B-1"}
    kept, expected = everybody(["weight_kg"])
    pd.testing.assert_frame_equal(kept, expected)


def test_a_patient_who_cannot_be_derived_keeps_nobody_else_waiting(small, monkeypatch, caplog):
    sql("UPDATE patients_visit SET weight_kg = 61, version = version + 1")
    derive_rows = freshness.lasting_columns

    def stumbles(records):
        if "A-1" in set(records.patients["study_id"]):
            raise ValueError("No muscle is called left ear.")
        return derive_rows(records)

    monkeypatch.setattr(freshness, "lasting_columns", stumbles)
    freshness.refresh()

    assert stale() == {"A-1"}
    assert "cannot be derived" in caplog.text
    kept, expected = everybody(["weight_kg"])  # the reader derives A-1 for itself
    pd.testing.assert_frame_equal(kept, expected)


def test_what_is_not_committed_yet_is_derived_for_who_wrote_it(small):
    with transaction.atomic():
        visit = Visit(patient=Patient.objects.get(study_id="A-1"), visited_on=date(2020, 2, 3))
        record_visit(visit, by=None)

        kept, expected = everybody()
        transaction.set_rollback(True)

    pd.testing.assert_frame_equal(kept, expected)
    assert kept.loc["A-1", "last_contact_on"] == pd.Timestamp("2020-02-03")
    assert stale() == set()


def test_a_reader_never_waits_for_a_row_that_the_same_transaction_holds(small):
    """The patient is locked here, and refreshed over another connection."""
    sql("UPDATE patients_visit SET weight_kg = 61, version = version + 1")
    with transaction.atomic():
        void(Patient.objects.get(study_id="A-2"), by=None, reason="Registered twice.")
        rows = load_cohort(Patient.objects.all(), date.today(), ["index_on"]).rows

    assert [*rows.index] == ["A-1", "B-1"]
    assert no_marks_and_no_drift() or stale() == {"A-2"}


# ── Days ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("cohort", "as_of"),
    [
        ("leger_2008_synthetic", date(2008, 12, 31)),
        ("edge_cases", date(2012, 7, 15)),
        ("edge_cases", date(2019, 3, 31)),
    ],
)
def test_the_expected_files_come_out_of_the_table(cohort, as_of):
    """As of the day of the files: kept rows where nothing came after it, else derived."""
    folder = shared_bundle(cohort)
    load_bundle(folder)

    found = load_cohort(Patient.objects.all(), as_of, (*OUTCOME_COLUMNS, *TABLE_COLUMNS))

    rows = outcome_table(SimpleNamespace(patients=found.rows))
    with (folder / f"expected_outcomes_{as_of}.csv").open(newline="") as file:
        assert rows.to_dict("records") == list(csv.DictReader(file))
    expected = json.loads((folder / f"expected_summary_{as_of}.json").read_text())
    summary = tables_of_rows(found.rows, as_of)
    assert_has(summary, expected)


def test_most_of_a_closed_cohort_needs_no_derivation_as_of_its_closing():
    load_bundle(shared_bundle("leger_2008_synthetic"))

    found = stored.read_rows(Patient.objects.all(), ["index_on"], date(2008, 12, 31))

    assert (len(found.rows), found.stale, found.later) == (40, [], [])


def test_any_day_is_answered_as_if_derived():
    load_bundle(shared_bundle("edge_cases"))
    records, columns = load_records(Patient.objects.all()), list(TABLE_COLUMNS)
    for days_ago in (0, 30, 183, 243, 244, 396, 397, 1000):
        as_of = date(2019, 3, 31) - timedelta(days=days_ago)

        found = load_cohort(Patient.objects.all(), as_of, columns)

        expected = cohort_rows(records, derive(records, as_of))
        pd.testing.assert_frame_equal(found.rows[columns], expected[columns])


# ── Commands ─────────────────────────────────────────────────────────────────────────────────


def said(command: str, **options) -> str:
    out = StringIO()
    call_command(command, stdout=out, stderr=StringIO(), **options)
    return out.getvalue()


def tamper(statement: str) -> None:
    """What a bug, or somebody with the deriving role, might do."""
    with in_force(freshness.DERIVER):
        sql(statement, using="derive")


A_1 = "(SELECT id FROM patients_patient WHERE study_id = 'A-1')"


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        (f"UPDATE outcomes_patientoutcome SET courses = 99 WHERE patient_id = {A_1}", "courses"),
        (
            "UPDATE outcomes_patientoutcome SET weight_kg = NULL, affected = 7 "
            f"WHERE patient_id = {A_1}",
            "affected, weight_kg",
        ),
        (f"DELETE FROM outcomes_patientoutcome WHERE patient_id = {A_1}", "has no true row"),
    ],
)
def test_any_drift_names_the_patient_and_fails(small, statement, named):
    assert "every patient" in said("check_outcomes")
    tamper(statement)
    out = StringIO()

    with pytest.raises(CommandError, match="1 patients") as failed:
        call_command("check_outcomes", stdout=out, stderr=StringIO())

    assert failed.value.returncode == 1
    assert out.getvalue() == f"A-1: {named}\n"
    said("rebuild_outcomes")
    assert "every patient" in said("check_outcomes")


def test_a_row_of_somebody_who_does_not_stand_is_drift(small):
    void(Patient.objects.get(study_id="A-1"), by=None, reason="Registered twice.")
    tamper("DELETE FROM outcomes_stalemark")

    assert [drift.study_id for drift in freshness.drifts()] == ["A-1"]
    freshness.rebuild()
    assert no_marks_and_no_drift()


def test_rows_of_older_rules_are_not_read(small, monkeypatch):
    tamper("UPDATE outcomes_patientoutcome SET rule_id = 'mmn-outcomes/0', courses = 99")

    kept, expected = everybody(["courses"])

    pd.testing.assert_frame_equal(kept, expected)
    assert no_marks_and_no_drift()


def test_a_rebuilding_that_breaks_off_goes_on_where_it_was(small, monkeypatch):
    monkeypatch.setattr(freshness, "PATIENTS_PER_PASS", 1)
    told = []

    def stops_after_one(done, of):
        told.append((done, of))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        freshness.rebuild(tell=stops_after_one)

    assert (told, len(stale())) == ([(1, 3)], 2)
    assert said("rebuild_outcomes", goes_on=True).splitlines() == [
        "1 of 2 patients derived",
        "2 of 2 patients derived",
        "All outcomes are as the records and the rules say.",
    ]


# ── Queries ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("study_ids", [["A-1"], ["A-1", "A-2", "B-1"]])
def test_fresh_outcomes_are_one_query_however_many_patients(small, study_ids):
    patients = Patient.objects.filter(study_id__in=study_ids)
    load_cohort(patients, date.today(), TABLE_COLUMNS)

    with (
        CaptureQueriesContext(connection) as read,
        CaptureQueriesContext(connections["derive"]) as asked,
    ):
        load_cohort(patients, date.today(), TABLE_COLUMNS)

    assert (len(read), len(asked)) == (1, 0)


@pytest.mark.parametrize("many", ["'A-1'", "'A-1', 'A-2', 'B-1'"])
def test_a_refresh_asks_as_often_for_one_patient_as_for_three(small, many):
    patients = f"UPDATE patients_patient SET version = version + 1 WHERE study_id IN ({many})"
    sql(patients)

    with CaptureQueriesContext(connections["derive"]) as asked:
        freshness.refresh()

    assert len(asked) == 10
