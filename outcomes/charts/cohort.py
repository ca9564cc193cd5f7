"""Geometry of the cohort page's smaller figures: a stacked bar, slopes, dots."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

# ---------- One bar of a whole ----------


@dataclass(frozen=True)
class Part:
    code: str
    n: int
    percent: float
    percent_width: float

    @property
    def middle(self) -> float:
        return round(self.percent + self.percent_width / 2, 2)


def stacked_bar(counts: Sequence[tuple[str, int]]) -> tuple[Part, ...]:
    """Parts from left to right; a part of nobody is left out."""
    total = sum(n for _, n in counts)
    parts, begun = [], 0
    for code, n in counts:
        if n:
            parts.append(Part(code, n, _share(begun, total), _share(n, total)))
        begun += n
    return tuple(parts)


def _share(n: int, total: int) -> float:
    return round(n / total * 100, 2)


# ---------- Counts of first and last study, joined by a line ----------

SLOPE_STEP_PX = 26
SLOPE_MARGIN_PX = 14


@dataclass(frozen=True)
class Slope:
    y_first: float
    y_last: float
    direction: str  # "decreased", "unchanged", "increased"
    patients: int
    width_px: float
    label_percent: float
    y_label: float


@dataclass(frozen=True)
class Slopes:
    height: int
    rows: tuple[tuple[int, float], ...]
    slopes: tuple[Slope, ...]


LABEL_PLACES = (0.5, 0.36, 0.64, 0.24, 0.76)


def slopes(paths: Sequence[tuple[int, int, int]]) -> Slopes | None:
    """Lines from first to last count; labels step aside where their circles would meet."""
    if not paths:
        return None
    counts = [n for first, last, _ in paths for n in (first, last)]
    lowest, highest = min(counts), max(counts)

    def y(count: int) -> float:
        return SLOPE_MARGIN_PX + (highest - count) * SLOPE_STEP_PX

    taken: list[tuple[float, float]] = []
    drawn = []
    for first, last, patients in sorted(paths, key=lambda p: -p[2]):
        at, y_label = _label_place(y(first), y(last), taken)
        taken.append((at, y_label))
        drawn.append(
            Slope(
                y_first=y(first),
                y_last=y(last),
                direction=_direction(first, last),
                patients=patients,
                width_px=min(1.5 + patients, 8),
                label_percent=round(at * 100, 1),
                y_label=y_label,
            )
        )
    rows = tuple((n, y(n)) for n in range(highest, lowest - 1, -1))
    return Slopes(int(y(lowest) + SLOPE_MARGIN_PX), rows, tuple(drawn))


def _direction(first: int, last: int) -> str:
    if last == first:
        return "unchanged"
    return "decreased" if last < first else "increased"


def _label_place(
    y_first: float, y_last: float, taken: list[tuple[float, float]]
) -> tuple[float, float]:
    """The first place along the line that no other label has come near."""
    places = [(at, round(y_first + (y_last - y_first) * at, 1)) for at in LABEL_PLACES]
    free = (p for p in places if all(_apart(p, other) for other in taken))
    return next(free, places[0])


def _apart(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return abs(one[1] - other[1]) >= 19 or abs(one[0] - other[0]) >= 0.13


# ---------- One dot a patient ----------

DOT_PX = 11


@dataclass(frozen=True)
class Dot:
    percent: float
    y: float
    code: str
    name: str


@dataclass(frozen=True)
class Dots:
    height: int
    dots: tuple[Dot, ...]
    ticks: tuple[tuple[str, float], ...]
    median_percent: float


def dot_plot(
    values: Sequence[tuple[float, str, str]], median: float, columns: int = 30
) -> Dots | None:
    """Values [unit of the axis] with code and name, stacked in columns; ticks at round steps."""
    if not values:
        return None
    highest = max(value for value, _, _ in values)
    step = next(s for s in (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 1e9) if highest <= s * 6)
    top = max(math.ceil(highest / step - 1e-9), 1) * step
    width = top / columns
    stacked: Counter[int] = Counter()
    placed = []
    for value, code, name in sorted(values):
        column = min(int(value / width + 1e-9), columns - 1)
        placed.append((column, stacked[column], code, name))
        stacked[column] += 1
    height = max(stacked.values()) * DOT_PX + 12
    return Dots(
        height=height,
        dots=tuple(
            Dot(
                percent=round((column + 0.5) / columns * 100, 2),
                y=height - DOT_PX * (above + 0.5),
                code=code,
                name=name,
            )
            for column, above, code, name in placed
        ),
        ticks=tuple(
            (f"{step * i:g}", round(step * i / top * 100, 2)) for i in range(round(top / step) + 1)
        ),
        median_percent=round(median / top * 100, 2),
    )
