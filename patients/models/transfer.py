"""A patient who goes to another centre: offered by the one, accepted by the other."""

import uuid

from django.conf import settings
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from patients.vocabulary import TransferOutcome

from . import fields
from .constraints import known, rule
from .patient import Patient


def _centre(verbose_name):
    return models.ForeignKey(
        "accounts.Centre",
        on_delete=models.PROTECT,
        verbose_name=verbose_name,
        related_name="+",
        db_index=False,
    )


def _person():
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        editable=False,
        db_index=False,
    )


class Transfer(models.Model):
    """An offer, and what became of it. Only the database itself decides one.

    The study id stands here, too: who is asked to accept may not see the patient yet.
    """

    id = models.UUIDField(
        primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False
    )
    patient = models.ForeignKey(
        Patient, on_delete=models.PROTECT, related_name="transfers", db_index=False
    )
    study_id = fields.name(_("study id"))
    from_centre = _centre(_("from"))
    to_centre = _centre(_("to"))
    offered_by = _person()
    offered_at = models.DateTimeField(_("offered"), db_default=Now(), editable=False)
    outcome = fields.code(_("outcome"), TransferOutcome, optional=True)
    decided_by = _person()
    decided_at = models.DateTimeField(_("decided"), null=True, editable=False)

    class Meta:
        verbose_name = _("transfer")
        constraints = [
            models.UniqueConstraint(
                fields=["patient"],
                condition=Q(outcome=""),
                name="transfer_one_open",
                violation_error_code="duplicate_record",
                violation_error_message=_("This patient is offered to a centre already."),
            ),
            known("transfer", "outcome", TransferOutcome, optional=True),
            rule(
                "transfer_between_two_centres",
                ~Q(from_centre=F("to_centre")),
                "one_centre_twice",
                _("This patient is treated there already. Choose another centre."),
            ),
        ]

    def __str__(self):
        return self.study_id
