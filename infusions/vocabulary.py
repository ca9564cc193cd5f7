"""The words of treatment: the codes that infusion records may use, and nothing else."""

from enum import StrEnum


class Route(StrEnum):
    """How immunoglobulin was given; FSC is subcutaneous, facilitated by hyaluronidase."""

    IV = "IV"
    SC = "SC"
    FSC = "FSC"


class RegimenEndReason(StrEnum):
    INEFFICACY = "inefficacy"
    REMISSION = "remission"
    ADVERSE_EVENT = "adverse_event"
    PATIENT_CHOICE = "patient_choice"
    ACCESS = "access"
    SWITCH = "switch"
    OTHER = "other"


class DoseAttemptKind(StrEnum):
    REDUCTION = "reduction"
    LONGER_INTERVAL = "longer_interval"
    STOP = "stop"


class DoseAttemptOutcome(StrEnum):
    TOLERATED = "tolerated"
    FAILED = "failed"
    UNKNOWN = "unknown"


class Reaction(StrEnum):
    HEADACHE = "headache"
    FLUSHING_OR_CHILLS = "flushing_or_chills"
    FEVER = "fever"
    NAUSEA_OR_VOMITING = "nausea_or_vomiting"
    FATIGUE = "fatigue"
    MYALGIA_OR_BACK_PAIN = "myalgia_or_back_pain"
    HYPOTENSION = "hypotension"
    HYPERTENSION = "hypertension"
    TACHYCARDIA = "tachycardia"
    CHEST_TIGHTNESS = "chest_tightness"
    RASH_OR_PRURITUS = "rash_or_pruritus"
    LOCAL_SITE_REACTION = "local_site_reaction"
    ASEPTIC_MENINGITIS = "aseptic_meningitis"
    HAEMOLYSIS = "haemolysis"
    THROMBOEMBOLISM = "thromboembolism"
    RENAL_FAILURE = "renal_failure"
    ANAPHYLAXIS = "anaphylaxis"
    RAISED_TRANSAMINASES = "raised_transaminases"
    NEUTROPENIA = "neutropenia"
    LUNG_INJURY = "lung_injury"
    OTHER = "other"


class Severity(StrEnum):
    MILD = "mild"
    MODERATE = "moderate"
    SEVERE = "severe"
