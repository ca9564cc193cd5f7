"""What forms for codes and passkeys refuse is noted.

In the forms, because the sign-in library tells of wrong codes by a signal, but of passkeys and of
too many attempts not at all.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from allauth.core import context
from allauth.mfa.adapter import get_adapter
from django.core.exceptions import ValidationError

from .signing_in import note_wrong_proof

TOO_MANY = "too_many_login_attempts"


class NotedCode:
    """Mixed into a form of the library that takes a code."""

    def clean_code(self):
        with _noted(self.user):
            return super().clean_code()


class NotedPasskey:
    """The same for a passkey; who signs in by it alone is not known before it fits."""

    def clean_credential(self):
        with _noted(self.user), _refused_where_malformed():
            return super().clean_credential()


@contextmanager
def _refused_where_malformed() -> Iterator[None]:
    """What no passkey would answer makes the library fail: to a stranger it is a wrong one."""
    try:
        yield
    except (AttributeError, KeyError, TypeError, ValueError) as malformed:
        raise get_adapter().validation_error("incorrect_code") from malformed


@contextmanager
def _noted(user) -> Iterator[None]:
    try:
        yield
    except ValidationError as refusal:
        note_wrong_proof(context.request, user, locked_out=refusal.code == TOO_MANY)
        raise
