"""Documents of patients: kept, opened and voided; each opening leaves a note in the trail."""

import hashlib
import hmac

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from mmn_registry.accounts.acting import acting
from mmn_registry.accounts.validators import validate_note
from mmn_registry.audit.notes import note_patient
from mmn_registry.audit.vocabulary import EntryKind
from mmn_registry.identity_cipher import Undecipherable

from .identity import data_key_of, key_in_use
from .models import Attachment, Patient
from .models.attachment import MOST_BYTES
from .refusals import explained

FIELD = "attachment"
BEGINS, ENDS = b"%PDF-", b"%%EOF"
# Writers put a little before the first line, and blanks or a signature's rest after the last.
BEGINS_WITHIN, ENDS_WITHIN = 1024, 2048
MEGABYTE = 1024 * 1024


def validate_size(size_bytes: int) -> None:
    if not size_bytes:
        raise ValidationError(_("This file is empty. Choose another one."), "empty_document")
    if size_bytes > MOST_BYTES:
        message = _(
            "This file has %(size)s MB; a document may have 10 MB. Reduce it, or keep only the "
            "pages that are needed."
        )
        size = f"{size_bytes / MEGABYTE:.1f}"
        raise ValidationError(message, "document_too_large", {"size": size})


def validate_document(content: bytes) -> None:
    """A whole PDF of at most ten megabytes, whatever its name or its sender says that it is."""
    validate_size(len(content))
    if BEGINS not in content[:BEGINS_WITHIN]:
        raise ValidationError(_("This file is no PDF. Save it as PDF first."), "not_a_pdf")
    if ENDS not in content[-ENDS_WITHIN:]:
        message = _("This PDF is cut off: its end is missing. Save it anew and try again.")
        raise ValidationError(message, "document_cut_off")


def list_attachments(patient: Patient) -> QuerySet[Attachment]:
    """Those that stand, the latest first, without their content."""
    standing = patient.attachments.filter(voided_at__isnull=True).defer("content")
    return standing.select_related("recorded_by").order_by("-dated_on", "-recorded_at")


def keep_attachment(attachment: Attachment, content: bytes, *, by) -> Attachment:
    """Encrypt a document under its patient's key and keep it."""
    validate_document(content)
    with acting(by, "kept a document"), explained():
        key, data_key = key_in_use(attachment.patient)
        attachment.key, attachment.recorded_by = key, by
        attachment.size_bytes = len(content)
        attachment.sha256 = hashlib.sha256(content).hexdigest()
        attachment.content = data_key.encrypted_bytes(FIELD, content)
        attachment.save(force_insert=True)
    return attachment


@transaction.atomic
def open_attachment(attachment: Attachment, *, route: str) -> bytes:
    """The document as it was kept. That it was opened is noted, or it is not given.

    Raises
    ------
    Undecipherable
        If the patient's key was destroyed, or what is stored is not what was kept.
    """
    note_patient(EntryKind.IDENTITY, attachment.patient.study_id, route=route)
    if attachment.key.destroyed_at is not None:
        raise Undecipherable("The patient's key was destroyed.")
    content = data_key_of(attachment.key).decrypted_bytes(FIELD, bytes(attachment.content))
    if not hmac.compare_digest(hashlib.sha256(content).hexdigest(), attachment.sha256):
        raise Undecipherable("A document differs from its checksum.")
    return content


def void_attachment(attachment: Attachment, *, by, reason: str) -> None:
    """It does not count any more and can no longer be opened; that it was kept stays in the trail.

    Raises
    ------
    ValidationError
        If no reason is given, or it was voided before.
    """
    if not reason.strip():
        raise ValidationError(_("Say why."), "reason_needed")
    validate_note(reason)
    with acting(by, "voided a document", reason=reason), explained():
        standing = Attachment.objects.filter(pk=attachment.pk, voided_at__isnull=True)
        voided = standing.update(
            version=F("version") + 1, voided_at=Now(), voided_by=by, void_reason=reason
        )
        if not voided:
            raise ValidationError(_("This document was voided already."), "voided_record")
