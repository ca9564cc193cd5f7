"""Export then import gives the same records, and exporting again the same bytes."""

import csv
import io
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from infusions.models import AdverseReaction
from mmn_registry import principal
from mmn_registry.bundle import FILES, TABLES, export, export_bundle, load_bundle
from mmn_registry.bundle.export import UnknownCentreError
from mmn_registry.tabular import TargetRefusedError
from patients.actions import void
from patients.models import MuscleScore, Visit
from tests.bundles import (
    MUSCLE_SCORE,
    PATIENT,
    SHARED_DATA,
    SMALL_BUNDLE,
    VISIT,
    bundle,
    contents,
    counts,
    exported,
)

pytestmark = pytest.mark.django_db

SHARED_COHORTS = ("edge_cases", "leger_2008_synthetic")


@contextmanager
def an_empty_registry():
    """Whatever is loaded inside is gone afterwards."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def exported_from_elsewhere(source, target):
    with an_empty_registry():
        load_bundle(source)
        return exported(target)


def test_a_bundle_comes_back_byte_for_byte(tmp_path):
    load_bundle(SMALL_BUNDLE)

    assert exported(tmp_path / "out") == contents(SMALL_BUNDLE)
    assert set(contents(SMALL_BUNDLE)) == set(FILES)


@pytest.mark.parametrize("name", ["first", "first.zip"])
def test_a_folder_and_a_zip_carry_the_same_records(tmp_path, name):
    load_bundle(SMALL_BUNDLE)
    export_bundle(tmp_path / name)

    report = load_bundle(tmp_path / name)

    held = {name: len(records(content)[1]) for name, content in contents(SMALL_BUNDLE).items()}
    assert counts(report) == {file: (0, 0, rows) for file, rows in held.items()}


@pytest.mark.parametrize("cohort", SHARED_COHORTS)
@pytest.mark.skipif(not SHARED_DATA.is_dir(), reason="the shared cohorts are not at hand")
def test_a_shared_cohort_goes_from_registry_to_registry_unchanged(tmp_path, cohort):
    first = exported_from_elsewhere(SHARED_DATA / cohort, tmp_path / "first")
    second = exported_from_elsewhere(tmp_path / "first", tmp_path / "second")

    assert first == second
    assert {name: records(text) for name, text in first.items()} == {
        name: records((SHARED_DATA / cohort / name).read_bytes()) for name in FILES
    }


def records(content):
    """The header, and the records in any order, with numbers by value: 140.0 is 140."""
    header, *rows = csv.reader(io.StringIO(content.decode(), newline=""))
    return header, sorted(tuple(map(by_value, row)) for row in rows)


def by_value(text):
    return str(Decimal(text).normalize()) if text.replace(".", "", 1).isdigit() else text


@pytest.mark.skipif(not SHARED_DATA.is_dir(), reason="the shared cohorts are not at hand")
@pytest.mark.parametrize("cohort", SHARED_COHORTS)
def test_loading_a_shared_cohort_twice_changes_nothing_the_second_time(cohort):
    first = load_bundle(SHARED_DATA / cohort)
    again = load_bundle(SHARED_DATA / cohort)

    assert counts(again) == {file: (0, 0, new) for file, (new, _, _) in counts(first).items()}
    assert again.changes == again.centres_created == ()
    assert {name.split("_")[0] for name in first.left_alone} == {"expected"}


def test_rows_are_sorted_bytewise_by_their_key(tmp_path):
    load_bundle(
        bundle(
            tmp_path / "in",
            patients="""
                study_id | centre | sex    | included_on | prior_immunoglobulin
                b        | Ä      | female | 2004-01-01  | no
                é        | a      | female | 2004-01-01  | no
                a-1      | a      | female | 2004-01-01  | no
                A        | a      | female | 2004-01-01  | no
                a 1      | B      | female | 2004-01-01  | no
            """,
        )
    )

    lines = exported(tmp_path / "out")["patients.csv"].decode().splitlines()[1:]

    assert [line.split(",")[0] for line in lines] == ["A", "a 1", "a-1", "b", "é"]


def test_a_centre_exports_its_own_records_and_limits(tmp_path):
    load_bundle(SMALL_BUNDLE)

    north = exported(tmp_path / "north", centre="North")
    south = exported(tmp_path / "south", centre="South")

    everything = contents(SMALL_BUNDLE)
    for file in FILES:
        header, *rows = everything[file].splitlines(keepends=True)
        of_south = [row for row in rows if row.startswith((b"B-", b"South"))]
        assert south[file] == b"".join([header, *of_south]), file
        assert north[file] == b"".join([header, *(r for r in rows if r not in of_south)]), file


def test_a_centre_that_nobody_knows_is_named_with_those_known(tmp_path):
    load_bundle(SMALL_BUNDLE)

    with pytest.raises(UnknownCentreError, match=r"code East\. Use one of: North, South\."):
        export_bundle(tmp_path / "out", centre="East")
    assert not (tmp_path / "out").exists()


def test_voided_records_are_not_exported(tmp_path):
    load_bundle(SMALL_BUNDLE)
    void(Visit.objects.get(patient__study_id="B-1"), by=None, reason="Another patient's visit.")

    export = exported(tmp_path / "out")

    assert b"B-1" not in export["visits.csv"] + export["muscle_scores.csv"]
    assert b"B-1" in export["patients.csv"]


def test_an_export_never_mixes_with_other_things(tmp_path):
    load_bundle(SMALL_BUNDLE)
    (tmp_path / "thesis.txt").write_text("ten years")

    with pytest.raises(TargetRefusedError):
        export_bundle(tmp_path)
    assert list(contents(tmp_path)) == ["thesis.txt"]


def test_one_patient_takes_as_many_queries_as_three(tmp_path):
    def queries(*study_ids):
        tables = {"patients": PATIENT, "visits": VISIT, "muscle_scores": MUSCLE_SCORE}
        drawings = {name: repeated(drawing, study_ids) for name, drawing in tables.items()}
        folder = bundle(tmp_path / "in", **drawings)
        with CaptureQueriesContext(connection) as loading:
            load_bundle(folder)
        with CaptureQueriesContext(connection) as exporting:
            export_bundle(tmp_path / "out")
        return len(loading), len(exporting)

    queries("P0")  # from now on their centre is known
    assert queries("P1") == queries("P2", "P3", "P4")
    assert MuscleScore.objects.count() == 5


def repeated(drawing, study_ids):
    header, row = drawing.strip().splitlines()
    return "\n".join([header, *(row.replace("P1", study_id) for study_id in study_ids)])


# What a note may hold: lines of readable characters.
NOTES = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc"], include_characters="\t\n\r"),
    max_size=40,
)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(NOTES, NOTES), min_size=1, max_size=40))
def test_free_texts_come_back_as_they_were(texts):
    with tempfile.TemporaryDirectory() as scratch, an_empty_registry():
        folder = bundle(Path(scratch, "in"), patients=PATIENT)
        write_reactions(folder / "adverse_reactions.csv", texts)
        load_bundle(folder)
        first = exported(Path(scratch, "first"))
        again = load_bundle(Path(scratch, "first"))

        stored = AdverseReaction.objects.order_by("occurred_on").values_list("action", "outcome")
        assert list(stored) == texts
        unchanged = {"patients.csv": (0, 0, 1), "adverse_reactions.csv": (0, 0, len(texts))}
        assert counts(again) == unchanged
        assert exported(Path(scratch, "second")) == first


def write_reactions(path, texts):
    header = ["study_id", "occurred_on", "reaction", "severity", "serious", "action", "outcome"]
    first = date(2004, 2, 1)
    days = [first + timedelta(days=number) for number in range(len(texts))]
    reactions = [
        ["P1", day, "other", "mild", "no", *pair] for day, pair in zip(days, texts, strict=True)
    ]
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows([header, *reactions])


def test_every_column_is_bound_to_a_field_of_its_table():
    bound = {
        (table.model, field) for table in TABLES for c in table.own for field in table.stored_in(c)
    }
    recorded = {
        (table.model, field)
        for table in TABLES
        for field in table.model._meta.concrete_fields
        if field.editable and not field.is_relation and not field.generated
    }
    not_in_the_bundle = {"name", "data_closed_on"}

    assert {field.name for _model, field in recorded - bound} == not_in_the_bundle


@pytest.mark.django_db(transaction=True)
def test_all_tables_are_exported_as_of_one_moment(tmp_path, monkeypatch):
    load_bundle(bundle(tmp_path / "first", patients=PATIENT))
    later = bundle(tmp_path / "later", visits=VISIT)
    write = export._write

    def write_while_somebody_loads(table, *arguments):
        count = write(table, *arguments)
        if table.file == "patients.csv":
            in_another_connection(load_bundle, later)
        return count

    monkeypatch.setattr(export, "_write", write_while_somebody_loads)
    during, after = exported(tmp_path / "during"), exported(tmp_path / "after")

    assert len(during["visits.csv"].splitlines()) == 1
    assert len(after["visits.csv"].splitlines()) == 2


def in_another_connection(function, *arguments):
    now = principal.at_work()

    def run():
        try:
            with principal.resumed(now):
                function(*arguments)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(run).result()
