"""A measured number with its limit, and a drill as a function that yields some."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Figure:
    """One line of the report. Without a limit it informs, and cannot fail."""

    name: str
    value: float | None  # None: could not be measured here, and the note says why
    unit: str
    limit: float | None = None  # the value may be so large and not larger
    note: str = ""

    @property
    def held(self) -> bool | None:
        """None where there is nothing to hold."""
        if self.limit is None or self.value is None:
            return None
        return self.value <= self.limit


Drill = Callable[[], Iterable[Figure]]


def measured(drill: Drill) -> Iterator[Figure]:
    """The drill's figures; one that breaks off is a figure that failed, not the end of the run."""
    try:
        yield from drill()
    except Exception as problem:  # noqa: BLE001 — whatever went wrong belongs into the report
        name = drill.__name__.replace("_", " ")
        yield Figure(name, 1, "breakdown", limit=0, note=f"{type(problem).__name__}: {problem}")


def print_as_json(*drills: Drill) -> None:
    """For one benchmark run by itself: ``python -m benchmarks.derivation``."""
    figures = [figure for drill in drills for figure in measured(drill)]
    json.dump([asdict(f) | {"held": f.held} for f in figures], sys.stdout, indent=2)
    print()
    sys.exit(any(figure.held is False for figure in figures))
