"""Asking for the password or a second factor again before what must not happen by a stray hand.

What was typed is kept in the session meanwhile, and goes on by itself afterwards: the page is
asked for again at its own address, and takes what was sent to it before.
"""

import time
from collections.abc import Set
from functools import wraps

from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.decorators import method_decorator
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from . import second_factor
from .redirecting import page_of, redirect_to

PENDING = "step_up_pending"
KEPT_SECONDS = 15 * 60
PROOFS = frozenset({"password", second_factor.SHOWN, "socialaccount"})


def is_recent(request: HttpRequest, proofs: Set[str] = PROOFS) -> bool:
    """Whether this person has shown who they are within the last minutes, by such means."""
    records = get_authentication_records(request, request.user)
    shown = [record["at"] for record in records if record["method"] in proofs]
    return bool(shown) and time.time() - max(shown) < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT


def step_up(view, *, by_second_factor: bool = False):
    """Open a view to who has shown within five minutes who they are; ask everybody else.

    The outermost decorator of a view: what was sent to it comes back by its own address. What is
    signed asks for the second factor, wherever one is asked for at all.
    """

    @wraps(view)
    def asked(request, *args, **kwargs):
        needs_second = by_second_factor and second_factor.is_asked_for()
        if not is_recent(request, {second_factor.SHOWN} if needs_second else PROOFS):
            return _ask(request, by_second_factor=needs_second)
        _take_up(request)
        return view(request, *args, **kwargs)

    return asked


class StepUp:
    """The same for a class-based view."""

    @method_decorator(step_up)
    def dispatch(self, request, *args, **kwargs):
        return super().dispatch(request, *args, **kwargs)


def _ask(request: HttpRequest, *, by_second_factor: bool = False) -> HttpResponse:
    ways = get_adapter(request).get_reauthentication_methods(request.user)
    if by_second_factor:
        ways = [way for way in ways if way["id"].startswith(second_factor.SHOWN)]
    if not ways:
        raise PermissionDenied(_("Sign out and in again for this."))
    back_to = page_of(request)
    request.session.pop(PENDING, None)
    if request.method == "POST":
        back_to = request.get_full_path()
        typed = request.POST.copy()
        typed.pop("csrfmiddlewaretoken", None)
        # It may be a name or a hospital number: as unreadable in the session as at its place.
        kept = settings.IDENTITY_KEYS.current.sealed(typed.urlencode())
        request.session[PENDING] = {"to": back_to, "typed": kept, "at": time.time()}
    return redirect_to(request, f"{ways[0]['url']}?{urlencode({REDIRECT_FIELD_NAME: back_to})}")


def _take_up(request: HttpRequest) -> None:
    """Turn the request that comes back into the one that was sent, once."""
    pending = request.session.get(PENDING)
    if pending is None or request.method != "GET" or pending["to"] != request.get_full_path():
        return
    del request.session[PENDING]
    if time.time() - pending["at"] < KEPT_SECONDS:
        request.method = "POST"
        request.POST = QueryDict(settings.IDENTITY_KEYS.current.opened(pending["typed"]))
