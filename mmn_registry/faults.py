"""A database that does not answer, or answers too late, is no fault of who asked: 503, come back.

Django asks for the answer to whatever nobody caught, in a view or in the middleware around it;
here a fault of the database is told from an error of ours. Nothing here asks the database.
"""

import sys
from collections.abc import Callable
from http import HTTPStatus

import psycopg
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.db import (
    Error,
    IntegrityError,
    InterfaceError,
    InternalError,
    OperationalError,
)
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict, UnreadablePostError
from django.shortcuts import render
from django.urls import Resolver404, ResolverMatch, resolve
from django.utils.translation import gettext as _
from django.views.defaults import server_error
from psycopg import errors

from mmn_registry import principal
from mmn_registry.postgres import PostgresProblem, waits

RETRY_SECONDS = 5
PROBLEM = "application/problem+json"
# PostgreSQL calls these internal; what they say is that this session, or this server, is over.
OVER = (errors.IdleInTransactionSessionTimeout, errors.ReadOnlySqlTransaction)
# Two did the same at the same moment, and one was first.
RACES = (errors.UniqueViolation, errors.ExclusionViolation, errors.ForeignKeyViolation)


def may_be_sent_again(view):
    """A form that does the same once, however often it is sent, and holds no secret."""
    view.may_be_sent_again = True
    return view


def never_swallowed(get_response: Callable[[HttpRequest], HttpResponse]):
    """No answer is given that was made over a fault of the database.

    Django takes a constraint that could not be checked for one that is broken, and a session that
    could not be saved for one that has ended.
    """

    def answer(request: HttpRequest) -> HttpResponse:
        met: list[Exception] = []
        before = waits.met.set(met)
        try:
            response = get_response(request)
        finally:
            waits.met.reset(before)
        if met and response.status_code != HTTPStatus.SERVICE_UNAVAILABLE:
            raise met[0]
        return response

    return answer


def status_of(error: BaseException | None) -> HTTPStatus | None:
    """503 for a database that could not, 409 for what somebody else did first; None for ours."""
    cause = error.__cause__ if isinstance(error, Error) else error
    if isinstance(error, OperationalError | InterfaceError | PostgresProblem):
        return HTTPStatus.SERVICE_UNAVAILABLE
    if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        return HTTPStatus.SERVICE_UNAVAILABLE
    if isinstance(error, InternalError | psycopg.InternalError) and isinstance(cause, OVER):
        return HTTPStatus.SERVICE_UNAVAILABLE
    if isinstance(error, IntegrityError | psycopg.IntegrityError) and isinstance(cause, RACES):
        return HTTPStatus.CONFLICT
    return None


def sentence(status: HTTPStatus) -> str:
    """What a program is told."""
    if status == HTTPStatus.CONFLICT:
        return _("Somebody else did the same at this moment. Read again and repeat what is needed.")
    return _("The database cannot answer now. Nothing is wrong with the request: send it again.")


def headers(status: HTTPStatus) -> dict[str, str]:
    kept = {"Cache-Control": "no-store"}
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        kept["Retry-After"] = str(RETRY_SECONDS)
    return kept


def problem(
    status: HTTPStatus, detail: str, errors: list | None = None, *, code: str = ""
) -> dict[str, object]:
    """RFC 9457: what is wrong and what to do, and by which number an operator finds it."""
    return {
        "type": "about:blank",  # the code says which one it is
        "title": status.phrase,
        "status": int(status),
        "code": code or status.name.lower(),
        "detail": detail,
        "errors": errors or [],
        "request_id": principal.request_id(),
    }


def answer(request: HttpRequest) -> HttpResponse:
    """The answer to an error that nobody caught: Django's `handler500`, inside its `except`."""
    status = status_of(sys.exception())
    if status is None:
        return server_error(request)
    match = _match(request)
    if match is not None and hasattr(match.func, "cls"):  # of REST framework: a program reads it
        told = problem(status, sentence(status))
        return JsonResponse(told, status=status, content_type=PROBLEM, headers=headers(status))
    typed = _typed(request, match)
    context = {
        "conflict": status == HTTPStatus.CONFLICT,
        "again": request.get_full_path(),
        "typed": [(name, value) for name, values in typed.lists() for value in values],
        "was_sent": request.method == "POST",
        "request_id": principal.request_id(),
    }
    # Without a request: no context processor may ask the database.
    page = render(None, "503.html", context, status=status)
    for name, value in headers(status).items():
        page[name] = value
    return page


def _match(request: HttpRequest) -> ResolverMatch | None:
    """Which view it was for, also where it did not come so far."""
    if request.resolver_match is not None:
        return request.resolver_match
    try:
        return resolve(request.path_info)
    except Resolver404:
        return None


def _typed(request: HttpRequest, match: ResolverMatch | None) -> QueryDict:
    """What was sent, exactly, for a form that may be sent again; a file cannot be.

    Its token of the form goes back as it came: one that was forged is refused the next time, too.
    """
    if request.method != "POST" or not getattr(match and match.func, "may_be_sent_again", False):
        return QueryDict()
    try:
        return request.POST
    except (UnreadablePostError, SuspiciousOperation, BadRequest):
        return QueryDict()
