"""Pages that begin behind a key: no row comes twice or never, whatever is recorded meanwhile."""

from collections.abc import Callable, Hashable, Sequence
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError as FieldError
from django.db.models import CharField, F, Field, Model, Q, QuerySet
from django.db.models.expressions import Combinable
from django.db.models.functions import Collate
from rest_framework.exceptions import ErrorDetail, ValidationError

from .composed import Composed, marked, remember, remembered
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


class PageQuery(NamedTuple):
    """The rows of a list, and which columns of them; composed where it is not known already.

    ``of`` is all that they are composed by, beside the cursor. The columns have those of the key
    among them.
    """

    of: Hashable
    compose: Callable[[], tuple[QuerySet, Sequence[str | Combinable]]]


def read_page(
    page: PageQuery, ordering: tuple[str, ...], asked: Cursor | None, size: int
) -> tuple[list[tuple], Links]:
    """The rows behind the cursor, as tuples of columns, and the ways on."""
    backwards = asked is not None and asked.side is Side.BEFORE
    # One more than is shown tells whether the list goes on.
    found, places = _fetched(page, ordering, asked, size + 1)
    shown = found[:size]
    if backwards:
        shown.reverse()
    keys = [tuple(str(row[place]) for place in places) for row in shown]
    return shown, links(keys, asked, goes_on=len(found) > size)


def _fetched(
    page: PageQuery, ordering: tuple[str, ...], asked: Cursor | None, size: int
) -> tuple[list[tuple], Sequence[int]]:
    of = (page.of, asked.side if asked else None, size)
    composed = remembered(of)
    if composed is not None:
        return composed.fetch(_typed(asked, composed.key_fields)), composed.key_places
    rows, columns = page.compose()
    fields = [_field(rows.model, path) for path in ordering] if asked else []
    ordered = in_order(rows, ordering, backwards=asked is not None and asked.side is Side.BEFORE)
    key = marked(_typed(asked, fields))
    if asked is not None:
        ordered = ordered.filter(_behind(asked.side, key))
    places = [columns.index(path) for path in ordering]
    composed = Composed.of(ordered.values_list(*columns)[:size], fields, places)
    if composed is None:
        return [], places
    if composed.can_be_asked_again():
        remember(of, composed)
    return composed.fetch(key), places


def _typed(cursor: Cursor | None, fields: Sequence[Field]) -> list[Any]:
    """The key as the columns have it; no day where this list has days is no place in it."""
    if cursor is None:
        return []
    if len(cursor.key) != len(fields):
        raise unknown_cursor()
    try:
        return [field.to_python(part) for field, part in zip(fields, cursor.key, strict=True)]
    except FieldError:
        raise unknown_cursor() from None


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


def _behind(side: Side, key: Sequence[Any]) -> Q:
    """Further in the first column; or equal there, and further in the next; and so on."""
    step = "gt" if side is Side.AFTER else "lt"
    *outer, (innermost, value) = ((f"key_{n}", value) for n, value in enumerate(key))
    further = Q(**{f"{innermost}__{step}": value})
    for column, value in reversed(outer):
        further = Q(**{f"{column}__{step}": value}) | Q(**{column: value}) & further
    # Says nothing new, but an index can begin with it.
    return Q(**{f"key_0__{step}e": key[0]}) & further
