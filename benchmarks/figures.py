"""A measured number with its limit, and a drill as a function that yields some."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True)
class Figure:
    """One line of a report. Without a limit it informs, and cannot fail."""

    name: str
    value: float | None  # None: could not be measured here, and the note says why
    unit: str  # "×" for a ratio to what was measured beside it in the same run
    limit: float | None = None  # the value may be so large and not larger
    note: str = ""
    at_least: bool = False  # the value may be so small and not smaller
    against: str = ""  # what it was measured against
    rounds: int = 1  # how often, taking turns; the value is of the medians
    seconds: Mapping[str, float] = field(default_factory=dict)  # medians of what was compared
    peak_mb: float | None = None  # memory of the process that was measured

    @property
    def held(self) -> bool | None:
        """None where there is nothing to hold."""
        if self.limit is None or self.value is None:
            return None
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    @property
    def reach(self) -> str:
        """What is promised, as a person would write it."""
        if self.limit is None:
            return ""
        return f"{'≥' if self.at_least else '≤'} {self.limit:g} {self.unit}"

    def as_json(self) -> dict:
        ratio = self.value if self.unit == "×" else None
        return asdict(self) | {"ratio": ratio, "reach": self.reach, "met": self.held}


Drill = Callable[[], Iterable[Figure]]


def measured(drill: Drill) -> Iterator[Figure]:
    """The drill's figures; one that breaks off is a figure that failed, not the end of the run."""
    try:
        yield from drill()
    except Exception as problem:  # noqa: BLE001 — whatever went wrong belongs into the report
        name = getattr(drill, "__name__", "a benchmark").replace("_", " ")
        yield Figure(name, 1, "breakdown", limit=0, note=f"{type(problem).__name__}: {problem}")


def print_as_json(*drills: Drill) -> None:
    """For one benchmark run by itself: ``python -m benchmarks.derivation``."""
    figures = [figure for drill in drills for figure in measured(drill)]
    print(as_json(figures))
    sys.exit(any(figure.held is False for figure in figures))


def as_json(figures: Iterable[Figure]) -> str:
    return json.dumps([figure.as_json() for figure in figures], indent=2, ensure_ascii=False)


def as_table(figures: Iterable[Figure]) -> str:
    """Markdown: the issue's table with what was reached."""
    lines = ["| what | against | reach | reached | | seconds |", "|---|---|--:|--:|---|---|"]
    for each in figures:
        verdict = {True: "met", False: "**missed**", None: ""}[each.held]
        reached = "not measured" if each.value is None else f"{each.value:.3g} {each.unit}"
        seconds = ", ".join(f"{name} {value:.3g}" for name, value in each.seconds.items())
        note = f"{verdict} {each.note}".strip()
        lines.append(
            f"| {each.name} | {each.against} | {each.reach} | {reached} | {note} | {seconds} |"
        )
    return "\n".join(lines)
