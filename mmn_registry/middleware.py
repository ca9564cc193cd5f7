"""What every answer carries, whichever view made it."""

from collections.abc import Callable

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.core import signing
from django.http import HttpRequest, HttpResponse, QueryDict

KEPT = "typed_before_sign_in"
LONGEST_KEPT = 200_000


def no_store(get_response: Callable[[HttpRequest], HttpResponse]):
    """Keep no copy of what a signed-in person saw: ward computers are shared."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.user.is_authenticated:
            response["Cache-Control"] = "no-store"
        return response

    return answer


class SignInRequired(LoginRequiredMiddleware):
    """As Django's; and a form that was sent after the sign-in had ended waits in the session.

    It waits for the person who had opened it, whose signature is in the form, and for nobody else.
    """

    def handle_no_permission(self, request: HttpRequest, view_func):
        if request.method == "POST" and getattr(view_func, "keeps_typing", False):
            typed = request.POST.urlencode()
            if len(typed) <= LONGEST_KEPT:
                request.session[KEPT] = {"address": request.path, "typed": typed}
        return super().handle_no_permission(request, view_func)


def signed_owner(user) -> str:
    """Whose form it is, for a form that keeps what is typed."""
    return signing.Signer(salt=KEPT).sign(str(user.pk))


def take_kept(request: HttpRequest) -> QueryDict | None:
    """What this person had typed at this address when the sign-in had ended; once."""
    kept = request.session.get(KEPT)
    if not kept or kept["address"] != request.path:
        return None
    del request.session[KEPT]
    typed = QueryDict(kept["typed"])
    try:
        owner = signing.Signer(salt=KEPT).unsign(typed.get("owner", ""))
    except signing.BadSignature:
        return None
    return typed if owner == str(request.user.pk) else None
