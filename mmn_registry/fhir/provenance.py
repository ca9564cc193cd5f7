"""Who recorded what, and when: one Provenance per record, of the version that stands."""

from .elements import (
    PERSON,
    Element,
    Row,
    coding,
    concept,
    day,
    instant,
    meta,
    told,
)
from .terminology import hl7

MASKED = {
    "extension": [
        {
            "url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason",
            "valueCode": "masked",
        }
    ]
}


def provenance(row: Row, *, key: str, targets: list[Element]) -> Element:
    """A person stands here under an opaque id, and for who treats the patient only.

    Who reads by months is told the month; the moment itself, which FHIR asks for, is masked.
    """
    coarse = row["pseudonymised"]
    return told(
        resourceType="Provenance",
        id=key,
        meta=meta(row),
        target=targets,
        occurredDateTime=day(row["recorded_at"]) if coarse else None,
        recorded=instant(row["recorded_at"]),
        _recorded=MASKED if coarse else None,
        reason=[concept(text=row["amend_reason"])] if row["amend_reason"] else None,
        activity=concept(
            coding(
                "http://terminology.hl7.org/CodeSystem/v3-DataOperation",
                "CREATE" if row["version"] == 1 else "UPDATE",
            )
        ),
        agent=[_agent(row)],
    )


def _agent(row: Row) -> Element:
    who: Element = {"display": "whoever runs commands on the server"}
    if row["pseudonymised"]:
        who = {"display": "somebody of the treating centre"}
    elif row["recorded_by_id"]:
        who = {"identifier": {"system": PERSON, "value": str(row["recorded_by_id"])}}
    author = hl7("provenance-participant-type", "author", "Author")
    return {"type": concept(author), "who": who}
