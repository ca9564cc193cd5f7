"""Days of which only the month is told."""

import calendar
from datetime import date


class Month(date):
    """A day that reads as its month, however it is written.

    It is ordered, compared and counted as the day that it is, so that whatever is worked out from
    it is right; only what is read of it is coarse. Sums with it stay coarse too.
    """

    __slots__ = ()

    @classmethod
    def of(cls, day: date) -> "Month":
        return cls.fromordinal(day.toordinal())

    @property
    def day(self):
        """Nothing, for whatever formats a date by its parts."""
        return ""

    def isoformat(self):
        return super().isoformat()[:7]

    def strftime(self, _format):
        return self.isoformat()

    def __str__(self):
        return self.isoformat()

    def __repr__(self):
        return f"Month({self.isoformat()})"

    def __format__(self, _spec):
        return self.isoformat()


def drawn(day: date) -> date:
    """Where a day stands in a figure: a month in its middle."""
    return date(day.year, day.month, 15) if isinstance(day, Month) else day


def whole_months(first: date, last: date) -> tuple[date, date]:
    """The span of a figure, which tells no more of its ends than their months."""
    if isinstance(first, Month):
        first = first_day(first)
    if isinstance(last, Month):
        last = last_day(last)
    return first, last


def first_day(of: date) -> date:
    return date(of.year, of.month, 1)


def last_day(of: date) -> date:
    """The last day of a month."""
    return date(of.year, of.month, calendar.monthrange(of.year, of.month)[1])
