"""Activity: a centre's actions, the last one first, page by page."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from .actions import Action, actions_where

ACTIONS_PER_PAGE = 50
LAST_POSSIBLE = UUID(int=2**128 - 1)
STEPS_AT_ONCE = 200
STEPS_PER_PAGE = 4_000

# A walk along audit_entry_of_centre from statement to statement: all rows of one share `at` and
# action, so that one of a million rows is one step.
WALK = f"""
WITH RECURSIVE step AS (
    SELECT %(at)s::timestamptz AS at, %(action_id)s::uuid AS action_id, NULL::bigint AS seq,
        0 AS number
    UNION ALL
    SELECT found.at, found.action_id, found.seq, step.number + 1
    FROM step CROSS JOIN LATERAL (
        SELECT e.at, e.action_id, e.seq FROM audit_entry AS e
        WHERE {{centre}} AND (e.at, e.action_id) < (step.at, step.action_id)
        ORDER BY e.at DESC, e.action_id DESC LIMIT 1
    ) AS found
    WHERE step.number < {STEPS_AT_ONCE} AND found.at >= %(since)s
)
SELECT step.at, step.action_id, e.kind, e.table_name, e.actor_id, e.actor_kind
FROM step JOIN audit_entry AS e ON e.seq = step.seq ORDER BY step.number
"""  # noqa: S608


class Place(NamedTuple):
    """Between which statements a page ends and the next begins."""

    at: datetime
    action_id: UUID = LAST_POSSIBLE


@dataclass(frozen=True)
class Question:
    """Whose activity is asked for, and which of it."""

    centre_id: UUID | None  # None: what belongs to no centre
    since: datetime
    before: datetime
    actor_id: UUID | None = None
    actor_kind: str = ""
    kind: str = ""
    table: str = ""

    def matches(self, step: "Step") -> bool:
        return (
            (self.actor_id is None or step.actor_id == self.actor_id)
            and (not self.actor_kind or step.actor_kind == self.actor_kind)
            and (not self.kind or step.kind == self.kind)
            and (not self.table or step.table == self.table)
        )


class Step(NamedTuple):
    """A statement on the way."""

    at: datetime
    action_id: UUID
    kind: str
    table: str
    actor_id: UUID | None
    actor_kind: str


@dataclass(frozen=True)
class Activity:
    """A page of actions, the last one first, and where the next page begins."""

    actions: list[Action]
    next: Place | None


def list_activity(question: Question, after: Place | None = None) -> Activity:
    """The actions of a page: fewer where little matches, and yet another page may follow."""
    found: dict[UUID, datetime] = {}
    place, walked, goes_on = after or Place(question.before), 0, True
    while goes_on and len(found) < ACTIONS_PER_PAGE and walked < STEPS_PER_PAGE:
        steps = _walk(question, place)
        goes_on = len(steps) == STEPS_AT_ONCE
        for step in steps:
            place, walked = Place(step.at, step.action_id), walked + 1
            if question.matches(step):
                found.setdefault(step.action_id, step.at)
            if len(found) == ACTIONS_PER_PAGE:
                goes_on = True
                break
    return Activity(_shown(question, found), place if goes_on else None)


def _walk(question: Question, place: Place) -> list[Step]:
    where = "e.centre_id = %(centre)s" if question.centre_id else "e.centre_id IS NULL"
    asked = {"centre": question.centre_id, "since": question.since, **place._asdict()}
    with connection.cursor() as cursor:
        cursor.execute(WALK.format(centre=where), asked)
        return [Step(*row) for row in cursor.fetchall()]


def _shown(question: Question, found: Mapping[UUID, datetime]) -> list[Action]:
    """Each action stands where its last matching statement does, on one page alone."""
    where = ["centre_id = %(centre)s" if question.centre_id else "centre_id IS NULL"]
    where += [f"{name} = %({name})s" for name in ("kind", "table_name") if _asks(question, name)]
    where.append("at < %(before)s")
    asked = {
        "centre": question.centre_id,
        "kind": question.kind,
        "table_name": question.table,
        "before": question.before,
    }
    actions = actions_where(list(found), " AND ".join(where), asked)
    return [action for action in actions if action.at == found[action.id]]


def _asks(question: Question, column: str) -> bool:
    return bool(question.table if column == "table_name" else question.kind)
