"""The dose lane: filled steps from 0 g/week, and under them a mark for every course."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise

from outcomes.charts.scales import Axis, Box, DayScale, axis_from_zero, text_width_px
from outcomes.charts.timeline.course import ROUTES, Course, DoseStep, InfusionDay
from outcomes.charts.timeline.drawing import Bar, LaneDrawing, Mark, Path, Text, tick_texts
from outcomes.charts.timeline.layout import Layout, Pen, inside
from outcomes.numbers import rounded


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


def dose_lane(course: Course, scale: DayScale, layout: Layout, pen: Pen) -> LaneDrawing:
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
        ticks=tick_texts(axis),
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
        x, box = inside(x, text_width_px(text), scale)
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
