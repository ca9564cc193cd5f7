"""Scales, ticks and label boxes shared by all figures.

A figure is as wide as its place on the page: x is counted in ten-thousandths of the plot's width,
y in pixels. So text keeps its size at every width, and one drawing serves a range of screens.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from mmn_registry.months import drawn

FULL_WIDTH = 10_000
# Widest sans-serif in common use, so that a label said to fit does fit.
EM_PER_CHARACTER = 0.62
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True)
class DayScale:
    """Days along x; `width_px` is the narrowest plot in which labels must not collide."""

    first: date
    last: date
    width_px: float

    @property
    def days(self) -> int:
        return max((self.last - self.first).days, 1)

    def x(self, day: date) -> int:
        """Position of a day, in ten-thousandths of the plot, kept inside it."""
        share = (drawn(day) - self.first).days / self.days
        return round(min(max(share, 0), 1) * FULL_WIDTH)

    def px(self, x: float) -> float:
        """Pixels from the plot's left edge at its narrowest."""
        return x / FULL_WIDTH * self.width_px

    def from_px(self, px: float) -> float:
        return px / self.width_px * FULL_WIDTH


@dataclass(frozen=True)
class Axis:
    """A value axis with its ticks; `floor` above 0 means that it is cut and has to say so."""

    floor: float
    top: float
    ticks: tuple[float, ...]
    y_floor: float
    y_top: float

    def y(self, value: float) -> float:
        share = (value - self.floor) / (self.top - self.floor)
        return round(self.y_floor - share * (self.y_floor - self.y_top), 1)


STEPS = (1, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)


def nice_step(span: float, most_steps: int) -> int:
    """The smallest round step that covers the span in at most so many steps."""
    return next((step for step in STEPS if span <= step * most_steps), STEPS[-1])


def axis_from_zero(highest: float, *, y_floor: float, y_top: float, steps: int = 3) -> Axis:
    """An axis that begins at nothing, for doses and counts."""
    step = nice_step(highest, steps)
    top = max(math.ceil(highest / step - 1e-9), 1) * step
    return Axis(0, top, ticks_between(0, top, step), y_floor, y_top)


def axis_around(values: Iterable[float], *, y_floor: float, y_top: float, ceiling: float) -> Axis:
    """An axis cut around the values, for scores near their maximum."""
    values = list(values)
    lowest, highest = min(values), max(values)
    step = nice_step(highest - lowest, 2)
    floor = max(math.floor(lowest / step) * step, 0)
    top = math.ceil(highest / step - 1e-9) * step
    if floor == lowest and floor > 0:  # a point on the very floor reads as nothing
        floor = max(floor - step, 0)
    if top <= floor:
        top = floor + step
    top = min(top, max(ceiling, highest))
    return Axis(floor, top, ticks_between(floor, top, step), y_floor, y_top)


def ticks_between(floor: float, top: float, step: float) -> tuple[float, ...]:
    count = math.floor((top - floor) / step + 1e-9)
    return tuple(floor + step * i for i in range(count + 1))


def text_width_px(text: str, size_px: float = 12) -> float:
    """A generous estimate; the server does not know the reader's font."""
    return len(text) * size_px * EM_PER_CHARACTER


@dataclass(frozen=True)
class Box:
    """Horizontal extent of a label in pixels, to keep labels apart."""

    left: float
    right: float

    def clashes(self, others: Iterable["Box"], gap_px: float = 6) -> bool:
        return any(self.left < o.right + gap_px and o.left < self.right + gap_px for o in others)


def box_of(x_px: float, width_px: float, anchor: str) -> Box:
    """The extent of a text anchored at x: 'start', 'middle' or 'end', as SVG names them."""
    left = x_px - {"start": 0, "middle": width_px / 2, "end": width_px}[anchor]
    return Box(left, left + width_px)


@dataclass(frozen=True)
class CalendarLine:
    """A line at the first day of a year, quarter or month, and the label of what follows."""

    x: int | None  # None: the year begins before the figure does
    label: str
    label_x: int

    @property
    def percent(self) -> float | None:
        return None if self.x is None else round(self.x / 100, 2)

    @property
    def label_percent(self) -> float:
        return round(self.label_x / 100, 2)


def calendar_lines(scale: DayScale, label_px: float = 40) -> tuple[CalendarLine, ...]:
    """Lines by year where a year has room for its label, else by several years or by months."""
    px_per_year = scale.width_px / scale.days * 365.25
    if px_per_year / 4 > label_px * 2:
        return _month_lines(scale, 1 if px_per_year / 12 > label_px * 1.5 else 3)
    every = next(n for n in (1, 2, 5, 10, 20, 50) if n * px_per_year >= label_px or n == 50)
    return _year_lines(scale, every)


def _year_lines(scale: DayScale, every: int) -> tuple[CalendarLine, ...]:
    lines = []
    for year in range(scale.first.year, scale.last.year + 1):
        start, end = date(year, 1, 1), date(year, 12, 31)
        visible = min(end, scale.last) - max(start, scale.first)
        labelled = year % every == 0 and visible > timedelta(days=182)
        middle = scale.x(date(year, 7, 2)) if every == 1 else scale.x(start)
        edge = scale.px(middle) < 12 or scale.px(middle) > scale.width_px - 12
        label = str(year) if labelled and not edge else ""
        line = scale.x(start) if start >= scale.first else None
        lines.append(CalendarLine(line, label, middle))
    return tuple(lines)


def _month_lines(scale: DayScale, every: int) -> tuple[CalendarLine, ...]:
    lines = []
    for year in range(scale.first.year, scale.last.year + 1):
        for month in range(1, 13, every):
            start = date(year, month, 1)
            if scale.first <= start <= scale.last:
                x = scale.x(start)
                lines.append(CalendarLine(x, f"{MONTHS[month - 1]} {year}", x))
    return tuple(lines)
