"""Who must show a second factor reaches nothing without it."""

import pytest
from django.test import Client, override_settings
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from mmn_registry.accounts import second_factor
from mmn_registry.accounts.actions import end_second_factor, grant_role
from mmn_registry.accounts.roles import Role
from mmn_registry.birth import born_as
from tests.accounts.conftest import (
    code_of,
    person,
    send_code,
    send_password,
    signed_in_as,
    with_app,
)
from tests.accounts.signing_in import sign_in

pytestmark = pytest.mark.django_db
ENROL = "/account/second-factor/"
EXAMPLES = {
    "study_id": "A-1",
    "uuid": "7d8c1a52-0000-4000-8000-000000000000",
    "int": "1",
    "provider_id": "hospital",
    "secret": "no-secret",
    "table": "patients_visit",
    "record_id": "1",
}
# What may be opened before: setting one up, proving the password for that, leaving.
OPEN_BEFORE = {
    "/account/second-factor/",
    "/account/second-factor/app/",
    "/account/second-factor/passkeys/add/",
    "/account/confirm/",
    "/account/session/",
    "/sign-out/",
    # Probes answer before anybody is known.
    "/healthz",
    "/readyz",
    "/metrics",
}


@pytest.fixture
def pending(client, anna):
    """Anna, signed in with her password alone."""
    sign_in(client, anna, shown=("password",))
    return client


def every_address(patterns=None, before=""):
    """One address for each route there is."""
    for entry in patterns or get_resolver().url_patterns:
        route = before + str(entry.pattern).lstrip("^").rstrip("$")
        if isinstance(entry, URLResolver):
            yield from every_address(entry.url_patterns, route)
        elif isinstance(entry, URLPattern):
            yield route


def filled(route: str) -> str:
    for converter in ("uuid", "int"):
        route = _replaced(route, f"<{converter}:", EXAMPLES[converter])
    route = _replaced(route, "(?P<uidb36>", "abc", end=")")
    route = _replaced(route, "(?P<key>", "set-password", end=")")
    for name, value in EXAMPLES.items():
        for written in (f"<str:{name}>", f"<slug:{name}>", f"<{name}>"):
            route = route.replace(written, value)
    # What has no name above may be anything that its converter takes.
    route = _replaced(_replaced(route, "<slug:", "anything"), "<str:", "anything")
    assert "<" not in route, f"{route} is no address that anybody could open."
    return "/" + route.replace("(?:.*/)?", "nothing/")


def _replaced(route: str, begin: str, value: str, end: str = ">") -> str:
    while begin in route:
        before, _, rest = route.partition(begin)
        route = before + value + rest.partition(end)[2]
    return route


@pytest.mark.parametrize("method", ["get", "post", "put", "delete", "head"])
def test_no_address_opens_before_it_was_shown(pending, method):
    addresses = {filled(route) for route in every_address()}
    assert len(addresses) > 50

    opened = {}
    for address in sorted(addresses - OPEN_BEFORE):
        answer = getattr(pending, method)(address)
        refused = answer.status_code == 403 and b"second factor" in answer.content
        led_away = answer.status_code == 302 and answer.headers["Location"].startswith(ENROL)
        head_refused = method == "head" and answer.status_code in (302, 403)
        refused = refused or (answer.status_code == 403 and not answer.content)  # to a script
        if not (refused or led_away or head_refused):
            opened[address] = answer.status_code

    assert opened == {}


def test_a_page_leads_to_setting_one_up_and_back(pending):
    answer = pending.get("/cohort/?as_of=2008-12-31")

    expected = f"{ENROL}?next=/cohort/%3Fas_of%3D2008-12-31"
    assert answer.headers["Location"] == expected


def test_a_part_of_a_page_leads_the_whole_page_there(pending):
    answer = pending.get(
        "/patients/?q=a",
        headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/patients/?page=2"},
    )

    assert answer.status_code == 204
    assert answer.headers["HX-Redirect"] == f"{ENROL}?next=/patients/%3Fpage%3D2"


def test_the_interface_says_what_is_missing(pending):
    answer = pending.get("/api/v1/patients/")

    assert answer.status_code == 403
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["detail"].startswith("Set up a second factor first")


def test_setting_up_an_app_opens_the_pages(pending, anna):
    page = pending.get("/account/second-factor/app/")
    secret = page.context["form"].secret

    answer = pending.post("/account/second-factor/app/", {"code": code_of(secret)})

    assert answer.headers["Location"] == "/account/second-factor/codes/"
    assert pending.get("/patients/").status_code == 200
    codes = pending.get("/account/second-factor/codes/")
    assert len(codes.context["unused_codes"]) == 10
    assert codes.context["unused_codes"][0].encode() in codes.content


def test_codes_are_shown_once(client, anna):
    with_app(anna)
    sign_in(client, anna)
    first = client.get("/account/second-factor/codes/").context["unused_codes"]

    again = client.get("/account/second-factor/codes/")

    assert set(again.context["unused_codes"]) == {"****"}
    assert not [code for code in first if code.encode() in again.content]


def test_another_session_that_waits_is_not_let_in_by_it(pending, anna):
    """Somebody with a stolen password sits at the door until its owner sets one up."""
    owner = Client()
    send_password(owner, anna)
    secret = owner.get("/account/second-factor/app/").context["form"].secret
    owner.post("/account/second-factor/app/", {"code": code_of(secret)})
    assert owner.get("/patients/").status_code == 200

    assert pending.get("/patients/").headers["Location"].startswith(ENROL)


def test_somebody_else_cannot_be_set_up_for(pending, anna):
    """Whoever was signed in longer than five minutes says the password first."""
    sign_in(pending, anna, shown=("password",), seconds_ago=6 * 60)

    answer = pending.get("/account/second-factor/app/")

    assert answer.headers["Location"].startswith("/account/confirm/?")
    assert pending.get(answer.headers["Location"]).status_code == 200


ASKED = {
    Role.NEUROLOGIST: True,
    Role.COORDINATOR: True,
    Role.NATIONAL_COORDINATOR: False,
    Role.STATISTICIAN: True,
    Role.AUDITOR: False,
    Role.ADMINISTRATOR: True,
}


@pytest.mark.parametrize("role", Role)
def test_who_is_asked(client, paris, role):
    user = person("rosa", role, paris if role in (Role.NEUROLOGIST, Role.COORDINATOR) else None)
    sign_in(client, user, shown=("password",))

    assert (client.get("/account/").status_code == 302) is ASKED[role]


def test_a_role_that_begins_asks_from_then_on(client, paris):
    user = person("rosa", Role.AUDITOR)
    sign_in(client, user, shown=("password",))
    assert client.get("/account/").status_code == 200

    grant_role(user, Role.NEUROLOGIST, centre=paris)

    sign_in(client, user, shown=("password",))
    assert client.get("/account/").headers["Location"].startswith(ENROL)


def test_the_last_one_cannot_be_removed(client, anna):
    with_app(anna)
    sign_in(client, anna)

    answer = client.post("/account/second-factor/app/remove/")

    assert b"this is your only one" in answer.content
    assert anna.authenticator_set.filter(type="totp").exists()


def test_somebody_whose_role_does_not_ask_may_remove_it(client):
    user = person("rosa", Role.AUDITOR)
    with_app(user)
    sign_in(client, user)

    client.post("/account/second-factor/app/remove/")

    assert not user.authenticator_set.exists()


def test_a_lost_device_is_forgotten_by_the_operator(client, anna):
    with_app(anna)
    sign_in(client, anna)

    end_second_factor(anna)

    assert client.get("/account/").headers["Location"].startswith("/sign-in/")
    send_password(client, anna)
    assert signed_in_as(client) == str(anna.pk)
    assert client.get("/account/").headers["Location"].startswith(ENROL)


class TestSwitchedOff:
    def test_in_a_demonstration_a_password_alone_signs_in(self, pending):
        with override_settings(SECOND_FACTOR=False):
            assert pending.get("/patients/").status_code == 200

    def test_one_that_was_set_up_is_still_asked_for(self, client, anna):
        secret = with_app(anna)
        with override_settings(SECOND_FACTOR=False):
            assert send_password(client, anna).headers["Location"] == reverse("mfa_authenticate")
            send_code(client, code_of(secret))
        assert signed_in_as(client) == str(anna.pk)

    def test_in_a_registry_it_has_no_effect(self, pending, monkeypatch):
        monkeypatch.setattr(second_factor, "born_as", lambda: "registry")
        assert born_as() == "demo"

        with override_settings(SECOND_FACTOR=False):
            assert pending.get("/patients/").status_code == 302
