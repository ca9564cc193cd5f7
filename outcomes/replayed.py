"""A patient's records as they were known at a time, from the trail, in the frames of the rules."""

from collections.abc import Iterable, Mapping
from datetime import datetime

import pandas as pd

from infusions.models import AdverseReaction
from mmn_registry.accounts.models import Centre
from mmn_registry.audit.reading.known import records_as_known, rows_of_centre_as_known
from outcomes.derivation.frames import COLUMNS, Records, complete
from outcomes.selectors import OF_PATIENT, OF_VISIT
from patients.models import LowerLimit, NerveConductionStudy, NerveSegment, Patient, Visit

Row = Mapping[str, object]
YES_NO = {True: "yes", False: "no", None: ""}


def load_known(patient: Patient, at: datetime) -> tuple[Records, list[AdverseReaction]] | None:
    """What stood of a patient at a time: the records that shape outcomes, and the reactions.

    None where the registry knew no such patient yet.

    Raises
    ------
    NotInTrail
        If the patient was recorded before the trail began.
    """
    tables = records_as_known(patient.pk, at)
    standing = {table: list(filter(_stands, rows)) for table, rows in tables.items()}

    def rows_of(model) -> list[Row]:
        return standing.get(model._meta.db_table, [])

    if not rows_of(Patient):
        return None
    [person] = rows_of(Patient)
    centre = Centre.objects.get(pk=person["centre_id"])
    limits = rows_of_centre_as_known(LowerLimit._meta.db_table, centre.pk, at)
    here, name = {"centre": centre.code}, {"study_id": person["study_id"]}
    visits = {row["id"]: name | {"visited_on": row["visited_on"]} for row in rows_of(Visit)}
    studies = {
        row["id"]: name | {"studied_on": row["studied_on"]} for row in rows_of(NerveConductionStudy)
    }
    frames = {
        "patients": [person | here],
        "visits": [row | name for row in rows_of(Visit)],
        **{table: [row | name for row in rows_of(model)] for table, model in OF_PATIENT.items()},
        **{
            table: [row | visits[row["visit_id"]] for row in rows_of(model)]
            for table, model in OF_VISIT.items()
        },
        "nerve_segments": [row | studies[row["study_id"]] for row in rows_of(NerveSegment)],
        "lower_limits": [row | here for row in limits if _stands(row)],
    }
    records = Records(**{table: _frame(table, rows) for table, rows in frames.items()})
    return records, [_reaction(row) for row in rows_of(AdverseReaction)]


def _stands(row: Row) -> bool:
    return row.get("voided_at") is None


def _frame(table: str, rows: Iterable[Row]) -> pd.DataFrame:
    """By way of texts, which ``complete`` reads; what an entry leaves out was not recorded."""
    columns = COLUMNS[table]
    texts = [{column: _text(row.get(column)) for column in columns} for row in rows]
    return complete(table, pd.DataFrame(texts, columns=list(columns), dtype="str"))


def _text(value: object) -> str:
    return YES_NO[value] if value is None or isinstance(value, bool) else str(value)


def _reaction(row: Row) -> AdverseReaction:
    fields = [field for field in AdverseReaction._meta.concrete_fields if field.column in row]
    return AdverseReaction(**{f.attname: f.to_python(row[f.column]) for f in fields})
