"""Rows of what was observed, for its FHIR resources."""

from collections.abc import Callable, Iterator
from functools import partial

from django.db.models import Q

from mmn_registry.fhir.elements import LOINC, Element, Row
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


MEASURED = columns("weight_kg", "onls_arm", "onls_leg", "incat_arm", "incat_leg", "mmn_rods")
Told = Callable[[Row], list[Element]]


def recorded(like: Source, told_as: Told | None = None, tells: tuple[str, ...] = ()) -> Source:
    """The Provenance of a source's records. It has their id; where that is bare, with their type.

    ``told_as`` names the resources of a record, where that is not the source's own alone;
    ``tells`` how such references begin.
    """
    prefix = like.prefix or f"{like.resource_type.lower()}-"
    begins = f"{like.resource_type}/{like.prefix}"
    resources = told_as or (lambda row: [{"reference": f"{begins}{row['id']}"}])
    return Source(
        resource_type="Provenance",
        model=like.model,
        prefix=prefix,
        patient=like.patient,
        parents=like.parents,
        columns=columns("amend_reason", "recorded_by_id") | (MEASURED if told_as else {}),
        to_resource=lambda row: provenance(row, key=f"{prefix}{row['id']}", targets=resources(row)),
        targets=(begins, *tells),
        can_be_voided=False,
    )


RECORDED = (
    recorded(PATIENTS),
    recorded(CONSENTS),
    recorded(
        VISITS,
        fhir.targets_of_visit,
        tuple(f"Observation/{source.prefix}" for source in OBSERVATIONS if source.model is Visit),
    ),
    recorded(STUDIES),
    *(recorded(source) for source in OBSERVATIONS if source.model is not Visit),
)
