"""Answers for who reads patients pseudonymised: the same columns, in months and without texts."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Model

from mmn_registry.disclosure import (
    Disclosure,
    Shown,
    as_it_is,
    left_out,
    month_text,
    own_centres,
    pseudonymised,
    pseudonymised_somewhere,
)

# Of a column that is in no table: the field it is made of, or how much it gives away.
ShownAs = Mapping[str, str | Disclosure]


@dataclass(frozen=True)
class Coarsening:
    """How each column of a row is written, but for rows of one's own centres."""

    shows: Sequence[Shown]
    own: Collection[Any]

    def row(self, values: Sequence[Any], centre: Any) -> Sequence[Any]:
        if centre in self.own:
            return values
        return [show(value) for show, value in zip(self.shows, values, strict=True)]

    def also(self, shows: Sequence[Shown]) -> "Coarsening":
        """The same for rows that have more columns."""
        return replace(self, shows=[*self.shows, *shows])

    def rows_with_centre(self, rows: Iterable[Sequence[Any]]) -> Iterable[Sequence[Any]]:
        """Rows whose last value is their centre, which is taken off."""
        return (self.row(values, centre) for *values, centre in rows)


def coarsening(model: type[Model], paths: Sequence[str], shown_as: ShownAs) -> Coarsening | None:
    """Of recorded columns, by their fields' classes; None where all is shown as it is."""
    if not pseudonymised_somewhere():
        return None
    shows = [_shown(model, shown_as.get(path, path)) for path in paths]
    return Coarsening(shows, own_centres())


def _shown(model: type[Model], path: str | Disclosure) -> Shown:
    if isinstance(path, Disclosure):
        return as_it_is if path is Disclosure.CLINICAL else left_out
    return pseudonymised(model, path)


def coarsening_of_days(are_days: Sequence[bool], own_codes: Collection[str]) -> Coarsening:
    """Of derived columns: their days become months, what was counted from them stays."""
    return Coarsening([month_text if is_day else as_it_is for is_day in are_days], own_codes)
