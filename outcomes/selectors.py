"""The recorded tables of a cohort, read as columns: one query per table, from one snapshot.

No query joins recorded tables: right after a large import PostgreSQL may not know their sizes, and
then a join of scores with visits compares each with each. Parents are looked up on this side.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from django.core.exceptions import EmptyResultSet
from django.db import connections, models
from django.db.models import Case, F, Func, QuerySet, Value, When
from django.db.models.functions import Cast
from django.db.models.lookups import Lookup

from infusions.models import DoseAttempt, Immunosuppressant, Infusion, Regimen
from mmn_registry.snapshot import one_snapshot
from outcomes.derivation.frames import COLUMNS, Records, complete
from patients.models import (
    Finding,
    GripStrength,
    LaboratoryResult,
    LowerLimit,
    MuscleScore,
    NerveConductionStudy,
    NerveSegment,
    Patient,
    Visit,
)
from patients.models.record import Record

OF_PATIENT = {
    "infusions": Infusion,
    "regimens": Regimen,
    "dose_attempts": DoseAttempt,
    "immunosuppressants": Immunosuppressant,
    "laboratory": LaboratoryResult,
    "findings": Finding,
}
OF_VISIT = {"muscle_scores": MuscleScore, "grip_strengths": GripStrength}


def load_records(patients: QuerySet[Patient]) -> Records:
    """Everything recorded of some patients that shapes their outcomes; voided records are not."""
    using = patients.db
    with one_snapshot(using):
        people = _read_patients(patients)
        of_patient = people.set_index("id")[["study_id"]]
        of_centre = people.drop_duplicates("centre_id").set_index("centre_id")[["centre"]]
        visits = _read_parts("patient", of_patient, Visit, ["id", *COLUMNS["visits"]], using)
        studies = _read_parts(
            "patient", of_patient, NerveConductionStudy, ["id", "study_id", "studied_on"], using
        )
        of_visit = visits.set_index("id")[["study_id", "visited_on"]]
        of_study = studies.set_index("id")[["study_id", "studied_on"]]
        parts = {
            **{name: ("patient", of_patient, model) for name, model in OF_PATIENT.items()},
            **{name: ("visit", of_visit, model) for name, model in OF_VISIT.items()},
            "nerve_segments": ("study", of_study, NerveSegment),
            "lower_limits": ("centre", of_centre, LowerLimit),
        }
        tables = {name: _read_parts(*part, COLUMNS[name], using) for name, part in parts.items()}
    tables |= {"patients": people, "visits": visits}
    return Records(
        **{name: complete(name, frame[[*COLUMNS[name]]]) for name, frame in tables.items()}
    )


def _read_patients(patients: QuerySet[Patient]) -> pd.DataFrame:
    standing = Patient.objects.using(patients.db).filter(pk__in=patients.values("pk"))
    paths = {column: column for column in ("id", "centre_id", *COLUMNS["patients"])}
    return _read(standing, paths | {"centre": "centre__code"})


def _read_parts(
    parent: str, parents: pd.DataFrame, model: type[Record], columns: list[str], using: str
) -> pd.DataFrame:
    """Records of these parents, with the parents' columns beside their own."""
    key = f"{parent}_id"
    own = {column: column for column in columns if column not in parents}
    records = model.objects.using(using).filter(IsAnyOf(F(key), parents.index.tolist()))
    frame = _read(records, {**own, "parent": key})
    place = parents.index.get_indexer(frame.pop("parent"))
    return pd.concat([parents.take(place).reset_index(drop=True), frame], axis=1)


def _fetch(values: QuerySet) -> list[tuple]:
    """The rows as the driver gives them; none where Django knows that nothing can match."""
    try:
        sql, parameters = values.query.get_compiler(values.db).as_sql()
    except EmptyResultSet:
        return []
    with connections[values.db].cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


def _read(records: QuerySet, paths: Mapping[str, str]) -> pd.DataFrame:
    """Columns of one table, typed. Rows come as the driver gives them, in one piece."""
    kinds = {column: _kind(records.model, path) for column, path in paths.items()}
    expressions = [kind.read for kind in kinds.values()]
    rows = _fetch(records.order_by().values_list(*expressions))
    columns = zip(*rows, strict=True) if rows else ([] for _ in kinds)
    return pd.DataFrame(
        {
            column: _typed(values, kind.dtype)
            for (column, kind), values in zip(kinds.items(), columns, strict=True)
        }
    )


class Kind(NamedTuple):
    """How a column is read from the database, and typed once it is here."""

    read: models.Expression
    dtype: str


class DayNumber(Func):
    """A date as days since 1970-01-01: a number is read faster than a date."""

    template = "(%(expressions)s - DATE '1970-01-01')"
    output_field = models.IntegerField()


class IsAnyOf(Lookup):
    """One array as one parameter, however many keys."""

    lookup_name = "is_any_of"
    prepare_rhs = False

    def as_sql(self, compiler, connection):
        column, parameters = self.process_lhs(compiler, connection)
        return f"{column} = ANY(%s::uuid[])", [*parameters, self.rhs]


def _kind(model: type[models.Model], path: str) -> Kind:
    field = _field(model, path)
    if isinstance(field, models.UUIDField | models.ForeignKey):
        return Kind(Cast(F(path), models.TextField()), "str")
    if isinstance(field, models.DateField):
        return Kind(DayNumber(F(path)), "day")
    if isinstance(field, models.BooleanField):
        yes, no = When(**{path: True}, then=Value("yes")), When(**{path: False}, then=Value("no"))
        return Kind(Case(yes, no), "str")
    if isinstance(field, models.DecimalField | models.IntegerField):
        return Kind(Cast(F(path), models.FloatField()), "float64")
    return Kind(F(path), "str")


def _field(model: type[models.Model], path: str) -> models.Field:
    *steps, name = path.split("__")
    for step in steps:
        model = model._meta.get_field(step).related_model
    field = model._meta.get_field(name)
    return field.output_field if isinstance(field, models.GeneratedField) else field


def _typed(values, dtype: str) -> pd.Series:
    if dtype != "day":
        return pd.Series(values, dtype=dtype)
    days = np.array(values, dtype="float64")  # None becomes NaN
    is_known = ~np.isnan(days)
    dates = np.full(len(days), np.datetime64("NaT", "D"))
    dates[is_known] = days[is_known].astype("int64").astype("datetime64[D]")
    return pd.Series(dates.astype("datetime64[s]"))
