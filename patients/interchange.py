"""The bundle's tables of what was observed."""

from mmn_registry.accounts.models import Centre
from mmn_registry.interchange import Table, key, optional, partial_date, required
from patients.models import (
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

OF_PATIENT = key("study_id", "patient__study_id")
OF_VISIT = (key("study_id", "visit__patient__study_id"), key("visited_on", "visit__visited_on"))

# A centre and a study have no file: they exist when a row names them.
CENTRES = Table("centres", "centre", Centre, (key("centre", "code"),), has_file=False)
STUDIES = Table(
    "nerve_conduction_studies",
    "study",
    NerveConductionStudy,
    (OF_PATIENT, key("studied_on")),
    has_file=False,
)

PATIENTS = Table(
    "patients",
    "patient",
    Patient,
    (
        key("study_id"),
        required("centre", "centre__code"),
        required("sex"),
        optional("birth_year"),
        partial_date("onset_on", "onset_precision"),
        partial_date("diagnosed_on", "diagnosed_precision"),
        required("included_on"),
        required("prior_immunoglobulin"),
        optional("clinician_response"),
        optional("atrophy_at_baseline"),
        optional("deceased_on"),
    ),
)
VISITS = Table(
    "visits",
    "visit",
    Visit,
    (
        OF_PATIENT,
        key("visited_on"),
        optional("weight_kg"),
        optional("onls_arm"),
        optional("onls_leg"),
        optional("incat_arm"),
        optional("incat_leg"),
        optional("mmn_rods"),
    ),
)
MUSCLE_SCORES = Table(
    "muscle_scores",
    "score",
    MuscleScore,
    (
        *OF_VISIT,
        key("muscle"),
        key("side"),
        required("mrc_grade"),
        optional("not_tested_reason"),
        optional("not_due_to_mmn"),
        optional("origin"),
    ),
)
GRIP_STRENGTHS = Table(
    "grip_strengths",
    "grip",
    GripStrength,
    (*OF_VISIT, key("side"), key("device"), required("value")),
)
NERVE_SEGMENTS = Table(
    "nerve_segments",
    "segment",
    NerveSegment,
    (
        key("study_id", "study__patient__study_id"),
        key("studied_on", "study__studied_on"),
        key("nerve"),
        key("side"),
        key("distal_site"),
        key("proximal_site"),
        optional("distal_amplitude_mv"),
        optional("proximal_amplitude_mv"),
        optional("distal_area_mv_ms"),
        optional("proximal_area_mv_ms"),
        optional("distal_duration_ms"),
        optional("proximal_duration_ms"),
        optional("distal_amplitude_lln_mv"),
        optional("distance_mm"),
        optional("excluded"),
        optional("reported_block"),
    ),
)
LABORATORY = Table(
    "laboratory",
    "result",
    LaboratoryResult,
    (
        OF_PATIENT,
        key("taken_on"),
        key("test"),
        optional("value"),
        optional("unit"),
        optional("interpretation"),
        optional("method"),
        optional("cutoff"),
    ),
)
FINDINGS = Table(
    "findings",
    "finding",
    Finding,
    (OF_PATIENT, key("observed_on"), key("finding"), required("state")),
)
CONSENTS = Table(
    "consents",
    "consent",
    Consent,
    (
        OF_PATIENT,
        key("scope"),
        key("version", "form_version"),
        key("given_on"),
        optional("withdrawn_on"),
    ),
)
LOWER_LIMITS = Table(
    "lower_limits",
    "limit",
    LowerLimit,
    (
        key("centre", "centre__code"),
        key("nerve"),
        key("valid_from"),
        required("distal_amplitude_lln_mv"),
    ),
)
