"""The course of one patient's disease and treatment on one time axis.

What is to be shown comes in as `Course` (days, numbers and words), what is to be drawn leaves as
`Timeline` (coordinates). Wide screens get lane names left of the plot; phones, narrow windows and
paper get them above each lane, and numbered events.
"""

import textwrap
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Literal

from outcomes.charts.scales import (
    FULL_WIDTH,
    Axis,
    Box,
    CalendarLine,
    DayScale,
    axis_around,
    axis_from_zero,
    box_of,
    calendar_lines,
    text_width_px,
)
from outcomes.numbers import rounded

# ---------- What is to be shown ----------

ROUTES = ("IV", "SC", "FSC")


@dataclass(frozen=True)
class DoseStep:
    """Grams per week by one route over [started_on, ended_before)."""

    route: str
    started_on: date
    ended_before: date
    weekly_dose_g: float


@dataclass(frozen=True)
class InfusionDay:
    """One day's administration; `planned`: stood for by a home regimen, not recorded itself."""

    on: date
    route: str
    planned: bool = False


@dataclass(frozen=True)
class Observation:
    """A value of one day; None: looked at, but there is no value (a grade was missing)."""

    on: date
    value: float | None


@dataclass(frozen=True)
class Series:
    """One line of a lane. `code` names its look; `end_label` tells two lines of a lane apart."""

    code: str
    name: str
    observations: tuple[Observation, ...]
    end_label: str = ""


@dataclass(frozen=True)
class Lane:
    """Values of one unit. `ceiling` is the highest possible; `from_zero` keeps the axis whole."""

    code: str
    name: str
    note: str
    series: tuple[Series, ...]
    ceiling: float = float("inf")
    cut_note: str = ""  # says where a cut axis begins: "axis from {floor}"
    from_zero: bool = False
    unobserved_between: bool = False  # dashed: nothing was looked at between two values
    written: Callable[[float], str] = rounded


@dataclass(frozen=True)
class Stretch:
    """A stretch of days, with words: on or off treatment, or another drug running."""

    code: str
    started_on: date
    ended_on: date
    names: tuple[str, ...]  # from the longest to the shortest: the first that fits is drawn
    open_ended: bool = False


@dataclass(frozen=True)
class Event:
    """Something that happened on a day. `ruled` draws a line through all lanes."""

    code: str
    on: date
    name: str
    detail: str = ""
    ruled: bool = False


@dataclass(frozen=True)
class Landmark:
    """Baseline or month 6: a dotted line through all lanes."""

    on: date
    name: str
    short_name: str
    detail: str


@dataclass(frozen=True)
class Course:
    """All that the timeline shows of one patient."""

    first_on: date
    last_on: date
    dose_lane: tuple[str, str] = ("", "")  # name and note
    infusion_note: str = ""
    dose_steps: tuple[DoseStep, ...] = ()
    infusion_days: tuple[InfusionDay, ...] = ()
    treatment: tuple[Stretch, ...] = ()
    lanes: tuple[Lane, ...] = ()
    other_drugs: tuple[Stretch, ...] = ()
    other_drugs_lane: tuple[str, str] = ("", "")
    events: tuple[Event, ...] = ()
    events_lane: tuple[str, str] = ("", "")
    landmarks: tuple[Landmark, ...] = ()
    window: tuple[date, date] | None = None
    visits: tuple[date, ...] = ()


# ---------- How it is laid out ----------


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


# ---------- What is to be drawn ----------

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

Anchor = Literal["start", "middle", "end"]


@dataclass(frozen=True)
class Text:
    x: float
    y: float
    text: str
    anchor: Anchor = "middle"
    dx: float = 0

    @property
    def percent(self) -> float:
        return round(self.x / 100, 2)


@dataclass(frozen=True)
class Mark:
    """A symbol at x; `code` names its meaning, and so its shape and colour."""

    x: float
    y: float
    code: str

    @property
    def shape(self) -> str:
        return SHAPES[self.code]

    @property
    def percent(self) -> float:
        return round(self.x / 100, 2)


@dataclass(frozen=True)
class Bar:
    """A horizontal stretch with its label, which may not have found room."""

    x: float
    width: float
    y: float
    code: str
    label: Text | None = None
    open_ended: bool = False

    @property
    def percent(self) -> float:
        return round(self.x / 100, 2)

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
class LandmarkDrawing:
    x: float
    name: Text
    detail: Text | None
    y_line: float

    @property
    def percent(self) -> float:
        return round(self.x / 100, 2)


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


def timeline(course: Course, layout: Layout = WIDE) -> Timeline:
    """Lay the course out from top to bottom: landmarks, treatment band, lanes, events, years."""
    scale = padded_scale(course, layout)
    y_header = layout.header_px if course.landmarks else 4
    y_plot = y_header + (layout.band_px if course.treatment else 0)
    pen = _Pen(y_plot)
    lanes = []
    y_infusions = 0.0
    if course.dose_steps or course.infusion_days:
        dose = _dose_lane(course, scale, layout, pen)
        y_infusions = dose.y_floor + layout.ticks_px / 2 + 1
        lanes.append(dose)
    lanes += [_lane(lane, course, scale, layout, pen) for lane in course.lanes if _has_values(lane)]
    if course.other_drugs:
        lanes.append(_drugs_lane(course, scale, layout, pen))
    events, events_lane, numbered = _events(course, scale, layout, pen)
    y_axis = pen.y
    ruled = {(scale.x(e.on), e.code) for e in course.events if e.ruled}
    return Timeline(
        layout=layout,
        scale=scale,
        height=round(y_axis + layout.axis_px),
        y_plot=y_plot,
        y_axis=y_axis,
        y_infusions=y_infusions,
        calendar=calendar_lines(scale),
        landmarks=_landmarks(course.landmarks, scale, layout),
        window=_window(course.window, scale, y_plot),
        band=_band(course.treatment, scale, y_plot - 6),
        lanes=tuple(lanes),
        events=events,
        events_lane=events_lane,
        visits=tuple(Mark(scale.x(day), y_axis, "visit") for day in course.visits),
        numbered=numbered,
        ruled=tuple((round(x / 100, 2), code) for x, code in sorted(ruled)),
        infusion_note=course.infusion_note if course.infusion_days else "",
    )


AIR = 0.025


def padded_scale(course: Course, layout: Layout) -> DayScale:
    """The course's days with a little air, so that no mark sits on the plot's edge."""
    days = max((course.last_on - course.first_on).days, 30)
    air = timedelta(days=round(days * AIR) + 1)
    return DayScale(course.first_on - air, course.first_on + timedelta(days) + air, layout.plot_px)


@dataclass
class _Pen:
    """How far down the drawing has got."""

    y: float

    def down(self, px: float) -> float:
        self.y += px
        return self.y


def _has_values(lane: Lane) -> bool:
    return any(o.value is not None for s in lane.series for o in s.observations)


# ---------- Dose ----------


def stacked(steps: Iterable[DoseStep], until: date) -> list[tuple[date, date, dict[str, float]]]:
    """Stretches of constant dose, each with the grams per week of every route running then.

    They end on the day `until`: a dose that would run on is cut there, none is drawn as 0 g.
    """
    steps = [
        replace(step, ended_before=min(step.ended_before, until))
        for step in steps
        if step.started_on < until
    ]
    days = sorted({s.started_on for s in steps} | {s.ended_before for s in steps})
    changes: dict[date, list[tuple[str, float]]] = {day: [] for day in days}
    for step in steps:
        changes[step.started_on].append((step.route, step.weekly_dose_g))
        changes[step.ended_before].append((step.route, -step.weekly_dose_g))
    running = dict.fromkeys(ROUTES, 0.0)
    result: list[tuple[date, date, dict[str, float]]] = []
    for start, end in pairwise(days):
        for route, grams in changes[start]:
            running[route] = round(running[route] + grams, 9)
        now = {route: grams for route, grams in running.items() if grams > 0}
        if result and result[-1][2] == now and result[-1][1] == start:
            result[-1] = (result[-1][0], end, now)
        else:
            result.append((start, end, now))
    if result and result[-1][1] < until:
        result.append((result[-1][1], until, {}))
    return result


def _dose_lane(course: Course, scale: DayScale, layout: Layout, pen: _Pen) -> LaneDrawing:
    y_line = pen.y
    y_name = pen.down(layout.title_px)
    y_top = pen.down(layout.head_px)
    y_floor = pen.down(layout.dose_px)
    stretches = stacked(course.dose_steps, course.last_on)
    totals = [sum(routes.values()) for _, _, routes in stretches]
    axis = axis_from_zero(max(totals, default=0.0), y_floor=y_floor, y_top=y_top)
    marks, runs, ticks = _infusions(course.infusion_days, scale, y_floor + layout.ticks_px / 2 + 1)
    name, note = course.dose_lane
    lane = LaneDrawing(
        code="dose",
        name=name,
        note=note,
        y_line=y_line,
        y_name=y_name,
        y_top=y_top,
        y_floor=y_floor,
        ticks=_ticks(axis),
        paths=(*_dose_paths(stretches, totals, scale, axis), *ticks),
        marks=marks,
        bars=runs,
        labels=_dose_labels(stretches, totals, scale, axis),
    )
    pen.down(layout.ticks_px + layout.gap_px)
    return lane


def _dose_paths(
    stretches: Sequence[tuple[date, date, dict[str, float]]],
    totals: Sequence[float],
    scale: DayScale,
    axis: Axis,
) -> tuple[Path, ...]:
    """One filled path per route, stacked, and the outline of their sum over them."""
    paths = []
    for index, route in enumerate(ROUTES):
        below = ROUTES[:index]
        boxes = []
        for start, end, routes in stretches:
            if route not in routes:
                continue
            base = sum(routes.get(other, 0.0) for other in below)
            y_base, y_top = axis.y(base), axis.y(base + routes[route])
            x_start, x_end = scale.x(start), scale.x(end)
            boxes.append(f"M{x_start} {y_base:g}V{y_top:g}H{x_end}V{y_base:g}Z")
        if boxes:
            paths.append(Path("".join(boxes), f"dose-{route.lower()}"))
    if stretches:
        outline = f"M{scale.x(stretches[0][0])} {axis.y(0):g}"
        for (_, end, _), total in zip(stretches, totals, strict=True):
            outline += f"V{axis.y(total):g}H{scale.x(end)}"
        paths.append(Path(outline, "dose-outline"))
    return tuple(paths)


def _dose_labels(
    stretches: Sequence[tuple[date, date, dict[str, float]]],
    totals: Sequence[float],
    scale: DayScale,
    axis: Axis,
) -> tuple[Text, ...]:
    """The dose of the longest stretch, of the last and of the highest, where they fit."""
    if not stretches:
        return ()
    lengths = [(end - start).days for start, end, _ in stretches]
    order = [
        lengths.index(max(lengths)),
        len(stretches) - 1,
        totals.index(max(totals)),
    ]
    labels: list[Text] = []
    taken: list[Box] = []
    for rank, i in enumerate(dict.fromkeys(order)):
        start, end, _ = stretches[i]
        text = rounded(totals[i])
        if rank == 0 and totals[i]:
            text += " g/week"
        x = (scale.x(start) + scale.x(end)) / 2
        x, box = _inside(x, text_width_px(text), scale)
        if box.clashes(taken) or _covered(i, box, stretches, totals, scale):
            continue
        taken.append(box)
        labels.append(Text(x, axis.y(totals[i]) - 5, text))
    return tuple(labels)


def _covered(
    i: int,
    box: Box,
    stretches: Sequence[tuple[date, date, dict[str, float]]],
    totals: Sequence[float],
    scale: DayScale,
) -> bool:
    """Whether a higher step beside this one runs through the label above it."""
    return any(
        total > totals[i] + 1e-9
        and box.clashes([Box(scale.px(scale.x(start)), scale.px(scale.x(end)))], gap_px=0)
        for (start, end, _), total in zip(stretches, totals, strict=True)
    )


def _inside(x: float, width_px: float, scale: DayScale) -> tuple[float, Box]:
    """Move a centred label so that it stays within the plot."""
    half = width_px / 2
    centre = min(max(scale.px(x), half), max(scale.width_px - half, half))
    return scale.from_px(centre), box_of(centre, width_px, "middle")


# Closer than this, the marks of single infusions would run into each other.
RUN_GAP_PX = 7.0
RUN_LENGTH = 4


def _infusions(
    days: Iterable[InfusionDay], scale: DayScale, y: float
) -> tuple[tuple[Mark, ...], tuple[Bar, ...], tuple[Path, ...]]:
    """Solid ticks for IV; circles and squares for SC and FSC, or a bar where they are too dense."""
    days = list(days)
    marks: list[Mark] = []
    runs: list[Bar] = []
    iv = sorted({scale.x(d.on) for d in days if d.route == "IV"})
    half = 3.5
    ticks = "".join(f"M{x} {y - half:g}v{2 * half:g}" for x in iv)
    for route in ("SC", "FSC"):
        for planned in (False, True):
            xs = sorted({scale.x(d.on) for d in days if d.route == route and d.planned == planned})
            code = route.lower() + ("-planned" if planned else "")
            for group in _close_groups(xs, scale):
                if len(group) >= RUN_LENGTH:
                    runs.append(Bar(group[0], group[-1] - group[0], y, f"run-{code}"))
                    marks += [Mark(group[0], y, code), Mark(group[-1], y, code)]
                else:
                    marks += [Mark(x, y, code) for x in group]
    return tuple(marks), tuple(runs), (Path(ticks, "iv-ticks"),) if ticks else ()


def _close_groups(xs: Sequence[int], scale: DayScale) -> list[list[int]]:
    groups: list[list[int]] = []
    for x in xs:
        if groups and scale.px(x - groups[-1][-1]) < RUN_GAP_PX:
            groups[-1].append(x)
        else:
            groups.append([x])
    return groups


# ---------- Values ----------


def _lane(lane: Lane, course: Course, scale: DayScale, layout: Layout, pen: _Pen) -> LaneDrawing:
    y_line = pen.y
    y_name = pen.down(layout.title_px)
    y_top = pen.down(layout.head_px)
    y_floor = pen.down(layout.counts_px if lane.from_zero else layout.lane_px)
    values = [o.value for s in lane.series for o in s.observations if o.value is not None]
    axis = (
        axis_from_zero(max(values), y_floor=y_floor, y_top=y_top)
        if lane.from_zero
        else axis_around(values, y_floor=y_floor, y_top=y_top, ceiling=lane.ceiling)
    )
    paths: list[Path] = []
    marks: list[Mark] = []
    for series in lane.series:
        paths += _lines(series, lane, scale, axis)
        marks += [
            Mark(scale.x(o.on), axis.y(o.value), series.code)
            for o in series.observations
            if o.value is not None
        ]
    marks += _missing_marks(lane, scale, y_floor)
    is_cut = axis.floor > 0 and lane.cut_note
    cut_note = lane.cut_note.format(floor=f"{axis.floor:g}") if is_cut else ""
    drawing = LaneDrawing(
        code=lane.code,
        name=lane.name,
        note="; ".join(part for part in (lane.note, cut_note) if part),
        y_line=y_line,
        y_name=y_name,
        y_top=y_top,
        y_floor=y_floor,
        ticks=_ticks(axis),
        paths=tuple(paths),
        marks=tuple(marks),
        labels=_value_labels(lane, course, scale, axis),
    )
    pen.down(layout.gap_px)
    return drawing


def _ticks(axis: Axis) -> tuple[tuple[float, str], ...]:
    return tuple((axis.y(tick), f"{tick:g}") for tick in axis.ticks)


def _lines(series: Series, lane: Lane, scale: DayScale, axis: Axis) -> list[Path]:
    """Solid between neighbouring values; dashed across a day without one."""
    solid = dashed = ""
    valued = [(i, o) for i, o in enumerate(series.observations) if o.value is not None]
    for (i, before), (j, after) in pairwise(valued):
        segment = (
            f"M{scale.x(before.on)} {axis.y(before.value or 0):g}"
            f"L{scale.x(after.on)} {axis.y(after.value or 0):g}"
        )
        if lane.unobserved_between or j > i + 1:
            dashed += segment
        else:
            solid += segment
    paths = [Path(solid, f"line line-{series.code}")] if solid else []
    return paths + ([Path(dashed, f"line-dashed line-{series.code}")] if dashed else [])


def _missing_marks(lane: Lane, scale: DayScale, y_floor: float) -> list[Mark]:
    """A grey cross below the axis: examined that day, but there is no value to draw."""
    missing = {o.on for s in lane.series for o in s.observations if o.value is None}
    present = {o.on for s in lane.series for o in s.observations if o.value is not None}
    return [Mark(scale.x(day), y_floor + 8, "no-value") for day in sorted(missing - present)]


def _value_labels(lane: Lane, course: Course, scale: DayScale, axis: Axis) -> tuple[Text, ...]:
    """Values at baseline, last and month 6, in this order of claim to the room."""
    labels: list[Text] = []
    landmarks = [mark.on for mark in course.landmarks]
    taken: list[tuple[Box, float]] = []
    for series in lane.series:
        valued = [o for o in series.observations if o.value is not None]
        by_day = {o.on: o for o in valued}
        wanted = [by_day[d] for d in landmarks[:1] if d in by_day]
        wanted += valued[-1:]
        wanted += [by_day[d] for d in landmarks[1:] if d in by_day]
        wanted += valued if lane.from_zero else valued[:1]
        for o in dict.fromkeys(wanted):
            text = lane.written(o.value or 0)
            if o is valued[-1] and series.end_label:
                text = f"{series.end_label} {text}"
            x, box = _inside(scale.x(o.on), text_width_px(text), scale)
            y = axis.y(o.value or 0) - 8
            if box.clashes(b for b, other_y in taken if abs(other_y - y) < 16):
                continue
            taken.append((box, y))
            labels.append(Text(x, y, text))
    return tuple(labels)


# ---------- Band, landmarks, window ----------


def _band(stretches: Sequence[Stretch], scale: DayScale, y: float) -> tuple[Bar, ...]:
    """On and off treatment, with words where there is room for them."""
    bars = []
    for stretch in stretches:
        x, end = scale.x(stretch.started_on), scale.x(stretch.ended_on)
        label = None
        for text in stretch.names:
            if text_width_px(text) <= scale.px(end - x):
                label = Text((x + end) / 2, y - 6, text)
                break
        bars.append(Bar(x, end - x, y, stretch.code, label))
    return tuple(bars)


def _landmarks(
    landmarks: Sequence[Landmark], scale: DayScale, layout: Layout
) -> tuple[LandmarkDrawing, ...]:
    """Names centred over their lines; turned away from each other where they would touch."""
    xs = [scale.x(mark.on) for mark in landmarks]
    names = [mark.short_name if layout.names_above else mark.name for mark in landmarks]
    details = ["" if layout.names_above else mark.detail for mark in landmarks]
    widths = [max(text_width_px(n), text_width_px(d)) for n, d in zip(names, details, strict=True)]
    drawings = []
    for x, name, detail, anchor in zip(
        xs, names, details, _anchors([scale.px(x) for x in xs], widths, layout), strict=True
    ):
        dx = {"start": 4, "middle": 0, "end": -4}[anchor]
        drawings.append(
            LandmarkDrawing(
                x,
                Text(x, 12 if detail else 26, name, anchor, dx),
                Text(x, 26, detail, anchor, dx) if detail else None,
                y_line=30 if anchor == "middle" else 4 if detail else 17,
            )
        )
    return tuple(drawings)


def _anchors(xs_px: Sequence[float], widths: Sequence[float], layout: Layout) -> list[Anchor]:
    boxes = [box_of(x, width, "middle") for x, width in zip(xs_px, widths, strict=True)]
    if len(boxes) < 2 or not boxes[0].clashes(boxes[1:]):
        return ["middle"] * len(boxes)
    # The first name may reach over the column left of the plot.
    has_room = xs_px[0] + layout.left_px >= widths[0]
    return ["end", "start"] if has_room else ["middle", "start"]


def _window(window: tuple[date, date] | None, scale: DayScale, y: float) -> Bar | None:
    if window is None:
        return None
    x, end = scale.x(window[0]), scale.x(window[1])
    return Bar(x, end - x, y, "window") if end > x else None


# ---------- Other drugs, events ----------


def _drugs_lane(course: Course, scale: DayScale, layout: Layout, pen: _Pen) -> LaneDrawing:
    """One bar per drug, a row each, its name inside or behind it."""
    y_line = pen.y
    y_name = pen.down(layout.title_px)
    y_top = pen.down(4)
    bars = []
    for drug in course.other_drugs:
        y = pen.down(layout.drug_px)
        x, end = scale.x(drug.started_on), scale.x(drug.ended_on)
        name = drug.names[0]
        width_px = text_width_px(name)
        fits_behind = scale.px(end) + width_px + 6 <= scale.width_px
        fits_inside = scale.px(end - x) >= width_px
        if fits_inside:
            label = Text(x, y - 5, name, "start")
        elif fits_behind:
            label = Text(end, y - 5, name, "start", 6)
        else:
            label = Text(x, y - 5, name, "end", -6)
        bars.append(Bar(x, max(end - x, 20), y, "drug", label, drug.open_ended))
    name, note = course.other_drugs_lane
    drawing = LaneDrawing("drugs", name, note, y_line, y_name, y_top, pen.y, bars=tuple(bars))
    pen.down(layout.gap_px)
    return drawing


def _events(
    course: Course, scale: DayScale, layout: Layout, pen: _Pen
) -> tuple[tuple[EventDrawing, ...], LaneDrawing | None, bool]:
    """Events with words beside them if the rows suffice, else numbered, with a list below."""
    if not course.events:
        return (), None, False
    y_line = pen.y
    y_name = pen.down(layout.title_px)
    y_top = pen.y
    events = sorted(course.events, key=lambda e: e.on)
    placed = None if layout.names_above else _placed_with_words(events, scale, layout)
    numbered = placed is None
    rows, drawings = placed or _placed_with_numbers(events, scale, layout)
    moved = tuple(_moved_down(drawing, y_top) for drawing in drawings)
    name, note = course.events_lane
    lane = LaneDrawing(
        "events", name, note, y_line, y_name, y_top, pen.down(rows * layout.event_px + 8)
    )
    return moved, lane, numbered


def _placed_with_words(
    events: Sequence[Event], scale: DayScale, layout: Layout
) -> tuple[int, list[EventDrawing]] | None:
    rows: list[list[Box]] = [[] for _ in range(layout.most_event_rows)]
    drawings = []
    for number, event in enumerate(events, start=1):
        x = scale.x(event.on)
        width = text_width_px(event.name) + 10
        fits_right = scale.px(x) + width + 8 <= scale.width_px
        left_start = scale.px(x) - (8 if fits_right else width + 8)
        box = Box(left_start, left_start + width + 16)
        row = next((i for i, taken in enumerate(rows) if not box.clashes(taken)), None)
        if row is None or (not fits_right and left_start < 0):
            return None
        rows[row].append(box)
        y = row * layout.event_px + 18
        anchor: Anchor = "start" if fits_right else "end"
        dx = 10 if fits_right else -10
        drawings.append(
            EventDrawing(
                Mark(x, y, event.code),
                number,
                event,
                Text(x, y - 1, event.name, anchor, dx),
                Text(x, y + 12, event.detail, anchor, dx),
            )
        )
    return sum(1 for taken in rows if taken), drawings


def _placed_with_numbers(
    events: Sequence[Event], scale: DayScale, layout: Layout
) -> tuple[int, list[EventDrawing]]:
    rows: list[list[Box]] = []
    drawings = []
    for number, event in enumerate(events, start=1):
        x = scale.x(event.on)
        width = text_width_px(str(number)) + 10
        fits_right = scale.px(x) + width + 6 <= scale.width_px
        left = scale.px(x) - (6 if fits_right else width + 6)
        box = Box(left, left + width + 12)
        row = next((i for i, taken in enumerate(rows) if not box.clashes(taken, 2)), len(rows))
        if row == len(rows):
            rows.append([])
        rows[row].append(box)
        y = row * layout.event_px + 14
        label = Text(
            x, y + 4, str(number), "start" if fits_right else "end", 9 if fits_right else -9
        )
        drawings.append(EventDrawing(Mark(x, y, event.code), number, event, label))
    return len(rows), drawings


def _moved_down(drawing: EventDrawing, by: float) -> EventDrawing:
    def lower(text: Text | None) -> Text | None:
        return text and Text(text.x, text.y + by, text.text, text.anchor, text.dx)

    mark = Mark(drawing.mark.x, drawing.mark.y + by, drawing.mark.code)
    return EventDrawing(
        mark, drawing.number, drawing.event, lower(drawing.label), lower(drawing.detail)
    )


__all__ = [
    "FULL_WIDTH",
    "NARROW",
    "WIDE",
    "Course",
    "DoseStep",
    "Event",
    "InfusionDay",
    "Landmark",
    "Lane",
    "Layout",
    "Observation",
    "Series",
    "Stretch",
    "Timeline",
    "timeline",
]
