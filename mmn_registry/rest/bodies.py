"""What a program sends: one JSON value, read so that nothing in it can surprise anybody later.

Python's reader takes more than JSON says (NaN, one name twice) and numbers of any length; what it
would let through is refused here, in a sentence, before a model sees it.
"""

import json
from decimal import Decimal, InvalidOperation
from http import HTTPStatus
from typing import Any

from django.http import UnreadablePostError
from django.utils.translation import gettext as _
from rest_framework.request import Request

from .filters import shown
from .refusals import Refused, pointed, unreadable

MOST_BYTES = 10_000_000
DEEPEST = 16
LONGEST_NUMBER = 40  # characters; the longest that can be stored has 20 digits
MEDIA_TYPE = "application/json"
MERGE_PATCH = "application/merge-patch+json"


class _Unreadable(ValueError):
    def __init__(self, code: str, sentence: str):
        self.code, self.sentence = code, sentence
        super().__init__(sentence)


def read_object(request: Request) -> dict[str, Any]:
    """The JSON object that was sent."""
    sent = read_json(request)
    if not isinstance(sent, dict):
        raise unreadable("not_an_object", _("Send one JSON object: names with their values."))
    return sent


def read_json(request: Request) -> Any:
    _refuse_other_media(request)
    raw = _bytes(request)
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise unreadable("not_utf8", _("This is not UTF-8. JSON is.")) from None
    try:
        sent = json.loads(
            text,
            object_pairs_hook=_object,
            parse_float=_decimal,
            parse_int=_whole,
            parse_constant=_no_number,
        )
    except _Unreadable as found:
        raise unreadable(found.code, found.sentence) from None
    except RecursionError:
        raise unreadable("too_deep", _too_deep()) from None
    except ValueError as found:
        raise unreadable("not_json", _not_json(found)) from None
    _look_through(sent, has_escapes="\\u" in text)
    return sent


def _refuse_other_media(request: Request) -> None:
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding != "identity":
        message = _("Send the body as it is, without Content-Encoding “%(value)s”.")
        raise Refused(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "compressed", message % {"value": shown(encoding)}
        )
    media_type, _semicolon, parameters = (request.content_type or "").partition(";")
    known = (MEDIA_TYPE, MERGE_PATCH) if request.method == "PATCH" else (MEDIA_TYPE,)
    charset = parameters.strip().lower().replace('"', "")
    if media_type.strip().lower() not in known or charset not in ("", "charset=utf-8"):
        message = _("Send JSON, with the header “Content-Type: application/json”.")
        raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "not_json", message)


def _bytes(request: Request) -> bytes:
    """No more is read than may be kept."""
    told = request.META.get("CONTENT_LENGTH") or "0"
    if told.isascii() and told.isdigit() and int(told[:12]) > MOST_BYTES:
        raise _too_large()
    try:
        raw = request._request.read(MOST_BYTES + 1)
    except UnreadablePostError:
        raise unreadable("cut_off", _("The body ended before its time. Send it again.")) from None
    if len(raw) > MOST_BYTES:
        raise _too_large()
    return raw


def _too_large() -> Refused:
    message = _("A body has at most %(most)s MB. Send it in parts.")
    return Refused(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "too_large",
        message % {"most": MOST_BYTES // 1_000_000},
    )


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _value in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        message = _("The name “%(name)s” stands twice in one object. Keep one.")
        raise _Unreadable("name_twice", message % {"name": shown(_readable(twice))})
    return found


def _readable(text: str) -> str:
    """What may go into an answer, whatever was sent."""
    return text.encode(errors="replace").decode().replace("\x00", "?")


def _decimal(text: str) -> Decimal:
    if len(text) <= LONGEST_NUMBER:
        try:
            return Decimal(text)
        except InvalidOperation:
            pass
    raise _too_long(text)


def _whole(text: str) -> int:
    if len(text) > LONGEST_NUMBER:
        raise _too_long(text)
    return int(text)


def _too_long(text: str) -> _Unreadable:
    message = _("%(value)s is no number that could be stored here. Is it in the right unit?")
    return _Unreadable("impossible_number", message % {"value": shown(text)})


def _no_number(text: str) -> None:
    message = _("%(value)s is not JSON. What was not recorded is null, or left out.")
    raise _Unreadable("not_json", message % {"value": text})


def _not_json(found: ValueError) -> str:
    if isinstance(found, json.JSONDecodeError):
        message = _("This is not JSON: it cannot be read at line %(line)s, column %(column)s.")
        return message % {"line": found.lineno, "column": found.colno}
    return _("This is not JSON.")


def _too_deep() -> str:
    return _("Nothing here is nested more than %(most)s times.") % {"most": DEEPEST}


def _look_through(sent: Any, *, has_escapes: bool) -> None:
    """Nothing nested too deep, and no text that no database can hold."""
    level: list[tuple[str, Any]] = [("", sent)]
    for _depth in range(DEEPEST):
        inner: list[tuple[str, Any]] = []
        for at, value in level:
            if isinstance(value, dict):
                for name, one in value.items():
                    if has_escapes:
                        _refuse_unreadable(name, at)
                    inner.append((f"{at}/{pointed(name)}", one))
            elif isinstance(value, list):
                inner += [(f"{at}/{place}", one) for place, one in enumerate(value)]
            elif has_escapes and isinstance(value, str):
                _refuse_unreadable(value, at)
        if not inner:
            return
        level = inner
    raise unreadable("too_deep", _too_deep())


def _refuse_unreadable(text: str, at: str) -> None:
    if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
        message = _("A text here contains a character that cannot be stored. Remove it.")
        raise unreadable("unreadable_character", message, field=_readable(at))
