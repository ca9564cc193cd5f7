"""The hospital's server says who somebody is; nobody comes in who was not invited."""

import pytest
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.internal.flows.login import complete_login
from allauth.socialaccount.models import SocialAccount

from mmn_registry import env
from mmn_registry.accounts.actions import close_account
from mmn_registry.accounts.models import User
from tests.accounts.conftest import with_app
from tests.accounts.signing_in import sign_in

pytestmark = pytest.mark.django_db
APP = {
    "provider_id": "hospital",
    "name": "Northern hospital",
    "client_id": "registry",
    "secret": "canary",
    "settings": {"server_url": "https://id.hospital.example"},
}


@pytest.fixture(autouse=True)
def _configured(settings):
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [APP]}}


@pytest.fixture
def hospital_says(monkeypatch, client):
    """Come back from the hospital as somebody, through the very middleware of a page."""

    def come_back(email, *, verified=True, sub="s-1", process="login"):
        told = {"sub": sub, "email": email, "email_verified": verified, "name": "Anna Roux"}

        def callback(request):
            provider = get_adapter().get_provider(request, "hospital")
            login = provider.sociallogin_from_response(request, {"userinfo": told})
            login.state = {"process": process}
            return complete_login(request, login)

        monkeypatch.setattr(
            "allauth.socialaccount.providers.oauth2.views.OAuth2CallbackView.adapter_view",
            lambda adapter: callback,
        )
        return client.get("/sign-in/with/hospital/back/")

    return come_back


def test_the_sign_in_page_offers_it(client):
    page = client.get("/sign-in/")

    assert b"Sign in with Northern hospital" in page.content
    assert b"canary" not in page.content


def test_without_configuration_there_is_none(client, settings):
    settings.SOCIALACCOUNT_PROVIDERS = {}

    assert b"Sign in with Northern" not in client.get("/sign-in/").content
    assert client.get("/sign-in/with/hospital/").status_code == 404


def test_a_link_alone_does_not_leave_for_it(client):
    page = client.get("/sign-in/with/hospital/")

    assert page.status_code == 200
    assert b"You are about to leave" in page.content


def test_somebody_known_by_address_comes_in(client, anna, hospital_says):
    answer = hospital_says("Anna@Hospital.example")

    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert client.session["_auth_user_id"] == str(anna.pk)


def test_somebody_known_again_comes_in_with_another_address(client, anna, hospital_says):
    hospital_says(anna.email)
    client.post("/sign-out/")

    hospital_says("anna.roux@hospital.example")

    assert client.session["_auth_user_id"] == str(anna.pk)


def test_the_second_factor_is_asked_for_all_the_same(client, anna, hospital_says):
    with_app(anna)

    assert hospital_says(anna.email).headers["Location"] == "/sign-in/second-factor/"
    assert "_auth_user_id" not in client.session


def test_a_stranger_is_refused_and_no_account_is_opened(client, anna, hospital_says):
    answer = hospital_says("stranger@hospital.example")

    assert b"Accounts come by invitation" in answer.content
    assert "_auth_user_id" not in client.session
    assert list(User.objects.all()) == [anna]
    assert not SocialAccount.objects.exists()


@pytest.mark.parametrize("verified", [False, None, "yes"])
def test_an_address_that_the_hospital_does_not_vouch_for_is_nobodys(
    client, anna, hospital_says, verified
):
    answer = hospital_says(anna.email, verified=verified)

    assert b"Accounts come by invitation" in answer.content
    assert "_auth_user_id" not in client.session


def test_a_closed_account_stays_closed(client, anna, ada, hospital_says):
    hospital_says(anna.email)
    client.post("/sign-out/")
    close_account(anna, by=ada)

    assert hospital_says(anna.email).headers["Location"] == "/sign-in/closed/"
    assert b"Accounts come by invitation" in hospital_says(anna.email, sub="s-2").content
    assert "_auth_user_id" not in client.session


def test_nobody_connects_another_identity_to_their_account(client, anna, hospital_says):
    sign_in(client, anna)

    answer = hospital_says("stranger@hospital.example", process="connect")

    assert answer.status_code == 403
    assert not SocialAccount.objects.exists()


def test_a_browser_may_leave_for_the_hospital_alone():
    assert env.origins("https://id.hospital.example/realms/staff") == [
        "https://id.hospital.example"
    ]
    assert env.origins("") == []
