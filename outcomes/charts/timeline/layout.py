"""Pixels of the two drawings, and how far down each has got."""

from dataclasses import dataclass
from datetime import timedelta

from outcomes.charts.scales import Box, DayScale, box_of
from outcomes.charts.timeline.course import Course


@dataclass(frozen=True)
class Layout:
    """Pixels of one drawing. Labels are kept apart at `plot_px`, the plot's narrowest."""

    name: str
    plot_px: float
    left_px: int
    names_above: bool
    header_px: int = 32
    band_px: int = 22
    title_px: int = 0
    head_px: int = 14  # room for a value above the highest point
    gap_px: int = 22
    dose_px: int = 62
    ticks_px: int = 16
    lane_px: int = 48
    counts_px: int = 34
    drug_px: int = 20
    event_px: int = 30
    axis_px: int = 30
    most_event_rows: int = 4

    @property
    def names_x(self) -> int:
        """Where names begin, left of the plot."""
        return -self.left_px


WIDE = Layout("wide", plot_px=800, left_px=192, names_above=False)
NARROW = Layout(
    "narrow",
    plot_px=290,
    left_px=28,
    names_above=True,
    title_px=18,
    head_px=24,
    gap_px=14,
    dose_px=56,
    lane_px=44,
    event_px=22,
    most_event_rows=3,
)


AIR = 0.025


def padded_scale(course: Course, layout: Layout) -> DayScale:
    """The course's days with a little air, so that no mark sits on the plot's edge."""
    days = max((course.last_on - course.first_on).days, 30)
    air = timedelta(days=round(days * AIR) + 1)
    return DayScale(course.first_on - air, course.first_on + timedelta(days) + air, layout.plot_px)


@dataclass
class Pen:
    """How far down the drawing has got."""

    y: float

    def down(self, px: float) -> float:
        self.y += px
        return self.y


def inside(x: float, width_px: float, scale: DayScale) -> tuple[float, Box]:
    """Move a centred label so that it stays within the plot."""
    half = width_px / 2
    centre = min(max(scale.px(x), half), max(scale.width_px - half, half))
    return scale.from_px(centre), box_of(centre, width_px, "middle")
