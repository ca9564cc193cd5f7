"""How a program signs in to REST: with a token; a browser with its session."""

from datetime import timedelta

from allauth.account.adapter import get_adapter
from django.utils import timezone
from django.utils.translation import gettext as _
from knox.auth import TokenAuthentication
from rest_framework.authentication import BasicAuthentication
from rest_framework.exceptions import AuthenticationFailed

from . import second_factor
from .models import AccessToken

# When a token was last used is known to the minute: reading does not write each time.
NOTED_EVERY = timedelta(minutes=1)


class TokenSignIn(TokenAuthentication):
    """``Authorization: Bearer mmn_…``; gives the token's owner, and the token as ``auth``."""

    def authenticate(self, request):
        try:
            return super().authenticate(request)
        except (AuthenticationFailed, UnicodeDecodeError):
            refused = _("This token does not sign in here: mistyped, expired or revoked.")
            raise AuthenticationFailed(refused) from None

    def authenticate_credentials(self, token: bytes):
        if b"\x00" in token:  # PostgreSQL cannot even be asked
            raise AuthenticationFailed
        return super().authenticate_credentials(token)

    def validate_user(self, auth_token: AccessToken):
        user, token = super().validate_user(auth_token)
        _note_use(token)
        return user, token

    def _cleanup_token(self, auth_token: AccessToken) -> bool:
        """Whether a token has ended. The library would delete it; its row stays here."""
        return auth_token.revoked_at is not None or auth_token.expiry <= timezone.now()


def _note_use(token: AccessToken) -> None:
    now = timezone.now()
    if token.last_used_at is None or now - token.last_used_at > NOTED_EVERY:
        AccessToken.objects.filter(pk=token.pk).update(last_used_at=now)


class PasswordSignIn(BasicAuthentication):
    """HTTP Basic, only where a password alone signs in to pages, too: in a demonstration.

    It never tells which half was wrong, and failures count as on the sign-in page.
    """

    www_authenticate_realm = "MMN registry"

    def authenticate(self, request):
        if second_factor.is_asked_for():
            return None
        try:
            return super().authenticate(request)
        except AuthenticationFailed:
            refused = _("This e-mail address and password do not sign in here. Check both.")
            raise AuthenticationFailed(refused) from None

    def authenticate_credentials(self, userid, password, request=None):
        if "\x00" in userid:  # PostgreSQL cannot even be asked
            raise AuthenticationFailed
        asked = request._request
        attempt = get_adapter(asked).count_attempt(asked, userid)
        if attempt is None:
            raise AuthenticationFailed
        user, _nothing = super().authenticate_credentials(userid, password, asked)
        attempt.rollback()
        return user, None
