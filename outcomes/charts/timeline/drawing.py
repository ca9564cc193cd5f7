"""What is to be drawn: coordinates, x in ten-thousandths of the plot and y in pixels."""

import textwrap
from dataclasses import dataclass
from datetime import date
from typing import Literal

from outcomes.charts.scales import Axis, CalendarLine, DayScale
from outcomes.charts.timeline.course import Event
from outcomes.charts.timeline.layout import Layout

# Shape first, colour second: each meaning is told apart without colour.
SHAPES = {
    "mrc": "dot",
    "affected": "square",
    "grip-right": "dot",
    "grip-left": "ring",
    "blocks": "diamond",
    "no-value": "cross",
    "sc": "ring",
    "sc-planned": "ring",
    "fsc": "small-square",
    "fsc-planned": "small-square",
    "visit": "triangle",
    "start": "right",
    "stop": "big-square",
    "change": "right",
    "remission": "big-square",
    "relapse": "down",
    "attempt": "diamond",
    "reaction": "triangle",
    "death": "cross",
}


class AtX:
    """Something that stands at x, counted in ten-thousandths of the plot's width."""

    x: float

    @property
    def percent(self) -> float:
        return round(self.x / 100, 2)


Anchor = Literal["start", "middle", "end"]


@dataclass(frozen=True)
class Text(AtX):
    x: float
    y: float
    text: str
    anchor: Anchor = "middle"
    dx: float = 0


@dataclass(frozen=True)
class Mark(AtX):
    """A symbol at x; `code` names its meaning, and so its shape and colour."""

    x: float
    y: float
    code: str

    @property
    def shape(self) -> str:
        return SHAPES[self.code]


@dataclass(frozen=True)
class Bar(AtX):
    """A horizontal stretch with its label, which may not have found room."""

    x: float
    width: float
    y: float
    code: str
    label: Text | None = None
    open_ended: bool = False

    @property
    def percent_width(self) -> float:
        return round(self.width / 100, 2)

    @property
    def percent_end(self) -> float:
        return round((self.x + self.width) / 100, 2)


@dataclass(frozen=True)
class Path:
    """A path in ten-thousandths × pixels, drawn in a plot stretched to its width."""

    d: str
    code: str


# As many characters of a note as the left column holds beside the axis.
NOTE_CHARACTERS = 25


@dataclass(frozen=True)
class NoteLine:
    y: float
    text: str


def wrapped(text: str, characters: int) -> list[str]:
    return textwrap.wrap(text, characters)


@dataclass(frozen=True)
class LaneDrawing:
    code: str
    name: str
    note: str
    y_line: float  # where the lane begins
    y_name: float
    y_top: float
    y_floor: float
    ticks: tuple[tuple[float, str], ...] = ()
    paths: tuple[Path, ...] = ()
    marks: tuple[Mark, ...] = ()
    bars: tuple[Bar, ...] = ()
    labels: tuple[Text, ...] = ()

    @property
    def note_lines(self) -> tuple["NoteLine", ...]:
        """The note in lines of the left column, beneath the name."""
        below = self.y_top + (4 if self.code != "events" else 18)
        lines = wrapped(self.note, NOTE_CHARACTERS)
        return tuple(NoteLine(below + 15 * i, line) for i, line in enumerate(lines, start=1))

    @property
    def tick_lines(self) -> tuple[float, ...]:
        return tuple(y for y, _ in self.ticks)


@dataclass(frozen=True)
class EventDrawing:
    """An event's mark with its words, or with its number where the words stand in a list below."""

    mark: Mark
    number: int
    event: Event
    label: Text | None = None
    detail: Text | None = None


@dataclass(frozen=True)
class LandmarkDrawing(AtX):
    x: float
    name: Text
    detail: Text | None
    y_line: float


@dataclass(frozen=True)
class Timeline:
    layout: Layout
    scale: DayScale
    height: int
    y_plot: float
    y_axis: float
    y_infusions: float
    calendar: tuple[CalendarLine, ...]
    landmarks: tuple[LandmarkDrawing, ...]
    window: Bar | None
    band: tuple[Bar, ...]
    lanes: tuple[LaneDrawing, ...]
    events: tuple[EventDrawing, ...]
    events_lane: LaneDrawing | None
    visits: tuple[Mark, ...]
    numbered: bool
    ruled: tuple[tuple[float, str], ...]
    infusion_note: str

    @property
    def plot_height(self) -> float:
        return self.y_axis - self.y_plot

    @property
    def separators(self) -> tuple[float, ...]:
        """Lines between lanes."""
        below = [*self.lanes[1:], *([self.events_lane] if self.events_lane else [])]
        return tuple(lane.y_line for lane in below) if self.lanes else ()

    def percent_of(self, day: date) -> float:
        """Where a day stands, for the cursor and the rows it reads."""
        return round(self.scale.x(day) / 100, 2)


def tick_texts(axis: Axis) -> tuple[tuple[float, str], ...]:
    return tuple((axis.y(tick), f"{tick:g}") for tick in axis.ticks)
