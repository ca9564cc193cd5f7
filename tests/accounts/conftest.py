"""People and centres for the tests of accounts, and a way through the sign-in page."""

import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value

from mmn_registry.accounts.actions import grant_role, open_account, open_centre
from mmn_registry.accounts.models import Centre
from mmn_registry.accounts.roles import Role

PASSWORD = "seven green boats"


@pytest.fixture(autouse=True)
def _cheap_passwords(settings):
    """Hundreds of attempts are made here; that passwords are kept as Argon2 is tested elsewhere."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def paris(db):
    return open_centre(Centre(code="SALP", name="Paris"))


@pytest.fixture
def lyon(db):
    return open_centre(Centre(code="LYON", name="Lyon"))


@pytest.fixture
def anna(paris):
    """A neurologist of Paris, with nothing but a password yet."""
    return person("anna", Role.NEUROLOGIST, paris)


@pytest.fixture
def carl(paris):
    """The coordinator of Paris."""
    return person("carl", Role.COORDINATOR, paris)


@pytest.fixture
def ada(db):
    """The administrator."""
    return person("ada", Role.ADMINISTRATOR)


def person(name: str, role: Role | None = None, centre: Centre | None = None):
    user = open_account(f"{name}@hospital.example", name.title(), password=PASSWORD)
    if role:
        grant_role(user, role, centre=centre)
    return user


def with_app(user) -> str:
    """Set up an authenticator app for somebody; its secret."""
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    RecoveryCodes.activate(user)
    return secret


def code_of(secret: str, *, steps: int = 0) -> str:
    """What the app shows now, or so many half minutes later."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


def recovery_codes(user) -> list[str]:
    kept = Authenticator.objects.get(user=user, type=Authenticator.Type.RECOVERY_CODES)
    return kept.wrap().get_unused_codes()


def send_password(client, user, password: str = PASSWORD, **more):
    """Send the sign-in form."""
    email = user if isinstance(user, str) else user.email
    return client.post("/sign-in/", {"login": email, "password": password}, **more)


def send_code(client, code: str):
    return client.post("/sign-in/second-factor/", {"code": code})


def alerts(answer) -> list[str]:
    """What a page refuses, in its words."""
    found = re.findall(r'role="alert">([^<]*)<', answer.content.decode())
    return [text.replace("&#x27;", "'") for text in found]


def signed_in_as(client) -> str | None:
    return client.session.get("_auth_user_id")


def link_in(mail: str) -> str:
    """The path of the link that a mail carries."""
    return re.search(r"https?://[^/\s]+(/\S+)", mail)[1]
