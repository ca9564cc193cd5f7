"""Signing somebody in for a test, as the doors of the registry would have done it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from allauth.account.internal.flows.login import (
    _AUTHENTICATION_METHODS_USER_SESSION_KEY,
    AUTHENTICATION_METHODS_SESSION_KEY,
)
from django.test import Client

from mmn_registry.accounts.session_time import ACTIVE_AT, SIGNED_IN_AT

BOTH = ("password", "mfa")


def sign_in(client: Client, user, *, shown: tuple[str, ...] = BOTH, seconds_ago: float = 0) -> None:
    """Begin a session in which these proofs were given, so long ago."""
    _force_login(client, user)
    note(client, user, shown=shown, seconds_ago=seconds_ago)


def note(client: Client, user, *, shown: tuple[str, ...] = BOTH, seconds_ago: float = 0) -> None:
    """Write into the session what a sign-in leaves there."""
    at = time.time() - seconds_ago
    session = client.session
    session[SIGNED_IN_AT] = session[ACTIVE_AT] = at
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": m, "at": at} for m in shown]
    session[_AUTHENTICATION_METHODS_USER_SESSION_KEY] = str(user.pk)
    session.save()


def also_shown(client: Client, method: str) -> None:
    """One more proof, given now."""
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] += [{"method": method, "at": time.time()}]
    session.save()


@contextmanager
def forced_logins_with_both_factors() -> Iterator[None]:
    """Meanwhile Django's ``client.force_login`` leaves a session that may open every page."""
    Client.force_login = lambda self, user, backend=None: sign_in(self, user)
    try:
        yield
    finally:
        Client.force_login = _force_login


_force_login = Client.force_login
