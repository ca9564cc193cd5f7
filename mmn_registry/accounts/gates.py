"""What stands before every page: a session that still runs, a sign-in, a second factor."""

from http import HTTPStatus
from urllib.parse import urlencode

from django.contrib.auth import REDIRECT_FIELD_NAME, logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from mmn_registry.faults import PROBLEM, problem

from . import kept_typing, second_factor, session_time
from .redirecting import page_of, redirect_to


class SessionTime:
    """Ends a session that was left alone, or is old; what is left is a stranger."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated and session_time.seconds_left(request.session) <= 0:
            logout(request)
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs) -> None:
        if request.user.is_authenticated and not session_time.is_background(request, view):
            session_time.note_activity(request.session)


class SignInRequired(LoginRequiredMiddleware):
    """Django's, for requests that no person reads the answer of."""

    def handle_no_permission(self, request, view):
        if session_time.is_background(request, view):
            return HttpResponse(status=HTTPStatus.UNAUTHORIZED)
        kept_typing.keep(request, view)
        return redirect_to(request, _asking(reverse("account_login"), then=page_of(request)))


class SecondFactorRequired:
    """Nothing opens to somebody whose role asks for a second factor until it was shown."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs) -> HttpResponse | None:
        if not getattr(view, "second_factor_required", True):
            return None
        if not request.user.is_authenticated or not second_factor.is_missing(request):
            return None
        if hasattr(view, "cls"):  # of REST framework: a program reads the answer
            return _refusal()
        if session_time.is_background(request, view):
            return HttpResponse(status=HTTPStatus.FORBIDDEN)
        return redirect_to(request, _asking(reverse("mfa_index"), then=page_of(request)))


def _asking(address: str, *, then: str) -> str:
    return f"{address}?{urlencode({REDIRECT_FIELD_NAME: then}, safe='/')}"


def _refusal() -> JsonResponse:
    status = HTTPStatus.FORBIDDEN
    detail = _("Set up a second factor first: sign in with a browser and follow the page.")
    told = problem(status, detail)
    return JsonResponse(told, status=status, content_type=PROBLEM)
