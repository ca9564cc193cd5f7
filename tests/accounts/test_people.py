"""Who may invite whom, what a link is worth, and what ends with a role."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from mmn_registry.accounts import actions
from mmn_registry.accounts.actions import close_account, end_role, grant_role, invite, make_token
from mmn_registry.accounts.models import Centre, Invitation, Membership, User
from mmn_registry.accounts.roles import Role
from mmn_registry.accounts.selectors import running_administrators
from tests.accounts.conftest import (
    PASSWORD,
    alerts,
    link_in,
    person,
    send_password,
    signed_in_as,
    with_app,
)
from tests.accounts.signing_in import sign_in

pytestmark = pytest.mark.django_db
NEW = {"full_name": "Nora Novak", "password1": PASSWORD, "password2": PASSWORD}
OVER = 410


def offer(role=Role.NEUROLOGIST, centre=None, email="nora@hospital.example"):
    return Invitation(email=email, role=role, centre=centre)


def follow(client, secret):
    return client.get(reverse("accounts:invitation_link", args=[secret]), follow=True)


def take_up(client, secret, **typed):
    follow(client, secret)
    return client.post("/account/invitation/", NEW | typed)


class TestInviting:
    def send(self, client, role, centre=None, email="nora@hospital.example"):
        typed = {"email": email, "role": role, "centre": str(centre.pk) if centre else ""}
        return client.post("/people/invite/", typed)

    def test_sends_a_mail_with_a_link_and_nothing_else(self, client, carl, paris, mailoutbox):
        sign_in(client, carl)

        answer = self.send(client, "neurologist", paris, "Nora@Hospital.example")

        assert answer.headers["Location"] == "/people/"
        (letter,) = mailoutbox
        assert letter.to == ["nora@hospital.example"]
        assert letter.body.startswith(
            "You are invited to the MMN registry as neurologist of Paris."
        )
        assert follow(Client(), link_in(letter.body).split("/")[-2]).status_code == 200

    @pytest.mark.parametrize("role", [Role.NEUROLOGIST, Role.COORDINATOR])
    def test_a_coordinator_invites_to_the_own_centre(self, client, carl, paris, role):
        sign_in(client, carl)

        self.send(client, role, paris)

        assert Invitation.objects.get().role == role

    @pytest.mark.parametrize("role", sorted(set(Role) - {Role.NEUROLOGIST, Role.COORDINATOR}))
    def test_a_coordinator_gives_no_other_role(self, client, carl, paris, role):
        sign_in(client, carl)

        for centre in (paris, None):
            assert self.send(client, role, centre).status_code == 200
            with pytest.raises(PermissionDenied):
                invite(offer(role, centre), by=carl)

        assert not Invitation.objects.exists()

    def test_a_coordinator_invites_to_no_other_centre(self, client, carl, lyon):
        sign_in(client, carl)

        answer = self.send(client, "neurologist", lyon)

        assert "LYON" not in answer.content.decode()
        with pytest.raises(PermissionDenied):
            invite(offer(centre=lyon), by=carl)

    @pytest.mark.parametrize("role", Role)
    def test_an_administrator_gives_every_role(self, client, ada, lyon, role):
        sign_in(client, ada)
        centre = lyon if role in (Role.NEUROLOGIST, Role.COORDINATOR) else None

        self.send(client, role, centre)

        assert Invitation.objects.get().centre == centre

    @pytest.mark.parametrize(
        "role",
        [Role.NEUROLOGIST, Role.STATISTICIAN, Role.NATIONAL_COORDINATOR, Role.AUDITOR],
    )
    def test_nobody_else_sees_people_or_invites(self, client, paris, role):
        user = person("rosa", role, paris)
        sign_in(client, user)

        assert client.get("/people/").status_code == 403
        assert client.get("/people/invite/").status_code == 403
        assert self.send(client, "neurologist", paris).status_code == 403

    def test_nobody_gives_themselves_a_role(self, ada, carl, paris):
        with pytest.raises(PermissionDenied):
            grant_role(ada, Role.COORDINATOR, centre=paris, by=ada)
        with pytest.raises(PermissionDenied):
            invite(offer(centre=paris, email="Carl@hospital.example"), by=carl)

    def test_a_ward_role_needs_its_centre(self, client, ada):
        sign_in(client, ada)

        answer = self.send(client, "neurologist")

        assert alerts(answer) == [
            "Neurologists and coordinators work in a centre. Name the centre."
        ]

    def test_somebody_is_invited_to_a_role_once(self, client, carl, paris):
        sign_in(client, carl)
        self.send(client, "neurologist", paris)

        assert alerts(self.send(client, "neurologist", paris)) == [
            "This person has been invited to this role already. Send that mail again."
        ]

    def test_a_mail_server_that_is_away_is_told(self, client, carl, paris, settings):
        settings.EMAIL_BACKEND = "tests.accounts.test_sign_in.NoServer"
        sign_in(client, carl)

        page = client.post(
            "/people/invite/",
            {"email": "nora@hospital.example", "role": "neurologist", "centre": str(paris.pk)},
            follow=True,
        )

        assert b"could not be sent. Send it again in a while." in page.content


class TestTheLink:
    def test_opens_an_account_with_the_role(self, client, paris):
        secret = invite(offer(centre=paris))

        answer = take_up(client, secret)

        nora = User.objects.get(email="nora@hospital.example")
        assert answer.headers["Location"] == "/"
        assert signed_in_as(client) == str(nora.pk)
        assert nora.full_name == "Nora Novak"
        assert [(m.role, m.centre) for m in nora.memberships.all()] == [("neurologist", paris)]
        assert client.get("/").headers["Location"].startswith("/account/second-factor/")

    def test_works_once(self, client, paris):
        secret = invite(offer(centre=paris))
        take_up(client, secret)

        again = follow(Client(), secret)

        assert again.status_code == OVER
        assert User.objects.filter(email="nora@hospital.example").count() == 1

    def test_does_not_stay_in_the_address_bar(self, client, paris):
        secret = invite(offer(centre=paris))

        page = follow(client, secret)

        assert page.redirect_chain == [("/account/invitation/", 302)]
        assert secret.encode() not in page.content

    def test_is_not_used_up_by_looking(self, client, paris):
        secret = invite(offer(centre=paris))
        for _ in range(3):
            assert follow(Client(), secret).status_code == 200

        assert take_up(client, secret).status_code == 302

    def test_ends_after_a_week(self, client, paris):
        secret = invite(offer(centre=paris))
        Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

        assert follow(client, secret).status_code == OVER
        assert client.post("/account/invitation/", NEW).status_code == OVER

    def test_lasts_a_week(self, paris):
        invitation = offer(centre=paris)
        invite(invitation)

        assert invitation.expires_at - timezone.now() > timedelta(days=6, hours=23)

    def test_ends_when_it_is_taken_back(self, client, carl, paris):
        invitation = offer(centre=paris)
        secret = invite(invitation, by=carl)
        follow(client, secret)
        coordinator = Client()
        sign_in(coordinator, carl)

        coordinator.post(reverse("accounts:invitation_cancel", args=[invitation.pk]))

        assert client.post("/account/invitation/", NEW).status_code == OVER

    def test_ends_when_another_one_is_sent(self, client, carl, paris, mailoutbox):
        invitation = offer(centre=paris)
        secret = invite(invitation, by=carl)
        sign_in(client, carl)

        client.post(reverse("accounts:invitation_resend", args=[invitation.pk]))

        assert follow(Client(), secret).status_code == OVER
        assert follow(Client(), link_in(mailoutbox[0].body).split("/")[-2]).status_code == 200

    @pytest.mark.parametrize("guess", ["", "x", "é", "%00", "0" * 5000])
    def test_cannot_be_guessed(self, client, paris, guess):
        invite(offer(centre=paris))

        assert client.get(f"/account/invitation/{guess}/", follow=True).status_code in (404, OVER)

    def test_is_kept_as_a_digest(self, paris):
        secret = invite(offer(centre=paris))

        (kept,) = Invitation.objects.values()
        assert secret not in str(kept)

    def test_asks_for_a_name_and_a_good_password(self, client, paris):
        secret = invite(offer(centre=paris))

        other = take_up(client, secret, password2="another long one")
        short = take_up(client, secret, password1="short", password2="short")
        own_name = take_up(client, secret, password1="nora novak 1", password2="nora novak 1")
        nameless = take_up(client, secret, full_name=" ")

        assert alerts(other) == ["The two passwords differ. Type the same one twice."]
        assert "at least 12 characters" in alerts(short)[0]
        assert "too similar to the full name" in alerts(own_name)[0]
        assert len(alerts(nameless)) == 1
        assert not User.objects.filter(email="nora@hospital.example").exists()

    def test_is_of_no_use_to_who_is_signed_in_as_somebody_else(self, client, anna, paris):
        secret = invite(offer(Role.COORDINATOR, paris))
        sign_in(client, anna)

        page = follow(client, secret)
        client.post("/account/invitation/", NEW)

        assert b"Sign out first" in page.content
        assert Invitation.objects.open().exists()

    def test_gives_another_role_to_who_signs_in(self, client, anna, lyon):
        secret = invite(offer(centre=lyon, email=anna.email))
        page = follow(client, secret)
        assert b"Sign in with it to go on." in page.content
        assert client.post("/account/invitation/", NEW).status_code == 200
        assert Invitation.objects.open().exists()

        with_app(anna)
        sign_in(client, anna)
        follow(client, secret)
        answer = client.post("/account/invitation/")

        assert answer.headers["Location"] == "/account/"
        assert b"You have the new role." in client.get("/account/").content
        assert anna.memberships.filter(centre=lyon, role="neurologist").exists()

    def test_opens_no_closed_account(self, client, anna, ada, paris):
        close_account(anna, by=ada)
        secret = invite(offer(centre=paris, email=anna.email))

        follow(client, secret)
        client.post("/account/invitation/", NEW)

        assert Invitation.objects.open().exists()
        assert signed_in_as(client) is None

    def test_cannot_be_taken_up_twice_at_once(self, paris):
        """Two windows with one link: the second finds it used."""
        secret = invite(offer(centre=paris))
        first, second = actions.find_invitation(secret), actions.find_invitation(secret)
        actions.take_up_with_new_account(
            first, User(email="nora@hospital.example", full_name="N"), PASSWORD
        )

        with pytest.raises(ValidationError), transaction.atomic():
            actions.take_up(second, User.objects.get(email="nora@hospital.example"))


class TestEndingARole:
    def end(self, client, membership):
        return client.post(reverse("accounts:role_end", args=[membership.pk]))

    def test_asks_first(self, client, carl, anna):
        sign_in(client, carl)
        held = anna.memberships.get()

        page = client.get(reverse("accounts:role_end", args=[held.pk]))

        assert b"Anna" in page.content
        assert Membership.objects.get(pk=held.pk).valid_to is None

    def test_ends_sessions_and_tokens_at_once(self, client, carl, anna, paris):
        signed_in, through_the_page = Client(), Client()
        sign_in(signed_in, anna)
        send_password(through_the_page, anna)
        token, _text = make_token(anna, "R", days=30)
        sign_in(client, carl)

        self.end(client, anna.memberships.get())

        assert signed_in.get("/patients/").status_code == 302
        assert signed_in_as(through_the_page) is None
        token.refresh_from_db()
        assert token.revoked_at is not None

    def test_of_anothers_centre_is_not_found(self, client, carl, lyon):
        foreign = person("lena", Role.NEUROLOGIST, lyon).memberships.get()
        sign_in(client, carl)
        absent = "/people/roles/7d8c1a52-0000-4000-8000-000000000000/end/"

        answers = [self.end(client, foreign), client.post(absent)]

        assert [answer.status_code for answer in answers] == [404, 404]
        assert Membership.objects.get(pk=foreign.pk).valid_to is None
        with pytest.raises(PermissionDenied):
            end_role(foreign, by=carl)

    def test_of_a_statistician_is_not_a_coordinators(self, client, carl, paris):
        held = person("stan", Role.STATISTICIAN, paris).memberships.get()
        sign_in(client, carl)

        assert self.end(client, held).status_code == 404

    def test_nobody_ends_the_own(self, client, carl):
        sign_in(client, carl)

        assert self.end(client, carl.memberships.get()).status_code == 403

    def test_somebody_always_administers_the_registry(self, ada):
        """An operator's command or two at once: the last one stays."""
        other = person("otto", Role.ADMINISTRATOR)
        end_role(other.memberships.get(), by=ada)

        with pytest.raises(ValidationError, match="last administrator"):
            end_role(ada.memberships.get())
        with pytest.raises(ValidationError, match="last administrator"):
            close_account(ada, by=None)
        assert running_administrators().count() == 1

    def test_an_administrator_of_one_centre_is_not_the_last_of_all(self, ada, paris):
        local = person("lars", Role.ADMINISTRATOR, paris)

        end_role(local.memberships.get(), by=ada)

        with pytest.raises(ValidationError, match="last administrator"):
            end_role(ada.memberships.get())

    def test_a_new_role_ends_sessions_too(self, client, anna, lyon):
        sign_in(client, anna)

        grant_role(anna, Role.NEUROLOGIST, centre=lyon)

        assert client.get("/patients/").status_code == 302


class TestClosingAnAccount:
    def close(self, client, user):
        return client.post(reverse("accounts:account_close", args=[user.pk]))

    def test_ends_all_of_it(self, client, ada, anna):
        token, _text = make_token(anna, "R", days=30)
        signed_in = Client()
        sign_in(signed_in, anna)
        sign_in(client, ada)

        self.close(client, anna)

        anna.refresh_from_db()
        token.refresh_from_db()
        assert not anna.is_active
        assert token.revoked_at is not None
        assert not anna.memberships.running_on(timezone.localdate()).exists()
        assert signed_in.get("/patients/").status_code == 302

    def test_is_the_administrators(self, client, carl, anna):
        sign_in(client, carl)

        assert self.close(client, anna).status_code == 403
        with pytest.raises(PermissionDenied):
            close_account(anna, by=carl)

    def test_is_nobodys_own(self, client, ada):
        person("otto", Role.ADMINISTRATOR)
        sign_in(client, ada)

        assert self.close(client, ada).status_code == 403

    def test_can_be_undone_without_the_roles(self, client, ada, anna):
        close_account(anna, by=ada)
        sign_in(client, ada)

        client.post(reverse("accounts:account_reopen", args=[anna.pk]))

        anna.refresh_from_db()
        assert anna.is_active
        assert not anna.memberships.running_on(timezone.localdate()).exists()


class TestThePageOfPeople:
    def test_shows_a_coordinator_the_own_centre(self, client, carl, anna, lyon):
        person("lena", Role.NEUROLOGIST, lyon)
        person("stan", Role.STATISTICIAN)
        invite(offer(centre=lyon, email="lyonese@hospital.example"))
        sign_in(client, carl)

        page = client.get("/people/").content.decode()

        assert "anna@hospital.example" in page
        assert not [name for name in ("lena@", "stan@", "lyonese@", "Lyon") if name in page]

    def test_shows_an_administrator_everybody(self, client, ada, anna, lyon):
        person("lena", Role.NEUROLOGIST, lyon)
        person("nemo")
        sign_in(client, ada)

        page = client.get("/people/").content.decode()

        assert not [n for n in ("anna@", "lena@", "nemo@", "ada@") if f"{n}hospital" not in page]

    def test_takes_as_many_queries_for_three_as_for_one(
        self, client, ada, paris, django_assert_num_queries
    ):
        sign_in(client, ada)
        with django_assert_num_queries(PEOPLE_QUERIES):
            client.get("/people/")
        for name in ("one", "two", "three"):
            person(name, Role.NEUROLOGIST, paris)
            invite(offer(centre=paris, email=f"{name}@new.example"))

        with django_assert_num_queries(PEOPLE_QUERIES):
            client.get("/people/")

    @pytest.mark.parametrize(
        ("role", "first"),
        [(Role.ADMINISTRATOR, "/people/"), (Role.COORDINATOR, "/patients/")],
    )
    def test_is_where_an_administrator_arrives(self, client, paris, role, first):
        user = person("rosa", role, paris)
        sign_in(client, user)

        assert client.get("/").headers["Location"] == first


class TestCentres:
    def test_are_opened_and_named_by_an_administrator(self, client, ada):
        sign_in(client, ada)

        client.post("/centres/open/", {"code": "NORD", "name": "Nord"})
        centre = Centre.objects.get()
        client.post(reverse("accounts:centre_rename", args=[centre.pk]), {"name": "Du Nord"})

        assert Centre.objects.values_list("code", "name").get() == ("NORD", "Du Nord")
        assert b"Du Nord" in client.get("/centres/").content

    def test_have_a_code_that_is_free(self, client, ada, paris):
        sign_in(client, ada)

        answer = client.post("/centres/open/", {"code": "SALP"})

        assert alerts(answer) == ["There is a centre with this code already. Choose another code."]

    def test_are_nobody_elses(self, client, carl, paris):
        sign_in(client, carl)

        for address in (
            "/centres/",
            "/centres/open/",
            reverse("accounts:centre_rename", args=[paris.pk]),
        ):
            assert client.get(address).status_code == 403


PEOPLE_QUERIES = 8


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"role": "surgeon"}, "role_known"),
        ({"centre": None}, "clinical_role_names_centre"),
        ({"email": "Nora@hospital.example"}, "email_in_small_letters"),
        ({"full_name": "Nora\x07"}, "full_name_readable"),
    ],
)
def test_invitations_that_the_database_refuses(paris, changes, constraint):
    given = {
        "email": "nora@hospital.example",
        "role": "neurologist",
        "centre": paris,
        "digest": "0" * 64,
        "expires_at": timezone.now() + timedelta(days=1),
    }

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Invitation.objects.create(**(given | changes))
