"""The forms of an answer: JSON as FHIR writes it, and one resource a line for what is long."""

import json
from collections.abc import Iterable, Iterator
from urllib.parse import unquote

from django.http import StreamingHttpResponse
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer

from mmn_registry import principal
from mmn_registry.rest.filters import shown

from .elements import Element

JSON = "application/fhir+json"
NDJSON = "application/fhir+ndjson"
LINES_PER_CHUNK = 500
FORMATS = {"json", "application/json", "text/json", JSON}


def written(resource: Element) -> str:
    return json.dumps(resource, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


class FhirRenderer(BaseRenderer):
    media_type = JSON
    format = "json"
    charset = "utf-8"

    def render(self, data, accepted_media_type=None, renderer_context=None):
        return b"" if data is None else written(data).encode()


class PlainJsonRenderer(FhirRenderer):
    """For who accepts JSON and does not know whose."""

    media_type = "application/json"


class LinesRenderer(FhirRenderer):
    """A file of an export is streamed; only a refusal comes here."""

    media_type = NDJSON
    format = "ndjson"


class Negotiation(DefaultContentNegotiation):
    """`_format` decides, else `Accept`."""

    def select_renderer(self, request, renderers, format_suffix=None):
        # A plus in an address is a blank to whoever reads it.
        asked = unquote(request.query_params.get("_format", "")).replace(" ", "+")
        if asked:
            if asked.partition(";")[0] not in FORMATS:
                raise NotAcceptable(_unacceptable(asked))
            return renderers[0], renderers[0].media_type
        try:
            chosen, media_type = super().select_renderer(request, renderers)
        except NotAcceptable:
            raise NotAcceptable(_unacceptable(request.headers["Accept"])) from None
        if isinstance(chosen, PlainJsonRenderer):
            return renderers[0], renderers[0].media_type
        return chosen, media_type


def _unacceptable(asked: str) -> str:
    message = _("This cannot be answered as %(asked)s, only as: %(media_type)s.")
    return message % {"asked": shown(asked), "media_type": JSON}


def lines_response(resources: Iterable[Element]) -> StreamingHttpResponse:
    """A resource a line, on its way: memory stays flat however many there are."""
    with principal.exporting():
        chunks = principal.carried(_chunks(resources))
    # The first ones are read before the answer begins: if that fails, it is no answer yet.
    first = next(chunks, "")
    return StreamingHttpResponse(_begun(first, chunks), content_type=NDJSON)


def _begun(first: str, rest: Iterator[str]) -> Iterator[str]:
    """One generator: when a client goes away, closing it closes what it reads from."""
    yield first
    yield from rest


def _chunks(resources: Iterable[Element]) -> Iterator[str]:
    lines: list[str] = []
    for resource in resources:
        lines.append(written(resource) + "\n")
        if len(lines) == LINES_PER_CHUNK:
            yield "".join(lines)
            lines = []
    yield "".join(lines)
