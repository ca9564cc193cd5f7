"""Documents kept with a patient: a report as it came from the laboratory."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mmn_registry.accounts.validators import NOTE_PATTERN
from patients.validators import Limits, validate_within_life
from patients.vocabulary import AttachmentKind

from . import fields
from .constraints import dated, known, rule
from .identity import IdentityKey, opaque_id, person
from .patient import Patient

PDF = "application/pdf"
MOST_BYTES = 10 * 1024 * 1024
SIZE = Limits("implausible_size", _("A document"), 1, MOST_BYTES, _("bytes"))


class Attachment(models.Model):
    """A PDF, encrypted under the patient's key; its own name is not kept, it may be a person's.

    It is never changed: another file is another attachment. No record of the bundle: it names
    people.
    """

    id = opaque_id()
    patient = fields.parent(Patient, _("patient"), "attachments")
    key = models.ForeignKey(IdentityKey, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = fields.code(_("document"), AttachmentKind)
    dated_on = fields.day(_("day of the document"))
    media_type = models.CharField(max_length=40, default=PDF, editable=False)
    size_bytes = models.PositiveIntegerField(editable=False)
    sha256 = models.CharField(max_length=64, editable=False)  # of the file itself
    content = models.BinaryField(editable=False)
    version = models.PositiveIntegerField(default=1, db_default=1, editable=False)
    recorded_at = models.DateTimeField(db_default=models.functions.Now(), editable=False)
    recorded_by = person()
    voided_at = models.DateTimeField(null=True, editable=False)
    voided_by = person()
    void_reason = fields.note(_("reason of voiding"), editable=False)

    class Meta:
        verbose_name = _("document")
        indexes = [models.Index(fields=["patient"], name="attachment_of_patient")]
        constraints = [
            known("attachment", "kind", AttachmentKind),
            *dated("attachment", "dated_on"),
            rule(
                "attachment_is_a_pdf",
                Q(media_type=PDF),
                "not_a_pdf",
                _("Only PDF documents are kept."),
            ),
            rule("attachment_size", SIZE.condition("size_bytes"), SIZE.code, SIZE.sentence),
            rule(
                "attachment_checksum",
                Q(sha256__regex="^[0-9a-f]{64}$"),
                "no_checksum",
                _("A document has its checksum."),
            ),
            rule(
                "attachment_void_has_reason",
                Q(voided_at__isnull=True, voided_by__isnull=True, void_reason="")
                | (Q(voided_at__isnull=False) & ~Q(void_reason="")),
                "reason_needed",
                _("Say why this record does not count."),
            ),
            rule(
                "attachment_reason_readable",
                Q(void_reason__regex=NOTE_PATTERN),
                "unreadable_character",
                _("A reason contains a character that cannot be read."),
            ),
        ]

    def __str__(self):
        return str(self.pk)

    def clean(self):
        super().clean()
        patient = getattr(self, "patient", None)
        if patient is not None:
            validate_within_life(
                "dated_on",
                day=self.dated_on,
                deceased_on=patient.deceased_on,
                birth_year=patient.birth_year,
            )
