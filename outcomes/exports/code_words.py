"""The words of a recorded code, as the pages say them."""

from collections.abc import Mapping
from enum import StrEnum

from django.db import models

from infusions import labels as infusion_labels
from infusions.vocabulary import Route
from outcomes.labels import WORDS_OF, Words
from patients import labels as patient_labels
from patients.vocabulary import (
    BlockGrade,
    ConsentScope,
    DiagnosisOpinion,
    GripDevice,
    MrcGrade,
)

_WORDS: Mapping[type[StrEnum], Words] = {
    **WORDS_OF,
    GripDevice: patient_labels.GRIP_DEVICE,
    BlockGrade: patient_labels.REPORTED_BLOCK,
    ConsentScope: patient_labels.CONSENT_SCOPE,
    DiagnosisOpinion: patient_labels.DIAGNOSIS_OPINION,
    Route: infusion_labels.ROUTE,
    MrcGrade: {grade: grade.value for grade in MrcGrade},
}
_BY_CODES = {frozenset(word.value for word in kind): words for kind, words in _WORDS.items()}


def words_of(field: models.Field) -> dict[str, str]:
    """Its codes in their order, each with its words; none for a field that holds no codes."""
    if not field.choices:
        return {}
    codes = [str(code) for code, _label in field.choices]
    said = _BY_CODES.get(frozenset(codes), {})
    return {code: str(said.get(code, label)) for code, label in field.choices}
