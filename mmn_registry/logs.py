"""Log lines that cannot carry a patient's values.

Exceptions quote what they choked on (PostgreSQL: "Key (study_id)=(…) already exists"), paths
hold study ids, and arguments may hold anything. So a line says what kind of thing happened and
where in the code, and a request is named by its route, never by its path.
"""

import logging
import traceback
from datetime import UTC, datetime


class NoValues(logging.Formatter):
    """``2025-01-31T09:00:00Z ERROR django.request GET patients/<study_id>/ 500 DataError at …``."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        parts = [at, record.levelname, record.name, self._what(record)]
        if record.exc_info and record.exc_info[1]:
            parts.append(_where(record.exc_info[1]))
        return " ".join(part for part in parts if part)

    def _what(self, record: logging.LogRecord) -> str:
        request = getattr(record, "request", None)
        if request is None:
            # The text as written in the code, its placeholders unfilled.
            return str(record.msg)
        match = getattr(request, "resolver_match", None)
        route = match.route if match else "(no route)"
        method = getattr(request, "method", "")
        return f"{method} {route} {getattr(record, 'status_code', '')}".strip()


def _where(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{frame.filename}:{frame.lineno} in {frame.name}" for frame in frames]
    return f"{type(error).__qualname__} at " + " < ".join(reversed(places))
