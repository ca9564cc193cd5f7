"""The forms of an answer: JSON, or CSV with the whole list in one response."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from secrets import token_hex

from django.http import StreamingHttpResponse
from django.utils.translation import gettext as _
from rest_framework.exceptions import ErrorDetail, NotAcceptable, ValidationError
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.utils.encoders import JSONEncoder

from mmn_registry import principal

from .filters import FORMAT, shown

ROWS_PER_CHUNK = 2_000


@dataclass(frozen=True)
class WrittenJson:
    """A value that is JSON already, and becomes part of an answer as it stands."""

    text: str


class _Encoder(JSONEncoder):
    """Writes a mark for each value that is JSON already, and keeps what belongs there."""

    def __init__(self, mark: str, written: list[str], **options):
        super().__init__(**options)
        self._mark, self._written = mark, written

    def default(self, obj):
        if isinstance(obj, WrittenJson):
            self._written.append(obj.text)
            return self._mark
        return super().default(obj)


class JsonRenderer(JSONRenderer):
    """JSON whose parts may have been written by the database: they are read by nobody here."""

    def render(self, data, accepted_media_type=None, renderer_context=None):
        written: list[str] = []
        mark = token_hex()  # stands in no value: nobody can know it
        self.encoder_class = partial(_Encoder, mark, written)
        body = super().render(data, accepted_media_type, renderer_context)
        parts = iter(written)
        return re.sub(f'"{mark}"'.encode(), lambda _mark: next(parts).encode(), body)


class CsvRenderer(BaseRenderer):
    """Negotiated by `Accept: text/csv` or `?format=csv`; the rows leave as a stream."""

    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"

    def render(self, data, accepted_media_type=None, renderer_context=None):
        """Only an answer without a body comes here: tables are streamed, problems are JSON."""
        return ""


class Negotiation(DefaultContentNegotiation):
    """`?format=` decides, else `Accept`; what cannot be is refused by its name."""

    def select_renderer(self, request, renderers, format_suffix=None):
        asked = request.query_params.get(FORMAT)
        if asked:
            renderer = self._called(asked, renderers)
            return renderer, renderer.media_type
        try:
            return super().select_renderer(request, renderers)
        except NotAcceptable:
            raise NotAcceptable(_unacceptable(request, renderers)) from None

    def _called(self, name: str, renderers):
        for renderer in renderers:
            if renderer.format == name:
                return renderer
        message = _("“%(value)s” is not a format of this answer. Use one of: %(formats)s.")
        params = {
            "value": shown(name),
            "formats": ", ".join(dict.fromkeys(renderer.format for renderer in renderers)),
        }
        raise ValidationError({FORMAT: [ErrorDetail(message % params, "unknown_format")]})


def _unacceptable(request, renderers) -> str:
    message = _("This cannot be answered as %(accept)s, only as: %(media_types)s.")
    return message % {
        "accept": shown(request.headers["Accept"]),
        "media_types": ", ".join(renderer.media_type for renderer in renderers),
    }


def csv_response(
    columns: Sequence[str], rows: Iterable[Sequence], headers: dict[str, str]
) -> StreamingHttpResponse:
    """A table on its way, a few thousand rows at a time: memory stays flat however long it is."""
    with principal.exporting():
        chunks = principal.carried(csv_chunks(columns, rows))
    # The first rows are read before the answer begins: if that fails, it is no answer yet.
    begun = _begun(next(chunks), chunks)
    content_type = f"{CsvRenderer.media_type}; charset={CsvRenderer.charset}"
    return StreamingHttpResponse(begun, content_type=content_type, headers=headers)


def _begun(first: str, rest: Iterator[str]) -> Iterator[str]:
    """One generator: when a client goes away, closing it closes what it reads from."""
    yield first
    yield from rest


def csv_chunks(columns: Sequence[str], rows: Iterable[Sequence]) -> Iterator[str]:
    """The names of the columns, then the rows."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(columns)
    for number, row in enumerate(rows, start=1):
        writer.writerow([csv_text(value) for value in row])
        if number % ROWS_PER_CHUNK == 0:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def csv_text(value) -> str:
    """One value as the bundle writes it: yes and no, empty where nothing is recorded."""
    if value is None:
        return ""
    if value is True:
        return "yes"
    if value is False:
        return "no"
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    return str(value)
