"""The data types of FHIR (R4B) that the mappings are made of: plain dictionaries, no Django.

What is not recorded is left out: an element of FHIR is there with a value, or not at all.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

Element = dict[str, Any]
Row = Mapping[str, Any]

# Systems of others, by the addresses that HL7 gives them.
LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
UCUM = "http://unitsofmeasure.org"
ICD_10 = "http://hl7.org/fhir/sid/icd-10"
ORPHANET = "https://www.orpha.net"
ATC = "http://www.whocc.no/atc"
HL7 = "http://terminology.hl7.org/CodeSystem/"

# Ours. A name and no address: it is the same in every registry, wherever that stands.
OURS = "urn:mmn-registry:"
STUDY_ID, CENTRE, PERSON = (f"{OURS}{name}" for name in ("study-id", "centre", "person"))


def told(**elements: Any) -> Element:
    """An element or resource with what there is of it; a name of Python's own ends in `_`."""
    return {
        name.rstrip("_"): value
        for name, value in elements.items()
        if value is not None and value not in ("", [], {})
    }


def day(value: date | str | None) -> str | None:
    """A day; or what is known of it, or told of it: a year, a month."""
    return value.isoformat() if isinstance(value, date) else value or None


def instant(value: datetime | str | None) -> str | None:
    """A moment, to the last microsecond; of who reads by months there is none."""
    if not isinstance(value, datetime):
        return None
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def number(value: Decimal | float | None) -> float | None:
    return None if value is None else float(value)


def coding(system: str, code: str, display: str | None = None) -> Element:
    return told(system=system, code=code, display=display)


def concept(*codings: Element, text: str | None = None) -> Element:
    return told(coding=list(codings), text=text)


def quantity(value: Decimal | float | None, unit: str, ucum: str = "") -> Element | None:
    """A number with its unit; without a UCUM code where the unit has none."""
    if value is None:
        return None
    return told(
        value=number(value), unit=unit, system=UCUM if ucum else None, code=ucum or None
    ) | {"value": number(value)}


def reference(resource_type: str, key: object) -> Element:
    return {"reference": f"{resource_type}/{key}"}


def subject(row: Row) -> Element:
    """Whose a row is: by the resource, and by the study id that people and files use."""
    return {
        **reference("Patient", row["patient_id"]),
        "identifier": {"system": STUDY_ID, "value": row["study_id"]},
    }


def extension(name: str, **value: Any) -> list[Element]:
    """What FHIR has no element for; none without a value."""
    [(kind, what)] = value.items()
    return [] if what is None or what == "" else [{"url": f"{OURS}{name}", kind: what}]


def absent(code: str, *more: Element) -> Element:
    """Why there is no value."""
    return concept(coding(f"{HL7}data-absent-reason", code), *more)


def meta(row: Row, parts: Iterable[Row] = ()) -> Element:
    """Version and time of what a resource is made of; who reads by months is told so."""
    pseudonymised = coding(f"{HL7}v3-ObservationValue", "PSEUDED", "pseudonymized")
    return told(
        versionId=version_of(row, parts),
        lastUpdated=instant(row.get("recorded_at")),
        security=[pseudonymised] if row.get("pseudonymised") else None,
    )


def version_of(row: Row, parts: Iterable[Row] = ()) -> str:
    """Another one as soon as the record, or a part of it, is another."""
    keys = sorted(f"{part['id']}:{part['version']}" for part in parts)
    if not keys:
        return str(row["version"])
    return f"{row['version']}-{hashlib.sha256(' '.join(keys).encode()).hexdigest()[:16]}"


def words(code: str) -> str:
    return code.replace("_", " ")
