"""Days in words; a day of which only the month may be told reads as its month."""

from datetime import date

from django.utils.dateformat import format as format_by_parts


def format_date(day: date, written: str) -> str:
    """Django's, without the gap that a missing day leaves."""
    return format_by_parts(day, written).strip()
