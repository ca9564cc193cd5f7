"""Every open question about what stands in the records of some patients."""

from django.db.models import QuerySet

from infusions.questions import ASKS as ABOUT_TREATMENT
from patients.models import Confirmation, Patient
from patients.questions import ASKS as ABOUT_PATIENTS
from patients.questions import Question, without_answered
from patients.unusual import UnusualCode

_PLACE = {code: place for place, code in enumerate(UnusualCode)}


def open_questions(patients: QuerySet[Patient]) -> list[Question]:
    """Those that nobody has answered, by what is asked, then by study id."""
    asked = (question for ask in (*ABOUT_PATIENTS, *ABOUT_TREATMENT) for question in ask(patients))
    return sorted(
        without_answered(asked),
        key=lambda question: (_PLACE[question.asked.code], question.study_id),
    )


def answers(patients: QuerySet[Patient], at_most: int) -> QuerySet[Confirmation]:
    """What was answered, the latest first."""
    given = Confirmation.objects.filter(patient__in=patients.order_by())
    return given.select_related("patient", "confirmed_by").order_by("-confirmed_at")[:at_most]
