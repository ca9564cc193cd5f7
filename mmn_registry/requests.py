"""Every request has a number, in its answer, in the trail and in one line of the log.

The line names the page and not its address, the person by the id of the account and not by name:
what was typed, asked for or answered is nowhere in it.
"""

import logging
import time
from collections.abc import Callable
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from mmn_registry import principal

HEADER = "MMN-Request-Id"
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
log = logging.getLogger(__name__)


def told(get_response: Callable[[HttpRequest], HttpResponse]):
    """Ours, whatever number came with it: two requests never share one."""

    def answer(request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        request_id = uuid4().hex
        with principal.answering(request_id):
            response = get_response(request)
            response[HEADER] = request_id
            line = {
                "request_id": request_id,
                "method": request.method if request.method in METHODS else "other",
                "route": _route(request),
                "user": _user(request),
                "status": response.status_code,
                # Until the answer begins: what is streamed takes longer.
                "milliseconds": round((time.perf_counter() - began) * 1000),
            }
            log.info("A request was answered.", extra={"told": line})
        return response

    return answer


def _route(request: HttpRequest) -> str | None:
    match = request.resolver_match
    return match.view_name or match.route if match else None


def _user(request: HttpRequest) -> str | None:
    """Who was found to ask; nobody is looked up for a line of the log."""
    user = getattr(request, "_cached_user", None) or getattr(request, "user", None)
    if user is None or isinstance(user, SimpleLazyObject) or user.pk is None:
        return None
    return str(user.pk)
