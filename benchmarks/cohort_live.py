"""The cohort's summary over HTTP while others record: what is seen is what was saved."""

import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from random import Random
from typing import Any, NamedTuple
from urllib.parse import urlencode

import numpy as np

from benchmarks.beside import derive, save
from benchmarks.database import as_operator, filled_database
from benchmarks.figures import Figure
from benchmarks.people import coordinator
from benchmarks.served import Visitor, served
from mmn_registry.accounts.models import Centre
from mmn_registry.rest.filters import CodeField
from outcomes.api import CohortSummary
from outcomes.freshness import rebuild

ASKED = 20  # times in a round
LIMIT_SECONDS = 0.1
CODES = {
    name: [code for code, _label in field.choices]
    for name, field in CohortSummary.filter_form.base_fields.items()
    if isinstance(field, CodeField)
}


class Asked(NamedTuple):
    """An answer's seconds, and whether it was about all centres."""

    seconds: float
    of_all: bool


def figures(patients: int, rounds: int = 5) -> Iterator[Figure]:
    with filled_database(patients) as database:
        with as_operator():
            rebuild()
            user, centres = coordinator(), [c.code for c in Centre.objects.order_by("code")]
        with served(database) as port:
            with as_operator():
                visitor = Visitor(port, user)
            for _time in range(2):
                visitor.seconds("/api/v1/cohort/summary/")  # what is loaded once
            still = [one for turn in range(rounds) for one in _asked(visitor, centres, turn)]
            with _going_on(derive, database) as worker, _going_on(save, database) as saver:
                live = [one for turn in range(rounds) for one in _asked(visitor, centres, turn)]
                began, ended, saves = _told(saver)
                _told(worker)
    name = f"cohort summary over HTTP, random filters, at {patients:,} patients"
    note = f"{saves / (ended - began):.0f} saves/s went on; one centre in nine of ten requests"
    yield _figure(
        name, live, "absolute, p95, saves going on", note, rounds=rounds, limit=LIMIT_SECONDS
    )
    yield _figure(
        name, still, "absolute, p95, nothing saved meanwhile", "", rounds=rounds, limit=None
    )


def _figure(
    name: str, asked: list[Asked], against: str, note: str, *, rounds: int, limit: float | None
) -> Figure:
    seconds = {"p95": _quantile(asked, 0.95), "median": _quantile(asked, 0.5)}
    for words, of_all in (("one centre", False), ("all centres", True)):
        if own := [one for one in asked if one.of_all == of_all]:
            seconds |= {f"{words}, p95": _quantile(own, 0.95)}
            seconds |= {f"{words}, median": _quantile(own, 0.5)}
    return Figure(
        *(name, seconds["p95"], "s"),
        limit=limit,
        against=against,
        note=note,
        rounds=rounds,
        seconds=seconds,
    )


def _quantile(asked: list[Asked], part: float) -> float:
    return float(np.quantile([one.seconds for one in asked], part))


def _filter(centres: list[str], random: Random) -> dict[str, str]:
    """One centre, or now and then all of them; of the other filters none, one or two."""
    asked = {} if random.random() < 0.1 else {"centre": random.choice(centres)}
    names = random.sample(sorted(CODES), min(len(CODES), random.choice([0, 1, 2])))
    return asked | {name: random.choice(CODES[name]) for name in names}


def _asked(visitor: Visitor, centres: list[str], turn: int) -> Iterator[Asked]:
    random = Random(turn)  # noqa: S311
    for _time in range(ASKED):
        chosen = _filter(centres, random)
        seconds = visitor.seconds(f"/api/v1/cohort/summary/?{urlencode(chosen)}")
        yield Asked(seconds, "centre" not in chosen)


@contextmanager
def _going_on(what: Callable[[str, Connection], None], database: str) -> Iterator[Connection]:
    """Another process at work until it is told that it is enough."""
    ours, theirs = multiprocessing.Pipe()
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=what, args=(database, theirs))
    process.start()
    theirs.close()  # so that an end without a word is heard
    ours.recv()  # it has begun
    try:
        yield ours
    finally:
        ours.close()
        process.join()


def _told(process: Connection) -> Any:
    process.send("enough")
    return process.recv()
