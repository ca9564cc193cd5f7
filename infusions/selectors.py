"""What was given, as pages and the API need it: one query per table."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import F, Prefetch, Q, QuerySet, Value
from django.db.models.functions import Replace, Upper

from infusions.models import (
    AdverseReaction,
    DoseAttempt,
    Immunosuppressant,
    Infusion,
    InfusionLot,
    PlannedInfusion,
    Regimen,
)
from mmn_registry.accounts.models import Centre
from patients.models import Patient
from patients.unusual import plain


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


def last_infusion(patient: Patient) -> Infusion | None:
    return list_infusions(patient).last()


# Planned and not given; open again where its infusion was voided.
OPEN_PLAN = Q(infusion__isnull=True) | Q(infusion__voided_at__isnull=False)


def list_open_plans(patient: Patient) -> QuerySet[PlannedInfusion]:
    """What is planned and not given, the next first."""
    return patient.planned_infusions.filter(OPEN_PLAN).order_by("planned_on", "route")


# ── Who got a lot ────────────────────────────────────────────────────────────────────────────

# The same lot is written with and without them, in capitals or not.
BETWEEN = (" ", "-", "/", ".")


@dataclass(frozen=True)
class GotLot:
    """A patient who got a lot, by an infusion or by the record of a reaction to it."""

    study_id: str
    centre: str
    on: date
    route: str
    product: str
    lot_number: str
    lot_dose_g: Decimal | None = None
    dose_g: Decimal | None = None
    is_reaction: bool = False

    @property
    def lot_grams(self) -> str:
        return "" if self.lot_dose_g is None else plain(self.lot_dose_g)

    @property
    def grams(self) -> str:
        return "" if self.dose_g is None else plain(self.dose_g)


def list_who_got(lot_number: str, centres: QuerySet[Centre]) -> list[GotLot]:
    """Every infusion from a lot, the latest first; and reactions that name it, for which no
    infusion of that patient does.
    """
    lots = _of_lot(InfusionLot.objects.all(), lot_number)
    infusions = lots.filter(infusion__patient__centre__in=centres).values_list(
        *("infusion__patient__study_id", "infusion__patient__centre__code"),
        *("infusion__given_on", "infusion__route", "infusion__product"),
        *("lot_number", "dose_g", "infusion__dose_g"),
    )
    reactions = _of_lot(AdverseReaction.objects.all(), lot_number)
    reactions = reactions.filter(patient__centre__in=centres).values_list(
        *("patient__study_id", "patient__centre__code", "occurred_on", "route", "product"),
        "lot_number",
    )
    found = [GotLot(*row) for row in infusions]
    known = {row.study_id for row in found}
    found += [
        row
        for row in (GotLot(*one, is_reaction=True) for one in reactions)
        if row.study_id not in known
    ]
    return sorted(found, key=lambda row: (-row.on.toordinal(), row.study_id, row.product))


def _of_lot(rows: QuerySet, lot_number: str) -> QuerySet:
    written, wanted = F("lot_number"), lot_number.upper()
    for sign in BETWEEN:
        written, wanted = Replace(written, Value(sign), Value("")), wanted.replace(sign, "")
    return rows.filter(lot_number__gt="").alias(bare=Upper(written)).filter(bare=wanted)
