"""Opening accounts and centres, granting and ending roles, inviting people.

``by`` is the person who decides, None for an operator's command. Nobody grants or ends what they
do not administer, nobody decides about themselves, and somebody always administers the registry.
"""

import hashlib
import secrets
import uuid
from datetime import date, timedelta

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from .acting import acting
from .models import AccessToken, Centre, Invitation, Membership, Scope, User
from .roles import Permission, Role
from .selectors import account_of, administers, check_can, running_administrators

INVITATION_LASTS = timedelta(days=7)


# ── Centres ──────────────────────────────────────────────────────────────────────────────────


def open_centre(centre: Centre, *, by: User | None = None) -> Centre:
    """Save a clean, unsaved centre."""
    if by is not None:
        check_can(by, Permission.MANAGE_CENTRES)
    with acting(by, "opened a centre"):
        centre.save(force_insert=True)
    return centre


def rename_centre(centre: Centre, name: str, *, by: User) -> Centre:
    check_can(by, Permission.MANAGE_CENTRES)
    centre.name = name
    centre.full_clean()
    with acting(by, "renamed a centre"):
        centre.save(update_fields=["name"])
    return centre


@transaction.atomic
def close_data(centre: Centre, closed_on: date | None) -> Centre:
    """Say as of which day a finished cohort is looked at; None when it lives again."""
    centre.data_closed_on = closed_on
    centre.save(update_fields=["data_closed_on"])
    return centre


# ── Accounts and roles ───────────────────────────────────────────────────────────────────────


@transaction.atomic
def open_account(email: str, full_name: str, *, password: str | None = None) -> User:
    """Let a person sign in; what they may do follows from the roles granted to them."""
    return User.objects.create_user(email, full_name, password)


def grant_role(
    user: User, role: Role, *, centre: Centre | None = None, by: User | None = None
) -> Membership:
    """From today on; in one centre, or in all of them."""
    _check_may_decide(by, user, role, centre)
    membership = Membership(user=user, role=role, centre=centre)
    with acting(by, "granted a role"):
        membership.full_clean()
        membership.save(force_insert=True)
        end_access(user)
    return membership


def end_role(membership: Membership, *, by: User | None = None) -> Membership:
    """At once: today is the first day without it."""
    _check_may_decide(by, membership.user, Role(membership.role), membership.centre)
    with acting(by, "ended a role"):
        _keep_an_administrator(without=running_administrators().filter(pk=membership.pk))
        membership.valid_to = max(timezone.localdate(), membership.valid_from)
        membership.save(update_fields=["valid_to"])
        end_access(membership.user)
    return membership


def close_account(user: User, *, by: User) -> User:
    """Nobody signs in with it any more, and its roles end; its name stays on what was recorded."""
    _check_may_decide(by, user, Role.ADMINISTRATOR, None)
    with acting(by, "closed an account"):
        _keep_an_administrator(without=running_administrators().filter(user=user))
        user.is_active = False
        user.save(update_fields=["is_active"])
        today = timezone.localdate()
        for membership in user.memberships.running_on(today):
            membership.valid_to = max(today, membership.valid_from)
            membership.save(update_fields=["valid_to"])
        end_access(user)
    return user


def open_again(user: User, *, by: User) -> User:
    """A closed account may sign in again; roles are granted anew."""
    _check_may_decide(by, user, Role.ADMINISTRATOR, None)
    with acting(by, "opened an account again"):
        user.is_active = True
        user.save(update_fields=["is_active"])
    return user


def end_access(user: User) -> None:
    """End every session and every token of a person at once; what they may do has changed."""
    user.session_stamp = uuid.uuid4()
    user.save(update_fields=["session_stamp"])
    for session in UserSession.objects.filter(user=user):
        session.end()
    revoke_tokens(user)


def end_second_factor(user: User) -> None:
    """For a lost device, by an operator who has made sure who is asking."""
    with acting(None, "ended a second factor"):
        Authenticator.objects.filter(user=user).delete()
        end_access(user)


def _check_may_decide(by: User | None, user: User, role: Role, centre: Centre | None) -> None:
    if by is None:
        return
    if by == user:
        raise PermissionDenied(_("Nobody decides about their own account. Ask a colleague."))
    _check_administers(by, role, centre)


def _check_administers(by: User | None, role: Role, centre: Centre | None) -> None:
    if by is not None and not administers(by, role, centre):
        raise PermissionDenied(_("This role is not yours to give or to take here."))


def _keep_an_administrator(*, without) -> None:
    """Refuse to go on without anybody who decides about people; two at once take turns."""
    all_of_them = running_administrators().select_for_update(of=("self",))
    leaving = set(without.values_list("pk", flat=True))
    if leaving and not {membership.pk for membership in all_of_them} - leaving:
        message = _("This is the last administrator. Invite another one first.")
        raise ValidationError(message, "last_administrator")


# ── Invitations ──────────────────────────────────────────────────────────────────────────────


def invite(invitation: Invitation, *, by: User | None = None) -> str:
    """Save a new invitation; the secret of its link is known from now on to the invited alone."""
    _check_administers(by, Role(invitation.role), invitation.centre)
    if by is not None and account_of(invitation.email) == by:
        raise PermissionDenied(_("Nobody decides about their own account. Ask a colleague."))
    secret = _new_link(invitation)
    invitation.invited_by = by
    with acting(by, "invited somebody"):
        invitation.full_clean()
        invitation.save(force_insert=True)
    return secret


def renew_invitation(invitation: Invitation, *, by: User) -> str:
    """Another link, with its full time; the one before is worth nothing."""
    _check_administers(by, Role(invitation.role), invitation.centre)
    secret = _new_link(invitation)
    with acting(by, "sent an invitation again"):
        renewed = {"digest": invitation.digest, "expires_at": invitation.expires_at}
        _still_open(Invitation.objects.open().filter(pk=invitation.pk).update(**renewed))
    return secret


def cancel_invitation(invitation: Invitation, *, by: User | None = None) -> None:
    _check_administers(by, Role(invitation.role), invitation.centre)
    with acting(by, "took an invitation back"):
        open_one = Invitation.objects.open().filter(pk=invitation.pk)
        _still_open(open_one.update(cancelled_at=Now()))


def take_up_with_new_account(invitation: Invitation, user: User, password: str) -> User:
    """Open the account of somebody who was invited, and give them the role."""
    with acting(user, "took up an invitation"):
        user.set_password(password)
        user.full_clean()
        user.save(force_insert=True)
        _take_up(invitation, user)
    return user


def take_up(invitation: Invitation, user: User) -> User:
    """Give the role to somebody who has an account already."""
    with acting(user, "took up an invitation"):
        _take_up(invitation, user)
    return user


def find_invitation(secret: str) -> Invitation | None:
    """The invitation of a link, while it holds."""
    return Invitation.objects.valid().filter(digest=_digest(secret)).first()


def _take_up(invitation: Invitation, user: User) -> None:
    taken = Invitation.objects.valid().filter(pk=invitation.pk, digest=invitation.digest)
    _still_open(taken.update(accepted_at=Now(), accepted_by=user))
    held = Membership.objects.running_on(timezone.localdate()).filter(
        user=user, role=invitation.role, centre=invitation.centre
    )
    if not held.exists():
        grant_role(user, Role(invitation.role), centre=invitation.centre)


def _new_link(invitation: Invitation) -> str:
    secret = secrets.token_urlsafe(32)
    invitation.digest = _digest(secret)
    invitation.expires_at = timezone.now() + INVITATION_LASTS
    return secret


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _still_open(count: int) -> None:
    if count != 1:
        message = _("This invitation was taken up, taken back or replaced meanwhile.")
        raise ValidationError(message, "invitation_closed")


# ── Tokens ───────────────────────────────────────────────────────────────────────────────────


def make_token(
    user: User, name: str, *, days: int, centre: Centre | None = None, scope: Scope = Scope.READ
) -> tuple[AccessToken, str]:
    """A token and its text, which nobody can read again.

    Raises
    ------
    PermissionDenied
        If it could do what its owner may nowhere do.
    """
    if scope in (Scope.WRITE, Scope.EXPORT):
        check_can(user, Scope(scope).needs)
    with acting(user, "made a token"):
        return AccessToken.objects.create(
            user, expiry=timedelta(days=days), name=name, centre=centre, scope=scope
        )


def revoke_token(token: AccessToken, *, by: User) -> None:
    with acting(by, "revoked a token"):
        AccessToken.objects.live().filter(pk=token.pk).update(revoked_at=Now())


def revoke_tokens(user: User) -> None:
    AccessToken.objects.filter(user=user).live().update(revoked_at=Now())
