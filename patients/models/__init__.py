"""What was observed."""

from .assessment import DiagnosisOverride, Finding, LaboratoryResult
from .attachment import Attachment
from .confirmation import Confirmation
from .draft import Draft, Submission
from .identity import IDENTITY_FIELDS, Identity, IdentityKey
from .nerve_conduction import LowerLimit, NerveConductionStudy, NerveSegment, ProtocolSegment
from .patient import Consent, Patient
from .signature import Signature
from .transfer import Transfer
from .visit import GripStrength, MuscleScore, Visit

__all__ = [
    "IDENTITY_FIELDS",
    "Attachment",
    "Confirmation",
    "Consent",
    "DiagnosisOverride",
    "Draft",
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
    "ProtocolSegment",
    "Signature",
    "Submission",
    "Transfer",
    "Visit",
]
