"""Asking the FHIR server, and reading its answers."""

import json

TYPES = (
    *("Patient", "Condition", "Encounter", "Observation", "MedicationAdministration"),
    *("AdverseEvent", "Consent", "Provenance"),
)


def get(client, address, **query):
    return client.get(f"/fhir/{address}", query)


def bundle(client, address, **query):
    answer = get(client, address, **query)
    assert answer.status_code == 200, answer.content
    return answer.json()


def matches(client, address, **query):
    """The resources that were asked for, of one page."""
    entries = bundle(client, address, **{"_count": 1000, **query}).get("entry", [])
    return [one["resource"] for one in entries if one["search"]["mode"] == "match"]


def of_one(client, resource_type, study_id="N-1", **query):
    """The resources of a patient."""
    [patient] = matches(client, "Patient", identifier=study_id)
    return matches(client, resource_type, patient=patient["id"], **query)


def walk(client, address):
    """All resources of this page and of those that follow."""
    found = []
    while address:
        page = client.get(address).json()
        found += [one["resource"] for one in page.get("entry", [])]
        address = next((x["url"] for x in page["link"] if x["relation"] == "next"), None)
    return found


def codes(concept):
    return [one["code"] for one in (concept or {}).get("coding", [])]


def components(observation):
    """The parts of an observation by their code, as plain values."""
    return {codes(c["code"])[0]: value_of(c) for c in observation.get("component", [])}


def value_of(element):
    for name, value in element.items():
        if name == "valueQuantity":
            return value["value"]
        if name == "valueCodeableConcept":
            return codes(value)[0]
        if name.startswith("value"):
            return value
    return None


def outcome(answer):
    """Status, kind and sentence of a refusal."""
    told = json.loads(answer.content)
    assert told["resourceType"] == "OperationOutcome", told
    assert answer.headers["Content-Type"].startswith("application/fhir+json")
    return answer.status_code, told["issue"][0]["code"], told["issue"][0]["details"]["text"]
