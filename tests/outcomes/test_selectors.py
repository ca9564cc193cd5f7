"""Reading the recorded tables as columns."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from mmn_registry.bundle import load_bundle
from outcomes import packed, selectors
from outcomes.derivation.derive import derive
from outcomes.derivation.frames import COLUMNS
from outcomes.selectors import derive_patients, load_records, records_in_chunks
from patients.models import Patient

pytestmark = pytest.mark.django_db

LEGER = Path(__file__).parents[2] / "mmn_registry" / "demo_data" / "leger_2008_synthetic"
CLOSED_ON = date(2008, 12, 31)


@pytest.fixture
def leger():
    load_bundle(LEGER)


@pytest.fixture
def read_in_passing(monkeypatch):
    """As if the patients asked for were many: a table is read page by page, three at a time."""
    monkeypatch.setattr(selectors, "_are_many", lambda _patients, _using: True)
    pages = packed.rows_in_passing
    monkeypatch.setattr(selectors, "rows_in_passing", lambda records: pages(records, 3))


def plain(records):
    """Every table as sorted text."""
    return {
        name: getattr(records, name)
        .astype("str")
        .sort_values(list(COLUMNS[name]), ignore_index=True)
        .to_dict("list")
        for name in COLUMNS
    }


def test_nobody_has_no_records_and_every_column():
    records = load_records(Patient.objects.none())

    assert {name: list(getattr(records, name)) for name in COLUMNS} == {
        name: [*columns] for name, columns in COLUMNS.items()
    }
    assert all(getattr(records, name).empty for name in COLUMNS)


def test_a_cohort_is_the_same_read_page_by_page(leger, request):
    by_index = plain(load_records(Patient.objects.all()))
    request.getfixturevalue("read_in_passing")

    assert plain(load_records(Patient.objects.all())) == by_index
    assert len(by_index["muscle_scores"]["muscle"]) > 3_000  # more than three pages hold


def test_page_by_page_the_rows_of_others_are_left_out(leger, request):
    some = Patient.objects.filter(study_id__in=["SYN-003", "SYN-011", "SYN-040"])
    by_index = plain(load_records(some))
    request.getfixturevalue("read_in_passing")

    assert plain(load_records(some)) == by_index
    assert len(by_index["patients"]["study_id"]) == 3


@pytest.mark.parametrize("at_once", [1, 7, 39, 40, 41])
def test_chunks_are_the_cohort_in_the_order_of_study_ids(leger, at_once):
    whole = derive(load_records(Patient.objects.all()), CLOSED_ON).patients

    chunks = list(records_in_chunks(Patient.objects.all(), at_once))

    assert [len(chunk.patients) for chunk in chunks] == [
        min(at_once, 40 - first) for first in range(0, 40, at_once)
    ]
    together = pd.concat([derive(chunk, CLOSED_ON).patients for chunk in chunks])
    pd.testing.assert_frame_equal(together, whole)


def test_patients_are_derived_as_their_records_are(leger):
    whole = derive(load_records(Patient.objects.all()), CLOSED_ON).patients

    pd.testing.assert_frame_equal(derive_patients(Patient.objects.all(), CLOSED_ON), whole)


def test_nobody_is_derived_as_an_empty_table_with_every_column(leger):
    somebody = derive_patients(Patient.objects.all(), CLOSED_ON)
    nobody = derive_patients(Patient.objects.none(), CLOSED_ON)

    assert nobody.empty
    pd.testing.assert_series_equal(nobody.dtypes, somebody.dtypes)


def test_how_many_are_asked_for_decides_how_they_are_read(leger, monkeypatch):
    monkeypatch.setattr(selectors, "FEW_PATIENTS", 5)

    assert not selectors._are_many(4, "default")
    assert selectors._are_many(40, "default")
