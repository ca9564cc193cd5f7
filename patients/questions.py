"""Open questions about what stands in the records: what lacks, contradicts, or is seldom right.

Each is asked of a record until the record changes or somebody answers that it is right as it is;
the answer is a `Confirmation`, so a value that changes later is another question. Sets of patients
in, sets of questions out: no query and no loop per patient that has none.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from uuid import UUID

from django.db import connections
from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from . import unusual
from . import unusual_conduction as conduction
from .models import (
    Confirmation,
    Consent,
    LaboratoryResult,
    LowerLimit,
    MuscleScore,
    NerveConductionStudy,
    NerveSegment,
    Patient,
    Visit,
)
from .models.record import Record
from .selectors import (
    known_before,
    measured,
    segment_key,
    study_before,
    with_examinations,
    with_segments,
)
from .unusual import Unusual, UnusualCode, unusual_at_visit, unusual_patient
from .unusual_conduction import unusual_in_study
from .unusual_laboratory import unusual_result
from .vocabulary import MRC_THIRDS, ConsentScope, MrcGrade

NORMAL_THIRDS = MRC_THIRDS[MrcGrade.GRADE_5]


@dataclass(frozen=True)
class Question:
    """What is asked of a record of a patient."""

    study_id: str
    record: Record
    asked: Unusual


Ask = Callable[[QuerySet[Patient]], Iterator[Question]]


def without_answered(questions: Iterable[Question]) -> list[Question]:
    """Those that nobody has answered."""
    asked = list(questions)
    records = {question.record.pk for question in asked}
    answered = {
        (answer.record_id, answer.key)
        for answer in Confirmation.objects.filter(record_id__in=records)
    }
    return [q for q in asked if (q.record.pk, q.asked.key) not in answered]


# ── What lacks ───────────────────────────────────────────────────────────────────────────────


def lacking_consent(patients: QuerySet[Patient]) -> Iterator[Question]:
    """Whether withdrawn or not: that there was one is what must be on record."""
    given = Consent.objects.filter(patient=OuterRef("pk"), scope=ConsentScope.REGISTRY)
    sentence = _("No consent to the registry is recorded. Is there one?")
    yield from _of_patients(
        patients.exclude(Exists(given)), UnusualCode.NO_CONSENT, "consents", sentence
    )


def lacking_birth_year(patients: QuerySet[Patient]) -> Iterator[Question]:
    sentence = _("The year of birth is not recorded. Can it be found out?")
    nobody_knows = patients.filter(birth_year__isnull=True)
    yield from _of_patients(nobody_knows, UnusualCode.NO_BIRTH_YEAR, "birth_year", sentence)


def lacking_onset(patients: QuerySet[Patient]) -> Iterator[Question]:
    sentence = _("The onset is not recorded. Is the year known?")
    nobody_knows = patients.filter(onset_on__isnull=True)
    yield from _of_patients(nobody_knows, UnusualCode.NO_ONSET, "onset_on", sentence)


def _of_patients(
    patients: QuerySet[Patient], code: UnusualCode, field: str, sentence: str
) -> Iterator[Question]:
    for patient in patients:
        yield Question(patient.study_id, patient, Unusual(code, field, "", sentence))


def visits_without_grades(patients: QuerySet[Patient]) -> Iterator[Question]:
    graded = MuscleScore.objects.filter(visit=OuterRef("pk"))
    sentence = _("No muscle is graded at this visit. Was none examined?")
    asked = Unusual(UnusualCode.NO_GRADES, "muscle_scores", "", sentence)
    for visit in _of(Visit, patients).exclude(Exists(graded)):
        yield Question(visit.patient.study_id, visit, asked)


def muscles_left_out(patients: QuerySet[Patient]) -> Iterator[Question]:
    """A muscle that was weak and is not graded next time: no change of it can be given."""
    visits = _of(Visit, patients)
    graded = Exists(MuscleScore.objects.filter(visit=OuterRef("pk")))
    before = visits.filter(
        graded, patient=OuterRef("patient"), visited_on__lt=OuterRef("visited_on")
    ).order_by("-visited_on")
    now = MuscleScore.objects.filter(
        visit=OuterRef(OuterRef("pk")), muscle=OuterRef("muscle"), side=OuterRef("side")
    )
    weak = MuscleScore.objects.filter(
        ~Exists(now), visit=OuterRef("before"), mrc_thirds__lt=NORMAL_THIRDS
    )
    left_out = weak.order_by().values("visit").annotate(n=Count("pk")).values("n")
    asked_of = visits.filter(graded).annotate(before=Subquery(before.values("pk")[:1]))
    for visit in asked_of.annotate(n=Subquery(left_out)).filter(n__gt=0):
        sentence = ngettext(
            "%(n)s muscle that was weak at the visit before is not graded. Was it not examined?",
            "%(n)s muscles that were weak at the visit before are not graded. Were they not "
            "examined?",
            visit.n,
        )
        code, value = UnusualCode.MUSCLE_LEFT_OUT, str(visit.n)
        asked = Unusual(code, "muscle_scores", value, sentence % {"n": visit.n})
        yield Question(visit.patient.study_id, visit, asked)


def studies_without_limits(patients: QuerySet[Patient]) -> Iterator[Question]:
    """Neither beside the segment nor among the centre's: whether it is reduced cannot be said."""
    limits = LowerLimit.objects.filter(
        centre=OuterRef("study__patient__centre"),
        nerve=OuterRef("nerve"),
        valid_from__lte=OuterRef("study__studied_on"),
    )
    without = (
        NerveSegment.objects.filter(
            study=OuterRef("pk"),
            distal_amplitude_mv__isnull=False,
            distal_amplitude_lln_mv__isnull=True,
        )
        .exclude(Exists(limits))
        .order_by()
        .values("study")
        .annotate(n=Count("nerve", distinct=True))
        .values("n")
    )
    studies = _of(NerveConductionStudy, patients).annotate(n=Subquery(without))
    for study in studies.filter(n__gt=0):
        sentence = ngettext(
            "For %(n)s nerve of this study no lower limit of normal is known, here or in the "
            "centre’s table. Can it be entered?",
            "For %(n)s nerves of this study no lower limit of normal is known, here or in the "
            "centre’s table. Can they be entered?",
            study.n,
        )
        code, value = UnusualCode.NO_LIMIT, str(study.n)
        asked = Unusual(code, "lower_limit", value, sentence % {"n": study.n})
        yield Question(study.patient.study_id, study, asked)


# ── What is unusual, and was stored without an answer ────────────────────────────────────────


def unusual_patients(patients: QuerySet[Patient]) -> Iterator[Question]:
    for patient in patients:
        for asked in unusual_patient(
            birth_year=patient.birth_year,
            onset_on=patient.onset_on,
            included_on=patient.included_on,
        ):
            yield Question(patient.study_id, patient, asked)


# SQL finds the few records that may raise a question; whether they do, and in which words, the
# functions of the forms say.
VISITS_TO_ASK = """
WITH visit AS (
    SELECT of.id, of.patient_id, of.visited_on, of.weight_kg, patient.included_on
    FROM patients_visit AS of
    JOIN patients_patient AS patient ON patient.id = of.patient_id
    WHERE of.voided_at IS NULL AND of.patient_id = ANY(%(patients)s)
), weighed AS (
    SELECT id, patient_id, weight_kg,
        lag(weight_kg) OVER (PARTITION BY patient_id ORDER BY visited_on) AS last
    FROM visit WHERE weight_kg IS NOT NULL
), graded AS (
    SELECT visit.id, visit.patient_id, score.mrc_thirds, lag(score.mrc_thirds) OVER (
        PARTITION BY visit.patient_id, score.muscle, score.side ORDER BY visit.visited_on) AS last
    FROM visit JOIN patients_musclescore AS score ON score.visit_id = visit.id
    WHERE score.voided_at IS NULL
), gripped AS (
    SELECT visit.id, visit.patient_id, grip.value, lag(grip.value) OVER (
        PARTITION BY visit.patient_id, grip.device, grip.side ORDER BY visit.visited_on) AS last
    FROM visit JOIN patients_gripstrength AS grip ON grip.visit_id = visit.id
    WHERE grip.voided_at IS NULL
)
SELECT patient_id, id FROM visit WHERE included_on - visited_on > %(days_before)s
UNION SELECT patient_id, id FROM weighed WHERE CASE
    WHEN last IS NULL THEN NOT weight_kg BETWEEN %(low_kg)s AND %(high_kg)s
    ELSE abs(weight_kg - last) > %(weight_change)s * last END
UNION SELECT patient_id, id FROM graded WHERE abs(mrc_thirds - last) >= %(thirds)s
UNION SELECT patient_id, id FROM gripped WHERE abs(value - last) >= %(grip_change)s
"""


def unusual_visits(patients: QuerySet[Patient]) -> Iterator[Question]:
    low_kg, high_kg = unusual.SELDOM_WEIGHT_KG
    limits = {
        "days_before": unusual.DAYS_BEFORE_INCLUSION,
        "low_kg": low_kg,
        "high_kg": high_kg,
        "weight_change": unusual.WEIGHT_CHANGE,
        "thirds": unusual.GRADE_CHANGE_THIRDS,
        "grip_change": unusual.GRIP_CHANGE,
    }
    found = _to_ask(VISITS_TO_ASK, patients, limits)
    visits = with_examinations(Visit.objects.filter(patient__in=found)).select_related("patient")
    for patient_id, of_one in groupby(
        visits.order_by("patient_id", "visited_on"), key=lambda visit: visit.patient_id
    ):
        yield from _questions_of_visits(list(of_one), found[patient_id])


def _questions_of_visits(visits: list[Visit], only: set[UUID]) -> Iterator[Question]:
    """Of all visits of one patient, the first one first."""
    for place, visit in enumerate(visits):
        if visit.pk not in only:
            continue
        for asked in unusual_at_visit(
            visited_on=visit.visited_on,
            included_on=visit.patient.included_on,
            weight_kg=visit.weight_kg,
            grades={(s.muscle, s.side): s.mrc_grade for s in visit.muscle_scores.all()},
            grips={(g.device, g.side): g.value for g in visit.grip_strengths.all()},
            before=known_before(visits[:place], None),
        ):
            yield Question(visit.patient.study_id, visit, asked)


STUDIES_TO_ASK = """
WITH study AS (
    SELECT of.id, of.patient_id, of.studied_on
    FROM patients_nerveconductionstudy AS of
    JOIN patients_patient AS patient ON patient.id = of.patient_id
    WHERE of.voided_at IS NULL AND of.patient_id = ANY(%(patients)s)
), segment AS (
    SELECT study.id AS study, study.patient_id, s.*,
        lag(s.distal_amplitude_mv) OVER one AS last_distal,
        lag(s.proximal_amplitude_mv) OVER one AS last_proximal
    FROM study JOIN patients_nervesegment AS s ON s.study_id = study.id
    WHERE s.voided_at IS NULL
    WINDOW one AS (PARTITION BY study.patient_id, s.nerve, s.side, s.distal_site, s.proximal_site
        ORDER BY study.studied_on)
)
SELECT DISTINCT patient_id, study FROM segment WHERE
    greatest(distal_amplitude_mv, proximal_amplitude_mv) > %(most_mv)s
    OR distal_amplitude_mv >= %(microvolts)s * last_distal
    OR proximal_amplitude_mv >= %(microvolts)s * last_proximal
    OR proximal_amplitude_mv > %(factor)s * distal_amplitude_mv
    OR proximal_area_mv_ms > %(factor)s * distal_area_mv_ms
    OR NOT distal_duration_ms BETWEEN %(shortest_ms)s AND %(longest_ms)s
    OR NOT proximal_duration_ms BETWEEN %(shortest_ms)s AND %(longest_ms)s
    OR distal_area_mv_ms > distal_amplitude_mv * distal_duration_ms
    OR proximal_area_mv_ms > proximal_amplitude_mv * proximal_duration_ms
    OR NOT distance_mm BETWEEN %(long_mm)s AND %(farthest_mm)s
    OR NOT distal_amplitude_lln_mv BETWEEN %(low_limit)s AND %(high_limit)s
"""


def unusual_studies(patients: QuerySet[Patient]) -> Iterator[Question]:
    limits = {
        "most_mv": conduction.SELDOM_AMPLITUDE_MV,
        "microvolts": conduction.MICROVOLTS_PER_MV,
        "factor": conduction.PROXIMAL_FACTOR,
        "shortest_ms": conduction.SELDOM_DURATION_MS[0],
        "longest_ms": conduction.SELDOM_DURATION_MS[1],
        "long_mm": conduction.SHORTEST_LONG_MM,
        "farthest_mm": conduction.SELDOM_DISTANCE_MM[1],
        "low_limit": conduction.SELDOM_LIMIT_MV[0],
        "high_limit": conduction.SELDOM_LIMIT_MV[1],
    }
    found = _to_ask(STUDIES_TO_ASK, patients, limits)
    studies = with_segments(NerveConductionStudy.objects.filter(patient__in=found))
    for patient_id, of_one in groupby(
        studies.select_related("patient").order_by("patient_id", "studied_on"),
        key=lambda study: study.patient_id,
    ):
        yield from _questions_of_studies(list(of_one), found[patient_id])


def _questions_of_studies(
    studies: list[NerveConductionStudy], only: set[UUID]
) -> Iterator[Question]:
    """Of all studies of one patient, the first one first."""
    for place, study in enumerate(studies):
        if study.pk not in only:
            continue
        segments = {segment_key(s): measured(s) for s in study.segments.all()}
        for asked in unusual_in_study(segments, study_before(studies[:place], None)):
            yield Question(study.patient.study_id, study, asked)


def unusual_results(patients: QuerySet[Patient]) -> Iterator[Question]:
    for result in _of(LaboratoryResult, patients).filter(value__isnull=False):
        for asked in unusual_result(test=result.test, value=result.value, unit=result.unit):
            yield Question(result.patient.study_id, result, asked)


def _to_ask(
    query: str, patients: QuerySet[Patient], limits: dict[str, object]
) -> dict[UUID, set[UUID]]:
    """Records that may raise a question, by their patient."""
    found: dict[UUID, set[UUID]] = {}
    asked_of = list(patients.order_by().values_list("pk", flat=True))
    with connections[patients.db].cursor() as cursor:
        cursor.execute(query, {**limits, "patients": asked_of})
        for patient_id, record_id in cursor.fetchall():
            found.setdefault(patient_id, set()).add(record_id)
    return found


def _of(model: type[Record], patients: QuerySet[Patient]) -> QuerySet:
    return model.objects.filter(patient__in=patients.order_by()).select_related("patient")


ASKS: tuple[Ask, ...] = (
    lacking_consent,
    lacking_birth_year,
    lacking_onset,
    visits_without_grades,
    muscles_left_out,
    studies_without_limits,
    unusual_patients,
    unusual_visits,
    unusual_studies,
    unusual_results,
)
