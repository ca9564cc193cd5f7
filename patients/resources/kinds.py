"""The kinds of what was observed."""

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.serializers import FloatField

from mmn_registry.accounts.roles import Permission
from mmn_registry.accounts.selectors import check_can, visible_centres
from mmn_registry.rest.columns import code_or_null
from mmn_registry.rest.rights import check_may_write
from patients.actions import amend_visit, record_visit, void_visit
from patients.forms.segment_sheet import FIELDS, read_input
from patients.interchange import (
    CONSENTS,
    FINDINGS,
    GRIP_STRENGTHS,
    LABORATORY,
    LOWER_LIMITS,
    MUSCLE_SCORES,
    NERVE_SEGMENTS,
    PATIENTS,
    STUDIES,
    VISITS,
)
from patients.models import LowerLimit, MuscleScore, Patient
from patients.models.record import Record
from patients.registration import register, void_registration
from patients.selectors import (
    Examination,
    Seen,
    get_examination,
    known_at,
    known_one_by_one,
    list_studies,
    list_visits,
    measured,
    part_key,
    segment_key,
    study_before,
)
from patients.unusual import Before, Unusual, grip_name, unusual_at_visit, unusual_patient
from patients.unusual_conduction import unusual_in_study, unusual_limit
from patients.unusual_laboratory import unusual_result
from patients.vocabulary import MRC_THIRDS, AgeBand

from .drafts import Desk
from .kind import EXAMPLE_PATIENT, Draft, Kind, Part, Stored

UNKNOWN_CENTRE = gettext_lazy("There is no such centre among yours.")


def mrc_value(score: MuscleScore) -> float | None:
    """The grade in points, as lists have it."""
    thirds = MRC_THIRDS.get(score.mrc_grade)
    return None if thirds is None else round(thirds / 3, 4)


def _points():
    words = "The same grade as a number [points]: 4- is 3.6667. NT has none."
    return FloatField(allow_null=True, required=False, help_text=words)


def _seen(draft: Draft) -> Seen:
    scores, grips = draft.parts["muscle_scores"], draft.parts["grip_strengths"]
    return Seen(draft.record.visited_on, draft.record.weight_kg, scores, grips)


def _questions_at(draft: Draft, before: Before) -> list[Unusual]:
    return unusual_at_visit(
        visited_on=draft.record.visited_on,
        included_on=draft.patient.included_on,
        weight_kg=draft.record.weight_kg,
        grades={(s.muscle, s.side): s.mrc_grade for s in draft.parts["muscle_scores"]},
        grips={(g.device, g.side): g.value for g in draft.parts["grip_strengths"]},
        before=before,
    )


class VisitKind(Kind):
    """A visit with its grades, grips, scales and the findings of its day."""

    example = {
        "study_id": EXAMPLE_PATIENT,
        "visited_on": "2009-02-03",
        "onls_arm": 2,
        "muscle_scores": [
            {"muscle": "wrist_extension", "side": "right", "mrc_grade": "4"},
            {
                "muscle": "wrist_extension",
                "side": "left",
                "mrc_grade": "NT",
                "not_tested_reason": "pain",
            },
        ],
        "grip_strengths": [{"side": "right", "device": "jamar_kg", "value": 24.5}],
        "findings": [{"finding": "reflexes_reduced_or_absent", "state": "present"}],
    }
    parts = (
        Part("muscle_scores", MUSCLE_SCORES, derived={"mrc_value": (mrc_value, _points)}),
        Part("grip_strengths", GRIP_STRENGTHS),
        Part("findings", FINDINGS, said_by_whole=frozenset({"observed_on"})),
    )

    def read(self, record: Record) -> Examination | None:
        return get_examination(record)

    def parts_of(self, stored: Examination) -> dict[str, Sequence[Record]]:
        return {part.name: getattr(stored, part.name) for part in self.parts}

    def said_by_whole(self, part: Part, one: Record, record: Record) -> None:
        if part.table is FINDINGS:
            one.patient, one.observed_on = record.patient, record.visited_on

    def moved_along(self, part: Part, kept: Sequence[Record], record: Record) -> list[Record]:
        moved = [copy(one) for one in kept]
        for one in moved:
            self.said_by_whole(part, one, record)
        return moved

    def questions(self, draft: Draft) -> Iterable[Unusual]:
        visit = draft.record
        before = known_at(
            draft.patient,
            visit.visited_on,
            but=visit,
            weighed=visit.weight_kg is not None,
            graded=bool(draft.parts["muscle_scores"]),
            gripped=bool(draft.parts["grip_strengths"]),
        )
        return _questions_at(draft, before)

    def questions_of_many(self, drafts: Sequence[Draft]) -> Iterable[Iterable[Unusual]]:
        """Each visit among the stored ones and the others that come with it."""
        of_patients: dict[object, list[int]] = {}
        for place, draft in enumerate(drafts):
            of_patients.setdefault(draft.patient.pk, []).append(place)
        asked: dict[int, Iterable[Unusual]] = {}
        for places in of_patients.values():
            stored = list_visits(drafts[places[0]].patient)
            known = [
                Seen(v.visited_on, v.weight_kg, [*v.muscle_scores.all()], [*v.grip_strengths.all()])
                for v in stored
            ]
            new = {place: _seen(drafts[place]) for place in places}
            for place, before in known_one_by_one(known, new):
                asked[place] = _questions_at(drafts[place], before)
        return [asked[place] for place in range(len(drafts))]

    def pointer(self, question: Unusual, draft: Draft) -> str:
        for place, score in enumerate(draft.parts["muscle_scores"]):
            if question.field == f"{score.muscle}-{score.side}":
                return f"/muscle_scores/{place}/mrc_grade"
        for place, grip in enumerate(draft.parts["grip_strengths"]):
            if question.field == grip_name(grip.device, grip.side):
                return f"/grip_strengths/{place}/value"
        return super().pointer(question, draft)

    def record(self, draft: Draft, *, confirmed: Iterable[Unusual], by) -> Stored:
        record_visit(draft.record, **draft.parts, confirmed=confirmed, by=by)
        return self.as_stored(draft)

    def amend(
        self, draft: Draft, *, as_read: str, confirmed: Iterable[Unusual], by, reason: str
    ) -> bool:
        return amend_visit(
            draft.stored.visit,
            draft.changes,
            **draft.parts,
            confirmed=confirmed,
            as_read=as_read,
            by=by,
            reason=reason,
        )

    def void(self, record: Record, *, as_read: str, by, reason: str) -> None:
        void_visit(record, as_read=as_read, by=by, reason=reason)

    def as_stored(self, draft: Draft) -> Examination:
        return Examination(draft.record, *map(tuple, draft.parts.values()))


class StudyKind(Kind):
    """A nerve conduction study with its segments."""

    example = {
        "study_id": EXAMPLE_PATIENT,
        "studied_on": "2009-02-03",
        "segments": [
            {
                "nerve": "median",
                "side": "right",
                "distal_site": "wrist",
                "proximal_site": "elbow",
                "distal_amplitude_mv": 6.2,
                "proximal_amplitude_mv": 2.8,
            }
        ],
    }
    parts = (Part("segments", NERVE_SEGMENTS),)

    def check(self, draft: Draft) -> None:
        if not draft.parts["segments"]:
            nothing = _("No segment has a value yet: a study has at least one.")
            raise ValidationError({"segments": ValidationError(nothing, "no_segment")})

    def questions(self, draft: Draft) -> Iterable[Unusual]:
        study = draft.record
        studies = list(list_studies(draft.patient))
        before = study_before(studies, study.studied_on, but=study.pk)
        segments = {segment_key(one): measured(one) for one in draft.parts["segments"]}
        return unusual_in_study(segments, before)

    def pointer(self, question: Unusual, draft: Draft) -> str:
        found = read_input(question.field)
        keys = [part_key(one) for one in draft.parts["segments"]]
        if found is None or found[1] not in keys:
            return "/segments"
        measure, segment = found
        return f"/segments/{keys.index(segment)}/{FIELDS[measure]}"


class LaboratoryKind(Kind):
    def questions(self, draft: Draft) -> Iterable[Unusual]:
        result = draft.record
        return unusual_result(test=result.test, value=result.value, unit=result.unit)


class PatientKind(Kind):
    """A patient under a study id; who that is is no part of it."""

    said_once = ("study_id", "centre")
    joined = ("centre",)
    example = {
        "study_id": "SYN-101",
        "centre": "SALP",
        "sex": "female",
        "birth_year": 1957,
        "onset_on": "2003-05",
        "included_on": "2009-02-03",
        "prior_immunoglobulin": "no",
    }
    derived = {"age_band": lambda: code_or_null(AgeBand, "Age at inclusion, in tens of years.")}

    @property
    def key_name(self) -> str:
        return "study_id"

    @property
    def key_in_address(self) -> str:
        return "<str:study_id>"

    def key_of(self, record: Patient) -> dict[str, Any]:
        return {"study_id": record.study_id}

    def find(self, user, **key: Any) -> Patient | None:
        study_id = key["study_id"]
        try:
            Patient._meta.get_field("study_id").run_validators(study_id)
        except ValidationError:  # nobody can be called so
            return None
        visible = Patient.including_voided.visible_to(user).select_related("centre")
        # A study id is used again only once the registration under it was voided.
        return visible.filter(study_id=study_id).order_by("-voided_at").first()

    def patient_of(self, record: Patient) -> Patient:
        return record

    def centre_of(self, record: Patient):
        return record.centre

    def begin(self, sent: Mapping[str, Any], desk: Desk, user) -> Patient | None:
        centre = centre_named(sent, desk, user, Permission.WRITE_RECORDS)
        patient = Patient() if centre is None else Patient(centre=centre)
        (study_id,) = (c for c in self.table.own if c.name == "study_id")
        desk.read_columns(self.table, [study_id], sent, patient)
        return patient

    def questions(self, draft: Draft) -> Iterable[Unusual]:
        return unusual_patient(
            birth_year=draft.record.birth_year,
            onset_on=draft.record.onset_on,
            included_on=draft.record.included_on,
        )

    def record(self, draft: Draft, *, confirmed: Iterable[Unusual], by) -> Stored:
        register(draft.record, confirmed=confirmed, by=by)
        return self.as_stored(draft)

    def void(self, record: Record, *, as_read: str, by, reason: str) -> None:
        void_registration(record, as_read=as_read, by=by, reason=reason)

    def belongs_to(self, record: Record) -> dict[str, Any]:
        band = age_band(record)
        known = {"study_id": record.study_id, "centre": record.centre.code}
        return known | {"age_band": band.value if band else None}


class LimitKind(Kind):
    """A centre's lower limit of normal; who says a centre's standards writes it.

    It is no patient's: a confirmation is asked for, but stands beside no name.
    """

    example = {
        "centre": "SALP",
        "nerve": "ulnar",
        "valid_from": "2009-01-01",
        "distal_amplitude_lln_mv": 6,
    }
    said_once = ("centre",)
    joined = ("centre",)
    permission = Permission.SET_STANDARDS

    def patient_of(self, record: Record) -> None:
        return None

    def centre_of(self, record: LowerLimit):
        return record.centre

    def begin(self, sent: Mapping[str, Any], desk: Desk, user) -> LowerLimit | None:
        centre = centre_named(sent, desk, user, self.permission)
        return None if centre is None else LowerLimit(centre=centre)

    def questions(self, draft: Draft) -> Iterable[Unusual]:
        return unusual_limit(draft.record.distal_amplitude_lln_mv)

    def record(self, draft: Draft, *, confirmed: Iterable[Unusual], by) -> Stored:
        return super().record(draft, confirmed=(), by=by)

    def record_many(
        self, drafts: Sequence[Draft], *, confirmed: Iterable[tuple[Record, Unusual]], by
    ) -> None:
        super().record_many(drafts, confirmed=(), by=by)

    def amend(
        self, draft: Draft, *, as_read: str, confirmed: Iterable[Unusual], by, reason: str
    ) -> bool:
        return super().amend(draft, as_read=as_read, confirmed=(), by=by, reason=reason)

    def belongs_to(self, record: Record) -> dict[str, Any]:
        return {"centre": record.centre.code}


def age_band(patient: Patient) -> AgeBand | None:
    """Age at inclusion in tens of years, as lists have it."""
    if patient.birth_year is None:
        return None
    decades = (patient.included_on.year - patient.birth_year) // 10
    return [*AgeBand][max(0, min(decades, len(AgeBand) - 1))]


def centre_named(sent: Mapping[str, Any], desk: Desk, user, permission: Permission):
    """One of the user's centres; another one is as unknown as none."""
    code = sent.get("centre")
    centre = desk.once_found(("centre", code if isinstance(code, str) else ""), _find_centre(user))
    if centre is None:
        desk.note("/centre", "unknown_centre", UNKNOWN_CENTRE)
        return None
    check_may_write(centre.pk)
    desk.once_found(("right", centre.code), lambda _key: check_can(user, permission, centre))
    return centre


def _find_centre(user):
    readable = visible_centres(user, Permission.READ_RECORDS)
    return lambda key: readable.filter(code=key[1]).first()


KINDS: tuple[Kind, ...] = (
    PatientKind(PATIENTS),
    VisitKind(VISITS),
    StudyKind(STUDIES),
    LaboratoryKind(
        LABORATORY,
        name="laboratory_results",
        example={"taken_on": "2009-02-03", "test": "csf_protein", "value": 0.62, "unit": "g/L"},
    ),
    Kind(
        FINDINGS,
        example={
            "observed_on": "2009-02-03",
            "finding": "cramps_or_fasciculations",
            "state": "present",
        },
    ),
    Kind(
        CONSENTS,
        example={"scope": "research", "version": "2009-1", "given_on": "2009-02-03"},
    ),
    LimitKind(LOWER_LIMITS),
)
