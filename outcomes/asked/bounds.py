"""The ends of a span of days, as they are written: 2018, 2018-03 or 2018-03-12, never longer."""

from datetime import date

from django.utils.translation import gettext as _

from mmn_registry.months import first_day, last_day
from patients.calendar import partial_date_text
from patients.vocabulary import DatePrecision


def is_last(name: str) -> bool:
    """Whether a bound, by the name of its field, is the end of its span."""
    return name.endswith("_to")


def bound(day: date, precision: str, *, last: bool) -> date:
    """The first or the last day that a partial date may mean."""
    if not last or precision == DatePrecision.DAY:
        return day
    return date(day.year, 12, 31) if precision == DatePrecision.YEAR else last_day(day)


def precision(day: date, *, last: bool) -> DatePrecision:
    """How little has to be written of a day that begins or ends a span."""
    if (day.month, day.day) == ((12, 31) if last else (1, 1)):
        return DatePrecision.YEAR
    if day == (last_day(day) if last else first_day(day)):
        return DatePrecision.MONTH
    return DatePrecision.DAY


_LENGTHS = {DatePrecision.YEAR: 4, DatePrecision.MONTH: 7, DatePrecision.DAY: 10}


def bound_code(day: date, *, last: bool) -> str:
    """2018, 2018-03 or 2018-03-12: one address for one span."""
    return day.isoformat()[: _LENGTHS[precision(day, last=last)]]


def bound_text(day: date, *, last: bool) -> str:
    """2018, Mar 2018 or 12 Mar 2018."""
    return partial_date_text(day, precision(day, last=last).value)


def span_text(first: date | None, last: date | None) -> str:
    """Since 2018; until 2020; 2018 to 2020; in 2018."""
    start = bound_text(first, last=False) if first else ""
    end = bound_text(last, last=True) if last else ""
    if start and start == end:
        return _("in %(when)s") % {"when": start}
    if start and end:
        return _("%(first)s to %(last)s") % {"first": start, "last": end}
    if start:
        return _("since %(first)s") % {"first": start}
    return _("until %(last)s") % {"last": end}
