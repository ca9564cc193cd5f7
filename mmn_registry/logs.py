"""Log lines that cannot carry a patient's values.

Exceptions quote what they choked on (PostgreSQL: "Key (study_id)=(…) already exists"), paths
hold study ids, and arguments may hold anything. So a line says what kind of thing happened and
where in the code, and a request is named by its route, never by its path.
"""

import json
import logging
import traceback
from datetime import UTC, datetime

from mmn_registry import principal


class NoValues(logging.Formatter):
    """``2025-01-31T09:00:00Z ERROR django.request GET patients/<study_id>/ 500 DataError at …``."""

    def format(self, record: logging.LogRecord) -> str:
        parts = [_at(record), record.levelname, record.name, self._what(record)]
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


class NoValuesAsJson(NoValues):
    """The same as JSON, a line each, with what is known of the request."""

    def format(self, record: logging.LogRecord) -> str:
        told = {"at": _at(record), "level": record.levelname, "logger": record.name}
        told |= getattr(record, "told", None) or {
            "what": self._what(record),
            "request_id": principal.request_id() or None,
        }
        if record.exc_info and record.exc_info[1]:
            told["where"] = _where(record.exc_info[1])
        return json.dumps(told)


def _at(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")


def _where(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{frame.filename}:{frame.lineno} in {frame.name}" for frame in frames]
    return f"{type(error).__qualname__} at " + " < ".join(reversed(places))
