"""Who a patient is, apart from everything else: encrypted, and only for those with the right."""

import uuid

from django.conf import settings
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from mmn_registry.accounts.validators import NOTE_PATTERN
from mmn_registry.identity_cipher import CIPHERTEXT, INDEX, WRAPPED

from .constraints import rule
from .patient import Patient

IDENTITY_FIELDS = ("family_name", "given_name", "born_on", "hospital_number")
INDEX_LENGTH = 64


def person(related_name: str = "+"):
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name=related_name,
        null=True,
        editable=False,
        db_index=False,
    )


def opaque_id() -> models.UUIDField:
    return models.UUIDField(
        primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False
    )


def _ciphertext() -> models.TextField:
    return models.TextField(blank=True, default="", db_default="")


def _blind_index() -> models.CharField:
    return models.CharField(max_length=INDEX_LENGTH, blank=True, default="", db_default="")


def _nothing_or(pattern: str, *fields: str) -> Q:
    condition = Q()
    for field in fields:
        condition &= Q(**{field: ""}) | Q(**{f"{field}__regex": pattern})
    return condition


class IdentityKey(models.Model):
    """A patient's data key, wrapped by the master key; destroyed, it leaves only that it was."""

    id = opaque_id()
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    wrapped_key = models.TextField(blank=True)
    master_key_id = models.CharField(max_length=16)
    made_at = models.DateTimeField(db_default=Now())
    destroyed_at = models.DateTimeField(null=True)
    destroyed_by = person()
    destroy_reason = models.TextField(blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient"],
                condition=Q(destroyed_at__isnull=True),
                name="identitykey_one_in_use",
            ),
            rule(
                "identitykey_wrapped_until_destroyed",
                Q(destroyed_at__isnull=True, destroy_reason="", wrapped_key__regex=WRAPPED)
                | Q(destroyed_at__isnull=False, wrapped_key="") & ~Q(destroy_reason=""),
                "not_a_wrapped_key",
                _("A key is stored wrapped, or destroyed with a reason."),
            ),
        ]

    def __str__(self):
        return str(self.pk)


class Identity(models.Model):
    """Values as ciphertext, and beside each a keyed hash by which it can be found."""

    id = opaque_id()
    patient = models.OneToOneField(Patient, on_delete=models.PROTECT, related_name="+")
    key = models.ForeignKey(IdentityKey, on_delete=models.PROTECT, related_name="+")
    family_name = _ciphertext()
    given_name = _ciphertext()
    born_on = _ciphertext()
    hospital_number = _ciphertext()
    family_name_index = _blind_index()
    given_name_index = _blind_index()
    born_on_index = _blind_index()
    hospital_number_index = _blind_index()
    version = models.PositiveIntegerField(default=1, db_default=1)
    recorded_at = models.DateTimeField(db_default=Now())
    recorded_by = person()
    amend_reason = models.TextField(blank=True, default="", db_default="")
    erased_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("identity")
        indexes = [
            models.Index(
                fields=[f"{field}_index"],
                condition=~Q(**{f"{field}_index": ""}),
                name=f"identity_by_{field}",
            )
            for field in IDENTITY_FIELDS
        ]
        constraints = [
            rule(
                "identity_is_ciphertext",
                _nothing_or(CIPHERTEXT, *IDENTITY_FIELDS)
                & _nothing_or(INDEX, *(f"{field}_index" for field in IDENTITY_FIELDS)),
                "not_ciphertext",
                _("Who a patient is, is never stored in clear."),
            ),
            rule(
                "identity_erased_is_empty",
                Q(erased_at__isnull=True)
                | Q(**dict.fromkeys(IDENTITY_FIELDS, ""))
                & Q(**{f"{field}_index": "" for field in IDENTITY_FIELDS}),
                "not_erased",
                _("An erased identity holds no value."),
            ),
            rule(
                "identity_reason_readable",
                Q(amend_reason__regex=NOTE_PATTERN),
                "unreadable_character",
                _("A reason contains a character that cannot be read."),
            ),
        ]

    def __str__(self):
        return str(self.pk)
