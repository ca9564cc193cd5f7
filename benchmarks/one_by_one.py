"""What the packed way is measured against: one patient at a time, through Django's objects."""

from datetime import date

import pandas as pd
from django.db.models import Model

from outcomes.derivation.derive import derive
from outcomes.derivation.frames import COLUMNS, Records, complete
from outcomes.selectors import OF_PATIENT, OF_VISIT
from patients.models import LowerLimit, NerveConductionStudy, NerveSegment, Patient, Visit


def derive_one_by_one(patients: list[Patient], as_of: date) -> None:
    for patient in patients:
        derive(_records(patient), as_of)


def _records(patient: Patient) -> Records:
    visits = list(Visit.objects.filter(patient=patient))
    days = {visit.pk: {"visited_on": visit.visited_on} for visit in visits}
    studies = NerveConductionStudy.objects.filter(patient=patient)
    study_days = {study.pk: {"studied_on": study.studied_on} for study in studies}
    rows = {
        "patients": [_row(patient, "patients", {"centre": patient.centre.code})],
        "visits": [_row(visit, "visits") for visit in visits],
        "nerve_segments": [
            _row(segment, "nerve_segments", study_days[segment.study_id])
            for segment in NerveSegment.objects.filter(study__in=list(study_days))
        ],
        "lower_limits": [
            _row(limit, "lower_limits", {"centre": patient.centre.code})
            for limit in LowerLimit.objects.filter(centre=patient.centre_id)
        ],
    }
    for name, model in OF_PATIENT.items():
        rows[name] = [_row(each, name) for each in model.objects.filter(patient=patient)]
    for name, model in OF_VISIT.items():
        scored = model.objects.filter(visit__in=list(days))
        rows[name] = [_row(each, name, days[each.visit_id]) for each in scored]
    return Records(**{name: _frame(name, rows[name], patient) for name in COLUMNS})


def _row(record: Model, table: str, more: dict | None = None) -> dict:
    given = more or {}
    own = [c for c in COLUMNS[table] if c not in given and hasattr(record, c)]
    return {column: _text(getattr(record, column)) for column in own} | {
        column: _text(value) for column, value in given.items()
    }


def _text(value: object) -> str:
    """As a bundle writes it."""
    if value is None:
        return ""
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _frame(name: str, rows: list[dict], patient: Patient) -> pd.DataFrame:
    frame = pd.DataFrame(rows)
    if len(frame) and "study_id" in COLUMNS[name]:
        frame["study_id"] = patient.study_id
    return complete(name, frame.astype("str") if len(frame) else frame)
