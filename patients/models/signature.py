"""Who stands for a visit as it is recorded."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from mmn_registry.accounts.validators import NOTE_PATTERN

from . import fields
from .visit import Visit


def _person(verbose_name, **options) -> models.ForeignKey:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        verbose_name=verbose_name,
        related_name="+",
        db_index=False,
        **options,
    )


class Signature(models.Model):
    """One person's word that a visit is complete and right; it may be taken back with a reason.

    While it stands, the database refuses every change of the visit, of what was examined at it and
    of the findings of its day. No record: it says something about one, and is in no bundle.
    """

    centre_path: ClassVar[str] = "visit__patient__centre"

    id = models.UUIDField(
        primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False
    )
    visit = models.ForeignKey(
        Visit, on_delete=models.PROTECT, related_name="signatures", db_index=False
    )
    # Of the visit with all its parts, as `version_of` tells it: what was signed.
    version = models.CharField(max_length=32)
    signed_by = _person(_("signed by"))
    signed_at = models.DateTimeField(_("signed"), db_default=Now(), editable=False)
    withdrawn_at = models.DateTimeField(_("taken back"), null=True, blank=True, editable=False)
    withdrawn_by = _person(_("taken back by"), null=True, blank=True)
    withdraw_reason = fields.note(_("reason of taking it back"))

    class Meta:
        verbose_name = _("signature")
        constraints = [
            models.UniqueConstraint(
                fields=["visit"],
                condition=Q(withdrawn_at__isnull=True),
                name="signature_once",
                violation_error_code="signed_already",
                violation_error_message=_("This visit is signed already."),
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_by__isnull=True)
                & Q(withdraw_reason="")
                | Q(withdrawn_at__gte=F("signed_at")) & ~Q(withdraw_reason=""),
                name="signature_withdrawn_with_reason",
                violation_error_code="reason_needed",
                violation_error_message=_("Say why the signature is taken back."),
            ),
            models.CheckConstraint(
                condition=Q(withdraw_reason__regex=NOTE_PATTERN),
                name="signature_reason_readable",
                violation_error_code="unreadable_character",
                violation_error_message=_("A reason contains a character that cannot be read."),
            ),
        ]

    def __str__(self):
        return f"{self.signed_by} {self.signed_at:%Y-%m-%d}"
