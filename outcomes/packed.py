"""Columns of recorded tables as arrays: one packed value for many rows, no Python object per row.

PostgreSQL strings the values of a column together, each in the same number of bytes, and NumPy
reads the string as an array. All values of one query come in the same order of rows. Codes travel
as the place of their word in the vocabulary, all codes of a row in one number.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from sys import intern
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd
from django.core.exceptions import EmptyResultSet
from django.db import connections, models
from django.db.models import F, Func, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.lookups import Lookup

from outcomes.derivation.timeline import starts_of_runs

MISSING_DAY = -(2**31)
# Between texts of one column; the validators of names and lines let no control character in.
SEPARATOR = "\x1f"
# Pages of a table that are read at a time: with 60 rows on each, about a million rows.
PAGES_AT_ONCE = 16_384
# So few are looked up one by one faster than an index of them is made.
FEW_IDS = 1_000

Columns = dict[str, npt.NDArray]
Packed = tuple[bytes | str | None, ...]


class Strung(Func):
    """The bytes of all rows, one after another. No aggregate of Django's: nothing is grouped."""

    template = "string_agg(%(expressions)s, ''::bytea)"
    output_field = models.BinaryField()


class Joined(Func):
    """The texts of all rows, separated."""

    template = "string_agg(%(expressions)s, chr(31))"
    output_field = models.TextField()


class AsBytes(Func):
    """A value in a fixed number of bytes."""

    output_field = models.BinaryField()

    @staticmethod
    def array(packed: bytes) -> npt.NDArray:
        raise NotImplementedError


class Id(AsBytes):
    function = "uuid_send"

    @staticmethod
    def array(packed: bytes) -> npt.NDArray:
        return np.frombuffer(packed, "V16")


class Day(AsBytes):
    """Days since 1970-01-01."""

    template = f"int4send(coalesce(%(expressions)s - DATE '1970-01-01', {MISSING_DAY}))"

    @staticmethod
    def array(packed: bytes) -> npt.NDArray:
        days = np.frombuffer(packed, ">i4").astype(np.int64)
        dates = days.astype("datetime64[D]").astype("datetime64[s]")
        dates[days == MISSING_DAY] = np.datetime64("NaT")
        return dates


class Number(AsBytes):
    template = "float8send(coalesce(%(expressions)s::float8, 'NaN'))"

    @staticmethod
    def array(packed: bytes) -> npt.NDArray:
        return np.frombuffer(packed, ">f8").astype(float)


class AnyOf(Lookup):
    """One array as one parameter, however many keys."""

    lookup_name = "any_of"
    prepare_rhs = False

    def as_sql(self, compiler, connection):
        column, parameters = self.process_lhs(compiler, connection)
        return f"{column} = ANY(%s::uuid[])", [*parameters, self.rhs]


@dataclass(frozen=True)
class Code:
    """A column of codes: its words, and the values by which the table tells the places of words.

    What is none of these values stands for the first word.
    """

    words: tuple[str, ...]
    column: str
    values: tuple[tuple[int, str | int | bool], ...]  # place, value

    @classmethod
    def of(cls, field: models.Field) -> "Code":
        if isinstance(field, models.BooleanField):
            return cls(("", "no", "yes"), field.column, ((1, False), (2, True)))
        words = tuple(str(word) for word, _ in field.choices)
        words = ("", *words) if field.blank else words
        return cls(words, field.column, tuple(enumerate(words)))

    def place(self, table: str) -> str:
        """SQL: the place of a row's word."""
        cases = " ".join(f"WHEN {_literal(value)} THEN {place}" for place, value in self.values)
        return f'CASE "{table}"."{self.column}" {cases} ELSE 0 END'


def _literal(value: str | int | bool) -> str:
    return f"'{value}'" if isinstance(value, str) else str(value)


@dataclass(frozen=True)
class Statement:
    """SQL whose only row has a packed value per column."""

    sql: str
    parameters: tuple
    types: list[str]  # PostgreSQL's


def fetch_together(statements: Sequence[Statement], using: str) -> list[Packed]:
    """Their rows, in one round. COPY, because a query's answer would be hexadecimal."""
    asked = ", ".join(f"({one.sql}) AS part_{n}" for n, one in enumerate(statements))
    statement = f"COPY (SELECT * FROM {asked}) TO STDOUT (FORMAT binary)"  # noqa: S608
    parameters = [value for one in statements for value in one.parameters]
    with (
        connections[using].cursor() as cursor,
        cursor.copy(statement, parameters) as copy,
    ):
        copy.set_types([kind for one in statements for kind in one.types])
        (row,) = copy.rows()
    values = iter(row)
    return [tuple(islice(values, len(one.types))) for one in statements]


class PackedColumns:
    """How some columns of a model come out of the database, and become arrays.

    Dates become datetime64[s] (NaT = not recorded), numbers float64 (NaN), codes int8, the place
    in ``words``, texts Python's own, ids 16 bytes.
    """

    def __init__(
        self,
        model: type[models.Model],
        paths: Mapping[str, str],
        special: Mapping[str, Code] = MappingProxyType({}),
    ):
        fields = {column: _field(model, path) for column, path in paths.items()}
        is_code = {
            c: bool(f.choices) or isinstance(f, models.BooleanField) for c, f in fields.items()
        }
        self.codes = {c: special.get(c) or Code.of(f) for c, f in fields.items() if is_code[c]}
        self.words = {c: pd.Index(code.words, dtype="str") for c, code in self.codes.items()}
        self._table = model._meta.db_table
        self._strung = {
            column: _kind(field)(F(paths[column]))
            for column, field in fields.items()
            if not is_code[column] and not _is_text(field)
        }
        self._joined = {
            column: Joined(F(paths[column]))
            for column, field in fields.items()
            if not is_code[column] and _is_text(field)
        }

    def read(self, rows: QuerySet) -> Columns:
        return self.unpacked(self.fetch(rows))

    def fetch(self, rows: QuerySet) -> Packed:
        """One packed value per column."""
        (packed,) = fetch_together([self.statement(rows)], rows.db)
        return packed

    def statement(self, rows: QuerySet) -> "Statement":
        """What asks for one packed value per column."""
        asked = [Strung(expression) for expression in self._strung.values()]
        asked += [Strung(RawSQL(f"int4send({self._one_number()})", []))]  # noqa: S611
        asked += self._joined.values()
        types = ["bytea"] * (len(self._strung) + 1) + ["text"] * len(self._joined)
        try:
            query = rows.order_by().values_list(*asked).query
            sql, parameters = query.get_compiler(rows.db).as_sql()
        except EmptyResultSet:  # Django knows that nothing can match
            return Statement(f"SELECT {', '.join(['NULL'] * len(types))}", (), types)
        return Statement(sql, parameters, types)

    def statement_for(self, records: QuerySet, key: str) -> "Callable[[Ids], Statement]":
        """The statement for the rows of any parents, composed once."""
        hole: list[str] = []
        (rows,) = _rows_with(records, key, hole)
        statement = self.statement(rows)

        def of(parents: "Ids") -> Statement:
            filled = [parents.listed if p is hole else p for p in statement.parameters]
            return replace(statement, parameters=tuple(filled))

        return of

    def unpacked(self, packed: Packed) -> Columns:
        values = iter(packed)
        strung = {c: kind.array(next(values) or b"") for c, kind in self._strung.items()}
        places = self._places(np.frombuffer(next(values) or b"", ">i4"))
        return {**strung, **places, **{c: _texts(next(values)) for c in self._joined}}

    def _one_number(self) -> str:
        """Places as digits of one number: each has its own base, the last stands lowest."""
        number = "0"
        for code in self.codes.values():
            number = f"({number}) * {len(code.words)} + {code.place(self._table)}"
        return number

    def _places(self, number: npt.NDArray) -> Columns:
        number, places = number.astype(np.int32), {}
        for column, code in reversed(self.codes.items()):
            number, place = np.divmod(number, np.int32(len(code.words)))
            places[column] = place.astype(np.int8)
        return places


def _field(model: type[models.Model], path: str) -> models.Field:
    *steps, name = path.split("__")
    for step in steps:
        model = model._meta.get_field(step).related_model
    return model._meta.get_field(name)


def _is_text(field: models.Field) -> bool:
    return isinstance(field, models.CharField | models.TextField)


def _kind(field: models.Field) -> type[AsBytes]:
    if isinstance(field, models.UUIDField | models.ForeignKey):
        return Id
    return Day if isinstance(field, models.DateField) else Number


def _texts(joined: str | None) -> npt.NDArray:
    """Rows share few texts, and so few of Python's objects."""
    texts = [] if joined is None else [intern(text) for text in joined.split(SEPARATOR)]
    return np.array(texts, dtype=object)


# ── Which rows ───────────────────────────────────────────────────────────────────────────────


def rows_of(records: QuerySet, key: str, parents: "Ids") -> Iterator[QuerySet]:
    """The rows of these parents, found by the index on their key."""
    yield from _rows_with(records, key, parents.listed)


def _rows_with(records: QuerySet, key: str, listed: list[str]) -> Iterator[QuerySet]:
    yield records.filter(AnyOf(F(key), listed))


def rows_in_passing(records: QuerySet, pages_at_once: int = PAGES_AT_ONCE) -> Iterator[QuerySet]:
    """All rows, some pages of the table at a time, in the order in which they lie there."""
    table = records.model._meta.db_table
    with connections[records.db].cursor() as cursor:
        cursor.execute("SELECT pg_relation_size(%s) / current_setting('block_size')::int", [table])
        pages = cursor.fetchone()[0]
    for first in range(0, max(pages, 1), pages_at_once):
        yield records.filter(
            RawSQL(
                "ctid >= %s::tid AND ctid < %s::tid",
                [f"({first},0)", f"({first + pages_at_once},0)"],
                output_field=models.BooleanField(),
            )
        )


class Ids:
    """The ids of parents; finds at which place the parent of each row is."""

    def __init__(self, ids: npt.NDArray):
        self.all = ids

    @property
    def listed(self) -> list[str]:
        """As texts that PostgreSQL reads."""
        ids = self.all.tobytes().hex()
        return [ids[at : at + 32] for at in range(0, len(ids), 32)]

    def places(self, keys: npt.NDArray) -> npt.NDArray[np.int32]:
        """-1 where the parent is none of these. Rows of one parent often lie together."""
        high, low = _halves(keys)
        first = np.flatnonzero(starts_of_runs(high) | starts_of_runs(low))
        if len(first) <= FEW_IDS and len(self.all) <= FEW_IDS:
            found = np.array([self._place.get(key, -1) for key in keys[first].tolist()], np.int32)
        else:
            runs = pd.MultiIndex.from_arrays([high[first], low[first]])
            found = self._index.get_indexer(runs)
        return np.repeat(found, np.diff(np.append(first, len(keys)))).astype(np.int32)

    @cached_property
    def _place(self) -> dict[bytes, int]:
        return {one: place for place, one in enumerate(self.all.tolist())}

    @cached_property
    def _index(self) -> pd.MultiIndex:
        return pd.MultiIndex.from_arrays(_halves(self.all))


def _halves(ids: npt.NDArray) -> tuple[npt.NDArray, npt.NDArray]:
    both = np.frombuffer(ids.tobytes(), np.uint64).reshape(-1, 2)
    return both[:, 0], both[:, 1]
