"""Refusals as FHIR says them: an OperationOutcome with a sentence, and where it is about."""

import logging
from http import HTTPStatus

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler

from mmn_registry import faults, principal
from mmn_registry.rest.filters import shown

from .elements import Element, told
from .rendering import FhirRenderer

CODES = {
    HTTPStatus.UNAUTHORIZED: "login",
    HTTPStatus.FORBIDDEN: "forbidden",
    HTTPStatus.NOT_FOUND: "not-found",
    HTTPStatus.METHOD_NOT_ALLOWED: "not-supported",
    HTTPStatus.NOT_ACCEPTABLE: "not-supported",
    HTTPStatus.CONFLICT: "conflict",
    HTTPStatus.TOO_MANY_REQUESTS: "throttled",
    HTTPStatus.SERVICE_UNAVAILABLE: "transient",
}
NOT_SUPPORTED = {"unknown_parameter", "unknown_include", "unknown_type"}
log = logging.getLogger(__name__)


def issue(code: str, sentence: str, *, severity: str = "error", where: str = "") -> Element:
    return told(
        severity=severity,
        code=code,
        details={"text": sentence},
        expression=[f"http.{where}"] if where else None,
    )


def operation_outcome(*issues: Element, request_id: str = "") -> Element:
    """The number of the request stands with the first: by it an operator finds the request."""
    first, *others = issues
    if request_id:
        first = first | {"diagnostics": f"Request {request_id}"}
    return {"resourceType": "OperationOutcome", "issue": [first, *others]}


def refusal(exc: Exception, context: dict) -> Response | None:
    """A refusal in words; None for a fault of ours, which is not the client's to mend."""
    if fault := faults.status_of(exc):
        log.error("FHIR could not be answered.", exc_info=exc)
        told_of = [issue(CODES[fault], faults.sentence(fault))]
        return _answer(context, fault, told_of, faults.headers(fault))
    if isinstance(exc, SuspiciousOperation | BadRequest):
        unreadable = issue("invalid", _("This request cannot be read."))
        return _answer(context, HTTPStatus.BAD_REQUEST, [unreadable], {})
    response = exception_handler(exc, context)
    if response is None:
        return None
    status = HTTPStatus(response.status_code)
    if isinstance(exc, ValidationError):
        issues = [
            issue(_code(problem.code), f"{shown(name)}: {problem}", where=shown(name))
            for name, problems in exc.detail.items()
            for problem in problems
        ]
    else:
        issues = [issue(CODES.get(status, "invalid"), str(response.data["detail"]))]
    return _answer(context, status, issues, dict(response.items()))


def _code(code: str) -> str:
    return "not-supported" if code in NOT_SUPPORTED else "invalid"


def _answer(context: dict, status: HTTPStatus, issues: list[Element], headers: dict) -> Response:
    request = context["request"]
    request.accepted_renderer = FhirRenderer()
    request.accepted_media_type = FhirRenderer.media_type
    outcome = operation_outcome(*issues, request_id=principal.request_id())
    headers.pop("Content-Type", None)
    return Response(outcome, status, headers=headers)
