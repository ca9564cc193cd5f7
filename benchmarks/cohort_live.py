"""The cohort's summary over HTTP while others record: what is seen is what was saved."""

import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from random import Random

import numpy as np

from benchmarks.beside import save
from benchmarks.database import as_operator, filled_database
from benchmarks.figures import Figure
from benchmarks.people import coordinator
from benchmarks.served import Visitor, served
from mmn_registry.accounts.models import Centre
from outcomes.freshness import rebuild

ASKED = 20  # times in a round
LIMIT_SECONDS = 0.1


def figures(patients: int, rounds: int = 5) -> Iterator[Figure]:
    with filled_database(patients) as database:
        with as_operator():
            rebuild()
            user, centres = coordinator(), [c.code for c in Centre.objects.order_by("code")]
        with served(database) as port:
            with as_operator():
                visitor = Visitor(port, user)
            visitor.seconds("/api/v1/cohort/summary/")  # what is loaded once
            still = [_asked(visitor, centres, turn) for turn in range(rounds)]
            with _saving(database) as saver:
                live = [_asked(visitor, centres, turn) for turn in range(rounds)]
                began, ended, saves = _told(saver)
    name = f"cohort summary over HTTP, random filters, at {patients:,} patients"
    note = f"{saves / (ended - began):.0f} saves/s went on; one centre in nine of ten requests"
    yield _figure(name, live, "absolute, p95, saves going on", note, LIMIT_SECONDS)
    yield _figure(name, still, "absolute, p95, nothing saved meanwhile", "", None)


def _figure(
    name: str, seconds: list[list[float]], against: str, note: str, limit: float | None
) -> Figure:
    every = np.concatenate(seconds)
    slowest = float(np.quantile(every, 0.95))
    medians = {"median": float(np.median(every)), "p95": slowest}
    return Figure(
        *(name, slowest, "s"),
        limit=limit,
        against=against,
        note=note,
        rounds=len(seconds),
        seconds=medians,
    )


def _address(centres: list[str], random: Random) -> str:
    """One centre, or now and then all of them."""
    centre = "" if random.random() < 0.1 else f"?centre={random.choice(centres)}"
    return f"/api/v1/cohort/summary/{centre}"


def _asked(visitor: Visitor, centres: list[str], turn: int) -> list[float]:
    random = Random(turn)  # noqa: S311
    return [visitor.seconds(_address(centres, random)) for _ in range(ASKED)]


@contextmanager
def _saving(database: str) -> Iterator[Connection]:
    """Another process that records visits until it is asked how many they were."""
    ours, theirs = multiprocessing.Pipe()
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=save, args=(database, theirs))
    process.start()
    ours.recv()  # the first is stored
    try:
        yield ours
    finally:
        ours.close()
        process.join()


def _told(saver: Connection) -> tuple[float, float, int]:
    saver.send("enough")
    return saver.recv()
