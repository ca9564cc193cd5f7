"""Who must show a second factor, and whether a session has."""

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from django.conf import settings

from mmn_registry.birth import born_as
from mmn_registry.models import Birth

from .selectors import needs_second_factor

SHOWN = "mfa"  # the method's name in the library's record of a session
KINDS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def is_asked_for() -> bool:
    """Always, but where a demonstration says that it does without."""
    return settings.SECOND_FACTOR or born_as() != Birth.Kind.DEMO


def was_shown(request) -> bool:
    """In this session: that somebody else's session saw one is no reason to let this one in."""
    records = get_authentication_records(request, request.user)
    return any(record["method"] == SHOWN for record in records)


def is_missing(request) -> bool:
    """Whether this signed-in person has to show one first; no query where one was shown."""
    return is_asked_for() and not was_shown(request) and needs_second_factor(request.user)


def note_enrolment(request, kind: str) -> None:
    """Whoever has just set one up has shown it."""
    record_authentication(request, request.user, method=SHOWN, type=kind, enrolled=True)


def is_last(authenticator: Authenticator) -> bool:
    others = Authenticator.objects.filter(user_id=authenticator.user_id, type__in=KINDS)
    return not others.exclude(pk=authenticator.pk).exists()


def must_stay(authenticator: Authenticator) -> bool:
    """The last one of somebody whose role asks for one."""
    return is_asked_for() and is_last(authenticator) and needs_second_factor(authenticator.user)


def second_factor_not_required(view):
    """Mark a view that works before the second factor: to set one up, to sign out."""
    view.second_factor_required = False
    return view
