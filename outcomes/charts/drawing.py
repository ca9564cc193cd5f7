"""Drawings of fixed width as lists of shapes: one template writes them, on a page or to a file.

Text keeps its size, so a figure is drawn anew for each width instead of being scaled. A shape
names what it is; colours and patterns are the style sheet's.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

WIDE_PX = 620
NARROW_PX = 320
LINE_PX = 16
SMALL_PX = 11


@dataclass(frozen=True)
class Shape:
    """An SVG element: its name, class names, attributes in their order, and text within."""

    element: str
    css: str
    attributes: tuple[tuple[str, str], ...]
    text: str = ""


@dataclass(frozen=True)
class Drawing:
    """`says` describes it to who does not see it, and where its numbers stand."""

    width: int
    height: int
    says: str
    shapes: tuple[Shape, ...]

    @property
    def inner(self) -> SafeString:
        """All shapes as SVG; a template's loop over thousands would take longer than the figure."""
        return mark_safe("".join(map(_markup, self.shapes)))  # noqa: S308 — texts are escaped


def _markup(shape: Shape) -> str:
    """Element and attribute names are ours; every value and text is escaped."""
    values = "".join(f' {name}="{escape(value)}"' for name, value in shape.attributes)
    opened = f'<{shape.element} class="{escape(shape.css)}"{values}'
    return f"{opened}>{escape(shape.text)}</{shape.element}>" if shape.text else f"{opened}/>"


@dataclass(frozen=True)
class Figure:
    """The same twice: for a desk, and for a phone."""

    wide: Drawing
    narrow: Drawing


@dataclass
class Sketch:
    """Shapes as they are added, in pixels from the upper left corner."""

    width: int
    shapes: list[Shape] = field(default_factory=list)

    def line(self, x1: float, y1: float, x2: float, y2: float, css: str) -> None:
        self._add("line", css, x1=x1, y1=y1, x2=x2, y2=y2)

    def rect(self, x: float, y: float, width: float, height: float, css: str) -> None:
        self._add("rect", css, x=x, y=y, width=max(width, 0), height=max(height, 0))

    def circle(self, x: float, y: float, r: float, css: str) -> None:
        self._add("circle", css, cx=x, cy=y, r=r)

    def path(self, steps: Iterable[str], css: str) -> None:
        self.shapes.append(Shape("path", css, (("d", "".join(steps)),)))

    def text(self, x: float, y: float, words: object, css: str = "d-text", at: str = "") -> None:
        """Words whose baseline is at y; `at` is where x is: start (as usual), middle or end."""
        anchor = (("text-anchor", at),) if at else ()
        places = (("x", px(x)), ("y", px(y)), *anchor)
        self.shapes.append(Shape("text", css, places, str(words)))

    def done(self, height: float, says: object) -> Drawing:
        return Drawing(self.width, round(height), str(says), tuple(self.shapes))

    def _add(self, element: str, css: str, **places: float) -> None:
        attributes = tuple((name, px(value)) for name, value in places.items())
        self.shapes.append(Shape(element, css, attributes))


def px(value: float) -> str:
    """A length to a tenth of a pixel, the same in every language."""
    return f"{round(float(value), 1):g}"


def lines_of(text: str, width_px: float, size_px: float = 12) -> list[str]:
    """Words broken into lines that fit, as far as words can be broken."""
    most = max(int(width_px / (size_px * 0.56)), 1)
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > most:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return lines
