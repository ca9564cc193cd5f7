"""Access for a program, in a person's name."""

import uuid
from datetime import timedelta
from enum import StrEnum

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from knox.models import AbstractAuthToken, AuthTokenManager

from mmn_registry.principal import Right

from ..roles import Permission
from ..validators import CHARACTERS_SENTENCE, LINE_PATTERN, validate_line
from .people import Centre

LONGEST = timedelta(days=365)


class Scope(StrEnum):
    """What a token may be used for."""

    READ = "read"
    WRITE = "write"
    EXPORT = "export"

    @property
    def rights(self) -> frozenset[Right]:
        return RIGHTS_OF_SCOPES[self]

    @property
    def permissions(self) -> frozenset[Permission]:
        """What it may be used for, as far as its owner may."""
        return PERMISSIONS_OF_SCOPES[self]

    @property
    def needs(self) -> Permission:
        """What its owner must be allowed to do somewhere."""
        return NEEDED_FOR_SCOPES[self]


# Never identity, and never the trail.
_READING = frozenset({Right.READ, Right.RESEARCH})
RIGHTS_OF_SCOPES = {
    Scope.READ: _READING,
    Scope.WRITE: _READING | {Right.WRITE},
    Scope.EXPORT: _READING,
}
PERMISSIONS_OF_SCOPES = {
    Scope.READ: frozenset({Permission.READ_RECORDS}),
    Scope.WRITE: frozenset(
        {Permission.READ_RECORDS, Permission.WRITE_RECORDS, Permission.SET_STANDARDS}
    ),
    Scope.EXPORT: frozenset({Permission.READ_RECORDS, Permission.EXPORT_RECORDS}),
}
NEEDED_FOR_SCOPES = {
    Scope.READ: Permission.READ_RECORDS,
    Scope.WRITE: Permission.WRITE_RECORDS,
    Scope.EXPORT: Permission.EXPORT_RECORDS,
}


class AccessTokenQuerySet(models.QuerySet):
    def live(self):
        return self.filter(revoked_at__isnull=True, expiry__gt=timezone.now())


class AccessToken(AbstractAuthToken):
    """A secret that does as its owner may, within its scope, its centre and its time.

    Only its SHA-512 is kept. A revoked one stays as a row: it says who had access, until when.
    """

    identifier = models.UUIDField(
        unique=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False
    )
    name = models.CharField(_("name"), max_length=100, validators=[validate_line])
    scope = models.CharField(
        _("may"),
        max_length=20,
        choices=[(scope.value, scope.value) for scope in Scope],
        default=Scope.READ.value,
    )
    centre = models.ForeignKey(
        Centre, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    last_used_at = models.DateTimeField(null=True, editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)

    objects = AuthTokenManager.from_queryset(AccessTokenQuerySet)()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(scope__in=[scope.value for scope in Scope]),
                name="accounts_accesstoken_scope_known",
            ),
            models.CheckConstraint(
                condition=Q(name__regex=LINE_PATTERN),
                name="accounts_accesstoken_name_readable",
                violation_error_code="unreadable_character",
                violation_error_message=CHARACTERS_SENTENCE,
            ),
            models.CheckConstraint(
                # A minute's grace: `created` and `expiry` are two readings of one clock.
                condition=Q(
                    expiry__isnull=False,
                    expiry__lte=F("created") + LONGEST + timedelta(minutes=1),
                ),
                name="accounts_accesstoken_ends_within_a_year",
            ),
        ]

    def __str__(self):
        return self.name
