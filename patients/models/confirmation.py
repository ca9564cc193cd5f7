"""Who said that an unusual value is right."""

import uuid

from django.conf import settings
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from patients.unusual import UnusualCode

from . import fields
from .patient import Patient


class Confirmation(models.Model):
    """One answer to one question about one value; another value is another question.

    It is written once and never changed, and stands beside the record rather than in it: any
    record of a patient may have some, and a changed value leaves them as they were.
    """

    id = models.UUIDField(
        primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False
    )
    patient = models.ForeignKey(
        Patient, on_delete=models.PROTECT, related_name="confirmations", db_index=False
    )
    # A visit, an infusion, a study: the key of whatever was recorded as one.
    record_id = models.UUIDField(_("record"))
    # No CHECK: the list of questions grows with the forms, and only our own code writes here.
    code = fields.code(_("question"), UnusualCode)
    field = models.CharField(_("value of"), max_length=80)
    value = models.CharField(_("value"), max_length=40)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        verbose_name=_("confirmed by"),
        related_name="+",
        null=True,
        db_index=False,
    )
    confirmed_at = models.DateTimeField(_("confirmed"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("confirmation")
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "record_id", "code", "field", "value"],
                name="confirmation_once",
                violation_error_code="duplicate_record",
                violation_error_message=_("This was confirmed already."),
            ),
        ]

    def __str__(self):
        return f"{self.field}: {self.value}"

    @property
    def key(self) -> str:
        """As `Unusual.key`."""
        return f"{self.code}:{self.field}:{self.value}"
