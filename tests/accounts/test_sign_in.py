"""Through the sign-in page: with a password, a second factor, and never without."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.utils import timezone

from mmn_registry.accounts import mail as sending
from mmn_registry.accounts.actions import close_account, open_account
from mmn_registry.accounts.models import AccessToken
from tests.accounts.conftest import (
    PASSWORD,
    alerts,
    code_of,
    link_in,
    recovery_codes,
    send_code,
    send_password,
    signed_in_as,
    with_app,
)
from tests.accounts.signing_in import sign_in

MISMATCH = "This e-mail address and password do not sign in here. Check both."
LOCKED = "There were too many attempts. Wait a quarter of an hour, or ask for a new password."

pytestmark = pytest.mark.django_db


class TestPassword:
    def test_signs_in_whoever_has_no_second_factor(self, client, anna):
        answer = send_password(client, "Anna@Hospital.example")

        assert (answer.status_code, answer.headers["Location"]) == (302, "/")
        assert signed_in_as(client) == str(anna.pk)

    def test_leads_to_where_one_was_going(self, client, anna):
        answer = send_password(client, anna, QUERY_STRING="next=/cohort/")

        assert answer.headers["Location"] == "/cohort/"

    @pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "/\\evil"])
    def test_leads_nowhere_else(self, client, anna, elsewhere):
        answer = client.post(
            "/sign-in/", {"login": anna.email, "password": PASSWORD, "next": elsewhere}
        )

        assert answer.headers["Location"] == "/"

    def test_that_is_wrong_is_refused_by_the_words_for_a_stranger(self, client, anna):
        wrong, stranger = (
            send_password(client, anna, "not this one"),
            send_password(client, "nobody@hospital.example"),
        )

        assert alerts(wrong) == alerts(stranger) == [MISMATCH]
        assert wrong.status_code == stranger.status_code == 200

    def test_of_a_closed_account_is_told_so_and_lets_nobody_in(self, client, anna, ada):
        close_account(anna, by=ada)

        answer = send_password(client, anna)

        assert answer.headers["Location"] == "/sign-in/closed/"
        assert signed_in_as(client) is None
        assert alerts(send_password(client, anna, "not this one")) == [MISMATCH]

    def test_begins_a_new_session(self, client, anna):
        """A session that somebody else planted is worth nothing."""
        client.get("/account/invitation/planted/")
        planted = client.session.session_key

        send_password(client, anna)

        assert client.session.session_key != planted
        assert not client.session.exists(planted)

    def test_stays_out_of_the_page_that_refuses_it(self, client, anna):
        answer = send_password(client, anna, "canary-of-a-password")

        assert b"canary-of-a-password" not in answer.content


class TestLockOut:
    def fail(self, client, user, times, **more):
        return [alerts(send_password(client, user, "wrong one", **more)) for _ in range(times)]

    def test_begins_after_the_tenth_failure(self, client, anna):
        assert self.fail(client, anna, 10) == [[MISMATCH]] * 10

        assert alerts(send_password(client, anna)) == [LOCKED]
        assert signed_in_as(client) is None

    def test_does_not_begin_after_the_ninth(self, client, anna):
        self.fail(client, anna, 9)

        send_password(client, anna)

        assert signed_in_as(client) == str(anna.pk)

    def test_tells_strangers_the_same(self, client, anna):
        self.fail(client, "nobody@hospital.example", 10)

        assert alerts(send_password(client, "nobody@hospital.example")) == [LOCKED]

    def test_locks_nobody_out_elsewhere_and_nobody_else_here(self, client, anna, carl):
        self.fail(client, anna, 11)

        send_password(client, anna, REMOTE_ADDR="192.0.2.7")
        assert signed_in_as(client) == str(anna.pk)
        other = Client()
        send_password(other, carl)
        assert signed_in_as(other) == str(carl.pk)

    def test_believes_no_address_that_a_client_wrote(self, client, anna):
        for number in range(10):
            send_password(client, anna, "wrong one", HTTP_X_FORWARDED_FOR=f"192.0.2.{number}")

        assert alerts(send_password(client, anna, HTTP_X_FORWARDED_FOR="192.0.2.99")) == [LOCKED]

    def test_believes_as_many_proxies_as_there_are(self, client, anna, settings):
        settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
        for _ in range(10):
            send_password(client, anna, "wrong one", HTTP_X_FORWARDED_FOR="192.0.2.1")

        refused = send_password(client, anna, HTTP_X_FORWARDED_FOR="198.51.100.3, 192.0.2.1")
        assert alerts(refused) == [LOCKED]
        send_password(client, anna, HTTP_X_FORWARDED_FOR="192.0.2.1, 192.0.2.2")
        assert signed_in_as(client) == str(anna.pk)

    def test_is_not_reset_by_signing_in_between(self, client, anna):
        self.fail(client, anna, 9)
        send_password(client, anna)
        client.post("/sign-out/")
        self.fail(client, anna, 1)

        assert alerts(send_password(client, anna)) == [LOCKED]

    def test_holds_for_codes_too(self, client, anna):
        secret = with_app(anna)
        send_password(client, anna)
        for _ in range(10):
            send_code(client, "000000")

        send_code(client, code_of(secret))

        assert signed_in_as(client) is None


class TestSecondFactor:
    def test_is_asked_for_after_the_password(self, client, anna):
        secret = with_app(anna)

        answer = send_password(client, anna, QUERY_STRING="next=/cohort/")

        assert answer.headers["Location"] == "/sign-in/second-factor/"
        assert signed_in_as(client) is None
        assert send_code(client, code_of(secret)).headers["Location"] == "/cohort/"
        assert signed_in_as(client) == str(anna.pk)
        assert client.get("/patients/").status_code == 200

    def test_is_refused_when_it_is_wrong(self, client, anna):
        with_app(anna)
        send_password(client, anna)

        answer = send_code(client, "000000")

        assert alerts(answer) == ["This code does not fit, or was used. Type the next one."]
        assert signed_in_as(client) is None

    def test_works_once(self, client, anna):
        """Somebody who looked over a shoulder has no use for the code."""
        secret = with_app(anna)
        code = code_of(secret)
        send_password(client, anna)
        send_code(client, code)
        other = Client()
        send_password(other, anna)

        send_code(other, code)

        assert signed_in_as(other) is None

    def test_may_be_a_recovery_code_once(self, client, anna):
        with_app(anna)
        code = recovery_codes(anna)[0]
        send_password(client, anna)
        send_code(client, code)
        assert signed_in_as(client) == str(anna.pk)

        other = Client()
        send_password(other, anna)
        send_code(other, code)
        assert signed_in_as(other) is None

    def test_is_nothing_without_the_password(self, client, anna):
        secret = with_app(anna)

        answer = send_code(client, code_of(secret))

        assert answer.headers["Location"] == "/sign-in/"
        assert signed_in_as(client) is None

    def test_is_kept_unreadable(self, anna):
        secret = with_app(anna)

        kept = anna.authenticator_set.get(type="totp").data["secret"]

        assert secret not in kept

    def test_of_another_secret_key_is_never_right(self, client, anna, settings):
        secret = with_app(anna)
        settings.SECRET_KEY = "another key, after the first was lost"
        send_password(client, anna)

        send_code(client, code_of(secret))

        assert signed_in_as(client) is None


class TestForgottenPassword:
    @pytest.fixture(autouse=True)
    def _mails_at_once(self, monkeypatch):
        monkeypatch.setattr(sending, "send_aside", sending.send)

    def ask(self, client, email):
        return client.post("/password/", {"email": email}, follow=True)

    def test_is_answered_alike_for_everybody(self, client, anna):
        known, unknown = self.ask(client, anna.email), self.ask(client, "nobody@hospital.example")

        assert known.content == unknown.content
        assert [letter.to for letter in mail.outbox] == [[anna.email]]

    def test_sends_nothing_to_closed_accounts(self, client, anna, ada):
        close_account(anna, by=ada)

        self.ask(client, anna.email)

        assert mail.outbox == []

    def test_is_replaced_by_a_link_that_works_once(self, client, anna):
        self.ask(client, anna.email)
        link = link_in(mail.outbox[0].body)
        form = client.get(link, follow=True)
        new = {"password1": "eight yellow cars", "password2": "eight yellow cars"}

        done = client.post(form.redirect_chain[-1][0], new)

        assert done.headers["Location"] == "/password/done/"
        send_password(client, anna, "eight yellow cars")
        assert signed_in_as(client) == str(anna.pk)
        assert b"used already" in Client().get(link, follow=True).content

    def test_ends_sessions_and_tokens(self, client, anna):
        token, _text = AccessToken.objects.create(anna, expiry=timedelta(days=1), name="R")
        thief = Client()
        sign_in(thief, anna)
        self.ask(client, anna.email)
        form = client.get(link_in(mail.outbox[0].body), follow=True)
        new = {"password1": "eight yellow cars", "password2": "eight yellow cars"}

        client.post(form.redirect_chain[-1][0], new)

        assert thief.get("/patients/").status_code == 302
        token.refresh_from_db()
        assert token.revoked_at <= timezone.now()

    def test_lifts_the_lock_out(self, client, anna):
        for _ in range(11):
            send_password(client, anna, "wrong one")
        self.ask(client, anna.email)
        form = client.get(link_in(mail.outbox[0].body), follow=True)
        new = {"password1": "eight yellow cars", "password2": "eight yellow cars"}
        client.post(form.redirect_chain[-1][0], new)

        send_password(client, anna, "eight yellow cars")

        assert signed_in_as(client) == str(anna.pk)

    def test_link_asks_for_a_good_password(self, client, anna):
        self.ask(client, anna.email)
        form = client.get(link_in(mail.outbox[0].body), follow=True)

        answer = client.post(
            form.redirect_chain[-1][0], {"password1": "short", "password2": "short"}
        )

        assert "at least 12 characters" in alerts(answer)[0]

    def test_mail_that_cannot_be_sent_is_no_error(self, client, anna, settings):
        settings.EMAIL_BACKEND = "tests.accounts.test_sign_in.NoServer"

        assert self.ask(client, anna.email).status_code == 200


class NoServer:
    def __init__(self, *args, **kwargs):
        pass

    def send_messages(self, messages):
        raise ConnectionRefusedError


class TestNoWayIn:
    def test_nobody_opens_an_account_for_themselves(self, client):
        for address in ("/sign-up/", "/signup/", "/account/signup/", "/accounts/signup/"):
            assert client.get(address).status_code == 404

    def test_signing_out_asks_first(self, client, anna):
        sign_in(client, anna)

        assert client.get("/sign-out/").status_code == 200
        assert signed_in_as(client) == str(anna.pk)
        client.post("/sign-out/")
        assert signed_in_as(client) is None


def test_a_password_change_keeps_this_session_and_ends_the_others(client, anna):
    sign_in(client, anna)
    other = Client()
    sign_in(other, anna)
    new = {
        "oldpassword": PASSWORD,
        "password1": "eight yellow cars",
        "password2": "eight yellow cars",
    }

    answer = client.post("/account/password/", new)

    assert answer.headers["Location"] == "/account/"
    assert client.get("/account/").status_code == 200
    assert other.get("/account/").status_code == 302
    assert [letter.subject for letter in mail.outbox] == ["Your password was changed"]


def test_an_account_without_a_password_signs_in_by_none(client, db):
    open_account("sso@hospital.example", "Sso")

    assert alerts(send_password(client, "sso@hospital.example", "anything at all")) == [MISMATCH]


def test_guesses_at_once_are_counted_before_they_are_looked_at(transactional_db, monkeypatch):
    """Thirty at the same time try no more than ten passwords."""
    anna = open_account("anna@hospital.example", "Anna", password=PASSWORD)
    looked_at = []
    monkeypatch.setattr(
        type(anna), "check_password", lambda _user, password: bool(looked_at.append(password))
    )

    def guess(number):
        try:
            send_password(Client(), anna, f"guess {number}")
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=10) as guessers:
        list(guessers.map(guess, range(30)))

    assert 0 < len(looked_at) <= 10
