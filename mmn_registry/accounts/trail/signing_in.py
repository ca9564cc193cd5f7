"""Who signed in and out, and who could not, is noted.

By signals, because neither Django nor the sign-in library offers anything else here.
"""

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.http import HttpRequest

from mmn_registry import principal
from mmn_registry.accounts.models import User
from mmn_registry.accounts.selectors import principal_for
from mmn_registry.audit.notes import note
from mmn_registry.audit.vocabulary import EntryKind

from .routes import home_centre, route_of

PEOPLE = User._meta.db_table


def connect() -> None:
    user_logged_in.connect(_signed_in, dispatch_uid="trail")
    user_logged_out.connect(_signed_out, dispatch_uid="trail")
    user_login_failed.connect(_failed, dispatch_uid="trail")


def note_wrong_proof(request: HttpRequest | None, user: User | None, *, locked_out: bool) -> None:
    """A code or a passkey that did not fit, or one too many; of whom, where that is known."""
    kind = EntryKind.LOCKED_OUT if locked_out else EntryKind.SIGN_IN_FAILED
    _note_attempt(kind, request, user.email if user else "")


def note_lock_out(request: HttpRequest | None, email: str) -> None:
    """Too many attempts: for a while not even the right password signs in."""
    _note_attempt(EntryKind.LOCKED_OUT, request, email)


def _signed_in(sender, request, user, **_kwargs) -> None:
    _note_person(EntryKind.SIGN_IN, request, user)


def _signed_out(sender, request, user, **_kwargs) -> None:
    if user is not None:
        _note_person(EntryKind.SIGN_OUT, request, user)


def _failed(sender, credentials, request=None, **_kwargs) -> None:
    typed = (credentials.get(name) for name in ("email", "username", User.USERNAME_FIELD))
    _note_attempt(EntryKind.SIGN_IN_FAILED, request, next(filter(None, typed), ""))


def _note_person(kind: EntryKind, request, user) -> None:
    person = principal_for(user)
    with principal.in_force(person):
        note(
            kind,
            route=route_of(request),
            table=PEOPLE,
            record_id=user.pk,
            centre_id=home_centre(person),
        )


def _note_attempt(kind: EntryKind, request, typed: object) -> None:
    """Whose account was meant, if any's. What was typed is not written down: it may be anything."""
    meant = User.objects.filter(email=str(typed).lower().replace("\x00", "")).first()
    centre = home_centre(principal_for(meant)) if meant else None
    with principal.in_force(None):
        note(
            kind,
            route=route_of(request),
            table=PEOPLE,
            record_id=meant.pk if meant else "",
            centre_id=centre,
        )
