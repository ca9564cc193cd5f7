"""Pages that begin behind a key: no row comes twice or never, whatever is recorded meanwhile."""

from collections.abc import Sequence
from typing import NamedTuple

from django.core.exceptions import ValidationError as FieldError
from django.db.models import CharField, F, Field, Model, Q, QuerySet
from django.db.models.expressions import Combinable
from django.db.models.functions import Collate
from rest_framework.exceptions import ErrorDetail, ValidationError

from .cursors import Cursor, Side
from .filters import UNKNOWN_CURSOR


class Links(NamedTuple):
    """The ways from a page to its neighbours; None where the list ends."""

    next: Cursor | None
    previous: Cursor | None


def links(keys: list[tuple[str, ...]], asked: Cursor | None, *, goes_on: bool) -> Links:
    """Of a page with these keys; it may go on in the direction in which it was read."""
    if not keys:
        return Links(None, None)
    behind, ahead = Cursor(Side.BEFORE, keys[0]), Cursor(Side.AFTER, keys[-1])
    if asked is None:
        return Links(ahead if goes_on else None, None)
    if asked.side is Side.AFTER:
        return Links(ahead if goes_on else None, behind)
    return Links(ahead, behind if goes_on else None)


def in_order(rows: QuerySet, ordering: tuple[str, ...], *, backwards: bool = False) -> QuerySet:
    """Rows by their key; texts bytewise, so that the order is the same on every machine."""
    keys = {f"key_{place}": _key(rows.model, path) for place, path in enumerate(ordering)}
    return rows.alias(**keys).order_by(*(f"-{key}" if backwards else key for key in keys))


def read_page(
    rows: QuerySet,
    ordering: tuple[str, ...],
    columns: Sequence[str | Combinable],
    asked: Cursor | None,
    size: int,
) -> tuple[list[tuple], Links]:
    """The rows behind the cursor, as tuples of columns, and the ways on."""
    backwards = asked is not None and asked.side is Side.BEFORE
    ordered = in_order(rows, ordering, backwards=backwards)
    if asked is not None:
        try:
            ordered = ordered.filter(_behind(asked, ordering))
        except FieldError:  # no day where this list has days
            raise unknown_cursor() from None
    # One more than is shown tells whether the list goes on.
    found = list(ordered.values_list(*columns)[: size + 1])
    shown = found[:size]
    if backwards:
        shown.reverse()
    places = [columns.index(path) for path in ordering]
    keys = [tuple(str(row[place]) for place in places) for row in shown]
    return shown, links(keys, asked, goes_on=len(found) > size)


def unknown_cursor() -> ValidationError:
    return ValidationError({"cursor": [ErrorDetail(UNKNOWN_CURSOR, "unknown_cursor")]})


def _key(model: type[Model], path: str) -> F | Collate:
    field = _field(model, path)
    # One that is bytewise by itself keeps its index.
    is_foreign = isinstance(field, CharField) and field.db_collation != "C"
    return Collate(path, "C") if is_foreign else F(path)


def _field(model: type[Model], path: str) -> Field:
    *steps, name = path.split("__")
    for step in steps:
        model = model._meta.get_field(step).related_model
    return model._meta.get_field(name)


def _behind(cursor: Cursor, ordering: tuple[str, ...]) -> Q:
    """Further in the first column; or equal there, and further in the next; and so on."""
    if len(cursor.key) != len(ordering):
        raise unknown_cursor()
    step = "gt" if cursor.side is Side.AFTER else "lt"
    *outer, (innermost, value) = ((f"key_{n}", value) for n, value in enumerate(cursor.key))
    further = Q(**{f"{innermost}__{step}": value})
    for key, value in reversed(outer):
        further = Q(**{f"{key}__{step}": value}) | Q(**{key: value}) & further
    # Says nothing new, but an index can begin with it.
    return Q(**{f"key_0__{step}e": cursor.key[0]}) & further
