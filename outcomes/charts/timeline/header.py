"""Above and behind the lanes: treatment band, landmarks, the window of month 6."""

from collections.abc import Sequence
from datetime import date

from outcomes.charts.scales import DayScale, box_of, text_width_px
from outcomes.charts.timeline.course import Landmark, Stretch
from outcomes.charts.timeline.drawing import Anchor, Bar, LandmarkDrawing, Text
from outcomes.charts.timeline.layout import Layout


def treatment_band(stretches: Sequence[Stretch], scale: DayScale, y: float) -> tuple[Bar, ...]:
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


def landmark_drawings(
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


def window_bar(window: tuple[date, date] | None, scale: DayScale, y: float) -> Bar | None:
    if window is None:
        return None
    x, end = scale.x(window[0]), scale.x(window[1])
    return Bar(x, end - x, y, "window") if end > x else None
