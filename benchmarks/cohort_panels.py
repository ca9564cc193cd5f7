"""The panels of the cohort over HTTP, each with all patients in it: how long one waits for each."""

from collections.abc import Iterator

import numpy as np

from benchmarks.database import as_operator, filled_database
from benchmarks.figures import Figure
from benchmarks.people import coordinator
from benchmarks.served import Visitor, served
from outcomes.figures.cohort.panels import LATER
from outcomes.freshness import rebuild

LIMIT_SECONDS = 0.3


def figures(patients: int, rounds: int = 5) -> Iterator[Figure]:
    with filled_database(patients) as database:
        with as_operator():
            rebuild()
            user = coordinator()
        with served(database) as port:
            with as_operator():
                visitor = Visitor(port, user)
            for key, address in _addresses().items():
                visitor.seconds(address)  # what is loaded once
                seconds = [visitor.seconds(address) for _ in range(rounds)]
                median = float(np.median(seconds))
                yield Figure(
                    *(f"cohort panel “{key}” over HTTP, all {patients:,} patients", median, "s"),
                    limit=LIMIT_SECONDS,
                    against="absolute",
                    rounds=rounds,
                    seconds={"median": median, "slowest": max(seconds)},
                )


def _addresses() -> dict[str, str]:
    """The first page is one answer; the panels that come after it are one each."""
    return {"first page": "/cohort/"} | {key: f"/cohort/panels/{key}/" for key in LATER}
