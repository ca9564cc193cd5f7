"""What was given, as pages and the API need it: one query per table."""

from django.db.models import Prefetch, QuerySet

from infusions.models import (
    AdverseReaction,
    DoseAttempt,
    Immunosuppressant,
    Infusion,
    InfusionLot,
    Regimen,
)
from patients.models import Patient


def list_infusions(patient: Patient) -> QuerySet[Infusion]:
    """Infusions, the first one first, each with its lots."""
    return patient.infusions.order_by("given_on", "route", "product").prefetch_related(
        Prefetch("lots", InfusionLot.objects.order_by("lot_number"))
    )


def list_regimens(patient: Patient) -> QuerySet[Regimen]:
    return patient.regimens.order_by("started_on", "route")


def list_dose_attempts(patient: Patient) -> QuerySet[DoseAttempt]:
    return patient.dose_attempts.order_by("attempted_on")


def list_immunosuppressants(patient: Patient) -> QuerySet[Immunosuppressant]:
    return patient.immunosuppressants.order_by("started_on", "drug")


def list_adverse_reactions(patient: Patient) -> QuerySet[AdverseReaction]:
    return patient.adverse_reactions.order_by("occurred_on", "reaction")
