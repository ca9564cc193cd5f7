"""The cohort's figures as drawings: curves, stacks, a heat map, intervals, bars.

What is to be shown comes in as words and numbers; nothing here knows what they mean.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from outcomes.charts.drawing import (
    NARROW_PX,
    WIDE_PX,
    Drawing,
    Figure,
    Sketch,
    lines_of,
    px,
)
from outcomes.charts.scales import nice_step

Draw = Callable[[int], Drawing]


def figure(draw: Draw) -> Figure:
    """Both widths of a figure."""
    return Figure(draw(WIDE_PX), draw(NARROW_PX))


# ---------- Rows of estimates with their intervals ----------


@dataclass(frozen=True)
class Estimate:
    """A row: its name, where it and its limits lie on the scale [0–1], and what is printed.

    A limit of None is beyond the scale. `at` of None: nothing is drawn, only printed.
    """

    name: str
    printed: str
    at: float | None = None
    low: float | None = None
    high: float | None = None
    counts: str = ""
    css: str = ""  # "own" for the registry's own row among others


@dataclass(frozen=True)
class Scale:
    """Ticks as (place [0–1], name); a dashed line at `reference`; what the axis shows."""

    ticks: tuple[tuple[float, str], ...]
    axis: str
    reference: float | None = None


ROW_PX = 24
_NAME_PX = 6.6  # a letter of a row's name
_SHORT_NAME = 22  # letters that leave room for the numbers beside them
_PRINTED_PX, _COUNTS_PX = 150, 66


def interval_rows(
    rows: Sequence[Estimate], scale: Scale, says: object, printed: object, counts: object = ""
) -> Figure:
    """Names at the left, the scale in the middle, counts and numbers at the right."""

    def draw(width: int) -> Drawing:
        return _wide_rows(width) if width >= WIDE_PX else _narrow_rows(width)

    def _wide_rows(width: int) -> Drawing:
        sketch = Sketch(width)
        left = min(max((len(row.name) for row in rows), default=0) * _NAME_PX, width * 0.42) + 14
        right = width - _PRINTED_PX - (_COUNTS_PX if counts else 0)
        sketch.text(width, 12, printed, "d-small", "end")
        if counts:
            sketch.text(right + _COUNTS_PX - 4, 12, counts, "d-small", "end")
        top = 22
        bottom = top + ROW_PX * len(rows)
        _grid(sketch, scale, (left, right), (top, bottom))
        _axis(sketch, scale, (left, right), bottom)
        for number, row in enumerate(rows):
            y = top + ROW_PX * (number + 0.5)
            name = _cut(row.name, int((left - 14) / _NAME_PX))
            sketch.text(0, y + 4, name, "d-strong" if row.css == "own" else "d-text")
            _mark(sketch, row, left, right, y)
            sketch.text(width, y + 4, row.printed, "d-number", "end")
            if counts:
                sketch.text(right + _COUNTS_PX - 4, y + 4, row.counts, "d-number", "end")
        return sketch.done(bottom + 36, says)

    def _narrow_rows(width: int) -> Drawing:
        sketch = Sketch(width)
        y: float = 0
        left, right = 8, width - 8
        for row in rows:
            is_short = len(row.name) < _SHORT_NAME
            sketch.text(0, y + 14, row.name, "d-strong" if row.css == "own" else "d-text")
            numbers = f"{row.counts}  {row.printed}".strip()
            sketch.text(width, y + (14 if is_short else 30), numbers, "d-number", "end")
            y += 30 if is_short else 46
            _grid(sketch, scale, (left, right), (y - 10, y + 4))
            _mark(sketch, row, left, right, y - 3)
            y += 12
        _axis(sketch, scale, (left, right), y - 6)
        return sketch.done(y + 30, says)

    return figure(draw)


def _cut(name: str, most: int) -> str:
    return name if len(name) <= most else f"{name[: most - 1]}…"


Span = tuple[float, float]


def _grid(sketch: Sketch, scale: Scale, across: Span, down: Span) -> None:
    (left, right), (top, bottom) = across, down
    for at, _name in scale.ticks:
        x = left + at * (right - left)
        sketch.line(x, top, x, bottom, "d-grid")
    if scale.reference is not None:
        x = left + scale.reference * (right - left)
        sketch.line(x, top, x, bottom, "d-reference")


def _axis(sketch: Sketch, scale: Scale, across: Span, top: float) -> None:
    left, right = across
    for at, name in scale.ticks:
        sketch.text(left + at * (right - left), top + 14, name, "d-small", "middle")
    sketch.text((left + right) / 2, top + 30, scale.axis, "d-small", "middle")


def _mark(sketch: Sketch, row: Estimate, left: float, right: float, y: float) -> None:
    if row.at is None:
        return
    span = right - left
    low = 0.0 if row.low is None else min(max(row.low, 0), 1)
    high = 1.0 if row.high is None else min(max(row.high, 0), 1)
    own = " d-own" if row.css == "own" else ""
    sketch.line(left + low * span, y, left + high * span, y, f"d-interval{own}")
    if row.low is None or row.low < 0:
        sketch.path([_arrow(left, y, -1)], f"d-mark{own}")
    if row.high is None or row.high > 1:
        sketch.path([_arrow(right, y, 1)], f"d-mark{own}")
    x = left + min(max(row.at, 0), 1) * span
    if own:
        sketch.path([f"M{px(x)} {px(y - 6)}l6 6l-6 6l-6 -6Z"], "d-mark d-own")
    else:
        sketch.rect(x - 4, y - 4, 8, 8, "d-mark")


def _arrow(x: float, y: float, way: int) -> str:
    return f"M{px(x + way * 5)} {px(y)}l{-5 * way} -4v8Z"


# ---------- Curves ----------


@dataclass(frozen=True)
class Line:
    """A named step curve: days, the share from each day on, its limits; days of censoring."""

    name: str
    days: tuple[float, ...]
    shares: tuple[float, ...]
    low: tuple[float | None, ...]
    high: tuple[float | None, ...]
    censored: tuple[float, ...]
    at_risk: tuple[int, ...]  # in force up to each day


def line_of(name: str, frame: pd.DataFrame) -> Line:
    """A Kaplan-Meier frame as what has happened, or a cumulative incidence as it is."""
    if "incidence" in frame:
        shares, low, high = frame["incidence"], frame["ci_low"], frame["ci_high"]
    else:
        shares, low, high = 1 - frame["survival"], 1 - frame["ci_high"], 1 - frame["ci_low"]
    return Line(
        name,
        tuple(frame["time"].astype(float).tolist()),
        tuple(shares.astype(float).tolist()),
        *(tuple(None if math.isnan(v) else v for v in limit.tolist()) for limit in (low, high)),
        tuple(frame["time"][frame["censored"] > 0].astype(float).tolist()),
        tuple(frame["at_risk"].tolist()),
    )


FEW_AT_RISK = 5
CURVE_PX = 190
_AXIS_PX = 40
MOST_TICKS = 8


def step_curves(
    lines: Sequence[Line], year_days: float, says: object, axis: object, words_at_risk: object
) -> Figure:
    """Shares from 0 to 100 % over years; each curve with its own dashes, named below.

    The band is drawn for a single curve; numbers at risk stand under the years, a row for each.
    Where fewer than five are at risk, a curve fades.
    """
    last_day = max((line.days[-1] for line in lines if line.days), default=year_days)
    years = max(math.ceil(last_day / year_days), 1)

    def draw(width: int) -> Drawing:
        sketch = Sketch(width)
        left, right = _AXIS_PX, width - (8 if len(lines) == 1 else 12)
        bottom = 10 + CURVE_PX

        def x(day: float) -> float:
            return left + day / (years * year_days) * (right - left)

        def y(share: float) -> float:
            return bottom - share * CURVE_PX

        for share in (0, 25, 50, 75, 100):
            sketch.line(left, y(share / 100), right, y(share / 100), "d-grid")
            unit = " %" if share == 100 else ""
            sketch.text(left - 6, y(share / 100) + 4, f"{share}{unit}", "d-small", "end")
        every = max(1, math.ceil(years / (MOST_TICKS if width >= WIDE_PX else 5)))
        ticks = range(0, years + 1, every)
        for year in ticks:
            sketch.line(x(year * year_days), bottom, x(year * year_days), bottom + 4, "d-axis")
            sketch.text(x(year * year_days), bottom + 17, year, "d-small", "middle")
        sketch.line(left, bottom, right, bottom, "d-axis")
        if len(lines) == 1:
            sketch.path(_band(lines[0], x, y) or ["M0 0"], "d-band")
        for number, line in enumerate(lines):
            many, few = _steps(line, x, y)
            sketch.path(many, f"d-curve d-curve-{number % 4}")
            sketch.path(few, f"d-curve d-curve-{number % 4} d-few")
            sketch.path(_ticks(line, x, y) or ["M0 0"], "d-tick")
        sketch.text((left + right) / 2, bottom + 34, axis, "d-small", "middle")
        days = [(x(year * year_days), year * year_days) for year in ticks]
        return sketch.done(_at_risk_rows(sketch, lines, days, words_at_risk), says)

    return figure(draw)


def _at_risk_rows(
    sketch: Sketch, lines: Sequence[Line], ticks: Sequence[tuple[float, float]], words: object
) -> float:
    """The key of the curves and, under each tick (x, day), how many are still at risk."""
    top = CURVE_PX + 62.0
    sketch.text(0, top, words, "d-small")
    for number, line in enumerate(lines):
        y = top + 16
        if line.name:
            sketch.path([f"M0 {px(y - 4)}H26"], f"d-curve d-curve-{number % 4}")
            sketch.text(32, y, line.name, "d-text")
            y += 15
        for x, day in ticks:
            sketch.text(x, y, _risk_at(line, day), "d-number", "middle")
        top = y + 2
    return top + 8


def _steps(line: Line, x, y) -> tuple[list[str], list[str]]:
    """The curve while at least five are at risk, and its rest; what moves nothing is no step."""
    many, few = [f"M{px(x(0))} {px(y(0))}"], []
    height, last_x = px(y(0)), x(0)
    for day, share, at_risk in zip(line.days, line.shares, line.at_risk, strict=True):
        if at_risk < FEW_AT_RISK and not few:
            many.append(f"H{px(last_x)}")
            few = [f"M{px(last_x)} {height}"]
        last_x, after = x(day), px(y(share))
        if after != height:
            (few or many).append(f"H{px(last_x)}V{after}")
            height = after
    (few or many).append(f"H{px(last_x)}")
    return many, few or ["M0 0"]


def _band(line: Line, x, y) -> list[str]:
    """One rectangle for each run of the same limits."""
    rows = list(zip(line.days, line.low, line.high, strict=True))
    limits = [
        None if low is None or high is None else (px(y(high)), px(y(low))) for _, low, high in rows
    ]
    path, begun = [], 0
    for place in range(1, len(rows) + 1):
        at_end = place == len(rows)
        if not at_end and limits[place] == limits[begun]:
            continue
        end = rows[place - 1 if at_end else place][0]
        if (both := limits[begun]) is not None and end > rows[begun][0]:
            start = px(x(rows[begun][0]))
            path.append(f"M{start} {both[0]}H{px(x(end))}V{both[1]}H{start}Z")
        begun = place
    return path


def _ticks(line: Line, x, y) -> list[str]:
    """Where somebody was censored; those of one pixel are one."""
    path, last = [], None
    places = np.searchsorted(line.days, line.censored, side="right") - 1
    for day, place in zip(line.censored, places, strict=True):
        if (at := round(x(day))) != last:
            path.append(f"M{at} {px(y(line.shares[place]) - 4)}v8")
            last = at
    return path


def _risk_at(line: Line, day: float) -> int:
    place = int(np.searchsorted(line.days, day))
    return line.at_risk[place] if place < len(line.at_risk) else 0


# ---------- A stack for each year ----------


@dataclass(frozen=True)
class Stack:
    """A column: its name, how many it is of, and its parts as (code, number) from below."""

    name: str
    of: int
    parts: tuple[tuple[str, int], ...]


def stacks(
    columns: Sequence[Stack], names: Sequence[tuple[str, str]], says: object, axis: object
) -> Figure:
    """Shares of each year, one above the other, each with its number; the key is below."""

    def draw(width: int) -> Drawing:
        sketch = Sketch(width)
        left, right, top, height = 40, width, 12, 180
        bottom = top + height
        for share in (0, 50, 100):
            y = bottom - share / 100 * height
            sketch.line(left, y, right, y, "d-grid")
            unit = " %" if share == 100 else ""
            sketch.text(left - 6, y + 4, f"{share}{unit}", "d-small", "end")
        each = (right - left) / max(len(columns), 1)
        bar = min(each - 6, 56)
        for number, column in enumerate(columns):
            x = left + each * number + (each - bar) / 2
            _stack(sketch, column, _Place(x, bar, bottom, height))
            sketch.text(x + bar / 2, bottom + 15, column.name, "d-small", "middle")
            sketch.text(x + bar / 2, bottom + 48, column.of, "d-number", "middle")
        sketch.text((left + right) / 2, bottom + 31, axis, "d-small", "middle")
        sketch.text(0, bottom + 48, "n", "d-number")
        y = bottom + 68
        x = 0.0
        for code, name in names:
            needed = 26 + len(name) * 7
            if x and x + needed > width:
                x, y = 0.0, y + 20
            sketch.rect(x, y - 10, 14, 12, f"d-part d-part-{code}")
            sketch.text(x + 20, y, name, "d-text")
            x += needed + 10
        return sketch.done(y + 10, says)

    return figure(draw)


@dataclass(frozen=True)
class _Place:
    x: float
    width: float
    bottom: float
    height: float


def _stack(sketch: Sketch, column: Stack, place: _Place) -> None:
    y = place.bottom
    for code, n in column.parts:
        if not n:
            continue
        share = n / column.of * place.height
        y -= share
        sketch.rect(place.x, y, place.width, share, f"d-part d-part-{code}")
        if share >= 15:
            middle = place.x + place.width / 2
            sketch.text(middle, y + share / 2 + 4, n, f"d-on d-on-{code}", "middle")


# ---------- A map of numbers ----------


@dataclass(frozen=True)
class HeatRow:
    """A row's name and, side by side, a cell per column: (printed, class of its colour)."""

    name: str
    sides: tuple[tuple[tuple[str, str], ...], ...]
    begins_group: bool = False


def heat_map(
    rows: Sequence[HeatRow], columns: Sequence[str], sides: Sequence[str], says: object
) -> Figure:
    """Rows against columns, each side a block of columns; every number is printed."""

    def draw(width: int) -> Drawing:
        sketch = Sketch(width)
        # A phone shows one side under the other.
        blocks = len(sides) if width >= WIDE_PX else 1
        longest = max((len(row.name) for row in rows), default=0) * _NAME_PX
        names = min(longest, 210 if width >= WIDE_PX else 118) + 8
        per_side = len(columns)
        cell = (width - names - (blocks - 1) * _GAP_PX) / (blocks * per_side)
        y: float = 0
        for block in range(0, len(sides), blocks):
            # Where the columns of each side of this block begin, and which of a row they show.
            shown = [(names + at * (cell * per_side + _GAP_PX), block + at) for at in range(blocks)]
            for x, side in shown:
                sketch.text(x, y + 12, sides[side], "d-strong")
                for number, column in enumerate(columns):
                    sketch.text(x + cell * (number + 0.5), y + 28, column, "d-small", "middle")
            y = _heat_rows(sketch, rows, shown, cell, y + 34) + 10
        return sketch.done(y, says)

    return figure(draw)


_GAP_PX, _CELL_PX = 14, 22


def _heat_rows(
    sketch: Sketch,
    rows: Sequence[HeatRow],
    shown: Sequence[tuple[float, int]],
    cell: float,
    top: float,
) -> float:
    y = top
    names = shown[0][0]
    for row in rows:
        y += 8 if row.begins_group else 0
        sketch.text(0, y + 15, _cut(row.name, int(names / _NAME_PX)), "d-text")
        for x, side in shown:
            own = row.sides[side]
            for number, (printed, css) in enumerate(own):
                sketch.rect(x + cell * number + 1, y + 1, cell - 2, _CELL_PX - 2, f"d-cell {css}")
                if printed:
                    middle = x + cell * (number + 0.5)
                    sketch.text(middle, y + 15, printed, f"d-in {css}-text", "middle")
        y += _CELL_PX
    return y


# ---------- Values over time with their spread ----------


@dataclass(frozen=True)
class Spread:
    """Median with quartiles at one time, and of how many."""

    name: str
    n: int
    median: float | None
    q1: float | None
    q3: float | None


def spreads(points: Sequence[Spread], says: object, axis: object, decimals: int = 0) -> Figure:
    """A dot for each median, a bar from quartile to quartile, joined by a line; n below."""
    known = [p for p in points if p.median is not None]
    values = [v for p in known for v in (p.q1, p.q3) if v is not None]
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    step = nice_step(max(high - low, 1), 4)
    floor, ceiling = math.floor(low / step) * step, math.ceil(high / step + 1e-9) * step
    ceiling = max(ceiling, floor + step)

    def draw(width: int) -> Drawing:
        sketch = Sketch(width)
        left, right, top, height = 44, width - 4, 22, 150
        bottom = top + height

        def y(value: float) -> float:
            return bottom - (value - floor) / (ceiling - floor) * height

        note = f" ({floor:g}–{ceiling:g})" if floor else ""
        sketch.text(0, 12, f"{axis}{note}", "d-small")
        for number in range(round((ceiling - floor) / step) + 1):
            value = floor + number * step
            sketch.line(left, y(value), right, y(value), "d-grid")
            sketch.text(left - 6, y(value) + 4, f"{value:g}", "d-small", "end")
        each = (right - left) / max(len(points), 1)
        path = []
        for number, point in enumerate(points):
            x = left + each * (number + 0.5)
            sketch.text(x, bottom + 15, point.name, "d-small", "middle")
            sketch.text(x, bottom + 31, point.n, "d-number", "middle")
            if point.median is None:
                continue
            sketch.line(x, y(point.q1), x, y(point.q3), "d-interval")
            path.append(f"{'L' if path else 'M'}{px(x)} {px(y(point.median))}")
        sketch.path(path or ["M0 0"], "d-curve d-curve-0")
        for number, point in enumerate(points):
            if point.median is not None:
                x = left + each * (number + 0.5)
                sketch.circle(x, y(point.median), 4, "d-dot")
                # Below the line where it rises, above it where it does not.
                after = points[number + 1].median if number + 1 < len(points) else None
                rises = after is not None and after > point.median
                below = y(point.median) + (14 if rises else -6)
                sketch.text(x + 7, below, f"{point.median:.{decimals}f}", "d-halo")
        sketch.text(0, bottom + 31, "n", "d-number")
        return sketch.done(bottom + 40, says)

    return figure(draw)


# ---------- Bars ----------


@dataclass(frozen=True)
class Bar:
    """A named bar: how long [0–1], its class, and what is printed behind it."""

    name: str
    share: float
    printed: str
    css: str = ""
    is_second: bool = False  # it belongs to the bar above, and repeats no name


def bars(rows: Sequence[Bar], says: object, axis: object = "") -> Figure:
    """Names at the left, bars from a common line; the second of a pair lies close below."""

    def draw(width: int) -> Drawing:
        sketch = Sketch(width)
        is_wide = width >= WIDE_PX
        left = width * (0.3 if is_wide else 0)
        right = width - (150 if is_wide else 112)
        y: float = 4
        for row in rows:
            if not row.is_second:
                y += 6
                if not is_wide:
                    sketch.text(0, y + 12, row.name, "d-text")
                    y += 17
            height = 13
            if is_wide and not row.is_second:
                sketch.text(0, y + 11, row.name, "d-text")
            sketch.rect(left, y, right - left, height, "d-track")
            sketch.rect(left, y, row.share * (right - left), height, f"d-bar {row.css}".strip())
            sketch.text(width, y + 11, row.printed, "d-number", "end")
            y += height + 3
        if axis:
            for line in lines_of(str(axis), width, 11):
                y += 16
                sketch.text(0, y, line, "d-small")
        return sketch.done(y + 8, says)

    return figure(draw)


# ---------- Columns by number ----------


def columns(values: Sequence[tuple[str, int]], says: object, axis: object) -> Figure:
    """A column for each name, as high as its number, which stands above it."""
    highest = max((n for _, n in values), default=0) or 1

    def draw(width: int) -> Drawing:
        sketch = Sketch(width)
        top, height = 18, 110
        bottom = top + height
        each = width / max(len(values), 1)
        bar = min(each - 4, 40)
        every = max(1, math.ceil(34 / each))
        for number, (name, n) in enumerate(values):
            x = each * (number + 0.5)
            tall = n / highest * height
            sketch.rect(x - bar / 2, bottom - tall, bar, tall, "d-bar")
            if n:
                sketch.text(x, bottom - tall - 5, n, "d-number", "middle")
            if number % every == 0:
                sketch.text(x, bottom + 15, name, "d-small", "middle")
        sketch.line(0, bottom, width, bottom, "d-axis")
        sketch.text(width / 2, bottom + 31, axis, "d-small", "middle")
        return sketch.done(bottom + 38, says)

    return figure(draw)


# ---------- Who leaves, step by step ----------


@dataclass(frozen=True)
class FlowStep:
    """A box with its number, and who leaves after it: words, one line each."""

    n: int
    words: str
    leaving: tuple[str, ...] = ()


def flow_chart(steps: Sequence[FlowStep], says: object) -> Figure:
    """Boxes one under the other, those who leave beside the line between them."""

    def draw(width: int) -> Drawing:
        sketch = Sketch(width)
        box = width * 0.48
        y: float = 2
        for number, step in enumerate(steps):
            sketch.rect(0.5, y, box, 32, "d-box")
            sketch.text(10, y + 21, step.n, "d-strong")
            sketch.text(20 + 9 * len(str(step.n)), y + 21, step.words, "d-text")
            words = [line for words in step.leaving for line in lines_of(words, width - box - 44)]
            room = max(len(words) * 16 + 14, 20)
            if number < len(steps) - 1:
                sketch.line(24, y + 32, 24, y + 32 + room, "d-axis")
            if words:
                middle = y + 32 + room / 2
                sketch.line(24, middle, box + 24, middle, "d-axis")
                height = len(words) * 16 + 8
                sketch.rect(box + 24, middle - height / 2, width - box - 25, height, "d-track")
                for at, line in enumerate(words):
                    sketch.text(box + 34, middle - height / 2 + 16 * (at + 1), line, "d-text")
            y += 32 + room
        return sketch.done(y, says)

    return figure(draw)
