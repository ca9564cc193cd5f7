"""A query that Django composed once, asked again with another cursor.

Composing takes as long as all that Python does besides for a page: two hundred small objects. What
is kept is text and constants; rows are always PostgreSQL's.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import Field, QuerySet

REMEMBERED = 512  # queries of some kilobytes


class _Day(date):
    place: int


class _Text(str):
    __slots__ = ("place",)


def marked(values: Sequence[Any]) -> list[Any]:
    """The same values, to be known again among the parameters of a query."""
    return [_marked(value, place) for place, value in enumerate(values)]


def _marked(value: Any, place: int) -> Any:
    again: Any = value
    if type(value) is date:
        again = _Day(value.year, value.month, value.day)
    elif type(value) is str:
        again = _Text(value)
    if again is not value:
        again.place = place
    return again


@dataclass(frozen=True)
class Place:
    """Where a value of the cursor belongs."""

    number: int


@dataclass(frozen=True)
class Composed:
    """SQL with its parameters: constants, and places for the values of the cursor."""

    using: str
    sql: str
    parameters: Sequence[Any]
    converters: Mapping[int, tuple[list[Callable], Any]]
    key_fields: Sequence[Field]  # of the cursor's values; none where there is no cursor
    key_places: Sequence[int]  # of the key among the columns

    @classmethod
    def of(
        cls, rows: QuerySet, key_fields: Sequence[Field], key_places: Sequence[int]
    ) -> "Composed | None":
        """None where Django knows that nothing can match."""
        compiler = rows.query.get_compiler(rows.db)
        try:
            sql, parameters = compiler.as_sql()
        except EmptyResultSet:
            return None
        parameters = [
            Place(one.place) if isinstance(one, _Day | _Text) else one for one in parameters
        ]
        columns = [column for column, *_ in compiler.select]
        converters = compiler.get_converters(columns)
        return cls(rows.db, sql, parameters, converters, key_fields, key_places)

    def can_be_asked_again(self) -> bool:
        """Whether every value of the cursor is known among the parameters."""
        places = {one.number for one in self.parameters if isinstance(one, Place)}
        return len(places) == len(self.key_fields)

    def fetch(self, key: Sequence[Any]) -> list[tuple]:
        connection = connections[self.using]
        parameters = [key[one.number] if isinstance(one, Place) else one for one in self.parameters]
        with connection.cursor() as cursor:
            cursor.execute(self.sql, parameters)
            rows = cursor.fetchall()
        for place, (converters, expression) in self.converters.items():
            for number, row in enumerate(rows):
                value = row[place]
                for convert in converters:
                    value = convert(value, expression, connection)
                rows[number] = (*row[:place], value, *row[place + 1 :])
        return rows


_composed: dict[Hashable, Composed] = {}


def remembered(of: Hashable) -> Composed | None:
    return _composed.get(of)


def remember(of: Hashable, composed: Composed) -> None:
    if len(_composed) >= REMEMBERED:
        _composed.clear()
    _composed[of] = composed
