"""Signed-in people who were refused something are noted."""

from collections.abc import Callable
from contextlib import nullcontext
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse

from mmn_registry import principal
from mmn_registry.accounts.selectors import principal_for
from mmn_registry.audit.notes import note, note_patient
from mmn_registry.audit.vocabulary import EntryKind

from .routes import home_centre, route_of

REFUSALS = {HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}


def noted_refusals(get_response: Callable[[HttpRequest], HttpResponse]):
    """In a transaction of its own: what the request did was rolled back with its refusal."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code in REFUSALS and request.user.is_authenticated:
            _note(request)
        return response

    return answer


def _note(request: HttpRequest) -> None:
    person = principal.current()
    # REST learns who asks within the view.
    acting = nullcontext() if person else principal.in_force(principal_for(request.user))
    study_id = request.resolver_match.kwargs.get("study_id") if request.resolver_match else None
    with acting:
        if study_id and "\x00" not in study_id:
            note_patient(EntryKind.REFUSAL, study_id, route=route_of(request))
        else:
            centre = home_centre(principal.current())
            note(EntryKind.REFUSAL, route=route_of(request), centre_id=centre)
