"""Signing in, second factors and people, as they are done by hand."""

import re
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from mmn_registry.accounts import actions
from mmn_registry.accounts.models import Centre, Invitation
from mmn_registry.accounts.roles import Role
from tests.accounts.conftest import PASSWORD, code_of, person, with_app
from tests.accounts.signing_in import sign_in
from tests.browser.conftest import accessibility_problems, hidden_overflow, problems_in_every_look

ANNE = "anne@hospital.example"


@pytest.fixture
def centre(transactional_db):
    return Centre.objects.create(code="C1", name="Northern hospital")


@pytest.fixture
def carl(centre, client):
    """A coordinator with an app and a colleague, signed in."""
    carl = person("carl", Role.COORDINATOR, centre)
    with_app(carl)
    person("anne", Role.NEUROLOGIST, centre)
    actions.invite(Invitation(email="nora@hospital.example", role="neurologist", centre=centre))
    sign_in(client, carl)
    return carl


@pytest.fixture
def ada(carl, client):
    """The administrator, signed in."""
    ada = person("ada", Role.ADMINISTRATOR)
    person("left")
    sign_in(client, ada)
    return ada


OF_STRANGERS = ["/sign-in/?next=/patients/", "/password/", "/password/sent/", "/sign-in/closed/"]
OF_ONES_OWN = [
    "account_change_password",
    "account_reauthenticate",
    "accounts:overview",
    "accounts:token_create",
    "accounts:tokens",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "mfa_deactivate_totp",
    "mfa_generate_recovery_codes",
    "mfa_index",
    "mfa_list_webauthn",
    "mfa_reauthenticate",
    "mfa_view_recovery_codes",
    "usersessions_list",
    "account_logout",
]
OF_PEOPLE = ["accounts:people", "accounts:invite", "accounts:centres", "accounts:centre_open"]


def test_axe_finds_nothing_before_signing_in(open_page, centre):
    secret = actions.invite(Invitation(email=ANNE, role="neurologist", centre=centre))

    with open_page("/sign-in/", signed_in=False) as page:
        for address in [*OF_STRANGERS, invitation_link(secret)]:
            page.goto(address)
            assert problems_in_every_look(page) == []


def test_a_link_that_is_over_says_so(browser, live_server, transactional_db):
    context = browser.new_context(base_url=live_server.url)
    page = context.new_page()

    answer = page.goto("/account/invitation/over/")

    assert answer.status == 410
    assert page.get_by_role("heading", name="This link leads nowhere").is_visible()
    assert accessibility_problems(page) == []
    assert hidden_overflow(page) <= 0
    context.close()


def test_axe_finds_nothing_about_ones_account(open_page, carl):
    actions.make_token(carl, "R on my laptop", days=30)

    with open_page("/account/") as page:
        for name in OF_ONES_OWN:
            page.goto(reverse(name))
            assert problems_in_every_look(page) == []


def test_axe_finds_nothing_about_people(open_page, ada):
    somebody = Centre.objects.get().memberships.first()
    addresses = [
        *map(reverse, OF_PEOPLE),
        reverse("accounts:role_end", args=[somebody.pk]),
        reverse("accounts:account_close", args=[somebody.user_id]),
        reverse("accounts:centre_rename", args=[somebody.centre_id]),
    ]

    with open_page("/people/") as page:
        for address in addresses:
            page.goto(address)
            assert problems_in_every_look(page) == []


def invitation_link(secret):
    return reverse("accounts:invitation_link", args=[secret])


def sign_in_by_keyboard(page, email=ANNE, password=PASSWORD):
    page.get_by_label("E-mail address").focus()
    page.keyboard.type(email)
    page.keyboard.press("Tab")
    page.keyboard.type(password)
    page.keyboard.press("Enter")


def test_from_the_invitation_to_the_second_sign_in_by_keyboard(open_page, centre):
    """The whole way of somebody new, with an authenticator app."""
    secret = actions.invite(Invitation(email=ANNE, role="neurologist", centre=centre))

    with open_page(invitation_link(secret), signed_in=False) as page:
        page.get_by_label("Your name").focus()
        page.keyboard.type("Anne Example")
        page.keyboard.press("Tab")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Tab")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")

        expect(page.get_by_role("heading", name="Second factor")).to_be_visible()
        page.get_by_role("link", name="Set up an app").focus()
        page.keyboard.press("Enter")
        key = page.locator(".secret").inner_text()
        page.get_by_label("Code").focus()
        page.keyboard.type("000000")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("This code does not fit")
        page.get_by_label("Code").focus()
        page.keyboard.type(code_of(page.locator(".secret").inner_text(), steps=-1))
        page.keyboard.press("Enter")

        expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
        assert page.locator(".codes li").count() == 10
        page.get_by_role("link", name="I have kept them").press("Enter")
        page.wait_for_url("**/patients/")

        sign_out(page)
        sign_in_by_keyboard(page)
        expect(page.get_by_label("Code")).to_be_focused()
        page.keyboard.type(code_of(key))
        page.keyboard.press("Enter")
        page.wait_for_url("**/patients/")


def sign_out(page):
    page.locator(".top-user summary").press("Enter")
    page.locator(".top-user").get_by_role("button", name="Sign out").press("Enter")
    page.wait_for_url("**/sign-in/")


@contextmanager
def authenticator(page, **options):
    """A device that keeps passkeys and says yes, as Chromium pretends to have one."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    device = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": device | options})
    yield devtools
    devtools.send("WebAuthn.disable")


def test_a_passkey_signs_in_alone(open_page, centre):
    anne = person("anne", Role.NEUROLOGIST, centre)

    with open_page("/sign-in/", signed_in=False) as page, authenticator(page):
        sign_in_by_keyboard(page)
        page.get_by_role("link", name="Add a passkey").press("Enter")
        page.get_by_label("Name", exact=True).fill("Ward computer")
        assert accessibility_problems(page) == []
        assert hidden_overflow(page) <= 0
        page.get_by_role("button", name="Make a passkey").press("Enter")
        expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
        page.goto("/account/second-factor/passkeys/")
        expect(page.get_by_text("Ward computer signs in alone")).to_be_visible()
        assert accessibility_problems(page) == []
        assert hidden_overflow(page) <= 0

        page.goto("/patients/")
        sign_out(page)
        page.goto("/sign-in/?next=/cohort/")
        page.get_by_role("button", name="Sign in with a passkey").press("Enter")
        page.wait_for_url("**/cohort/")

    assert anne.authenticator_set.filter(type="webauthn").count() == 1


def test_a_passkey_is_a_second_factor_after_the_password(open_page, centre):
    person("anne", Role.NEUROLOGIST, centre)

    with open_page("/sign-in/", signed_in=False) as page, authenticator(page):
        sign_in_by_keyboard(page)
        page.get_by_role("link", name="Add a passkey").click()
        page.get_by_label("Sign in with it alone").uncheck()
        page.get_by_role("button", name="Make a passkey").click()
        page.get_by_role("link", name="I have kept them").click()
        page.wait_for_url("**/patients/")
        sign_out(page)

        sign_in_by_keyboard(page)
        expect(page.get_by_role("heading", name="Second factor")).to_be_visible()
        assert accessibility_problems(page) == []
        assert hidden_overflow(page) <= 0
        page.get_by_role("button", name="Use a passkey").press("Enter")
        page.wait_for_url("**/patients/")


def test_a_passkey_that_does_not_come_is_said_beside_the_button(open_page, centre):
    with open_page("/sign-in/", signed_in=False) as page, authenticator(page):
        page.get_by_role("button", name="Sign in with a passkey").click()

        expect(page.get_by_text("No passkey came back")).to_be_visible()
        expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_enabled()


def test_what_was_typed_survives_the_question_who_is_asking(open_page, carl, client):
    """Step-up in the middle of a form: the password again, and the invitation is sent."""
    with open_page("/people/invite/") as page:
        sign_in(client, carl, seconds_ago=6 * 60)  # meanwhile five minutes have passed
        reuse_session(page, client)
        page.get_by_label("E-mail address").fill("dora@hospital.example")
        page.get_by_label("Role").select_option("coordinator")
        page.get_by_role("button", name="Send the invitation").press("Enter")

        expect(page.get_by_role("heading", name="Confirm that it is you")).to_be_visible()
        assert accessibility_problems(page) == []
        assert hidden_overflow(page) <= 0
        expect(page.get_by_label("Your password")).to_be_focused()
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")

        page.wait_for_url("**/people/")
        expect(page.get_by_role("status")).to_contain_text("dora@hospital.example")
    assert Invitation.objects.filter(email="dora@hospital.example", role="coordinator").exists()


def test_a_form_that_is_refused_after_the_question_stands_at_its_own_address(
    open_page, carl, client
):
    with open_page("/people/invite/") as page:
        sign_in(client, carl, seconds_ago=6 * 60)
        reuse_session(page, client)
        page.get_by_label("E-mail address").fill("nora@hospital.example")  # invited already
        page.get_by_label("Role").select_option("neurologist")
        page.get_by_role("button", name="Send the invitation").click()
        page.get_by_label("Your password").fill(PASSWORD)
        page.keyboard.press("Enter")

        expect(page.get_by_role("alert")).to_contain_text("invited to this role already")
        assert page.url.endswith("/people/invite/")
        assert page.get_by_label("E-mail address").input_value() == "nora@hospital.example"
        assert accessibility_problems(page) == []
        assert hidden_overflow(page) <= 0


def reuse_session(page, client):
    cookie = {"name": "sessionid", "value": client.session.session_key, "url": page.url}
    page.context.add_cookies([cookie])


class TestTheEndOfASession:
    """The browser's clock is moved; what the server answers is moved with it."""

    @pytest.fixture
    def page(self, open_page, carl, client):
        with open_page("/account/") as page:
            page.clock.install()
            page.goto("/account/")
            yield page

    def grow_old(self, client, carl, **age):
        session = client.session
        session["active_at"] -= timedelta(**age).total_seconds()
        session.save()

    def test_is_told_two_minutes_ahead(self, page, carl, client):
        self.grow_old(client, carl, minutes=28, seconds=30)
        page.clock.run_for(61_000)

        dialog = page.get_by_role("dialog", name="Are you still there?")
        expect(dialog).to_be_visible()
        expect(dialog).to_contain_text("You will be signed out in 2 minutes.")
        expect(dialog.get_by_role("button", name="Stay signed in")).to_be_focused()
        assert problems_in_every_look(page) == []

        page.keyboard.press("Enter")
        expect(dialog).to_be_hidden()
        assert client.session["active_at"] > client.session["signed_in_at"]

    def test_leads_to_the_sign_in_page_and_back(self, page, carl, client):
        self.grow_old(client, carl, minutes=31)
        page.clock.run_for(61_000)

        page.wait_for_url("**/sign-in/?next=%2Faccount%2F")

    def test_is_not_told_while_somebody_works_in_another_window(self, page, carl, client):
        self.grow_old(client, carl, minutes=27)
        page.clock.run_for(61_000)  # the first question: a minute is left before the warning
        self.grow_old(client, carl, minutes=-27)
        page.clock.run_for(61_000)

        expect(page.get_by_role("dialog", name="Are you still there?")).to_be_hidden()


def test_a_token_is_shown_once(open_page, carl):
    with open_page("/account/tokens/new/") as page:
        page.get_by_label("Name").fill("R on my laptop")
        page.keyboard.press("Enter")
        shown = page.locator(".token-text").inner_text()
        assert re.fullmatch(r"mmn_[0-9a-f]{64}", shown)
        assert accessibility_problems(page) == []
        assert hidden_overflow(page) <= 0

        page.reload()
        expect(page.locator(".token-text")).to_have_count(0)
        expect(page.get_by_role("rowheader", name="R on my laptop")).to_be_visible()
        assert shown not in page.content()
