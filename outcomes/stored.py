"""The table of outcomes, written and read as whole columns; when they are true is freshness's.

What is read of the kept rows comes in one value, each row's columns as bytes that PostgreSQL keeps
beside them (migrations/_packed.py).
"""

import json
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

import numpy as np
import pandas as pd
from django.core.exceptions import EmptyResultSet
from django.db import connections, models, transaction
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, When
from psycopg.sql import SQL, Identifier

from infusions.vocabulary import Route
from outcomes.derivation.block_change import BlockChange, BlockChangeReason
from outcomes.derivation.cohort import TreatmentHistory
from outcomes.derivation.columns import Column, Columns, Words
from outcomes.derivation.diagnosis import DiagnosisCategory, DiagnosisReason
from outcomes.derivation.dose import DoseReason, DoseTrend
from outcomes.derivation.long_term import LongTermGroup, LongTermStatus
from outcomes.derivation.response import Response, ResponseReason
from outcomes.derivation.rules import RULES
from outcomes.derivation.strength import VariantReason
from outcomes.derivation.timeline import dates
from outcomes.models import PatientOutcome, StaleMark
from patients.models import Patient
from patients.vocabulary import YesNoUnknown

TABLE = PatientOutcome._meta.db_table
_OWN = {"patient", "rule_id", "packed"}  # columns that no derivation makes
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
    columns = list(columns)
    apart = [name for name in columns if name not in LAYOUT.names]
    packing = {"packed": PACKED, **{name: _packing(name) for name in ("id", "study_id", *apart)}}
    fetched = _fetch(_chosen(patients, packing, as_of), packing)
    state = np.frombuffer(fetched.pop("state"), ">i4")
    packed = np.frombuffer(fetched.pop("packed"), LAYOUT)
    if len(state) >= MANY:
        _met_many.add(patients.db)
    if len(packed) != len(state):
        raise RuntimeError("The kept rows are packed in another way: run `manage.py migrate`.")
    ids = np.frombuffer(fetched.pop("id"), "V16")
    texts = {name: packing[name].unpack(fetched[name]) for name in fetched}
    # In the order of study ids, bytewise; those that are not true are left out.
    order = texts["study_id"].argsort()
    true = order[state[order] == _TRUE]
    study_ids, packed = texts.pop("study_id").take(true), packed[true]
    frame = {
        name: texts[name][true] if name in texts else _unpacked(name, packed) for name in columns
    }
    rows = pd.DataFrame(frame, index=pd.Index(study_ids, name="study_id"))
    return StoredRows(rows, *(_uuids(ids[order[state[order] == s]]) for s in (_STALE, _LATER)))


def _uuids(ids: np.ndarray) -> list[UUID]:
    return [UUID(bytes=one.tobytes()) for one in ids]


def _chosen(patients: QuerySet[Patient], names: Iterable[str], as_of: date) -> QuerySet:
    """The columns of each patient side by side, and whether the kept ones are true of the day."""
    standing = _each_once(patients)
    marks = StaleMark.objects.filter(patient_id=OuterRef("pk"))
    is_missing = Q(outcome__isnull=True) | ~Q(outcome__rule_id=RULES.rule_id)
    state = Case(
        When(is_missing | Exists(marks), then=_STALE),
        When(outcome__recorded_until__gt=as_of, then=_LATER),
        default=_TRUE,
        output_field=models.IntegerField(),
    )
    columns = {f"kept_{name}": F(_path(name)) for name in names}
    return standing.order_by().values(kept_state=state, **columns)


def _each_once(patients: QuerySet[Patient]) -> QuerySet[Patient]:
    """The same patients, none of them twice, whatever they were chosen by."""
    query = patients.query
    joins = [getattr(join, "join_field", None) for join in query.alias_map.values()]
    if query.is_sliced or query.distinct or query.combinator or query.group_by is not None:
        is_plain = False
    else:
        is_plain = all(field is None or field.many_to_one or field.one_to_one for field in joins)
    if is_plain:
        return patients
    return Patient.objects.using(patients.db).filter(pk__in=patients.values("pk"))


def _path(name: str) -> str:
    if name in KEPT or name == "packed":
        return f"outcome__{name}"
    return "centre__code" if name == "centre" else name


# ── A kept row as bytes ──────────────────────────────────────────────────────────────────────

MISSING = -(2**31)
_KINDS = {
    models.FloatField: ">f8",
    models.DateField: ">i4",
    models.IntegerField: ">i4",
    models.BooleanField: "i1",
    models.CharField: ">u2",  # the beginning of the word's SHA-256
}
# The fields in the order of their names; texts without bound are not among them.
LAYOUT = np.dtype(
    [
        (name, _KINDS[type(field)])
        for name, field in sorted(KEPT.items())
        if not isinstance(field, models.TextField)
    ]
)
_VOCABULARIES: tuple[type[StrEnum], ...] = (
    *(TreatmentHistory, Route, Response, ResponseReason, VariantReason, YesNoUnknown),
    *(LongTermStatus, LongTermGroup, BlockChange, BlockChangeReason, DoseTrend, DoseReason),
    *(DiagnosisCategory, DiagnosisReason),
)
# `response_by` has words of its own.
_WORDS = ("", "rule", "clinician", *{str(word): None for v in _VOCABULARIES for word in v})


def _begin_of_hash(word: str) -> int:
    return int.from_bytes(sha256(word.encode()).digest()[:2], "big")


_UNKNOWN = -1
_PLACES = np.full(2**16, _UNKNOWN, np.int16)  # of words, by the beginning of their hash
_PLACES[[_begin_of_hash(word) for word in _WORDS]] = np.arange(len(_WORDS))
_TEXTS = pd.array(_WORDS, dtype="str")


def _unpacked(name: str, packed: np.ndarray):
    """A column of packed rows."""
    values, field = packed[name], KEPT[name]
    if isinstance(field, models.FloatField):
        return values.astype(np.float64)
    if isinstance(field, models.CharField):
        places = _PLACES[values]
        if (places == _UNKNOWN).any():
            raise ValueError(f"{name} has a word that is in no vocabulary.")
        return _TEXTS.take(places)
    if isinstance(field, models.BooleanField):
        return pd.arrays.BooleanArray(values == 1, values == -1) if field.null else values == 1
    whole = values.astype(np.int64)
    is_missing = whole == MISSING
    if isinstance(field, models.DateField):
        return dates(np.where(is_missing, np.nan, whole))
    return pd.arrays.IntegerArray(whole, is_missing)


# ── Packing: one value per column comes out of the database, whatever the number of rows ─────

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


class _Days(Packing):
    def unpack(self, packed):
        days = np.frombuffer(packed, ">i4").astype(np.float64)
        return dates(np.where(days == MISSING, np.nan, days))


def _packing(name: str) -> Packing:
    """Of a patient's own column, or of a text without bound."""
    column = f'"kept_{name}"'
    field = KEPT.get(name) or Patient._meta.get_field(name)
    if isinstance(field, models.UUIDField):
        return _Ids(_sent("uuid_send", column))
    if isinstance(field, models.IntegerField):
        return _Numbers(_sent("float8send", f"coalesce({column}, 'NaN'::float8)"))
    if isinstance(field, models.DateField):
        return _Days(_sent("int4send", f"coalesce({column} - DATE '1970-01-01', {MISSING})"))
    # Each text ends with a separator: no row and one empty text are not the same.
    return _Texts(f"coalesce(string_agg(coalesce({column}, '') || chr({ord(SEPARATOR)}), ''), '')")


def _sent(function: str, value: str) -> str:
    return f"coalesce(string_agg({function}({value}), ''::bytea), ''::bytea)"


# From so many patients on, tables are read as they lie and not by their indexes.
MANY = 4_000
# Where a patient has no row.
_NOTHING = LAYOUT.itemsize * "00"
PACKED = Packing(
    f"coalesce(string_agg(coalesce(kept_packed, '\\x{_NOTHING}'), ''::bytea), ''::bytea)"
)


def _fetch(chosen: QuerySet, packing: dict[str, Packing]) -> dict[str, bytes | str]:
    try:
        rows, parameters = chosen.query.get_compiler(chosen.db).as_sql()
    except EmptyResultSet:  # Django knows that nobody can match
        return {n: "" if isinstance(p, _Texts) else b"" for n, p in packing.items()} | {
            "state": b""
        }
    packed = {"state": _sent("int4send", "kept_state")}
    packed |= {name: one.sql for name, one in packing.items()}
    query = f"SELECT {', '.join(packed.values())} FROM ({rows}) AS rows"  # noqa: S608
    is_large = chosen.db in _met_many and _are_many(chosen)
    fetch = _fetch_many if is_large else _fetch_few
    types = ["text" if isinstance(packing.get(n), _Texts) else "bytea" for n in packed]
    return dict(zip(packed, fetch(connections[chosen.db], query, parameters, types), strict=True))


def _fetch_few(connection, query: str, parameters: tuple, types: list[str]) -> tuple:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return cursor.fetchone()


def _fetch_many(connection, query: str, parameters: tuple, types: list[str]) -> tuple:
    """By COPY, because a query's answer would be hexadecimal.

    The policy of outcomes asks for each row whether its patient is seen. Of many it is faster to
    list once who is seen, which the planner takes for dearer than it is.
    """
    with (
        nullcontext() if connection.in_atomic_block else transaction.atomic(connection.alias),
        connection.cursor() as cursor,
    ):
        cursor.execute("SET LOCAL enable_nestloop = off; SET LOCAL jit = off")
        with cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT binary)", parameters) as copy:
            copy.set_types(types)
            (row,) = copy.rows()
        cursor.execute("SET LOCAL enable_nestloop TO DEFAULT; SET LOCAL jit TO DEFAULT")
        return row


_met_many: set[str] = set()  # databases that answered with many rows before


def _are_many(rows: QuerySet) -> bool:
    return rows.values("pk")[:MANY].count() == MANY
