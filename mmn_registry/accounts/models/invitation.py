"""A role that somebody is offered by mail."""

import uuid

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..validators import CHARACTERS_SENTENCE, LINE_PATTERN, validate_line
from .people import ROLE_CHOICES, Centre, User, role_constraints


class InvitationQuerySet(models.QuerySet):
    def open(self):
        """Neither taken up nor taken back; their link may have expired."""
        return self.filter(accepted_at__isnull=True, cancelled_at__isnull=True)

    def valid(self):
        return self.open().filter(expires_at__gt=timezone.now())


class Invitation(models.Model):
    """One link, for one person, to one role; whoever takes it up shows that the mail arrived."""

    id = models.UUIDField(
        primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False
    )
    email = models.EmailField(_("e-mail address"), max_length=254)
    full_name = models.CharField(
        _("full name"), max_length=150, blank=True, validators=[validate_line]
    )
    role = models.CharField(_("role"), max_length=40, choices=ROLE_CHOICES)
    centre = models.ForeignKey(
        Centre, on_delete=models.PROTECT, related_name="invitations", null=True, blank=True
    )
    # SHA-256 of the secret in the link: a copy of this table lets nobody in.
    digest = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", null=True, editable=False
    )
    invited_at = models.DateTimeField(db_default=Now(), editable=False)
    expires_at = models.DateTimeField(editable=False)
    accepted_at = models.DateTimeField(null=True, editable=False)
    accepted_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", null=True, editable=False
    )
    cancelled_at = models.DateTimeField(null=True, editable=False)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["email", "centre", "role"],
                condition=Q(accepted_at__isnull=True, cancelled_at__isnull=True),
                nulls_distinct=False,
                name="accounts_invitation_open_once",
                violation_error_code="duplicate_invitation",
                violation_error_message=_(
                    "This person has been invited to this role already. Send that mail again."
                ),
            ),
            *role_constraints("accounts_invitation"),
            models.CheckConstraint(
                condition=Q(email=Lower("email")),
                name="accounts_invitation_email_in_small_letters",
                violation_error_code="capitals_in_email",
                violation_error_message=_("Write the e-mail address in small letters."),
            ),
            models.CheckConstraint(
                condition=Q(full_name__regex=LINE_PATTERN),
                name="accounts_invitation_full_name_readable",
                violation_error_code="unreadable_character",
                violation_error_message=CHARACTERS_SENTENCE,
            ),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True) | Q(accepted_by__isnull=False),
                name="accounts_invitation_accepted_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True) | Q(cancelled_at__isnull=True),
                name="accounts_invitation_ends_once",
            ),
        ]

    def __str__(self):
        return f"{self.email}, {self.get_role_display()}"

    def clean(self):
        super().clean()
        self.email = self.email.lower()

    @property
    def has_expired(self) -> bool:
        return self.expires_at <= timezone.now()
