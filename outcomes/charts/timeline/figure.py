"""The whole figure, laid out from top to bottom."""

from outcomes.charts.scales import calendar_lines
from outcomes.charts.timeline.course import Course
from outcomes.charts.timeline.dose import dose_lane
from outcomes.charts.timeline.drawing import Mark, Timeline
from outcomes.charts.timeline.events import drugs_lane, placed_events
from outcomes.charts.timeline.header import landmark_drawings, treatment_band, window_bar
from outcomes.charts.timeline.layout import WIDE, Layout, Pen, padded_scale
from outcomes.charts.timeline.values import has_values, value_lane


def timeline(course: Course, layout: Layout = WIDE) -> Timeline:
    """Lay the course out from top to bottom: landmarks, treatment band, lanes, events, years."""
    scale = padded_scale(course, layout)
    y_header = layout.header_px if course.landmarks else 4
    y_plot = y_header + (layout.band_px if course.treatment else 0)
    pen = Pen(y_plot)
    lanes = []
    y_infusions = 0.0
    if course.dose_steps or course.infusion_days:
        dose = dose_lane(course, scale, layout, pen)
        y_infusions = dose.y_floor + layout.ticks_px / 2 + 1
        lanes.append(dose)
    lanes += [
        value_lane(lane, course, scale, layout, pen) for lane in course.lanes if has_values(lane)
    ]
    if course.other_drugs:
        lanes.append(drugs_lane(course, scale, layout, pen))
    events, events_lane, numbered = placed_events(course, scale, layout, pen)
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
        landmarks=landmark_drawings(course.landmarks, scale, layout),
        window=window_bar(course.window, scale, y_plot),
        band=treatment_band(course.treatment, scale, y_plot - 6),
        lanes=tuple(lanes),
        events=events,
        events_lane=events_lane,
        visits=tuple(Mark(scale.x(day), y_axis, "visit") for day in course.visits),
        numbered=numbered,
        ruled=tuple((round(x / 100, 2), code) for x, code in sorted(ruled)),
        infusion_note=course.infusion_note if course.infusion_days else "",
    )
