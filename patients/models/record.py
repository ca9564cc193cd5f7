"""What every recorded row has: an opaque id, a version, who wrote it, and whether it was voided."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from mmn_registry.accounts.roles import Permission
from mmn_registry.accounts.selectors import visible_centres
from mmn_registry.accounts.validators import NOTE_PATTERN
from patients.validators import validate_within_life

from . import fields


class RecordQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Records of the centres whose records a user may read."""
        centres = visible_centres(user, Permission.READ_RECORDS)
        return self.filter(**{f"{self.model.centre_path}__in": centres})


class StandingManager(models.Manager.from_queryset(RecordQuerySet)):
    """Records that count: a voided one is shown only where somebody asks for it by name."""

    def get_queryset(self):
        return super().get_queryset().filter(voided_at__isnull=True)


def _person(verbose_name):
    """Who did it; NULL for an operator's command. No index: nobody searches this way."""
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        verbose_name=verbose_name,
        related_name="+",
        null=True,
        blank=True,
        editable=False,
        db_index=False,
    )


class Record(models.Model):
    """A row that is amended or voided with a reason, never deleted.

    ``recorded_at`` and ``recorded_by`` tell of the current version; earlier ones are in the trail.
    The database refuses an update that does not raise ``version`` by one, that moves a record to
    another parent, or that changes a voided one.
    """

    # The way to the centre whose people may see the record, and the key of its parent record.
    centre_path: ClassVar[str] = "patient__centre"
    parent_key: ClassVar[str] = "patient"
    # What is typed and saved with it, by the names of the relations; and what tells a part from
    # the others of its whole.
    part_names: ClassVar[tuple[str, ...]] = ()
    told_apart_by: ClassVar[tuple[str, ...]] = ()

    id = models.UUIDField(
        primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False
    )
    version = models.PositiveIntegerField(default=1, db_default=1, editable=False)
    recorded_at = models.DateTimeField(_("recorded"), db_default=Now(), editable=False)
    recorded_by = _person(_("recorded by"))
    amend_reason = fields.note(_("reason of the last change"), editable=False)
    voided_at = models.DateTimeField(_("voided"), null=True, blank=True, editable=False)
    voided_by = _person(_("voided by"))
    void_reason = fields.note(_("reason of voiding"), editable=False)

    objects = StandingManager()
    including_voided = models.Manager.from_queryset(RecordQuerySet)()

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(voided_at__isnull=True, voided_by__isnull=True, void_reason="")
                | (Q(voided_at__isnull=False) & ~Q(void_reason="")),
                name="%(class)s_void_has_reason",
                violation_error_code="reason_needed",
                violation_error_message=_("Say why this record does not count."),
            ),
            models.CheckConstraint(
                condition=Q(amend_reason__regex=NOTE_PATTERN, void_reason__regex=NOTE_PATTERN),
                name="%(class)s_reasons_readable",
                violation_error_code="unreadable_character",
                violation_error_message=_("A reason contains a character that cannot be read."),
            ),
        ]

    def get_constraints(self):
        """Those that look at other rows.

        The checks are left to the database: a field or ``clean()`` has said each of them already,
        with its value, and asking PostgreSQL again would cost a query per check.
        """
        return [
            (
                model,
                [rule for rule in rules if not isinstance(rule, models.CheckConstraint)],
            )
            for model, rules in super().get_constraints()
        ]

    def validate_unique(self, exclude=None):
        """Natural keys are constraints; whether a random id is taken needs no query."""
        super().validate_unique(exclude={*(exclude or ()), "id"})

    def validate_constraints(self, exclude=None):
        """A form leaves out what the record knows by itself; its key counts all the same."""
        known = {field.name for field in self._meta.concrete_fields if not field.editable}
        if self.known_parent() is not None:
            known.add(self.parent_key)
        super().validate_constraints(exclude=set(exclude or ()) - known)

    def known_parent(self):
        """The parent, or None while it has not been chosen or saved."""
        parent = getattr(self, self.parent_key, None) if self.parent_key else None
        return None if parent is None or parent._state.adding else parent


class PatientRecord(Record):
    """A record of a patient that is dated by a day of the patient's life."""

    # The day of the observation: part of the natural key, and never after death.
    dated_by: ClassVar[str]

    class Meta(Record.Meta):
        abstract = True

    def clean(self):
        super().clean()
        patient = getattr(self, "patient", None)
        if patient is not None:
            validate_within_life(
                self.dated_by,
                day=getattr(self, self.dated_by),
                deceased_on=patient.deceased_on,
                birth_year=patient.birth_year,
            )
