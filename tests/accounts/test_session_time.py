"""A session ends by itself: after half an hour without activity, and after ten hours."""

import time
from datetime import timedelta

import pytest
from django.test import Client

from mmn_registry.accounts.session_time import ACTIVE_AT, BACKGROUND_HEADER, SIGNED_IN_AT
from mmn_registry.postgres.places import CHECKOUT
from tests.accounts.conftest import send_password
from tests.accounts.signing_in import sign_in

pytestmark = pytest.mark.django_db
BACKGROUND = {"MMN-Background": "1"}


@pytest.fixture
def signed_in(client, anna):
    sign_in(client, anna)
    return client


def grow_old(client, *, idle=timedelta(), signed_in=timedelta()):
    session = client.session
    now = time.time()
    session[ACTIVE_AT] = now - idle.total_seconds()
    session[SIGNED_IN_AT] = now - max(idle, signed_in).total_seconds()
    session.save()


def is_signed_in(client):
    return client.get("/account/").status_code == 200


def minutes(number):
    return timedelta(minutes=number)


@pytest.mark.parametrize(("idle", "goes_on"), [(29, True), (31, False)])
def test_it_ends_after_half_an_hour_without_activity(signed_in, idle, goes_on):
    grow_old(signed_in, idle=minutes(idle))

    assert is_signed_in(signed_in) is goes_on


@pytest.mark.parametrize(("hours", "goes_on"), [(9.9, True), (10.1, False)])
def test_it_ends_after_ten_hours_whatever_was_done(signed_in, hours, goes_on):
    grow_old(signed_in, signed_in=timedelta(hours=hours))

    assert is_signed_in(signed_in) is goes_on


def test_a_page_makes_it_last(signed_in):
    grow_old(signed_in, idle=minutes(20))

    signed_in.get("/account/")

    assert time.time() - signed_in.session[ACTIVE_AT] < 5


def test_what_a_page_does_in_the_background_does_not(signed_in):
    grow_old(signed_in, idle=minutes(20))
    before = signed_in.session[ACTIVE_AT]

    assert signed_in.get("/account/", headers=BACKGROUND).status_code == 200
    signed_in.get("/account/session/")

    assert signed_in.session[ACTIVE_AT] == before


def test_what_a_form_sends_by_itself_says_so():
    """The same address may also be sent by hand."""
    script = (CHECKOUT / "static/js/drafts.js").read_text()

    assert f'"{BACKGROUND_HEADER}": "1"' in script


def test_nor_an_address_that_does_not_exist(signed_in):
    grow_old(signed_in, idle=minutes(20))
    before = signed_in.session[ACTIVE_AT]

    signed_in.get("/no-such-page/")

    assert signed_in.session[ACTIVE_AT] == before


def test_the_session_is_not_written_with_every_page(signed_in):
    signed_in.get("/account/")
    before = signed_in.session[ACTIVE_AT]

    signed_in.get("/account/")

    assert signed_in.session[ACTIVE_AT] == before


def test_what_comes_after_the_end_leads_to_the_sign_in_page_and_back(signed_in):
    grow_old(signed_in, idle=minutes(31))

    answer = signed_in.get("/cohort/?as_of=2008-12-31")

    assert answer.headers["Location"] == "/sign-in/?next=/cohort/%3Fas_of%3D2008-12-31"


def test_a_script_is_told_and_not_led_away(signed_in):
    grow_old(signed_in, idle=minutes(31))

    assert signed_in.get("/account/", headers=BACKGROUND).status_code == 401


def test_nothing_of_an_ended_session_is_left(signed_in):
    key = signed_in.session.session_key
    grow_old(signed_in, idle=minutes(31))

    signed_in.get("/account/")

    assert not signed_in.session.exists(key)


def test_signing_in_again_begins_anew(client, anna):
    sign_in(client, anna)
    grow_old(client, signed_in=timedelta(hours=9))
    client.post("/sign-out/")

    send_password(client, anna)

    assert time.time() - client.session[SIGNED_IN_AT] < 5


class TestTellingHowLong:
    def ask(self, client, **more):
        return client.get("/account/session/", **more).json()

    def test_is_about_the_end_that_comes_first(self, signed_in):
        grow_old(signed_in, idle=minutes(10))
        assert self.ask(signed_in)["seconds_left"] == pytest.approx(20 * 60, abs=3)

        grow_old(signed_in, signed_in=timedelta(hours=9, minutes=59))
        assert self.ask(signed_in) == {
            "seconds_left": pytest.approx(60, abs=3),
            "can_be_extended": False,
        }

    def test_says_nothing_to_strangers(self, client, db):
        assert self.ask(client) == {"seconds_left": 0, "can_be_extended": False}

    def test_staying_makes_it_last(self, signed_in):
        grow_old(signed_in, idle=minutes(29))

        answer = signed_in.post("/account/session/").json()

        assert answer == {"seconds_left": pytest.approx(30 * 60, abs=3), "can_be_extended": True}

    def test_staying_never_makes_it_longer_than_ten_hours(self, signed_in):
        grow_old(signed_in, signed_in=timedelta(hours=9, minutes=58))

        answer = signed_in.post("/account/session/").json()

        assert answer == {"seconds_left": pytest.approx(120, abs=3), "can_be_extended": False}


def test_the_list_of_sessions_ends_the_others(client, anna):
    other = Client()
    send_password(other, anna)
    sign_in(client, anna)

    assert other.session.session_key
    assert len(client.get("/account/sessions/").context["sessions"]) == 1
    client.post("/account/sessions/")

    assert other.get("/account/session/").json()["seconds_left"] == 0
