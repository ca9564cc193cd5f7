"""Refusals as problem details (RFC 9457): what is wrong, where, and what to do."""

from http import HTTPStatus

from rest_framework.exceptions import ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import exception_handler

from .filters import shown

MEDIA_TYPE = "application/problem+json"


class ProblemRenderer(JSONRenderer):
    media_type = MEDIA_TYPE
    format = "problem"


def problem_response(exc: Exception, context: dict) -> Response | None:
    """A refusal in words; None for a fault of ours, which is not the client's to mend."""
    response = exception_handler(exc, context)
    if response is None:
        return None
    request = context["request"]
    errors = _errors(exc.detail, request) if isinstance(exc, ValidationError) else []
    sentences = [f"{error['field']}: {error['detail']}" for error in errors]
    response.data = {
        "type": "about:blank",  # RFC 9457: no more than the status says
        "title": HTTPStatus(response.status_code).phrase,
        "status": response.status_code,
        "detail": " ".join(sentences) or response.data["detail"],
        "errors": errors,
    }
    # A refusal has one form, whatever was asked for: it is never saved as a table of data.
    request.accepted_renderer, request.accepted_media_type = ProblemRenderer(), MEDIA_TYPE
    return response


def _errors(refused: dict, request) -> list[dict[str, str | None]]:
    """Each refused parameter with what was sent."""
    return [
        {
            "field": shown(field),
            "code": problem.code,
            "value": shown(request.query_params[field]) if field in request.query_params else None,
            "detail": str(problem),
        }
        for field, problems in refused.items()
        for problem in problems
    ]
