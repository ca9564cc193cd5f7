"""Reading the recorded tables as columns."""

import pytest

from outcomes.derivation.frames import COLUMNS
from outcomes.selectors import load_records
from patients.models import Patient

pytestmark = pytest.mark.django_db


def test_nobody_has_no_records_and_every_column():
    records = load_records(Patient.objects.none())

    assert {name: list(getattr(records, name)) for name in COLUMNS} == {
        name: [*columns] for name, columns in COLUMNS.items()
    }
    assert all(getattr(records, name).empty for name in COLUMNS)
