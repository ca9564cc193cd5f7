"""Open questions in words: what is asked, of whom, and where the record is."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from outcomes.sentences import day_text
from patients.models import Patient
from patients.models.record import PatientRecord, Record
from patients.questions import Question
from patients.unusual import UnusualCode

NAMES = {
    UnusualCode.LONG_BEFORE_INCLUSION: _("Visit long before inclusion"),
    UnusualCode.SELDOM_WEIGHT: _("Weight that is seldom seen"),
    UnusualCode.WEIGHT_CHANGED: _("Weight changed much"),
    UnusualCode.GRADE_CHANGED: _("Grade changed by 3 points or more"),
    UnusualCode.GRIP_CHANGED: _("Grip doubled or halved"),
    UnusualCode.ONSET_AFTER_INCLUSION: _("Onset after inclusion"),
    UnusualCode.SELDOM_AGE_AT_ONSET: _("Age at onset that is seldom seen"),
    UnusualCode.SELDOM_AGE: _("Age that is seldom seen"),
    UnusualCode.GIVEN_BEFORE_INCLUSION: _("Infusion before inclusion"),
    UnusualCode.DOSE_CHANGED: _("Dose changed much"),
    UnusualCode.SELDOM_DOSE_PER_KG: _("Dose per kilogram that is seldom given"),
    UnusualCode.SELDOM_COURSE_DOSE: _("Dose of a course that is seldom given"),
    UnusualCode.SELDOM_WEEKLY_DOSE: _("Weekly dose that is seldom given"),
    UnusualCode.LOTS_EXCEED_DOSE: _("Lots exceed the dose"),
    UnusualCode.INTERVAL_OFF_PLAN: _("Interval is not the planned one"),
    UnusualCode.SELDOM_INTERVAL: _("Interval that is seldom seen"),
    UnusualCode.PERHAPS_MICROVOLTS: _("Perhaps microvolts"),
    UnusualCode.PROXIMAL_LARGER: _("Proximal larger than distal"),
    UnusualCode.SELDOM_DURATION: _("Duration that is seldom seen"),
    UnusualCode.AREA_DOES_NOT_FIT: _("Area does not fit amplitude and duration"),
    UnusualCode.SELDOM_DISTANCE: _("Distance that is seldom seen"),
    UnusualCode.SELDOM_LIMIT: _("Lower limit that is seldom used"),
    UnusualCode.RESULT_WITHOUT_UNIT: _("Result without a unit"),
    UnusualCode.SELDOM_RESULT: _("Result that is seldom seen"),
    UnusualCode.UNKNOWN_UNIT: _("Unit that is not known here"),
    UnusualCode.NO_CONSENT: _("No consent recorded"),
    UnusualCode.NO_BIRTH_YEAR: _("Year of birth not recorded"),
    UnusualCode.NO_ONSET: _("Onset not recorded"),
    UnusualCode.NO_GRADES: _("Visit without grades"),
    UnusualCode.MUSCLE_LEFT_OUT: _("Weak muscle not examined again"),
    UnusualCode.NO_LIMIT: _("Study without lower limits of normal"),
    UnusualCode.NAIVE_BUT_TREATED: _("Untreated before inclusion, but treated"),
    UnusualCode.GAP_IN_INFUSIONS: _("Gap in infusions"),
    UnusualCode.GIVEN_AFTER_STOP: _("Infusion soon after a stop"),
    UnusualCode.REACTION_WITHOUT_INFUSION: _("Reaction without an infusion"),
}


@dataclass(frozen=True)
class QuestionLine:
    study_id: str
    of: str  # which record: "visit of 3 Mar 2020"
    sentence: str
    address: str
    record_id: str
    key: str


@dataclass(frozen=True)
class QuestionGroup:
    """All records of which one thing is asked."""

    code: UnusualCode
    name: str
    count: int
    lines: tuple[QuestionLine, ...]
    more: int


def question_groups(
    questions: Iterable[Question], *, at_most: int, chosen: str = ""
) -> tuple[QuestionGroup, ...]:
    """By what is asked; ``chosen`` is shown whole, of the others ``at_most``."""
    return tuple(
        _group(code, list(asked), chosen, at_most)
        for code, asked in groupby(questions, key=lambda question: question.asked.code)
        if chosen in ("", code)
    )


def _group(code: UnusualCode, asked: list[Question], chosen: str, at_most: int) -> QuestionGroup:
    shown = asked if chosen == code else asked[:at_most]
    lines = tuple(map(_line, shown))
    return QuestionGroup(code, str(NAMES[code]), len(asked), lines, len(asked) - len(lines))


def _line(question: Question) -> QuestionLine:
    record, asked = question.record, question.asked
    return QuestionLine(
        study_id=question.study_id,
        of=_record_text(record),
        sentence=asked.sentence,
        address=_address(question),
        record_id=str(record.pk),
        key=asked.key,
    )


def _record_text(record: Record) -> str:
    if not isinstance(record, PatientRecord):
        return ""
    name = capfirst(str(record._meta.verbose_name))
    return f"{name}, {day_text(getattr(record, record.dated_by))}"


def _address(question: Question) -> str:
    """The page on which it is put right."""
    record, study_id = question.record, question.study_id
    if question.asked.code == UnusualCode.NO_CONSENT:
        return reverse("patients:consent_new", args=[study_id])
    if isinstance(record, Patient):
        return reverse("patients:patient_amend", args=[study_id])
    name = str(record._meta.verbose_name).replace(" ", "_")
    return reverse(f"patients:{name}_amend", args=[study_id, record.pk])
