"""Parts that sentences of every subject are made of."""

from collections.abc import Iterable
from datetime import date

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from outcomes import labels
from outcomes.days import format_date


def day_text(day: date) -> str:
    """12 Jan 2024, the months in the reader's language."""
    return format_date(day, "j M Y")


def two_days(first: date, last: date) -> str:
    """Between two days; the year once where it is the same."""
    start = format_date(first, "j M") if first.year == last.year else day_text(first)
    return _("%(first)s and %(last)s") % {"first": start, "last": day_text(last)}


def partial_date_text(day: date, precision: str) -> str:
    """A partial date stays partial: 2003, Oct 2003 or 5 Oct 2003."""
    return format_date(day, {"year": "Y", "month": "M Y"}.get(precision, "j M Y"))


def muscle_name(muscle: str, side: str) -> str:
    names = {"side": labels.SIDE[side], "muscle": labels.MUSCLE[muscle]}
    return _("%(side)s %(muscle)s") % names


def joined(parts: Iterable[str]) -> str:
    return ", ".join(parts)


def sentences(*parts: str) -> str:
    """Whole sentences after each other; an empty one is left out."""
    return " ".join(capfirst(part) for part in parts if part)


def no_infusion() -> str:
    return _("No infusion is recorded, and no home treatment.")
