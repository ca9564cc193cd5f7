"""What belongs to a row, inside it: PostgreSQL writes the JSON of a row's parts.

So a page and all parts of its rows are one query, and no object is built per part.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from django.db.models import F, Func, JSONField, OuterRef, QuerySet, Subquery, TextField, Value
from django.db.models.functions import NullIf
from rest_framework import serializers

from mmn_registry.disclosure import Shown, as_it_is

from .coarse import ShownAs, coarsening
from .paging import in_order


class JsonObject(Func):
    """Values by name, in this order."""

    function = "json_build_object"
    output_field = JSONField()


class JsonRows(Subquery):
    """All rows of a query with one column, in their order, as the text of one list."""

    template = "(SELECT coalesce(json_agg(part), '[]')::text FROM (%(subquery)s) AS parts (part))"
    output_field = TextField()


@dataclass(frozen=True)
class Parts:
    """The parts of a row that are read with it when they are asked for.

    ``rows`` gives the standing parts of whatever row, ``parent`` is their way to it, and
    ``ordering`` their order within it.
    """

    serializer_class: type[serializers.Serializer]
    rows: Callable[[], QuerySet]
    parent: str
    ordering: tuple[str, ...]
    shown_as: ShownAs = field(default_factory=dict)

    def expression(self) -> JsonRows:
        rows = in_order(self.rows().filter(**{self.parent: OuterRef("pk")}), self.ordering)
        named = [part for name, column in self._columns().items() for part in (Value(name), column)]
        return JsonRows(rows.values_list(JsonObject(*named)))

    def coarsened(self) -> Shown:
        """The same text for who reads pseudonymised."""
        names = list(self._fields)
        coarse = coarsening(self.rows().model, names, self.shown_as)
        shows = dict(zip(names, coarse.shows if coarse else (), strict=True))
        if all(show is as_it_is for show in shows.values()):
            return as_it_is
        return lambda text: json.dumps(
            [{n: shows[n](value) for n, value in part.items()} for part in json.loads(text)]
        )

    def _columns(self) -> Mapping[str, F | NullIf]:
        """As in a list of their own: texts that were not recorded are null."""
        return {
            name: NullIf(F(name), Value("")) if _is_text(column) else F(name)
            for name, column in self._fields.items()
        }

    @cached_property
    def _fields(self) -> Mapping[str, serializers.Field]:
        return self.serializer_class().fields


def _is_text(column: serializers.Field) -> bool:
    return isinstance(column, serializers.CharField | serializers.ChoiceField)
