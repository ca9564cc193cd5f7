"""Lanes of values: sums of grades, grips, blocks."""

from itertools import pairwise

from outcomes.charts.scales import (
    Axis,
    Box,
    DayScale,
    axis_around,
    axis_from_zero,
    text_width_px,
)
from outcomes.charts.timeline.course import Course, Lane, Series
from outcomes.charts.timeline.drawing import LaneDrawing, Mark, Path, Text, tick_texts
from outcomes.charts.timeline.layout import Layout, Pen, inside


def has_values(lane: Lane) -> bool:
    return any(o.value is not None for s in lane.series for o in s.observations)


def value_lane(
    lane: Lane, course: Course, scale: DayScale, layout: Layout, pen: Pen
) -> LaneDrawing:
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
        ticks=tick_texts(axis),
        paths=tuple(paths),
        marks=tuple(marks),
        labels=_value_labels(lane, course, scale, axis),
    )
    pen.down(layout.gap_px)
    return drawing


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
            x, box = inside(scale.x(o.on), text_width_px(text), scale)
            y = axis.y(o.value or 0) - 8
            if box.clashes(b for b, other_y in taken if abs(other_y - y) < 16):
                continue
            taken.append((box, y))
            labels.append(Text(x, y, text))
    return tuple(labels)
