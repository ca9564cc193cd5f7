"""What was given, and what followed, as FHIR resources: a row in, a resource out; as `patients`."""

from infusions.vocabulary import Reaction, Route
from mmn_registry.fhir.elements import (
    ATC,
    SNOMED,
    Element,
    Row,
    coding,
    concept,
    day,
    extension,
    meta,
    quantity,
    subject,
    told,
)
from mmn_registry.fhir.terminology import Vocabulary, hl7, vocabulary
from patients.fhir import VOIDED

IMMUNOGLOBULIN = "human_immunoglobulin"
MEDICATION = Vocabulary(
    "medication", "What is given", {IMMUNOGLOBULIN: "human normal immunoglobulin"}
)
ROUTE = vocabulary(
    "route",
    "How immunoglobulin is given",
    Route,
    iv="intravenous",
    sc="subcutaneous",
    fsc="subcutaneous, facilitated by hyaluronidase",
)
REACTION = vocabulary("reaction", "Adverse reactions", Reaction)
VOCABULARIES = (MEDICATION, ROUTE, REACTION)

_SUBCUTANEOUS = coding(SNOMED, "34206005", "Subcutaneous route")
SNOMED_ROUTE = {
    Route.IV: coding(SNOMED, "47625008", "Intravenous route"),
    Route.SC: _SUBCUTANEOUS,
    Route.FSC: _SUBCUTANEOUS,
}
_EXTRAVASCULAR = coding(ATC, "J06BA01", "immunoglobulins, normal human, for extravascular adm.")
ATC_OF_ROUTES = {
    Route.IV: coding(ATC, "J06BA02", "immunoglobulins, normal human, for intravascular adm."),
    Route.SC: _EXTRAVASCULAR,
    Route.FSC: _EXTRAVASCULAR,
}


def infusion(row: Row) -> Element:
    """One product given by one route on one day, with its lots as far as they are told."""
    code = medication_code(row["route"], row["product"])
    lots = [lot for lot in row["lots"] if lot["lot_number"]]
    return told(
        resourceType="MedicationAdministration",
        id=str(row["id"]),
        meta=meta(row, row["lots"]),
        contained=_contained(code, lots),
        status=VOIDED if row["voided"] else "completed",
        medicationCodeableConcept=None if lots else code,
        medicationReference={"reference": "#product"} if lots else None,
        subject=subject(row),
        effectiveDateTime=day(row["given_on"]),
        dosage=told(
            route=ROUTE.concept(row["route"], SNOMED_ROUTE[row["route"]]),
            dose=quantity(row["dose_g"], "g", "g"),
        ),
    )


def medication_code(route: str, product: str) -> Element:
    return concept(MEDICATION.coding(IMMUNOGLOBULIN), ATC_OF_ROUTES[route], text=product)


def _contained(code: Element, lots: list[Row]) -> list[Element]:
    """The product: of one lot, or made up of several."""
    if not lots:
        return []
    if len(lots) == 1:
        return [_medication("product", code, lots[0])]
    keys = [f"lot-{place}" for place in range(1, len(lots) + 1)]
    ingredients = [{"itemReference": {"reference": f"#{key}"}} for key in keys]
    product = {"resourceType": "Medication", "id": "product", "code": code}
    return [
        product | {"ingredient": ingredients},
        *(_medication(key, code, lot) for key, lot in zip(keys, lots, strict=True)),
    ]


def _medication(key: str, code: Element, lot: Row) -> Element:
    return told(
        resourceType="Medication",
        id=key,
        extension=extension("dose-from-lot", valueQuantity=quantity(lot["dose_g"], "g", "g")),
        code=code,
        batch={"lotNumber": lot["lot_number"]},
    )


def adverse_reaction(row: Row) -> Element:
    """A reaction; what was suspected is told as it was typed, for no infusion is named by it."""
    return told(
        resourceType="AdverseEvent",
        id=str(row["id"]),
        meta=meta(row),
        extension=[
            *extension("onset", valueQuantity=quantity(row["onset_hours"], "h", "h")),
            *extension("action", valueString=row["action"]),
            *extension("outcome", valueString=row["outcome"]),
        ],
        actuality="actual",
        event=REACTION.concept(row["reaction"]),
        subject=subject(row),
        date=day(row["occurred_on"]),
        seriousness=concept(
            hl7("adverse-event-seriousness", "Serious" if row["serious"] else "Non-serious")
        ),
        severity=concept(hl7("adverse-event-severity", row["severity"])),
        suspectEntity=_suspected(row),
    )


def _suspected(row: Row) -> list[Element]:
    """Product, route and lot, as far as they are recorded and told."""
    route, product, lot = row["route"], row["product"], row["lot_number"]
    if not (route or product or lot):
        return []
    named = [
        product or "immunoglobulin",
        *([route] if route else []),
        *([f"lot {lot}"] if lot else []),
    ]
    return [
        {
            "extension": [
                *extension("route", valueCode=route),
                *extension("product", valueString=product),
                *extension("lot-number", valueString=lot),
            ],
            "instance": {"display": ", ".join(named)},
        }
    ]
