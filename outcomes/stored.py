"""The table of outcomes, written and read as whole columns; when they are true is freshness's."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import numpy as np
import pandas as pd
from django.core.exceptions import EmptyResultSet
from django.db import connections, models
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, When
from psycopg.sql import SQL, Identifier

from outcomes.derivation.columns import Column, Columns, Words
from outcomes.derivation.rules import RULES
from outcomes.derivation.timeline import dates
from outcomes.models import PatientOutcome, StaleMark
from patients.models import Patient

TABLE = PatientOutcome._meta.db_table
_OWN = {"patient", "rule_id"}  # columns that no derivation makes
KEPT = {f.name: f for f in PatientOutcome._meta.concrete_fields if f.name not in _OWN}
# Columns of every outcome that the patient's own row has.
RECORDED = ("centre", "sex", "birth_year", "included_on")


def write_rows(rows: Columns, patient_ids: Sequence[UUID], *, using: str) -> None:
    """Keep lasting rows of these patients, in one statement."""
    values = {name: _plain(rows[name]) for name in KEPT}
    values |= {"patient_id": map(str, patient_ids), "rule_id": [RULES.rule_id] * len(rows)}
    written = [dict(zip(values, row, strict=True)) for row in zip(*values.values(), strict=True)]
    columns = SQL(", ").join(map(Identifier, values))
    upsert = SQL(
        "INSERT INTO {table} ({columns}) SELECT {columns} FROM "
        "json_populate_recordset(NULL::{table}, %s::json) "
        "ON CONFLICT (patient_id) DO UPDATE SET ({columns}) = ROW ({excluded})"
    ).format(
        table=Identifier(TABLE),
        columns=columns,
        excluded=SQL(", ").join(SQL("EXCLUDED.{}").format(Identifier(name)) for name in values),
    )
    with connections[using].cursor() as cursor:
        cursor.execute(upsert, [json.dumps(written, allow_nan=False)])


def _plain(column: Column) -> list:
    """Values as JSON has them: numbers to their last bit, ISO days, None where there is none."""
    if isinstance(column, Words):
        return column.texts().tolist()
    if isinstance(column, pd.arrays.IntegerArray | pd.arrays.BooleanArray):
        return column.to_numpy(dtype=object, na_value=None).tolist()
    if column.dtype.kind == "M":
        days = np.datetime_as_string(column.astype("datetime64[D]"))
        return np.where(days == "NaT", None, days.astype(object)).tolist()
    if column.dtype.kind == "f":
        return np.where(np.isnan(column), None, column.astype(object)).tolist()
    return column.tolist()


@dataclass(frozen=True)
class StoredRows:
    """Kept rows of some patients that are true of a day; and the patients who have none.

    ``rows`` are lasting rows by study id, sorted bytewise. ``stale`` were recorded of since, or
    never derived; of ``later`` something is recorded that lies after the day.
    """

    rows: pd.DataFrame
    stale: list[UUID]
    later: list[UUID]


_TRUE, _STALE, _LATER = range(3)


def read_rows(
    patients: QuerySet[Patient], columns: Iterable[str], as_of: date = date.max
) -> StoredRows:
    """Columns of the kept rows that are true of a day, in one query."""
    packing = {name: _packing(name) for name in ("id", "study_id", *columns)}
    fetched = _fetch(_chosen(patients, packing, as_of), packing)
    state = np.frombuffer(fetched.pop("state"), ">i4")
    ids = np.frombuffer(fetched.pop("id"), "V16")
    frame = {name: packing[name].unpack(packed) for name, packed in fetched.items()}
    rows = pd.DataFrame(frame, index=pd.Index(frame.pop("study_id"), name="study_id"))
    if (state != _TRUE).any():
        rows = rows[state == _TRUE]
    return StoredRows(rows, *(_uuids(ids[state == untrue]) for untrue in (_STALE, _LATER)))


def _uuids(ids: np.ndarray) -> list[UUID]:
    return [UUID(bytes=one.tobytes()) for one in ids]


def _chosen(patients: QuerySet[Patient], names: Iterable[str], as_of: date) -> QuerySet:
    """The columns of each patient side by side, and whether the kept ones are true of the day."""
    standing = Patient.objects.using(patients.db).filter(pk__in=patients.values("pk"))
    marks = StaleMark.objects.filter(patient_id=OuterRef("pk"))
    is_missing = Q(outcome__isnull=True) | ~Q(outcome__rule_id=RULES.rule_id)
    state = Case(
        When(is_missing | Exists(marks), then=_STALE),
        When(outcome__recorded_until__gt=as_of, then=_LATER),
        default=_TRUE,
        output_field=models.IntegerField(),
    )
    columns = {f"kept_{name}": F(_path(name)) for name in names}
    return standing.order_by("study_id").values(kept_state=state, **columns)


def _path(name: str) -> str:
    if name in KEPT:
        return f"outcome__{name}"
    return "centre__code" if name == "centre" else name


# ── Packing: one value per column comes out of the database, whatever the number of rows ─────

MISSING = -(2**31)
SEPARATOR = "\x1f"  # in no name, code or study id


@dataclass(frozen=True)
class Packing:
    """SQL that packs a column of the rows, and how to unpack it into an array."""

    sql: str

    def unpack(self, packed):
        raise NotImplementedError


class _Texts(Packing):
    def unpack(self, packed):
        return pd.array(packed.split(SEPARATOR)[:-1] if packed else [], dtype="str")


class _Ids(Packing):
    pass


class _Numbers(Packing):
    def unpack(self, packed):
        return np.frombuffer(packed, ">f8").astype("float64")


@dataclass(frozen=True)
class _Whole(Packing):
    """Whatever a whole number can stand for."""

    kind: str

    def unpack(self, packed):
        values = np.frombuffer(packed, ">i4").astype(np.int64)
        is_missing = values == MISSING
        if self.kind == "day":
            return dates(np.where(is_missing, np.nan, values))
        if self.kind == "count":
            return pd.arrays.IntegerArray(values, is_missing)
        if self.kind == "answer":
            return pd.arrays.BooleanArray(values == 1, is_missing)
        return values == 1


def _packing(name: str) -> Packing:
    column = f'"kept_{name}"'
    field = KEPT.get(name) or Patient._meta.get_field(name)
    if isinstance(field, models.UUIDField):
        return _Ids(_sent("uuid_send", column))
    if isinstance(field, models.FloatField) or name == "birth_year":
        return _Numbers(_sent("float8send", f"coalesce({column}, 'NaN'::float8)"))
    if isinstance(field, models.DateField):
        return _Whole(
            _sent("int4send", f"coalesce({column} - DATE '1970-01-01', {MISSING})"), "day"
        )
    if isinstance(field, models.IntegerField):
        return _Whole(_sent("int4send", f"coalesce({column}, {MISSING})"), "count")
    if isinstance(field, models.BooleanField):
        whole = _sent("int4send", f"coalesce({column}::int4, {MISSING})")
        return _Whole(whole, "answer" if field.null else "truth")
    # Each text ends with a separator: no row and one empty text are not the same.
    return _Texts(f"string_agg(coalesce({column}, '') || chr({ord(SEPARATOR)}), '')")


def _sent(function: str, value: str) -> str:
    return f"coalesce(string_agg({function}({value}), ''::bytea), ''::bytea)"


def _fetch(chosen: QuerySet, packing: dict[str, Packing]) -> dict[str, bytes | str]:
    try:
        rows, parameters = chosen.query.get_compiler(chosen.db).as_sql()
    except EmptyResultSet:  # Django knows that nobody can match
        return dict.fromkeys(["state", *packing], b"")
    packed = {"state": _sent("int4send", "kept_state")}
    packed |= {name: one.sql for name, one in packing.items()}
    # The rows come sorted, and are packed in the order in which they come.
    query = f"SELECT {', '.join(packed.values())} FROM ({rows}) AS rows"  # noqa: S608
    with connections[chosen.db].cursor() as cursor:
        cursor.execute(query, parameters)
        return dict(zip(packed, cursor.fetchone(), strict=True))
