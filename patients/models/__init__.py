"""What was observed."""

from .assessment import Finding, LaboratoryResult
from .identity import IDENTITY_FIELDS, Identity, IdentityKey
from .nerve_conduction import LowerLimit, NerveConductionStudy, NerveSegment
from .patient import Consent, Patient
from .visit import GripStrength, MuscleScore, Visit

__all__ = [
    "IDENTITY_FIELDS",
    "Consent",
    "Finding",
    "GripStrength",
    "Identity",
    "IdentityKey",
    "LaboratoryResult",
    "LowerLimit",
    "MuscleScore",
    "NerveConductionStudy",
    "NerveSegment",
    "Patient",
    "Visit",
]
