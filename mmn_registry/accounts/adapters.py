"""What this registry decides otherwise than django-allauth would."""

import base64
import hmac

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal import ratelimit
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.providers.base import AuthProcess
from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpResponseForbidden
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from . import mail, second_factor, session_time, step_up
from .models import User
from .roles import Permission
from .selectors import can, manages_people
from .trail.signing_in import note_lock_out


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": gettext_lazy(
            "This e-mail address and password do not sign in here. Check both."
        ),
        "too_many_login_attempts": gettext_lazy(
            "There were too many attempts. Wait a quarter of an hour, or ask for a new password."
        ),
        "incorrect_password": gettext_lazy("This is not your password. Type it again."),
        "enter_current_password": gettext_lazy("This is not your password. Type it again."),
        "incorrect_code": gettext_lazy("This code does not fit, or was used. Type the next one."),
        "rate_limited": gettext_lazy("There were too many attempts. Wait a quarter of an hour."),
    }

    def is_open_for_signup(self, request) -> bool:
        """Accounts come from invitations alone."""
        return False

    def _get_login_attempts_cache_key(self, request, **credentials) -> str:
        """Failures count per person and address: nobody locks a colleague out from elsewhere."""
        person = credentials.get("email") or credentials.get("username", "")
        return f"{person.lower()} from {ratelimit.get_ip(request)}"

    def pre_authenticate(self, request, **credentials) -> None:
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            note_lock_out(request, credentials.get("email") or credentials.get("username", ""))
            raise

    def count_attempt(self, request, email: str) -> ratelimit.RateLimitUsage | None:
        """For a program that signs in by password; None after too many failures.

        The library counts forms alone, never a GET.
        """
        key = self._get_login_attempts_cache_key(request, email=email)
        return ratelimit.consume(
            request, app="allauth.account", action="login_failed", key=key, limit_get=True
        )

    def forget_failures(self, request, user: User) -> None:
        """Whoever proved by mail who they are need not wait."""
        self._delete_login_attempts_cached_email(request, email=user.email)

    def is_reauthentication_required(self, *, app: str, **kwargs) -> bool:
        """Having just signed in is as good as having been asked again."""
        return not step_up.is_recent(self.request)

    def login(self, request, user: User) -> None:
        super().login(request, user)
        session_time.begin(request.session)
        # Any change of somebody's roles ends their sessions, so this cannot grow old.
        request.session["manages_people"] = manages_people(user)
        request.session["reads_trail"] = can(user, Permission.READ_TRAIL)

    def get_password_change_redirect_url(self, request) -> str:
        return reverse("accounts:overview")

    def send_mail(self, template_prefix: str, email: str, context: dict) -> None:
        mail.send(self._mail(template_prefix, email, context))

    def send_password_reset_mail(self, user: User, email: str, context: dict) -> None:
        mail.send_aside(self._mail("account/email/password_reset_key", email, context))

    def _mail(self, template_prefix: str, email: str, context: dict):
        forgotten = self.request.build_absolute_uri(reverse("account_reset_password"))
        known = {"forgotten_password_url": forgotten}
        return self.render_mail(template_prefix, email, known | context)


class SecondFactorAdapter(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": AccountAdapter.error_messages["incorrect_code"],
        "cannot_delete_authenticator": gettext_lazy(
            "Your role asks for a second factor, and this is your only one. Set up another first."
        ),
    }

    def encrypt(self, text: str) -> str:
        """A copy of the database does not hold the secrets of second factors."""
        return _vault().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        try:
            return _vault().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            # Of another SECRET_KEY: no code fits any more, and `end_second_factor` helps.
            return generate_totp_secret()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        return not second_factor.must_stay(authenticator)

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:  # noqa: A002
        """What to call a passkey that nobody named."""
        return gettext("Passkey of %(day)s") % {"day": f"{timezone.localdate():%d %b %Y}"}

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return super().get_public_key_credential_rp_entity() | {"name": settings.MFA_TOTP_ISSUER}


def _vault() -> Fernet:
    key = hmac.digest(settings.SECRET_KEY.encode(), b"mmn registry: second factors", "sha256")
    return Fernet(base64.urlsafe_b64encode(key))


class SingleSignOnAdapter(DefaultSocialAccountAdapter):
    """The hospital says who somebody is; whether they may come in was decided here."""

    def is_open_for_signup(self, request, sociallogin) -> bool:
        return False

    def pre_social_login(self, request, sociallogin) -> None:
        """Know people again by an address that the hospital vouches for."""
        if sociallogin.state.get("process") not in (None, AuthProcess.LOGIN):
            raise ImmediateHttpResponse(HttpResponseForbidden())
        if sociallogin.is_existing:
            return
        vouched = [a.email.lower() for a in sociallogin.email_addresses if a.verified is True]
        known = User.objects.filter(email__in=vouched, is_active=True).first()
        if known:
            sociallogin.connect(request, known)
