"""Results and the records they rest on, named so that a program finds them again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class Result(StrEnum):
    """A result that has a reason, by its column among the outcomes."""

    SHORT_TERM_RESPONSE = "short_term_response"
    LONG_TERM_STATUS = "long_term_status"
    BLOCK_CHANGE = "block_change"
    WEEKLY_DOSE_G = "weekly_dose_g"
    DIAGNOSIS_CATEGORY = "diagnosis_category"


class RecordKind(StrEnum):
    """The table where a record stands, by the name that it has in a bundle."""

    PATIENTS = "patients"
    VISITS = "visits"
    MUSCLE_SCORES = "muscle_scores"
    GRIP_STRENGTHS = "grip_strengths"
    INFUSIONS = "infusions"
    REGIMENS = "regimens"
    DOSE_ATTEMPTS = "dose_attempts"
    IMMUNOSUPPRESSANTS = "immunosuppressants"
    NERVE_SEGMENTS = "nerve_segments"
    LABORATORY = "laboratory"
    FINDINGS = "findings"


class UsedAs(StrEnum):
    """What a record was to a result."""

    FIRST_INFUSION = "first_infusion"
    LAST_INFUSION = "last_infusion"
    LAST_CONTACT = "last_contact"
    BASELINE = "baseline"
    MONTH_6 = "month_6"
    REFERENCE = "reference"
    RELAPSE = "relapse"
    OPINION = "opinion"
    STOPPED_FOR_INEFFICACY = "stopped_for_inefficacy"
    STILL_OPEN = "still_open"
    FAILED_ATTEMPT = "failed_attempt"
    RUNNING = "running"
    FIRST_STUDY = "first_study"
    LAST_STUDY = "last_study"
    DOSE_NOW = "dose_now"
    DOSE_BEFORE = "dose_before"
    WEIGHT = "weight"
    ANSWER = "answer"


@dataclass(frozen=True)
class UsedRecord:
    """A recorded row: its table, its day and the rest of its key; and what the result took from it.

    ``on`` is None for the patient's own row, which is of no day. ``until`` is the last day of what
    lasts several. A key without columns means all rows of that patient and day.
    """

    kind: RecordKind
    used_as: UsedAs
    on: date | None
    until: date | None = None
    key: Mapping[str, str] = field(default_factory=dict)
    value: str | float | None = None
