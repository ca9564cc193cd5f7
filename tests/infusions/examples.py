"""One plausible record of what was given, of every kind; all unsaved."""

from datetime import date
from decimal import Decimal

from infusions.models import (
    AdverseReaction,
    DoseAttempt,
    Immunosuppressant,
    Infusion,
    InfusionLot,
    PlannedInfusion,
    Regimen,
)
from tests.patients.examples import DAY, known_patient, saved


def infusion(**changes):
    defaults = {
        "patient": changes.get("patient") or known_patient(),
        "given_on": DAY,
        "route": "IV",
        "product": "Kiovig",
        "dose_g": Decimal(30),
    }
    return Infusion(**{**defaults, **changes})


def infusion_lot(**changes):
    defaults = {
        "infusion": changes.get("infusion") or Infusion.objects.first() or saved(infusion()),
        "lot_number": "L3923",
        "dose_g": Decimal(30),
    }
    return InfusionLot(**{**defaults, **changes})


def regimen(**changes):
    defaults = {
        "patient": changes.get("patient") or known_patient(),
        "started_on": DAY,
        "route": "IV",
        "product": "Kiovig",
        "planned_dose_g": Decimal(140),
        "planned_interval_days": 28,
    }
    return Regimen(**{**defaults, **changes})


def dose_attempt(**changes):
    defaults = {
        "patient": changes.get("patient") or known_patient(),
        "attempted_on": DAY,
        "kind": "reduction",
        "outcome": "failed",
    }
    return DoseAttempt(**{**defaults, **changes})


def immunosuppressant(**changes):
    defaults = {
        "patient": changes.get("patient") or known_patient(),
        "drug": "rituximab",
        "started_on": DAY,
    }
    return Immunosuppressant(**{**defaults, **changes})


def adverse_reaction(**changes):
    defaults = {
        "patient": changes.get("patient") or known_patient(),
        "occurred_on": DAY,
        "reaction": "headache",
        "severity": "mild",
        "serious": False,
    }
    return AdverseReaction(**{**defaults, **changes})


def planned_infusion(**changes):
    defaults = {
        "patient": changes.get("patient") or known_patient(),
        "planned_on": DAY,
        "route": "IV",
        "product": "Kiovig",
        "dose_g": Decimal(30),
    }
    return PlannedInfusion(**{**defaults, **changes})


EXAMPLES = {
    Infusion: infusion,
    InfusionLot: infusion_lot,
    Regimen: regimen,
    DoseAttempt: dose_attempt,
    Immunosuppressant: immunosuppressant,
    AdverseReaction: adverse_reaction,
    PlannedInfusion: planned_infusion,
}
LATER = date(2020, 6, 1)
