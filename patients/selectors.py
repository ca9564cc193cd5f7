"""Records as pages and the API need them: what a user may see, in one query per table."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

from mmn_registry.accounts.models import Centre
from mmn_registry.accounts.roles import Permission
from mmn_registry.accounts.selectors import check_can, visible_centres

from .models import (
    Confirmation,
    Consent,
    DiagnosisOverride,
    Finding,
    GripStrength,
    LaboratoryResult,
    LowerLimit,
    MuscleScore,
    NerveConductionStudy,
    NerveSegment,
    Patient,
    ProtocolSegment,
    Signature,
    Visit,
)
from .models.record import Record
from .models.visit import SCALES
from .unusual import Before, Reading, grip_name
from .unusual_conduction import Measured, Segment, StudyBefore
from .vocabulary import USUAL_PROTOCOL, FindingState, Muscle, ProtocolSides, Side

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
    return with_examinations(patient.visits.order_by("visited_on"))


def with_examinations(visits: QuerySet[Visit]) -> QuerySet[Visit]:
    """Visits, each with its grades and grips."""
    return visits.prefetch_related(
        Prefetch("muscle_scores", MuscleScore.objects.all()),
        Prefetch("grip_strengths", GripStrength.objects.order_by("device", "side")),
    )


def version_of(*records: Record) -> str:
    """Another one as soon as any of these records is another."""
    told = sorted(f"{one.pk}:{one.version}" for one in records)
    return hashlib.sha256(" ".join(told).encode()).hexdigest()[:32]


@dataclass(frozen=True)
class Whole:
    """A record with the parts that are typed and saved with it, as they stood when it was read."""

    record: Record
    parts: tuple[tuple[Record, ...], ...]  # of each kind, as `Record.part_names` names them

    @property
    def version(self) -> str:
        return version_of(self.record, *(part for kind in self.parts for part in kind))


def get_whole(record: Record, *, locked: bool = False) -> Whole | None:
    """A record read anew; None once it was voided. ``locked``: nobody changes it meanwhile."""
    standing = _read(type(record).objects.filter(pk=record.pk), locked=locked)
    now = (
        standing.select_related("patient") if record.parent_key == "patient" else standing
    ).first()
    if now is None:
        return None
    kinds = (getattr(now, name).order_by("pk") for name in now.part_names)
    return Whole(now, tuple(tuple(_read(kind, locked=locked)) for kind in kinds))


def _read(rows: QuerySet, *, locked: bool) -> QuerySet:
    return rows.select_for_update(of=("self",)) if locked else rows


@dataclass(frozen=True)
class Examination:
    """A visit with all that was examined at it, as it stood when it was read."""

    visit: Visit
    muscle_scores: tuple[MuscleScore, ...]
    grip_strengths: tuple[GripStrength, ...]
    findings: tuple[Finding, ...]

    @property
    def record(self) -> Visit:
        return self.visit

    @property
    def version(self) -> str:
        parts = (*self.muscle_scores, *self.grip_strengths, *self.findings)
        return version_of(self.visit, *parts)


def get_examination(visit: Visit, *, locked: bool = False) -> Examination | None:
    """A visit read anew, with the findings of its day; as `get_whole`."""
    whole = get_whole(visit, locked=locked)
    if whole is None:
        return None
    now, (muscle_scores, grip_strengths) = whole.record, whole.parts
    findings = Finding.objects.filter(patient=now.patient_id, observed_on=now.visited_on)
    found = tuple(_read(findings.order_by("pk"), locked=locked))
    return Examination(now, muscle_scores, grip_strengths, found)


def part_key(part: Record) -> tuple[str, ...]:
    """What tells a part from the others of its whole."""
    return tuple(getattr(part, name) for name in part.told_apart_by)


def known_before(visits: Iterable[Visit], day: date | None, *, but: Visit | None = None) -> Before:
    """What earlier visits say, each value the last one; ``but`` is the visit itself.

    ``visits`` are those of `list_visits`; without a day all of them are earlier.
    """
    earlier = [
        visit
        for visit in visits
        if (day is None or visit.visited_on < day) and (but is None or visit.pk != but.pk)
    ]
    examined = [visit for visit in earlier if visit.muscle_scores.all()]
    scores = examined[-1].muscle_scores.all() if examined else ()
    return Before(
        examined_on=examined[-1].visited_on if examined else None,
        grades={(score.muscle, score.side): score.mrc_grade for score in scores},
        other_cause=frozenset((s.muscle, s.side) for s in scores if s.not_due_to_mmn),
        readings=_last_readings(earlier),
        muscles=frozenset(s.muscle for visit in examined for s in visit.muscle_scores.all()),
    )


def _last_readings(visits: Iterable[Visit]) -> dict[str, Reading]:
    """The last value of every number of a visit, by its name on the form."""
    readings = {}
    for visit in visits:
        for name in ("weight_kg", *SCALES):
            value = getattr(visit, name)
            if value is not None:
                readings[name] = Reading(value, visit.visited_on)
        for grip in visit.grip_strengths.all():
            readings[grip_name(grip.device, grip.side)] = Reading(grip.value, visit.visited_on)
    return readings


def known_at(
    patient: Patient,
    day: date,
    *,
    but: Visit | None = None,
    weighed: bool = True,
    graded: bool = True,
    gripped: bool = True,
) -> Before:
    """Of `known_before` what questions about a visit need, without reading all visits.

    ``weighed``, ``graded``, ``gripped``: only what the visit has itself is compared.
    """
    earlier = patient.visits.filter(visited_on__lt=day)
    if but is not None:
        earlier = earlier.exclude(pk=but.pk)
    readings = {}
    if weighed:
        weights = earlier.filter(weight_kg__isnull=False).order_by("-visited_on")
        for last in weights.values_list("weight_kg", "visited_on")[:1]:
            readings["weight_kg"] = Reading(*last)
    if gripped:
        grips = GripStrength.objects.filter(visit__in=earlier)
        for device, side, value, on in (
            grips.order_by("device", "side", "-visit__visited_on")
            .distinct("device", "side")
            .values_list("device", "side", "value", "visit__visited_on")
        ):
            readings[grip_name(device, side)] = Reading(value, on)
    scores = _last_grades(earlier) if graded else []
    return Before(
        examined_on=scores[0][0] if scores else None,
        grades={(muscle, side): grade for _on, muscle, side, grade, _other in scores},
        other_cause=frozenset((m, s) for _on, m, s, _grade, other in scores if other),
        readings=readings,
        muscles=frozenset(muscle for _on, muscle, *_rest in scores),
    )


@dataclass(frozen=True)
class Seen:
    """A visit, stored or about to be, as far as later ones are compared with it."""

    on: date
    weight_kg: Decimal | None
    scores: Sequence[MuscleScore]
    grips: Sequence[GripStrength]


def known_one_by_one(
    stored: Iterable[Seen], new: Mapping[int, Seen]
) -> Iterator[tuple[int, Before]]:
    """For each new visit of one patient, in the order of days, what was known before it."""
    readings: dict[str, Reading] = {}
    examined: Seen | None = None
    visits = [*((one, None) for one in stored), *((one, place) for place, one in new.items())]
    for visit, place in sorted(visits, key=lambda one: one[0].on):
        if place is not None:
            scores = examined.scores if examined else ()
            yield (
                place,
                Before(
                    examined_on=examined.on if examined else None,
                    grades={(score.muscle, score.side): score.mrc_grade for score in scores},
                    readings=dict(readings),
                ),
            )
        if visit.weight_kg is not None:
            readings["weight_kg"] = Reading(visit.weight_kg, visit.on)
        for grip in visit.grips:
            readings[grip_name(grip.device, grip.side)] = Reading(grip.value, visit.on)
        examined = visit if visit.scores else examined


def _last_grades(earlier: QuerySet[Visit]) -> list[tuple]:
    """The grades of the last of these visits that has any."""
    has_grades = Exists(MuscleScore.objects.filter(visit=OuterRef("pk")))
    last = earlier.filter(has_grades).order_by("-visited_on").values("pk")[:1]
    scores = MuscleScore.objects.filter(visit__in=last)
    return list(
        scores.values_list("visit__visited_on", "muscle", "side", "mrc_grade", "not_due_to_mmn")
    )


def get_patient_to_write(user, study_id: str) -> Patient:
    """A patient of whom a user may record something; whom they may only read, they are told."""
    patient = get_patient_for(user, study_id)
    check_can(user, Permission.WRITE_RECORDS, patient.centre)
    return patient


def count_records(patient: Patient) -> list[tuple[type[Record], int]]:
    """How many records of each kind a patient has; kinds without any are left out."""
    counted = []
    for relation in patient._meta.related_objects:
        kind = relation.related_model
        if issubclass(kind, Record):
            counted.append((kind, kind.objects.filter(patient=patient).count()))
    return [(kind, number) for kind, number in counted if number]


def list_confirmations(record: Record) -> QuerySet[Confirmation]:
    """Who said that unusual values of a record are right."""
    return Confirmation.objects.filter(record_id=record.pk).select_related("confirmed_by")


def standing_signature(visit: Visit) -> Signature | None:
    """Who stands for a visit now."""
    return visit.signatures.filter(withdrawn_at__isnull=True).select_related("signed_by").first()


def list_signed(patient: Patient) -> QuerySet:
    """Day, key and whether it is signed, of each visit."""
    standing = Signature.objects.filter(visit=OuterRef("pk"), withdrawn_at__isnull=True)
    return patient.visits.values_list("visited_on", "pk", Exists(standing))


def muscle_order(score: MuscleScore) -> tuple[int, int]:
    """Sorts scores as they are examined: shoulder to foot, right before left."""
    return _MUSCLE_ORDER[score.muscle], _SIDE_ORDER[score.side]


def list_studies(patient: Patient) -> QuerySet[NerveConductionStudy]:
    """Nerve conduction studies, the first one first, each with its segments."""
    return with_segments(patient.nerve_conduction_studies.order_by("studied_on"))


def with_segments(studies: QuerySet[NerveConductionStudy]) -> QuerySet[NerveConductionStudy]:
    """Nerve conduction studies, each with its segments."""
    segments = NerveSegment.objects.order_by("nerve", "side", "distal_site", "proximal_site")
    return studies.prefetch_related(Prefetch("segments", segments))


def list_protocol(centre) -> QuerySet[ProtocolSegment]:
    """What a centre examines in every study, in its order; empty: as most centres do."""
    return ProtocolSegment.objects.filter(centre=centre).order_by("place", "pk")


def protocol_of(centre) -> list[Segment]:
    """The segments of a centre's protocol, each side a segment of its own."""
    lines = [(s.nerve, s.sides, s.distal_site, s.proximal_site) for s in list_protocol(centre)]
    if not lines:
        lines = [(nerve, ProtocolSides.BOTH, *sites) for nerve, *sites in USUAL_PROTOCOL]
    return [
        (str(nerve), side.value, str(distal), str(proximal))
        for nerve, sides, distal, proximal in lines
        for side in Side
        if sides in (ProtocolSides.BOTH, side.value)
    ]


def study_before(
    studies: Iterable[NerveConductionStudy], day: date | None, *, but: object = None
) -> StudyBefore:
    """The last study before a day; ``studies`` are those of `list_studies`.

    ``but`` is the key of the study itself. Without a day all of them are earlier.
    """
    earlier = [s for s in studies if (day is None or s.studied_on < day) and s.pk != but]
    if not earlier:
        return StudyBefore()
    segments = {segment_key(s): measured(s) for s in earlier[-1].segments.all()}
    return StudyBefore(earlier[-1].studied_on, segments)


def segment_key(segment: NerveSegment) -> Segment:
    return segment.nerve, segment.side, segment.distal_site, segment.proximal_site


def measured(segment: NerveSegment) -> Measured:
    """A segment's numbers as questions are asked about them."""
    return Measured(
        distal_amplitude=segment.distal_amplitude_mv,
        proximal_amplitude=segment.proximal_amplitude_mv,
        distal_area=segment.distal_area_mv_ms,
        proximal_area=segment.proximal_area_mv_ms,
        distal_duration=segment.distal_duration_ms,
        proximal_duration=segment.proximal_duration_ms,
        distance=segment.distance_mm,
        lower_limit=segment.distal_amplitude_lln_mv,
        excluded=segment.excluded,
    )


def list_laboratory_results(patient: Patient) -> QuerySet[LaboratoryResult]:
    return patient.laboratory_results.order_by("taken_on", "test")


def list_findings(patient: Patient) -> QuerySet[Finding]:
    return patient.findings.order_by("observed_on", "finding")


def latest_findings(patient: Patient) -> dict[str, Finding]:
    """The last answer to each question; "not examined" takes none back."""
    answered = list_findings(patient).exclude(state=FindingState.NOT_EXAMINED)
    return {finding.finding: finding for finding in answered}


def list_diagnosis_overrides(patient: Patient) -> QuerySet[DiagnosisOverride]:
    """Diagnoses by a clinician, the latest first."""
    overrides = patient.diagnosis_overrides.select_related("recorded_by")
    return overrides.order_by("-decided_on")


def list_consents(patient: Patient) -> QuerySet[Consent]:
    return patient.consents.order_by("given_on", "scope", "form_version")


def consent_version_in_use(centre: Centre) -> str:
    """The version of the form that was used last in a centre; "" before the first."""
    given = Consent.objects.filter(patient__centre=centre).order_by("-given_on", "-recorded_at")
    return given.values_list("form_version", flat=True).first() or ""


def get_centre_for(user, centre_id) -> Centre:
    """A centre whose patients a user treats; another one is as unknown as none."""
    try:
        return visible_centres(user, Permission.WRITE_RECORDS).get(pk=centre_id)
    except Centre.DoesNotExist:
        raise Http404(_("This is none of your centres.")) from None


def list_limits_of(centre) -> QuerySet[LowerLimit]:
    """A centre's lower limits of normal, nerve by nerve, the latest first."""
    return LowerLimit.objects.filter(centre=centre).order_by("nerve", "-valid_from")


def list_lower_limits(patient: Patient) -> QuerySet[LowerLimit]:
    """The limits of normal that the patient's centre works with."""
    return LowerLimit.objects.filter(centre=patient.centre_id).order_by("nerve", "valid_from")
