"""What was given."""

from .infusion import Infusion, InfusionLot
from .planned import PlannedInfusion
from .reaction import AdverseReaction
from .treatment import DoseAttempt, Immunosuppressant, Regimen

__all__ = [
    "AdverseReaction",
    "DoseAttempt",
    "Immunosuppressant",
    "Infusion",
    "InfusionLot",
    "PlannedInfusion",
    "Regimen",
]
