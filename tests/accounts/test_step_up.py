"""What must not happen by a stray hand is asked for once more, and nothing typed is lost."""

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import include, path

from mmn_registry.accounts.models import Invitation
from mmn_registry.accounts.step_up import PENDING, step_up
from mmn_registry.accounts.urls import account_pages, library_pages
from tests.accounts.conftest import PASSWORD, alerts, code_of, with_app
from tests.accounts.signing_in import sign_in

pytestmark = pytest.mark.django_db


@step_up
def exported(request):
    shown = f"{request.method} {request.GET.dict()} {request.POST.dict()}"
    return HttpResponse(shown.encode())


urlpatterns = [
    path("", include((account_pages, "accounts"))),
    path("", include(library_pages)),
    path("", include(([path("patients/", exported, name="list")], "patients"))),
    path("", include(([path("cohort/", exported, name="cohort")], "outcomes"))),
    path("exported/", exported),
]


@pytest.fixture(autouse=True)
def _pages():
    with override_settings(ROOT_URLCONF="tests.accounts.test_step_up"):
        yield


@pytest.fixture
def recent(client, anna):
    sign_in(client, anna)
    return client


@pytest.fixture
def older(client, anna):
    """Anna, who showed who she is six minutes ago."""
    sign_in(client, anna, seconds_ago=6 * 60)
    return client


def confirm(client, answer, **proof):
    return client.post(answer.headers["Location"], proof or {"password": PASSWORD})


def test_who_has_just_signed_in_is_not_asked(recent):
    assert recent.get("/exported/").content == b"GET {} {}"


@pytest.mark.parametrize(("seconds", "asked"), [(290, False), (310, True)])
def test_it_is_asked_for_after_five_minutes(client, anna, seconds, asked):
    sign_in(client, anna, seconds_ago=seconds)

    assert (client.get("/exported/").status_code == 302) is asked


def test_what_was_typed_goes_on_after_the_password(older):
    asked = older.post("/exported/?of=C1", {"reason": "a review", "list": ["a", "b"]})
    back = confirm(older, asked)

    assert back.headers["Location"] == "/exported/?of=C1"
    done = older.get("/exported/?of=C1")
    assert done.content == b"POST {'of': 'C1'} {'reason': 'a review', 'list': 'b'}"


def test_it_goes_on_once(older):
    confirm(older, older.post("/exported/", {"reason": "a review"}))
    older.get("/exported/")

    assert older.get("/exported/").content == b"GET {} {}"
    assert PENDING not in older.session


def test_it_does_not_go_on_elsewhere(older):
    confirm(older, older.post("/exported/", {"reason": "a review"}))

    assert older.get("/exported/?of=C2").content == b"GET {'of': 'C2'} {}"


def test_it_does_not_go_on_without_the_password(older):
    asked = older.post("/exported/", {"reason": "a review"})

    refused = confirm(older, asked, password="not this one")

    assert alerts(refused) == ["This is not your password. Type it again."]
    assert older.get("/exported/").status_code == 302


def test_it_does_not_go_on_an_hour_later(older):
    confirm(older, older.post("/exported/", {"reason": "a review"}))
    session = older.session
    session[PENDING] = {**session[PENDING], "at": session[PENDING]["at"] - 60 * 60}
    session.save()

    assert older.get("/exported/").content == b"GET {} {}"


def test_looking_at_another_page_forgets_it(older):
    older.post("/exported/", {"reason": "a review"})
    older.get("/exported/?of=C2")

    assert PENDING not in older.session


def test_a_code_confirms_as_well(older, anna):
    secret = with_app(anna)
    older.post("/exported/", {"reason": "a review"})

    answer = older.post("/account/confirm/code/?next=/exported/", {"code": code_of(secret)})

    assert answer.headers["Location"] == "/exported/"
    assert older.get("/exported/").content.startswith(b"POST")


def test_the_token_against_forgery_is_not_kept(anna):
    older = Client(enforce_csrf_checks=True)
    sign_in(older, anna, seconds_ago=6 * 60)
    token = older.get("/account/confirm/?next=/exported/").cookies["csrftoken"].value

    older.post("/exported/", {"reason": "a review", "csrfmiddlewaretoken": token})

    kept = older.session[PENDING]["typed"]
    assert settings.IDENTITY_KEYS.current.opened(kept) == "reason=a+review"
    assert "review" not in kept


def test_a_forged_request_is_not_kept(anna):
    older = Client(enforce_csrf_checks=True)
    sign_in(older, anna, seconds_ago=6 * 60)

    answer = older.post("/exported/", {"reason": "a review"})

    assert answer.status_code == 403
    assert PENDING not in older.session


def test_guessing_the_password_here_counts_as_on_the_sign_in_page(older):
    asked = older.post("/exported/", {"reason": "a review"})
    for _ in range(10):
        confirm(older, asked, password="not this one")

    refused = confirm(older, asked)

    assert refused.status_code == 429 or b"too many attempts" in refused.content


@override_settings(ROOT_URLCONF="mmn_registry.urls")
def test_an_invitation_is_sent_after_the_password(client, carl, paris, mailoutbox):
    sign_in(client, carl, seconds_ago=6 * 60)
    typed = {"email": "nora@hospital.example", "role": "neurologist", "centre": str(paris.pk)}

    confirm(client, client.post("/people/invite/", typed))
    assert not Invitation.objects.exists()
    client.get("/people/invite/")

    assert Invitation.objects.get().email == "nora@hospital.example"
    assert [letter.to for letter in mailoutbox] == [["nora@hospital.example"]]


@override_settings(ROOT_URLCONF="mmn_registry.urls")
@pytest.mark.parametrize(
    "address",
    [
        "/people/invite/",
        "/account/tokens/new/",
        "/centres/open/",
        "/people/roles/7d8c1a52-0000-4000-8000-000000000000/end/",
        "/people/7d8c1a52-0000-4000-8000-000000000000/close/",
    ],
)
def test_deciding_about_people_asks_for_it(client, carl, address):
    sign_in(client, carl, seconds_ago=6 * 60)

    for method in (client.get, client.post):
        assert method(address).headers["Location"].startswith("/account/confirm/?next=")
