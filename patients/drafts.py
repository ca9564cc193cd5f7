"""Nothing typed is lost, nothing sent twice is stored twice: drafts and the keys of forms."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from .models import Draft, Patient, Submission
from .models.record import Record

AnyRecord = TypeVar("AnyRecord", bound=Record)

# A form of ours is some thousands of characters; what is longer was not typed.
LONGEST_DRAFT = 200_000


class FormSentAgain(Exception):
    """This form was saved before; nothing was written now."""

    def __init__(self, record_id: UUID):
        self.record_id = record_id
        super().__init__("This form was saved before.")


@transaction.atomic
def keep_draft(
    owner, *, key: UUID, address: str, typed: str, patient: Patient | None = None
) -> datetime | None:
    """What stands on the screen, over what stood there before; says when it was saved.

    None for a form that was saved meanwhile: what is typed in it has its record.
    """
    if was_submitted(owner, key):
        return None
    draft = Draft(
        owner=owner, key=key, address=address, typed=typed, patient=patient, saved_at=Now()
    )
    Draft.objects.bulk_create(
        [draft],
        update_conflicts=True,
        unique_fields=["owner", "key"],
        update_fields=["address", "typed", "patient", "saved_at"],
    )
    return Draft.objects.values_list("saved_at", flat=True).get(owner=owner, key=key)


def find_draft(owner, address: str) -> Draft | None:
    """The latest draft of a person's form at an address."""
    return list_drafts(owner).filter(address=address).first()


def list_drafts(owner) -> QuerySet[Draft]:
    """A person's own drafts with their patients, the latest first."""
    return Draft.objects.filter(owner=owner).select_related("patient").order_by("-saved_at")


def discard_draft(owner, key: UUID) -> None:
    Draft.objects.filter(owner=owner, key=key).delete()


def was_submitted(owner, key: UUID) -> bool:
    return submitted_record(owner, key) is not None


def submitted_record(owner, key: UUID) -> UUID | None:
    """The record that a form became."""
    sent = Submission.objects.filter(owner=owner, key=key)
    return sent.values_list("record_id", flat=True).first()


@transaction.atomic
def submit_once(owner, key: UUID, record_id: UUID, save: Callable[[], AnyRecord]) -> AnyRecord:
    """Save what a form holds, once, and let its draft go.

    The second of two that were sent at the same time waits for the first, and finds it saved.

    Raises
    ------
    FormSentAgain
        If this form was saved before.
    """
    sent, is_first = Submission.objects.get_or_create(
        owner=owner, key=key, defaults={"record_id": record_id}
    )
    if not is_first:
        raise FormSentAgain(sent.record_id)
    saved = save()
    discard_draft(owner, key)
    return saved
