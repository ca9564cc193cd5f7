"""Where resources come from: one source per kind of record, read as rows of values by its key.

A type of resource has one source or several. A page walks along them in order, each in the order of
its key; a source that cannot hold what is asked for is not asked.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import F, Model, Q, QuerySet
from django.db.models.expressions import Combinable

from mmn_registry.disclosure import Disclosure, Shown
from mmn_registry.rest.coarse import Coarsening, coarsening

from .elements import Element, Row
from .search import Asked, Moments, Token

Rows = list[dict[str, Any]]


def columns(*names: str, **paths: str) -> dict[str, str]:
    """Columns of a row by name; those with another path say it."""
    return {**dict(zip(names, names, strict=True)), **paths}


@dataclass(frozen=True)
class Part:
    """What belongs to a row and is read with it: PostgreSQL's text of a list, and how it is shown.

    ``shown`` reads the text; ``coarsely`` does for who reads by months.
    """

    expression: Callable[[], Combinable]
    shown: Shown
    coarsely: Shown


@dataclass(frozen=True, kw_only=True, eq=False)
class Source:
    """Rows of a table, and the resource that each of them is.

    ``prefix`` tells the ids of a type's sources apart. ``codes`` are what a search for a code
    finds here, with the rows that it is about. ``completes`` adds to rows, as a set, what follows
    from elsewhere.
    """

    resource_type: str
    model: type[Model]
    columns: Mapping[str, str]
    to_resource: Callable[[Row], Element]
    prefix: str = ""
    patient: str = "patient"  # the way to it; "" where the row is the patient
    parents: tuple[str, ...] = ()  # that stand on the way there
    dated_by: str = ""
    codes: tuple[tuple[Token, Q], ...] = ()
    only: Q = field(default_factory=Q)
    shaped: Callable[[QuerySet], QuerySet] = lambda rows: rows
    shown_as: Mapping[str, str | Disclosure] = field(default_factory=dict)
    parts: Mapping[str, Part] = field(default_factory=dict)
    changed: str = "recorded_at"  # when; "" where it follows from many records
    # What must hold of whatever was changed at these moments, and is quicker to look for.
    changed_at_least: Callable[[Moments], Q] = lambda _moments: Q()
    completes: Callable[[Rows, Any], None] = lambda _rows, _user: None
    # How references to what it tells of begin, for a Provenance: `Observation/muscle-`.
    targets: tuple[str, ...] = ()
    can_be_voided: bool = True

    # ── Which rows ───────────────────────────────────────────────────────────────────────────

    def rows(self, user, asked: Asked) -> QuerySet | None:
        """What a user may see of what is asked for; None if there can be nothing."""
        wanted = self._wanted(asked)
        if wanted is None:
            return None
        manager = self.model.including_voided if asked.voided else self.model.objects
        rows = self.shaped(manager.visible_to(user)).filter(self.only & wanted)
        if asked.permitted is not None:
            rows = rows.filter(**{f"{self.model.centre_path}__in": asked.permitted})
        return rows

    def _wanted(self, asked: Asked) -> Q | None:
        standing = () if asked.voided else self.parents
        ways = [*standing, self.patient] if self.patient else []
        wanted = Q(**{f"{way}__voided_at": None for way in ways})
        if asked.voided:
            if not (self.can_be_voided and self.patient):
                return None
            wanted &= Q(voided_at__isnull=False)
        if asked.patient is not None:
            wanted &= Q(**{self.path_to_patient: asked.patient})
        if asked.study_ids is not None:
            wanted &= Q(**{self._of_patient("study_id") + "__in": asked.study_ids})
        if asked.dates:
            if not self.dated_by:
                return None
            wanted &= asked.on_days(self.dated_by)
        if asked.changed:
            if not self.changed:
                return None
            wanted &= self.changed_at_least(asked.changed) & asked.at_moments(self.changed)
        chosen = self._of_codes(asked.codes), self._of_ids(asked.ids), self._of_target(asked.target)
        for more in chosen:
            if more is None:
                return None
            wanted &= more
        return wanted

    def _of_codes(self, asked: Sequence[Token] | None) -> Q | None:
        if asked is None:
            return Q()
        about = [rows for token, rows in self.codes if any(one.means(token) for one in asked)]
        return _any_of(about)

    def _of_ids(self, asked: Sequence[str] | None) -> Q | None:
        if asked is None:
            return Q()
        keys = [key for one in asked if (key := self.key_of(one)) is not None]
        return Q(pk__in=keys) if keys else None

    def key_of(self, resource_id: str) -> UUID | None:
        """The record of a resource's id; None for an id of another source, and for none at all."""
        return _key_behind(self.prefix, resource_id)

    def _of_target(self, asked: str | None) -> Q | None:
        if asked is None:
            return Q()
        keys = [key for begins in self.targets if (key := _key_behind(begins, asked))]
        return Q(pk__in=keys) if keys else None

    @property
    def path_to_patient(self) -> str:
        return self._of_patient("id")

    def _of_patient(self, name: str) -> str:
        return f"{self.patient}__{name}" if self.patient else name

    # ── Reading them ─────────────────────────────────────────────────────────────────────────

    def read(self, rows: QuerySet, user, *, after: UUID | None, most: int) -> Rows:
        """Up to so many rows behind a key, as who asks may see them."""
        if after is not None:
            rows = rows.filter(pk__gt=after)
        values = list(rows.order_by("pk").values_list(*self._expressions())[:most])
        found = [self._row(row, coarse=self._coarsening()) for row in values] if values else []
        if found:
            self.completes(found, user)
        return found

    def _expressions(self) -> list[str | Combinable]:
        return [
            F("pk"),
            F("version"),
            F("voided_at"),
            F(self.path_to_patient),
            F(self._of_patient("study_id")),
            F(f"{self.model.centre_path}__id"),
            *([F(self.changed)] if self.changed else []),
            *(F(path) for path in self.columns.values()),
            *(part.expression() for part in self.parts.values()),
        ]

    def _coarsening(self) -> Coarsening | None:
        changed = ["recorded_at"] if self.changed else []
        coarse = coarsening(self.model, [*changed, *self.columns.values()], self.shown_as)
        return coarse.also([part.coarsely for part in self.parts.values()]) if coarse else None

    def _row(self, values: Sequence[Any], *, coarse: Coarsening | None) -> dict[str, Any]:
        key, version, voided_at, patient_id, study_id, centre, *more = values
        pseudonymised = coarse is not None and centre not in coarse.own
        if pseudonymised:
            more = coarse.row(more, centre)
        else:
            start = len(more) - len(self.parts)
            more = [
                *more[:start],
                *(p.shown(text) for p, text in zip(self.parts.values(), more[start:], strict=True)),
            ]
        names = [*(["recorded_at"] if self.changed else []), *self.columns, *self.parts]
        return {
            "id": key,
            "version": version,
            "voided": voided_at is not None,
            "patient_id": patient_id,
            "study_id": study_id,
            "pseudonymised": pseudonymised,
            **dict(zip(names, more, strict=True)),
        }


def _key_behind(prefix: str, written: str) -> UUID | None:
    if not written.startswith(prefix):
        return None
    rest = written.removeprefix(prefix)
    try:
        key = UUID(rest)
    except ValueError:
        return None
    return key if str(key) == rest else None  # an id is written in one way only


def _any_of(conditions: Sequence[Q]) -> Q | None:
    """One of them holds; None if there is none."""
    if not conditions:
        return None
    wanted = conditions[0]
    for other in conditions[1:]:
        # What holds of all rows leaves nothing to be asked for.
        wanted = Q() if not wanted or not other else wanted | other
    return wanted


@dataclass(frozen=True)
class Place:
    """Where a walk along sources has come to: behind a key of one of them."""

    source: int
    after: UUID | None = None


def walk(
    sources: Sequence[Source], user, asked: Asked, *, begin: Place, most: int
) -> tuple[list[tuple[Source, dict[str, Any]]], Place | None]:
    """Up to so many rows from a place on, and the place behind them; None where nothing follows.

    One query per source that is asked, and none for those that are not reached.
    """
    found: list[tuple[Source, dict[str, Any]]] = []
    for number in range(begin.source, len(sources)):
        source = sources[number]
        rows = source.rows(user, asked)
        if rows is None:
            continue
        after = begin.after if number == begin.source else None
        # One more than is shown tells that something follows.
        read = source.read(rows, user, after=after, most=most - len(found) + 1)
        room = most - len(found)
        if len(read) > room:
            last = read[room - 1]["id"] if room else after
            return [*found, *((source, row) for row in read[:room])], Place(number, last)
        found += [(source, row) for row in read]
    return found, None


def everything(
    sources: Sequence[Source], user, asked: Asked, *, at_a_time: int
) -> Iterator[tuple[Source, dict[str, Any]]]:
    """All rows there are, so many read at a time: memory stays flat however long it takes."""
    place: Place | None = Place(0)
    while place is not None:
        found, place = walk(sources, user, asked, begin=place, most=at_a_time)
        yield from found
