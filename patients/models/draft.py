"""What was typed and not yet saved, and which forms were sent already: each person's own."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from .patient import Patient


class FormKey(models.Model):
    """The key of one opened form, made with the form and sent with it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # No index of its own: the unique one begins with it.
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    key = models.UUIDField()

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint(fields=["owner", "key"], name="%(class)s_of_one_form"),
        ]


class Draft(FormKey):
    """A form as it stands on somebody's screen; gone when it is saved or discarded.

    Nobody else ever sees it, and it is no record: the trail leaves it out.
    """

    patient = models.ForeignKey(
        Patient, on_delete=models.PROTECT, related_name="drafts", null=True, db_index=False
    )
    # Where the form stands, so that the list of drafts leads there.
    address = models.CharField(max_length=300)
    # As the browser sends it.
    typed = models.TextField(_("what was typed"))
    saved_at = models.DateTimeField(db_default=Now())

    class Meta(FormKey.Meta):
        verbose_name = _("draft")

    def __str__(self):
        return self.address


class Submission(FormKey):
    """A form that was saved: sent again, it makes no second record."""

    record_id = models.UUIDField()
    saved_at = models.DateTimeField(db_default=Now())

    class Meta(FormKey.Meta):
        verbose_name = _("saved form")

    def __str__(self):
        return f"{self.key}"
