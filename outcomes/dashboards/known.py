"""A patient's records as they were known at a time: replayed from the trail, for the rules."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

import pandas as pd
from django.db.models import CharField, QuerySet, Value
from django.db.models.functions import Cast

from infusions.models import AdverseReaction
from mmn_registry import principal
from mmn_registry.accounts.models import Centre
from mmn_registry.audit.reading.known import (
    NotInTrail,
    Row,
    records_as_known,
    rows_of_centre_as_known,
)
from mmn_registry.principal import Right
from outcomes.derivation.frames import COLUMNS, Records, complete
from outcomes.selectors import OF_PATIENT, OF_VISIT
from patients.models import LowerLimit, NerveConductionStudy, NerveSegment, Patient, Visit
from patients.models.record import Record

Values = Mapping[str, object]
YES_NO = {True: "yes", False: "no", None: ""}
# Tables of rows that a patient's page is made of, by the way from a row to the patient.
PARTS: dict[type[Record], str] = {
    Patient: "pk",
    **dict.fromkeys(
        (Visit, NerveConductionStudy, AdverseReaction, *OF_PATIENT.values()), "patient"
    ),
    **dict.fromkeys(OF_VISIT.values(), "visit__patient"),
    NerveSegment: "study__patient",
}


@dataclass(frozen=True)
class Known:
    """What stood of a patient at a time: the records that shape outcomes, and the reactions."""

    records: Records
    reactions: tuple[AdverseReaction, ...]
    included_on: date


def load_known(patient: Patient, at: datetime) -> Known | None:
    """What stood of a patient at a time; None where the registry knew no such patient yet.

    Seven queries at most, however many records there are.

    Raises
    ------
    NotInTrail
        If something was recorded before the trail began, or stands in a trail that is not the
        reader's: the lower limits of the centre that the patient belonged to then.
    """
    names = [model._meta.db_table for model in PARTS]
    tables = records_as_known(patient.pk, at, names, _rows_now(patient))
    standing = {table: [row for row in rows if _stands(row)] for table, rows in tables.items()}

    def rows_of(model: type[Record]) -> list[Values]:
        return standing.get(model._meta.db_table, [])

    if not rows_of(Patient):
        return None
    [person] = rows_of(Patient)
    centre = Centre.objects.get(pk=person["centre_id"])
    here, name = {"centre": centre.code}, {"study_id": person["study_id"]}
    visits = {row["id"]: name | {"visited_on": row["visited_on"]} for row in rows_of(Visit)}
    studies = {
        row["id"]: name | {"studied_on": row["studied_on"]} for row in rows_of(NerveConductionStudy)
    }
    rows = {
        "patients": [{**person, **here}],
        "visits": [{**row, **name} for row in rows_of(Visit)],
        **{
            table: [{**row, **name} for row in rows_of(model)]
            for table, model in OF_PATIENT.items()
        },
        **{
            table: _with_parent(rows_of(model), "visit_id", visits)
            for table, model in OF_VISIT.items()
        },
        "nerve_segments": _with_parent(rows_of(NerveSegment), "study_id", studies),
        "lower_limits": [{**row, **here} for row in _limits_as_known(centre, at)],
    }
    return Known(
        Records(**{table: _frame(table, told) for table, told in rows.items()}),
        tuple(_reaction(row) for row in rows_of(AdverseReaction)),
        date.fromisoformat(str(person["included_on"])),
    )


def _with_parent(
    rows: Iterable[Values], key: str, parents: Mapping[object, Values]
) -> list[Values]:
    """Parts with what their parents say of them; those of a voided parent do not stand either."""
    return [{**row, **parents[row[key]]} for row in rows if row[key] in parents]


def _limits_as_known(centre: Centre, at: datetime) -> list[Values]:
    table = LowerLimit._meta.db_table
    if not principal.current().reaches(Right.READ, centre.pk):
        raise NotInTrail(frozenset({table}))
    now = _named(LowerLimit.including_voided.filter(centre=centre))
    limits = rows_of_centre_as_known(table, centre.pk, at, (Row(*row) for row in now))
    return [row for row in limits if _stands(row)]


def _rows_now(patient: Patient) -> list[Row]:
    """The patient's rows as the tables hold them now, voided ones too; one query."""
    first, *others = (
        _named(model.including_voided.filter(**{way: patient.pk})) for model, way in PARTS.items()
    )
    return [Row(*row) for row in first.union(*others, all=True)]


def _named(rows: QuerySet) -> QuerySet:
    text = CharField()
    return rows.values_list(Value(rows.model._meta.db_table, text), Cast("pk", text))


def _stands(row: Values) -> bool:
    return row.get("voided_at") is None


def _frame(table: str, rows: Iterable[Values]) -> pd.DataFrame:
    """By way of texts, which ``complete`` reads; what an entry leaves out was not recorded."""
    columns = COLUMNS[table]
    texts = [{column: _text(row.get(column)) for column in columns} for row in rows]
    return complete(table, pd.DataFrame(texts, columns=list(columns), dtype="str"))


def _text(value: object) -> str:
    return YES_NO[value] if value is None or isinstance(value, bool) else str(value)


def _reaction(row: Values) -> AdverseReaction:
    fields = [field for field in AdverseReaction._meta.concrete_fields if field.column in row]
    return AdverseReaction(**{f.attname: f.to_python(row[f.column]) for f in fields})
