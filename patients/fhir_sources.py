"""Rows of what was observed, for its FHIR resources."""

from collections.abc import Iterator
from functools import partial

from django.db.models import Q

from mmn_registry.fhir.elements import LOINC, Element, Row, reference
from mmn_registry.fhir.provenance import provenance
from mmn_registry.fhir.search import Token
from mmn_registry.fhir.sources import Source, columns
from mmn_registry.fhir.terminology import Vocabulary
from patients import fhir
from patients.api import SHOWN_AS, with_what_is_known
from patients.fhir import (
    ENCOUNTER,
    FINDING,
    GRIP,
    INCAT,
    LABORATORY,
    LOINC_OF_TESTS,
    MMN_RODS,
    MUSCLE_GRADE,
    OBSERVATION,
    ONLS,
    SEGMENT,
    SEGMENT_COLUMNS,
    STUDY,
    VISIT,
    WEIGHT,
)
from patients.models import (
    Consent,
    Finding,
    GripStrength,
    LaboratoryResult,
    MuscleScore,
    NerveConductionStudy,
    NerveSegment,
    Patient,
    Visit,
)

Codes = tuple[tuple[Token, Q], ...]


def code_of(known: Vocabulary, code: str) -> Codes:
    """All rows of a source are found by one code of ours."""
    return ((Token(known.url, code), Q()),)


def codes_of(known: Vocabulary, column: str) -> Codes:
    """A column says by which code of ours a row is found."""
    return tuple((Token(known.url, code), Q(**{column: code})) for code in known.codes)


def _loinc_of_tests() -> Iterator[tuple[Token, Q]]:
    for test, known in LOINC_OF_TESTS.items():
        for code, units in known:
            yield Token(LOINC, code["code"]), Q(test=test, unit__in=units)


PATIENTS = Source(
    resource_type="Patient",
    model=Patient,
    patient="",
    columns=columns(
        *("included_on", "age_band", "prior_immunoglobulin", "clinician_response"),
        *("atrophy_at_baseline", "sex", "birth_year", "deceased_on", "centre__code"),
    ),
    to_resource=fhir.patient,
    shaped=with_what_is_known,
    shown_as=SHOWN_AS,
    can_be_voided=False,
)
CONSENTS = Source(
    resource_type="Consent",
    model=Consent,
    columns=columns("scope", "form_version", "given_on", "withdrawn_on"),
    to_resource=fhir.consent,
    dated_by="given_on",
    can_be_voided=False,
)
VISITS = Source(
    resource_type="Encounter",
    model=Visit,
    prefix="visit-",
    columns=columns("visited_on"),
    to_resource=fhir.visit,
    dated_by="visited_on",
    codes=code_of(ENCOUNTER, VISIT),
)
STUDIES = Source(
    resource_type="Encounter",
    model=NerveConductionStudy,
    prefix="study-",
    columns=columns("studied_on"),
    to_resource=fhir.nerve_conduction_study,
    dated_by="studied_on",
    codes=code_of(ENCOUNTER, STUDY),
)
ENCOUNTERS = (VISITS, STUDIES)

at_visit = partial(
    Source,
    resource_type="Observation",
    patient="visit__patient",
    parents=("visit",),
    dated_by="visit__visited_on",
)
of_visit = partial(Source, resource_type="Observation", model=Visit, dated_by="visited_on")
of_patient = partial(Source, resource_type="Observation")
OBSERVATIONS = (
    at_visit(
        model=MuscleScore,
        prefix="muscle-",
        columns=columns(
            *("muscle", "side", "mrc_grade", "not_tested_reason", "not_due_to_mmn", "origin"),
            *("visit_id", "visit__visited_on"),
        ),
        to_resource=fhir.muscle_score,
        codes=code_of(OBSERVATION, MUSCLE_GRADE),
    ),
    at_visit(
        model=GripStrength,
        prefix="grip-",
        columns=columns("side", "device", "value", "visit_id", "visit__visited_on"),
        to_resource=fhir.grip_strength,
        codes=code_of(OBSERVATION, GRIP),
    ),
    of_visit(
        prefix="weight-",
        columns=columns("visited_on", "weight_kg"),
        to_resource=fhir.weight,
        codes=((Token(LOINC, WEIGHT["code"]), Q()),),
        only=Q(weight_kg__isnull=False),
    ),
    of_visit(
        prefix="onls-",
        columns=columns("visited_on", "onls_arm", "onls_leg"),
        to_resource=fhir.onls,
        codes=code_of(OBSERVATION, ONLS),
        only=Q(onls_arm__isnull=False) | Q(onls_leg__isnull=False),
    ),
    of_visit(
        prefix="incat-",
        columns=columns("visited_on", "incat_arm", "incat_leg"),
        to_resource=fhir.incat,
        codes=code_of(OBSERVATION, INCAT),
        only=Q(incat_arm__isnull=False) | Q(incat_leg__isnull=False),
    ),
    of_visit(
        prefix="mmn-rods-",
        columns=columns("visited_on", "mmn_rods"),
        to_resource=fhir.mmn_rods,
        codes=code_of(OBSERVATION, MMN_RODS),
        only=Q(mmn_rods__isnull=False),
    ),
    of_patient(
        model=NerveSegment,
        prefix="segment-",
        patient="study__patient",
        parents=("study",),
        columns=columns(*SEGMENT_COLUMNS, "study__studied_on", nerve_study_id="study__id"),
        to_resource=fhir.nerve_segment,
        dated_by="study__studied_on",
        codes=code_of(OBSERVATION, SEGMENT),
    ),
    of_patient(
        model=LaboratoryResult,
        prefix="laboratory-",
        columns=columns("taken_on", "test", "value", "unit", "interpretation", "method", "cutoff"),
        to_resource=fhir.laboratory_result,
        dated_by="taken_on",
        codes=(*codes_of(LABORATORY, "test"), *_loinc_of_tests()),
    ),
    of_patient(
        model=Finding,
        prefix="finding-",
        columns=columns("observed_on", "finding", "state"),
        to_resource=fhir.finding,
        dated_by="observed_on",
        codes=codes_of(FINDING, "finding"),
    ),
)


# ── Who recorded it ──────────────────────────────────────────────────────────────────────────


def recorded(like: Source, **more: object) -> Source:
    """The Provenance of a source's records, which has their id; of a bare id, with its type.

    ``targets_of`` names what a record is told as, where that is more than one resource.
    """
    prefix = like.prefix or f"{like.resource_type.lower()}-"
    told_as = more.pop("targets_of", None) or _one_target(like)
    return Source(
        resource_type="Provenance",
        model=like.model,
        prefix=prefix,
        patient=like.patient,
        parents=like.parents,
        columns=columns("amend_reason", "recorded_by_id", **more.pop("columns", {})),
        to_resource=lambda row: provenance(row, key=f"{prefix}{row['id']}", targets=told_as(row)),
        targets=more.pop("targets", None) or (f"{like.resource_type}/{like.prefix}",),
        can_be_voided=False,
    )


def _one_target(like: Source):
    def target(row: Row) -> list[Element]:
        return [reference(like.resource_type, f"{like.prefix}{row['id']}")]

    return target


MEASURED = columns("weight_kg", "onls_arm", "onls_leg", "incat_arm", "incat_leg", "mmn_rods")
RECORDED = (
    recorded(PATIENTS),
    recorded(CONSENTS),
    recorded(
        VISITS,
        columns=MEASURED,
        targets_of=fhir.targets_of_visit,
        targets=(
            "Encounter/visit-",
            *(f"Observation/{key}-" for key in ("weight", "onls", "incat", "mmn-rods")),
        ),
    ),
    recorded(STUDIES),
    *(recorded(source) for source in OBSERVATIONS if source.model is not Visit),
)
