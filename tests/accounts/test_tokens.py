"""A program reads with a token: as its owner does, or less, and not for ever."""

import base64
import uuid
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.test import RequestFactory, override_settings
from django.utils import timezone
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from mmn_registry.accounts.actions import grant_role, make_token, revoke_token
from mmn_registry.accounts.authentication import PasswordSignIn, TokenSignIn
from mmn_registry.accounts.models import AccessToken
from mmn_registry.accounts.roles import Role
from mmn_registry.accounts.selectors import principal_for
from mmn_registry.principal import EVERYWHERE, Kind, Principal, Right
from tests.accounts.conftest import PASSWORD, person
from tests.accounts.signing_in import sign_in

pytestmark = pytest.mark.django_db
REFUSED = "This token does not sign in here: mistyped, expired or revoked."


def authenticate(header: str | None, way=TokenSignIn):
    headers = {"Authorization": header} if header is not None else {}
    return way().authenticate(Request(RequestFactory().get("/api/v1/patients/", headers=headers)))


def refusal(header: str, way=TokenSignIn) -> str:
    with pytest.raises(AuthenticationFailed) as refused:
        authenticate(header, way)
    return str(refused.value.detail)


@pytest.fixture
def token(anna):
    return make_token(anna, "R on my laptop", days=30)


class TestSigningIn:
    def test_gives_the_owner_and_the_token(self, anna, token):
        kept, text = token

        assert authenticate(f"Bearer {text}") == (anna, kept)

    def test_leaves_other_ways_to_others(self, token):
        assert authenticate(None) is None
        assert authenticate("Basic abc") is None

    @pytest.mark.parametrize(
        "header",
        ["Bearer", "Bearer a b", "Bearer mmn_", "Bearer ÿþ", "Bearer {text}0", "Bearer \x00"],
    )
    def test_refuses_what_is_none(self, token, header):
        _kept, text = token

        assert refusal(header.replace("{text}", text)) == REFUSED

    def test_refuses_one_that_begins_alike(self, token):
        _kept, text = token

        assert refusal(f"Bearer {text[:20]}{'0' * (len(text) - 20)}") == REFUSED

    def test_ends_with_the_tokens_time(self, token):
        kept, text = token
        AccessToken.objects.update(
            created=timezone.now() - timedelta(days=30), expiry=timezone.now()
        )

        assert refusal(f"Bearer {text}") == REFUSED
        assert AccessToken.objects.filter(pk=kept.pk).exists()

    def test_ends_when_it_is_revoked(self, anna, token):
        kept, text = token

        revoke_token(kept, by=anna)

        assert refusal(f"Bearer {text}") == REFUSED

    def test_ends_with_any_change_of_roles(self, anna, token, lyon):
        _kept, text = token

        grant_role(anna, Role.NEUROLOGIST, centre=lyon)

        assert refusal(f"Bearer {text}") == REFUSED

    def test_ends_with_the_account(self, anna, token):
        _kept, text = token
        type(anna).objects.update(is_active=False)

        assert refusal(f"Bearer {text}") == REFUSED

    def test_is_noted_to_the_minute(self, anna, token, django_assert_num_queries):
        kept, text = token
        authenticate(f"Bearer {text}")
        kept.refresh_from_db()
        first = kept.last_used_at
        assert timezone.now() - first < timedelta(seconds=10)

        with django_assert_num_queries(1):
            authenticate(f"Bearer {text}")
        AccessToken.objects.update(last_used_at=first - timedelta(minutes=2))
        authenticate(f"Bearer {text}")

        kept.refresh_from_db()
        assert kept.last_used_at > first

    def test_asks_strangers_for_a_bearer_token(self):
        assert TokenSignIn().authenticate_header(None) == "Bearer"


class TestKeeping:
    def test_only_a_digest_is_kept(self, token):
        _kept, text = token

        (row,) = AccessToken.objects.values()
        assert text not in str(row)
        assert text[15:] not in str(row)
        assert text.startswith("mmn_")
        assert len(text) == 68

    def test_two_tokens_differ(self, anna, token):
        assert make_token(anna, "Python", days=1)[1] != token[1]

    def test_none_lasts_longer_than_a_year(self, anna):
        make_token(anna, "R", days=365)
        with pytest.raises(IntegrityError, match="within_a_year"), transaction.atomic():
            make_token(anna, "R", days=366)
        with pytest.raises(IntegrityError, match="within_a_year"), transaction.atomic():
            AccessToken.objects.create(anna, expiry=None, name="R")

    def test_none_has_an_unknown_scope(self, anna):
        with pytest.raises(IntegrityError, match="scope_known"), transaction.atomic():
            make_token(anna, "R", days=1, scope="everything")

    def test_none_shows_its_digest(self, token):
        assert str(token[0]) == "R on my laptop"


class TestWhatItReaches:
    def principal(self, user, **limits):
        token, _text = make_token(user, "R", days=1, **limits)
        found = principal_for(user, token)
        assert (found.kind, found.actor_id) == (Kind.TOKEN, user.pk)
        assert uuid.UUID(found.name) == token.identifier
        return found.reach

    def test_is_reading_in_the_owners_centres(self, anna, paris):
        assert self.principal(anna) == {Right.READ: frozenset({paris.pk})}

    def test_is_less_in_one_centre(self, anna, paris, lyon):
        grant_role(anna, Role.NEUROLOGIST, centre=lyon)

        assert self.principal(anna, centre=lyon) == {Right.READ: frozenset({lyon.pk})}

    def test_is_nothing_in_a_centre_that_is_not_the_owners(self, anna, lyon):
        assert self.principal(anna, centre=lyon) == {Right.READ: frozenset()}

    def test_of_research_stays_research(self, paris):
        stan = person("stan", Role.STATISTICIAN)

        assert self.principal(stan) == {Right.RESEARCH: EVERYWHERE}
        assert self.principal(stan, centre=paris) == {Right.RESEARCH: frozenset({paris.pk})}

    @pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMINISTRATOR])
    def test_is_nothing_for_who_reads_no_records(self, role):
        assert self.principal(person("otto", role)) == {}

    def test_takes_one_query(self, anna, django_assert_num_queries):
        token, _text = make_token(anna, "R", days=1)

        with django_assert_num_queries(1):
            principal_for(anna, token)

    def test_of_a_person_is_untouched(self, anna, paris):
        here = frozenset({paris.pk})

        assert principal_for(anna) == Principal(
            Kind.USER, anna.pk, reach=dict.fromkeys((Right.READ, Right.WRITE, Right.IDENTITY), here)
        )


class TestThePages:
    def test_make_one_that_is_shown_once(self, client, anna, paris):
        sign_in(client, anna)

        made = client.post(
            "/account/tokens/new/",
            {"name": "R", "scope": "read", "centre": str(paris.pk), "days": "30"},
            follow=True,
        )

        token = AccessToken.objects.get()
        text = made.context["text"]
        assert text.encode() in made.content
        assert authenticate(f"Bearer {text}") == (anna, token)
        assert token.centre == paris
        assert token.expiry - timezone.now() < timedelta(days=30)
        assert text.encode() not in client.get("/account/tokens/").content
        assert "new_token" not in client.session

    def test_offer_to_write_only_to_who_may(self, client, anna):
        sign_in(client, anna)

        offered = dict(client.get("/account/tokens/new/").context["form"].fields["scope"].choices)
        refused = client.post("/account/tokens/new/", {"name": "R", "scope": "all", "days": "30"})

        assert set(offered) == {"read", "write"}  # a neurologist exports nothing
        assert "scope" in refused.context["form"].errors
        with pytest.raises(PermissionDenied, match="Take records out"):
            make_token(anna, "R", days=1, scope="export")

    def test_offer_no_centre_but_ones_own(self, client, anna, lyon):
        sign_in(client, anna)

        typed = {"name": "R", "scope": "read", "centre": str(lyon.pk), "days": "30"}
        client.post("/account/tokens/new/", typed)

        assert not AccessToken.objects.exists()

    def test_revoke_ones_own(self, client, anna, token):
        sign_in(client, anna)

        client.post(f"/account/tokens/{token[0].identifier}/revoke/")

        assert not AccessToken.objects.live().exists()

    def test_revoke_nobody_elses(self, client, carl, token):
        sign_in(client, carl)

        answer = client.post(f"/account/tokens/{token[0].identifier}/revoke/")

        assert answer.status_code == 404
        assert AccessToken.objects.live().exists()

    def test_show_those_that_ended(self, client, anna, token):
        sign_in(client, anna)
        revoke_token(token[0], by=anna)

        page = client.get("/account/tokens/")

        assert [ended.name for ended in page.context["ended"]] == ["R on my laptop"]


class TestBasic:
    """A password in a script: only where a password alone opens the pages."""

    def header(self, email, password=PASSWORD):
        return "Basic " + base64.b64encode(f"{email}:{password}".encode()).decode()

    def test_is_passed_over_where_second_factors_are_asked_for(self, anna):
        assert authenticate(self.header(anna.email), PasswordSignIn) is None

    @override_settings(SECOND_FACTOR=False)
    def test_signs_in_to_a_demonstration(self, anna):
        assert authenticate(self.header(anna.email.upper()), PasswordSignIn) == (anna, None)

    @override_settings(SECOND_FACTOR=False)
    def test_is_refused_by_the_same_words(self, anna, carl):
        type(carl).objects.filter(pk=carl.pk).update(is_active=False)
        wrong = [
            self.header(anna.email, "another one"),
            self.header("nobody@hospital.example"),
            self.header(carl.email),
            self.header("anna\x00@hospital.example"),
            "Basic",
            "Basic a b",
            "Basic ÿþ",
        ]

        sentence = "This e-mail address and password do not sign in here. Check both."
        assert {refusal(header, PasswordSignIn) for header in wrong} == {sentence}

    @override_settings(SECOND_FACTOR=False)
    def test_locks_out_after_ten_failures(self, anna):
        for _ in range(10):
            refusal(self.header(anna.email, "another one"), PasswordSignIn)

        refusal(self.header(anna.email), PasswordSignIn)
