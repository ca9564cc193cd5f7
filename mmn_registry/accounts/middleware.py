"""Who signed in, told to everything behind."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from mmn_registry import principal

from .selectors import principal_for


def acting_person(get_response: Callable[[HttpRequest], HttpResponse]):
    """Let PostgreSQL know who asks. The REST interface, which signs in later, says so itself."""

    def answer(request: HttpRequest) -> HttpResponse:
        with principal.in_force(None):
            person = principal_for(request.user) if request.user.is_authenticated else None
            with principal.in_force(person):
                return get_response(request)

    return answer
