"""One plausible record of every kind, and ways to see how a changed one is refused."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from mmn_registry.accounts.models import Centre
from patients.models import (
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
    Visit,
)
from patients.refusals import explain

DAY = date(2020, 3, 2)


def centre(code="SALP"):
    return Centre.objects.get_or_create(code=code)[0]


def patient(**changes):
    """Unsaved, like all examples; what it belongs to is saved."""
    defaults = {
        "study_id": "SYN-001",
        "centre": changes.get("centre") or centre(),
        "sex": "female",
        "birth_year": 1950,
        "included_on": date(2010, 5, 1),
        "prior_immunoglobulin": "no",
    }
    return Patient(**{**defaults, **changes})


def saved(record):
    record.save(force_insert=True)
    return record


def known_patient():
    """One whose life is unknown, so that its records may be of any day."""
    return Patient.objects.first() or saved(patient(birth_year=None))


def visit(**changes):
    defaults = {"patient": changes.get("patient") or known_patient(), "visited_on": DAY}
    return Visit(**{**defaults, **changes})


def known_visit():
    return Visit.objects.first() or saved(visit())


def muscle_score(**changes):
    defaults = {
        "visit": changes.get("visit") or known_visit(),
        "muscle": "wrist_extension",
        "side": "right",
        "mrc_grade": "4-",
    }
    return MuscleScore(**{**defaults, **changes})


def grip_strength(**changes):
    defaults = {
        "visit": changes.get("visit") or known_visit(),
        "side": "left",
        "device": "vigorimeter_kpa",
        "value": Decimal("48.3"),
    }
    return GripStrength(**{**defaults, **changes})


def study(**changes):
    defaults = {"patient": changes.get("patient") or known_patient(), "studied_on": DAY}
    return NerveConductionStudy(**{**defaults, **changes})


def nerve_segment(**changes):
    known_study = NerveConductionStudy.objects.first
    defaults = {
        "study": changes.get("study") or known_study() or saved(study()),
        "nerve": "median",
        "side": "right",
        "distal_site": "wrist",
        "proximal_site": "elbow",
    }
    return NerveSegment(**{**defaults, **changes})


def lower_limit(**changes):
    defaults = {
        "centre": centre(),
        "nerve": "ulnar",
        "valid_from": date(2000, 1, 1),
        "distal_amplitude_lln_mv": Decimal("7.9"),
    }
    return LowerLimit(**{**defaults, **changes})


def protocol_segment(**changes):
    defaults = {
        "centre": centre(),
        "nerve": "ulnar",
        "sides": "both",
        "distal_site": "wrist",
        "proximal_site": "below_elbow",
        "place": 1,
    }
    return ProtocolSegment(**{**defaults, **changes})


def laboratory_result(**changes):
    defaults = {
        "patient": changes.get("patient") or known_patient(),
        "taken_on": DAY,
        "test": "ck",
        "value": Decimal(310),
        "unit": "U/L",
    }
    return LaboratoryResult(**{**defaults, **changes})


def finding(**changes):
    defaults = {
        "patient": changes.get("patient") or known_patient(),
        "observed_on": DAY,
        "finding": "plexus_mri_t2",
        "state": "present",
    }
    return Finding(**{**defaults, **changes})


def diagnosis_override(**changes):
    defaults = {
        "patient": changes.get("patient") or known_patient(),
        "decided_on": DAY,
        "opinion": "probable",
        "grounds": "Block at a site that was not studied.",
    }
    return DiagnosisOverride(**{**defaults, **changes})


def consent(**changes):
    defaults = {
        "patient": changes.get("patient") or known_patient(),
        "scope": "research",
        "form_version": "2.1",
        "given_on": DAY,
    }
    return Consent(**{**defaults, **changes})


def store_what_no_bundle_holds(study_id):
    """A record of each kind that does not travel in bundles."""
    of = Patient.objects.get(study_id=study_id)
    saved(diagnosis_override(patient=of))


EXAMPLES = {
    Patient: patient,
    Visit: visit,
    MuscleScore: muscle_score,
    GripStrength: grip_strength,
    NerveConductionStudy: study,
    NerveSegment: nerve_segment,
    LowerLimit: lower_limit,
    ProtocolSegment: protocol_segment,
    LaboratoryResult: laboratory_result,
    DiagnosisOverride: diagnosis_override,
    Finding: finding,
    Consent: consent,
}


def error_codes(record, **options):
    """Field → codes of what ``full_clean()`` refuses; empty for a clean record."""
    try:
        record.full_clean(**options)
    except ValidationError as refused:
        errors = refused.error_dict
        return {field: [error.code for error in found] for field, found in errors.items()}
    return {}


def refusal(write, *arguments, **options):
    """The code and sentence by which the database refuses what no ``full_clean()`` has seen."""
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        write(*arguments, **options)
    explained = explain(refused.value)
    assert explained is not None, refused.value
    return explained.code, explained.messages[0]


def refused_insert(record):
    return refusal(type(record).objects.bulk_create, [record])[0]
