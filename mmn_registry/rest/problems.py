"""Refusals as problem details (RFC 9457): what is wrong, where, and what to do."""

import logging
from http import HTTPStatus

from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import exception_handler

from mmn_registry import faults

from .filters import shown
from .refusals import Refused

MEDIA_TYPE = faults.PROBLEM
log = logging.getLogger(__name__)


class ProblemRenderer(JSONRenderer):
    media_type = MEDIA_TYPE
    format = "problem"


def problem_response(exc: Exception, context: dict) -> Response | None:
    """A refusal in words; None for a fault of ours, which is not the client's to mend."""
    request = context["request"]
    if fault := faults.status_of(exc):
        log.error("REST could not be answered.", exc_info=exc)
        return _refusal(
            request,
            Response(
                faults.problem(fault, faults.sentence(fault)), fault, headers=faults.headers(fault)
            ),
        )
    if isinstance(exc, SuspiciousOperation | BadRequest):
        unreadable = faults.problem(HTTPStatus.BAD_REQUEST, _("This request cannot be read."))
        return _refusal(request, Response(unreadable, HTTPStatus.BAD_REQUEST))
    response = exception_handler(exc, context)
    if response is None:
        return None
    if isinstance(exc, Refused):
        return _refusal(request, _told(exc, response))
    errors = _errors(exc.detail, request) if isinstance(exc, ValidationError) else []
    sentences = [f"{error['field']}: {error['detail']}" for error in errors]
    detail = " ".join(sentences) or response.data["detail"]
    status = HTTPStatus(response.status_code)
    response.data = faults.problem(status, detail, errors, code=_code(exc))
    return _refusal(request, response)


def _code(exc: Exception) -> str:
    if isinstance(exc, PermissionDenied):
        return "permission_denied"
    is_named = isinstance(exc, APIException) and not isinstance(exc, ValidationError)
    return exc.default_code if is_named else ""


def _told(refused: Refused, response: Response) -> Response:
    """What was not written, and why."""
    errors = [one.told() for one in refused.wrong]
    status = HTTPStatus(refused.status_code)
    told = faults.problem(status, refused.sentence, errors, code=refused.code)
    response.data = told | refused.more
    for name, value in refused.headers.items():
        response[name] = value
    return response


def _refusal(request, response: Response) -> Response:
    """One form, whatever was asked for: a refusal is never saved as a table of data."""
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
