"""What follows from the records, as FHIR resources: the diagnosis, and sum scores.

A row in, a resource out; what is worked out was worked out by the derivations.
"""

from mmn_registry.fhir.elements import (
    ICD_10,
    ORPHANET,
    Element,
    Row,
    coding,
    concept,
    day,
    meta,
    quantity,
    reference,
    subject,
    told,
)
from mmn_registry.fhir.terminology import Vocabulary, hl7, words
from outcomes.derivation.diagnosis import DiagnosisCategory
from outcomes.derivation.strength import sum_points
from patients.fhir import OBSERVATION, SUM_SCORES, at_visit, observation
from patients.vocabulary import MUSCLE_SETS

CATEGORY = Vocabulary(
    "diagnosis-category",
    "Diagnostic category by the criteria of EFNS/PNS 2010",
    {one.value: words(one.value) for one in DiagnosisCategory},
)
VOCABULARIES = (CATEGORY,)
MMN = (
    coding(ORPHANET, "641", "Multifocal motor neuropathy"),
    coding(ICD_10, "G61.8", "Other inflammatory polyneuropathies"),
)
# Criteria confirm a diagnosis; that they are not met does not refute the one of who treats.
VERIFICATION = {
    DiagnosisCategory.DEFINITE: "confirmed",
    DiagnosisCategory.PROBABLE: "provisional",
    DiagnosisCategory.POSSIBLE: "provisional",
    DiagnosisCategory.NOT_MET: "unconfirmed",
    DiagnosisCategory.NOT_EVALUABLE: "unconfirmed",
}
ASSERTED = "http://hl7.org/fhir/StructureDefinition/condition-assertedDate"


def condition(row: Row) -> Element:
    """The disease of a patient: since when, and how sure the criteria are.

    The category follows from all records, so there is no one time at which it was last changed.
    """
    category, diagnosed = row["diagnosis_category"], day(row["diagnosed_text"])
    version = f"{row['version']}-{category.replace('_', '-')}"
    return told(
        resourceType="Condition",
        id=str(row["id"]),
        meta={**meta({**row, "recorded_at": None}), "versionId": version},
        extension=[{"url": ASSERTED, "valueDateTime": diagnosed}] if diagnosed else None,
        verificationStatus=concept(
            hl7("condition-ver-status", VERIFICATION[category]), CATEGORY.coding(category)
        ),
        code=concept(*MMN, text="Multifocal motor neuropathy"),
        subject=subject(row),
        onsetDateTime=day(row["onset_text"]),
    )


def sum_score(row: Row, muscle_set: str) -> Element:
    """The sum of a set of muscles; its row has a grade of each of them, in ``scores``."""
    wanted = {muscle.value for muscle in MUSCLE_SETS[muscle_set].muscles}
    scores = [score for score in row["scores"] if score["muscle"] in wanted]
    thirds = {(score["muscle"], score["side"]): score["mrc_thirds"] for score in scores}
    return observation(
        row,
        key=sum_key(muscle_set),
        category="exam",
        code=OBSERVATION.concept(SUM_SCORES[muscle_set]),
        on=row["visited_on"],
        parts=scores,
        encounter=at_visit({"visit_id": row["id"]}),
        valueQuantity=quantity(sum_points(thirds, muscle_set), "points", "1"),
        derivedFrom=[reference("Observation", f"muscle-{score['id']}") for score in scores],
    )


def sum_key(muscle_set: str) -> str:
    return muscle_set.lower().replace("-", "")
