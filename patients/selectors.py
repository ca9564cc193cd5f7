"""Records as pages and the API need them: what a user may see, in one query per table."""

from django.core.exceptions import ValidationError
from django.db.models import Prefetch, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

from .models import (
    Consent,
    Finding,
    GripStrength,
    LaboratoryResult,
    LowerLimit,
    MuscleScore,
    NerveConductionStudy,
    NerveSegment,
    Patient,
    Visit,
)
from .vocabulary import Muscle, Side

_MUSCLE_ORDER = {muscle.value: place for place, muscle in enumerate(Muscle)}
_SIDE_ORDER = {side.value: place for place, side in enumerate(Side)}


def list_patients(user) -> QuerySet[Patient]:
    """Patients a user may read, by study id, with their centres."""
    return Patient.objects.visible_to(user).select_related("centre").order_by("study_id")


def get_patient_for(user, study_id: str) -> Patient:
    """One patient a user may read; one of others is as unknown as one that does not exist."""
    try:
        Patient._meta.get_field("study_id").run_validators(study_id)
        return list_patients(user).get(study_id=study_id)
    except (ValidationError, Patient.DoesNotExist):
        raise Http404(_("There is no such patient in your centres.")) from None


def list_visits(patient: Patient) -> QuerySet[Visit]:
    """Visits, the first one first, each with its grades and grips."""
    return patient.visits.order_by("visited_on").prefetch_related(
        Prefetch("muscle_scores", MuscleScore.objects.all()),
        Prefetch("grip_strengths", GripStrength.objects.order_by("device", "side")),
    )


def muscle_order(score: MuscleScore) -> tuple[int, int]:
    """Sorts scores as they are examined: shoulder to foot, right before left."""
    return _MUSCLE_ORDER[score.muscle], _SIDE_ORDER[score.side]


def list_studies(patient: Patient) -> QuerySet[NerveConductionStudy]:
    """Nerve conduction studies, the first one first, each with its segments."""
    segments = NerveSegment.objects.order_by("nerve", "side", "distal_site", "proximal_site")
    return patient.nerve_conduction_studies.order_by("studied_on").prefetch_related(
        Prefetch("segments", segments)
    )


def list_laboratory_results(patient: Patient) -> QuerySet[LaboratoryResult]:
    return patient.laboratory_results.order_by("taken_on", "test")


def list_findings(patient: Patient) -> QuerySet[Finding]:
    return patient.findings.order_by("observed_on", "finding")


def list_consents(patient: Patient) -> QuerySet[Consent]:
    return patient.consents.order_by("given_on", "scope", "form_version")


def list_lower_limits(patient: Patient) -> QuerySet[LowerLimit]:
    """The limits of normal that the patient's centre works with."""
    return LowerLimit.objects.filter(centre=patient.centre_id).order_by("nerve", "valid_from")
