"""Opening accounts and centres, granting and ending roles."""

from datetime import date

from django.db import transaction
from django.utils import timezone

from .models import Centre, Membership, User
from .roles import Role


@transaction.atomic
def open_centre(centre: Centre) -> Centre:
    """Save a clean, unsaved centre."""
    centre.save(force_insert=True)
    return centre


@transaction.atomic
def close_data(centre: Centre, closed_on: date | None) -> Centre:
    """Say as of which day a finished cohort is looked at; None when it lives again."""
    centre.data_closed_on = closed_on
    centre.save(update_fields=["data_closed_on"])
    return centre


@transaction.atomic
def open_account(email: str, full_name: str, *, password: str | None = None) -> User:
    """Let a person sign in; what they may do follows from the roles granted to them."""
    return User.objects.create_user(email, full_name, password)


@transaction.atomic
def grant_role(user: User, role: Role, *, centre: Centre | None = None) -> Membership:
    """From today on; in one centre, or in all of them."""
    membership = Membership(user=user, role=role, centre=centre)
    membership.full_clean()
    membership.save(force_insert=True)
    return membership


@transaction.atomic
def end_role(membership: Membership) -> Membership:
    """At once: today is the first day without it."""
    membership.valid_to = max(timezone.localdate(), membership.valid_from)
    membership.save(update_fields=["valid_to"])
    return membership
