"""What a report is made of: plain words and numbers, for a template to set."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from mmn_registry.birth import born_as
from mmn_registry.models import Birth

DEMONSTRATION = "DEMONSTRATION DATA"


@dataclass(frozen=True)
class PdfTable:
    """A table with its heading row; the first column names the rows, ``numbers`` stand right."""

    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers: bool = True
    note: str = ""
    widths: Sequence[int] = ()  # parts of the whole; none: as wide as the words are


@dataclass(frozen=True)
class PdfCurve:
    """A curve of steps within 0–1 over years, with its band; ``alt`` says it in words."""

    caption: str
    alt: str
    years: float
    steps: Sequence[tuple[float, float]]
    low: Sequence[tuple[float, float]]
    high: Sequence[tuple[float, float]]
    at_risk: Sequence[tuple[int, str]]
    labels: Sequence[str]


@dataclass(frozen=True)
class PdfIntervals:
    """Shares with their intervals, one below the other; None where there is nobody."""

    caption: str
    alt: str
    rows: Sequence[tuple[str, str, float | None, float | None, float | None]]
    reference: float | None = None
    reference_name: str = ""


@dataclass(frozen=True)
class Section:
    title: str
    texts: Sequence[str] = ()
    tables: Sequence[PdfTable] = ()
    curves: Sequence[PdfCurve] = ()
    intervals: Sequence[PdfIntervals] = ()


@dataclass(frozen=True)
class Report:
    """A document: its head, its sections, and what every page says."""

    title: str
    subtitle: str
    facts: Sequence[tuple[str, str]]
    sections: Sequence[Section]
    foot: str
    banner: str = ""
    intended_use: str = ""
    page_of: Sequence[str] = field(default_factory=tuple)


def said_on_every_page() -> dict[str, object]:
    """What the registry is for, and whether its data are real."""
    is_demonstration = born_as() == Birth.Kind.DEMO
    return {
        "banner": DEMONSTRATION if is_demonstration else "",
        "intended_use": _(
            "For follow-up and research, not for treatment decisions. Derived results are one "
            "reading of the records by stated rules; the treating physician's judgement comes "
            "first."
        ),
        "page_of": (_("Page"), _("of")),
    }


def lines(pairs: Iterable[tuple[str, object]]) -> tuple[tuple[str, str], ...]:
    """Only those of which something is known."""
    return tuple((str(name), str(value)) for name, value in pairs if value not in (None, ""))
