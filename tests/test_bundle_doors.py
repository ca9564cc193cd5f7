"""Many rows, right and wrong, through two doors: a file refuses what `full_clean()` refuses.

Each row is drawn cell by cell, of what its field may and may not hold, and belongs to a patient of
its own who was born in 1950 and died in 2020.
"""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from random import Random

import pytest
from django.core.exceptions import ValidationError
from django.db import models

from infusions.models import Infusion
from mmn_registry.accounts.models import Centre
from mmn_registry.bundle import TABLES, BundleRefusedError, load_bundle
from mmn_registry.interchange import Column, Table
from patients.interchange import PATIENTS
from patients.models import NerveConductionStudy, Patient, Visit
from patients.models.record import Record

pytestmark = pytest.mark.django_db

ROWS = 150
SEEN_ON, GIVEN_ON = date(2010, 5, 1), date(2010, 6, 1)
# What a cell may say, readable in any case: mostly of the first, now and then of the second.
DAYS = ["2010-07-01", "2011-07-01"], ["1899-12-31", "1949-12-31", "2020-02-02", "2999-01-01", ""]
PARTIAL_DAYS = ["2009", "2009-03", "2010-03-04", ""], ["2008", "1899", "2999-01", "1940"]
NUMBERS = ["1", "2.5", "40"], ["0", "-1", "5000", "1.23456", ""]
COUNTS = ["1", "3"], ["7", "-1", "60", "99999", ""]
YEARS = ["1950", "1985"], ["1899", "2011", "99999", ""]
TEXTS = ["Privigen"], ["=1+1", "-x", "x" * 300, "semi;colon", " 7", ""]
ANSWERS = ["yes"], ["no"]
DOUBTFUL = 0.12


def cells(table: Table, column: Column) -> tuple[list[str], list[str]]:
    field = table.field(column)
    if column.precision:
        return PARTIAL_DAYS
    if field.choices:
        return [str(word) for word, _label in field.choices], ["nonsense", ""]
    if column.name == "birth_year":
        return YEARS
    kinds = {
        models.DateField: DAYS,
        models.DecimalField: NUMBERS,
        models.IntegerField: COUNTS,
        models.BooleanField: ANSWERS,
    }
    return next((drawn for kind, drawn in kinds.items() if isinstance(field, kind)), TEXTS)


def cell(random: Random, table: Table, column: Column) -> str:
    fine, doubtful = cells(table, column)
    return random.choice(doubtful if random.random() < DOUBTFUL else fine)


def value_of(field: models.Field, text: str) -> object:
    """What somebody who typed it would have typed."""
    if not text:
        return "" if field.empty_strings_allowed and not field.null else None
    if isinstance(field, models.DateField):
        return date.fromisoformat(text)
    if isinstance(field, models.DecimalField):
        return Decimal(text)
    if isinstance(field, models.IntegerField):
        return int(text)
    return text == "yes" if isinstance(field, models.BooleanField) else text


def record_of(table: Table, texts: dict[str, str], parents: dict[str, models.Model]) -> Record:
    record = table.model()
    if table.parent:
        setattr(record, table.parent.name, parents[table.parent.name])
    for column in table.own:
        field, text = table.field(column), texts[column.name]
        if column.precision:
            known = {0: "", 4: "year", 7: "month", 10: "day"}[len(text)]
            setattr(record, column.precision, known)
            text = text and text + "-01-01"[len(text) - 4 :]
        setattr(record, field.attname, value_of(field, text))
    return record


def refused_by_the_model(table: Table, record: Record) -> dict[str, set[str]]:
    """Sentences by column, as a form gets them: what a field refused is asked nothing more."""
    parent = [table.parent.name] if table.parent else []
    column_of = {table.field(column).name: column for column in table.own}
    told: dict[str, set[str]] = defaultdict(set)
    for check in (lambda: record.clean_fields(exclude=parent), record.clean):
        try:
            check()
        except ValidationError as refused:
            for name, sentences in refused.message_dict.items():
                column = column_of[name]
                told[column.name] |= {*sentences}
                for field in table.stored_in(column):
                    setattr(record, field.name, None if field.null else "")
    return dict(told)


@pytest.fixture
def stored(db):
    """A centre, a patient, a visit, an infusion and a study for each row."""
    centres = Centre.objects.bulk_create(Centre(code=f"C{number}") for number in range(ROWS))
    people = [
        Patient(
            study_id=f"P{number}",
            centre=centre,
            sex="female",
            birth_year=1950,
            deceased_on=date(2020, 1, 1),
            included_on=date(2005, 1, 1),
            prior_immunoglobulin="no",
        )
        for number, centre in enumerate(centres)
    ]
    Patient.objects.bulk_create(people)
    visits = Visit.objects.bulk_create(Visit(patient=p, visited_on=SEEN_ON) for p in people)
    given = {"given_on": GIVEN_ON, "route": "IV", "product": "Kiovig", "dose_g": 40}
    infusions = Infusion.objects.bulk_create(Infusion(patient=p, **given) for p in people)
    studies = NerveConductionStudy.objects.bulk_create(
        NerveConductionStudy(patient=p, studied_on=SEEN_ON) for p in people
    )
    columns = zip(centres, people, visits, infusions, studies, strict=True)
    names = ("centre", "patient", "visit", "infusion", "study")
    return [dict(zip(names, row, strict=True)) for row in columns]


def parent_cells(table: Table, number: int) -> dict[str, str]:
    """How a row names the row that it belongs to."""
    told = {
        "study_id": f"P{number}",
        "visited_on": str(SEEN_ON),
        "studied_on": str(SEEN_ON),
        "given_on": str(GIVEN_ON),
        "route": "IV",
        "product": "Kiovig",
        "centre": f"C{number}",
    }
    return {column.name: told[column.name] for column in table.inherited}


@pytest.mark.parametrize("table", [t for t in TABLES if t.has_file], ids=lambda t: t.name)
def test_a_file_refuses_what_the_model_refuses_in_the_same_words(table, stored, tmp_path):
    random = Random(table.name)
    rows = [
        {column.name: cell(random, table, column) for column in table.own}
        | parent_cells(table, number)
        for number in range(ROWS)
    ]
    if table is PATIENTS:
        rows = [row | {"study_id": f"N{number}"} for number, row in enumerate(rows)]
    names = table.column_names
    lines = [",".join(row[name] for name in names) for row in rows]
    (tmp_path / table.file).write_text("\n".join([",".join(names), *lines]) + "\n")

    told: dict[int, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    with pytest.raises(BundleRefusedError) as refused:
        load_bundle(tmp_path, dry_run=True)
    for problem in refused.value.problems:
        told[problem.row][problem.column].add(problem.message)

    expected = {
        number: said
        for number, row in enumerate(rows, start=2)
        if (said := refused_by_the_model(table, record_of(table, row, stored[number - 2])))
    }
    assert len(expected) < ROWS
    assert {row: dict(said) for row, said in told.items()} == expected
