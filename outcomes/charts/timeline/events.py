"""Lanes of what happened: other drugs as bars, events as marks with words or numbers."""

from collections.abc import Sequence

from outcomes.charts.scales import Box, DayScale, text_width_px
from outcomes.charts.timeline.course import Course, Event
from outcomes.charts.timeline.drawing import Anchor, Bar, EventDrawing, LaneDrawing, Mark, Text
from outcomes.charts.timeline.layout import Layout, Pen


def drugs_lane(course: Course, scale: DayScale, layout: Layout, pen: Pen) -> LaneDrawing:
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


def placed_events(
    course: Course, scale: DayScale, layout: Layout, pen: Pen
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
