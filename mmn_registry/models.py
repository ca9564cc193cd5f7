from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Birth(models.Model):
    """What this database was made for: one row, written when it is first migrated, never changed.

    Demonstration data load only into one born ``demo``; a registry in service refuses such a one.
    """

    class Kind(models.TextChoices):
        DEMO = "demo", _("demonstration")
        REGISTRY = "registry", _("registry")

    only = models.BooleanField(primary_key=True, default=True, editable=False)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    born_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(only=True), name="birth_is_one_row"),
            models.CheckConstraint(
                condition=models.Q(kind__in=["demo", "registry"]), name="birth_kind_is_known"
            ),
        ]

    def __str__(self):
        return self.kind
