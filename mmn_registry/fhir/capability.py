"""The CapabilityStatement: made of the very description that the addresses are made of."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from .elements import Element
from .search import Parameter
from .server import PATIENT, TERMINOLOGY, ResourceType, Server

FHIR_VERSION = "4.3.0"  # R4B
SINCE = "2026-11-21"  # when what stands here was changed last
EVERYTHING_DEFINITION = "http://hl7.org/fhir/OperationDefinition/Patient-everything"
EXPORT_DEFINITION = "http://hl7.org/fhir/uv/bulkdata/OperationDefinition/export"


def capability_statement(server: Server, address: str) -> Element:
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": SINCE,
        "kind": "instance",
        "software": {"name": "MMN registry"},
        "implementation": {
            "description": "A registry for multifocal motor neuropathy. Read-only.",
            "url": address.rstrip("/"),
        },
        "fhirVersion": FHIR_VERSION,
        "format": ["application/fhir+json", "json"],
        "rest": [
            {
                "mode": "server",
                "documentation": _(
                    "Patients under their study id, and nobody's name. Who reads them for research "
                    "gets months for days, and not who withdrew their consent to research; such "
                    "resources bear the label PSEUDED. What a search does not know is refused."
                ),
                "security": {
                    "cors": False,
                    "description": _(
                        "A token (“Authorization: Bearer mmn_…”), made on the page of your "
                        "account; for $export one that was made to export."
                    ),
                },
                "resource": [
                    *(_resource(one) for one in server.types),
                    *(_terminology(kind) for kind in ("CodeSystem", "ValueSet")),
                ],
                "operation": [{"name": "export", "definition": EXPORT_DEFINITION}],
            }
        ],
    }


def _resource(one: ResourceType) -> Element:
    told: Element = {
        "type": one.name,
        "documentation": one.says,
        **_reading(one.parameters.values()),
    }
    if one.includes:
        told["searchInclude"] = list(one.includes)
    if one.name == PATIENT:
        told["operation"] = [{"name": "everything", "definition": EVERYTHING_DEFINITION}]
    return told


def _terminology(kind: str) -> Element:
    return {"type": kind, **_reading(TERMINOLOGY.values())}


def _reading(parameters: Iterable[Parameter]) -> Element:
    return {
        "interaction": [{"code": "read"}, {"code": "search-type"}],
        "versioning": "versioned",
        "readHistory": False,
        "conditionalRead": "not-match",
        "searchParam": [
            {"name": one.name, "type": one.type_, "documentation": one.says} for one in parameters
        ],
    }
