"""A patient goes to another centre: both agree, and from then on the other one treats.

The records stay as they are. Who may see them follows from the patient's row, which only
``registry_decide_transfer()`` moves.
"""

from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from mmn_registry.accounts.acting import acting
from mmn_registry.accounts.models import Centre
from mmn_registry.accounts.roles import Permission
from mmn_registry.accounts.selectors import visible_centres

from .models import Patient, Transfer
from .refusals import explained
from .vocabulary import TransferOutcome


def offer_transfer(patient: Patient, *, to: Centre, by) -> Transfer:
    """Ask another centre to take a patient over; nothing changes until it does.

    Raises
    ------
    ValidationError
        If the patient is there already, or is offered already.
    """
    offer = Transfer(
        patient=patient,
        study_id=patient.study_id,
        from_centre=patient.centre,
        to_centre=to,
        offered_by=by,
    )
    with acting(by, "offered a patient to another centre"), explained():
        offer.save(force_insert=True)
    return offer


def decide_transfer(offer: Transfer, outcome: TransferOutcome, *, by) -> None:
    """Accept or decline what was offered here, or take back what was offered by this centre.

    Raises
    ------
    ValidationError
        If it was decided meanwhile, or the patient is no longer there.
    """
    verb = f"{outcome.value} a transfer"
    with acting(by, verb), explained(), connection.cursor() as cursor:
        cursor.execute("SELECT registry_decide_transfer(%s, %s)", [offer.pk, outcome.value])
        if not cursor.fetchone()[0]:
            raise ValidationError(_("This offer was decided meanwhile."), "stale_record")


def open_offer(patient: Patient) -> Transfer | None:
    offers = Transfer.objects.filter(patient=patient, outcome="")
    return offers.select_related("to_centre", "offered_by").first()


def list_offers_to(user) -> QuerySet[Transfer]:
    """Open offers that somebody may accept or decline, the oldest first."""
    mine = visible_centres(user, Permission.IMPORT_RECORDS)
    offers = Transfer.objects.filter(outcome="", to_centre__in=mine)
    return offers.select_related("from_centre", "to_centre", "offered_by").order_by("offered_at")
