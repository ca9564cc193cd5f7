"""Geometry of the cohort page's smaller figures: a bar of a whole, slopes, dots."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from outcomes.charts.scales import Box, box_of, text_width_px

# ---------- One bar of a whole ----------

BAR_PX = 300  # the narrowest bar on any page; names that fit there fit everywhere


@dataclass(frozen=True)
class Part:
    code: str
    n: int
    percent: float
    percent_width: float

    @property
    def middle(self) -> float:
        return round(self.percent + self.percent_width / 2, 2)


@dataclass(frozen=True)
class Name:
    """A group's name above its parts; with a line from end to end if it has several."""

    text: str
    percent: float
    anchor: str
    line: tuple[float, float] | None


@dataclass(frozen=True)
class Bar:
    parts: tuple[Part, ...]
    names: tuple[Name, ...]


Group = tuple[str, Sequence[tuple[str, int]]]


def stacked_bar(groups: Sequence[Group]) -> Bar | None:
    """Groups of parts from left to right; a part of nobody is left out.

    A name that has no room beside the others is left out too, the longest group's first come.
    """
    total = sum(n for _, parts in groups for _, n in parts)
    if not total:
        return None
    parts, spans, begun = [], [], 0
    for name, counts in groups:
        start = begun
        for code, n in counts:
            if n:
                parts.append(Part(code, n, _share(begun, total), _share(n, total)))
            begun += n
        if begun > start:
            several = sum(1 for _, n in counts if n) > 1
            spans.append((name, _share(start, total), _share(begun, total), several))
    return Bar(tuple(parts), _names(spans))


def _names(spans: Sequence[tuple[str, float, float, bool]]) -> tuple[Name, ...]:
    placed: list[tuple[Name, Box]] = []
    for text, low, high, several in sorted(spans, key=lambda span: span[1] - span[2]):
        name = _name(text, low, high, several)
        width = text_width_px(text)
        box = box_of(name.percent / 100 * BAR_PX, width, name.anchor)
        is_inside = box.left >= 0 and box.right <= BAR_PX
        if is_inside and not box.clashes(other for _, other in placed):
            placed.append((name, box))
    return tuple(name for name, _ in sorted(placed, key=lambda item: item[0].percent))


def _name(text: str, low: float, high: float, several: bool) -> Name:
    """At the bar's ends a name begins or ends with it; elsewhere it stands over the middle."""
    line = (low, high) if several else None
    if low == 0 and high < 50:
        return Name(text, low, "start", line)
    if high == 100 and low > 50:
        return Name(text, high, "end", line)
    return Name(text, round((low + high) / 2, 2), "middle", line)


def _share(n: int, total: int) -> float:
    return round(n / total * 100, 2)


# ---------- Counts of first and last study, joined by a line ----------

SLOPE_STEP_PX = 26
SLOPES_MOST_PX = 208
SLOPE_MARGIN_PX = 14
SLOPE_TICK_PX = 13  # closer than that, every other count is named


@dataclass(frozen=True)
class Slope:
    """One line; the places of its label are None where no circle has room."""

    y_first: float
    y_last: float
    direction: str  # "decreased", "unchanged", "increased"
    patients: int
    width_px: float
    label_percent: float | None
    y_label: float | None


@dataclass(frozen=True)
class Slopes:
    height: int
    rows: tuple[tuple[int, float], ...]
    slopes: tuple[Slope, ...]


LABEL_PLACES = (0.5, 0.36, 0.64, 0.24, 0.76, 0.43, 0.57, 0.3, 0.7, 0.17, 0.83)


def slopes(paths: Sequence[tuple[int, int, int]]) -> Slopes | None:
    """Lines from first to last count; labels step aside where their circles would meet.

    The lines of the most patients are drawn and labelled first, thin ones lie over them.
    """
    if not paths:
        return None
    counts = [n for first, last, _ in paths for n in (first, last)]
    lowest, highest = min(counts), max(counts)
    step = min(SLOPE_STEP_PX, SLOPES_MOST_PX / max(highest - lowest, 1))

    def y(count: int) -> float:
        return round(SLOPE_MARGIN_PX + (highest - count) * step, 1)

    taken: list[tuple[float, float]] = []
    drawn = []
    for first, last, patients in sorted(paths, key=lambda p: -p[2]):
        place = _label_place(y(first), y(last), taken)
        taken += [place] if place else []
        drawn.append(
            Slope(
                y_first=y(first),
                y_last=y(last),
                direction=_direction(first, last),
                patients=patients,
                width_px=min(1.5 + patients, 8),
                label_percent=round(place[0] * 100, 1) if place else None,
                y_label=place[1] if place else None,
            )
        )
    every = 1 if step >= SLOPE_TICK_PX else 2
    rows = tuple((n, y(n)) for n in range(highest, lowest - 1, -every))
    return Slopes(math.ceil(y(lowest) + SLOPE_MARGIN_PX), rows, tuple(drawn))


def _direction(first: int, last: int) -> str:
    if last == first:
        return "unchanged"
    return "decreased" if last < first else "increased"


def _label_place(
    y_first: float, y_last: float, taken: list[tuple[float, float]]
) -> tuple[float, float] | None:
    """The first place along the line that no other label has come near."""
    places = [(at, round(y_first + (y_last - y_first) * at, 1)) for at in LABEL_PLACES]
    return next((p for p in places if all(_apart(p, other) for other in taken)), None)


def _apart(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return abs(one[1] - other[1]) >= 19 or abs(one[0] - other[0]) >= 0.13


# ---------- One dot a patient ----------

DOT_PX = 11  # from one dot to the next
DOTS_MOST_PX = 150
DOT_RADIUS_SHARE = 0.37
MEDIAN_NAME_PX = 20  # room above the dots
COLUMNS = 30
TICK_STEPS = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)
MOST_TICK_STEPS = 6


@dataclass(frozen=True)
class Dot:
    percent: float
    y: float
    code: str
    name: str


@dataclass(frozen=True)
class Dots:
    height: int
    radius: float
    dots: tuple[Dot, ...]
    ticks: tuple[tuple[str, float], ...]
    median_percent: float

    @property
    def median_anchor(self) -> str:
        return "end" if self.median_percent > 60 else "start"


def dot_plot(values: Sequence[tuple[float, str, str]], median: float) -> Dots | None:
    """Values [unit of the axis] with code and name, stacked in columns; ticks at round steps."""
    if not values:
        return None
    step = _tick_step(max(value for value, _, _ in values))
    steps = max(math.ceil(max(value for value, _, _ in values) / step - 1e-9), 1)
    top = steps * step
    columns = [min(int(value / top * COLUMNS + 1e-9), COLUMNS - 1) for value, _, _ in values]
    highest = max(Counter(columns).values())
    dot_px = min(DOT_PX, DOTS_MOST_PX / highest)
    height = math.ceil(highest * dot_px) + MEDIAN_NAME_PX
    return Dots(
        height=height,
        radius=round(dot_px * DOT_RADIUS_SHARE, 2),
        dots=_stacked(values, columns, height, dot_px),
        ticks=tuple((f"{step * i:g}", _share(i, steps)) for i in range(steps + 1)),
        median_percent=round(median / top * 100, 2),
    )


def _tick_step(highest: float) -> float:
    fitting = (step for step in TICK_STEPS if highest <= step * MOST_TICK_STEPS)
    return next(fitting, math.ceil(highest / MOST_TICK_STEPS))


def _stacked(
    values: Sequence[tuple[float, str, str]], columns: Sequence[int], height: int, dot_px: float
) -> tuple[Dot, ...]:
    """Each dot on those of its column that came before, small values first."""
    above: Counter[int] = Counter()
    dots = []
    for column, (_, code, name) in sorted(zip(columns, values, strict=True)):
        y = round(height - dot_px * (above[column] + 0.5), 1)
        dots.append(Dot(round((column + 0.5) / COLUMNS * 100, 2), y, code, name))
        above[column] += 1
    return tuple(dots)
