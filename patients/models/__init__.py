"""What was observed."""

from .assessment import Finding, LaboratoryResult
from .nerve_conduction import LowerLimit, NerveConductionStudy, NerveSegment
from .patient import Consent, Patient
from .visit import GripStrength, MuscleScore, Visit

__all__ = [
    "Consent",
    "Finding",
    "GripStrength",
    "LaboratoryResult",
    "LowerLimit",
    "MuscleScore",
    "NerveConductionStudy",
    "NerveSegment",
    "Patient",
    "Visit",
]
