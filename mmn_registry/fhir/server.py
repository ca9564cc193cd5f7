"""What is served: types of resources with their sources, their parameters and their codes.

Views, addresses and the CapabilityStatement are all made of this one description.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from .elements import STUDY_ID
from .search import (
    CURSOR,
    Parameter,
    Reading,
    read_count,
    read_dates,
    read_includes,
    read_instants,
    read_output,
    read_patient,
    read_status,
    read_token,
    read_tokens,
    read_types,
)
from .sources import Source
from .terminology import Vocabulary

PATIENT, ENCOUNTER, PROVENANCE = "Patient", "Encounter", "Provenance"


def _ids(values: list[str], _reading: Reading) -> dict[str, Any]:
    return {"ids": values[0].split(",")}


def _urls(values: list[str], _reading: Reading) -> dict[str, Any]:
    return {"urls": values[0].split(",")}


def _codes(values: list[str], reading: Reading) -> dict[str, Any]:
    return {"codes": read_tokens(values, reading)}


def _dates(values: list[str], reading: Reading) -> dict[str, Any]:
    return {"dates": read_dates(values, reading)}


def _changed(values: list[str], reading: Reading) -> dict[str, Any]:
    return {"changed": read_instants(values, reading)}


def _since(values: list[str], reading: Reading) -> dict[str, Any]:
    [span] = read_instants(values, reading)
    return {"changed": [span._replace(prefix="ge")]}


def _study_ids(values: list[str], _reading: Reading) -> dict[str, Any]:
    """Of this system or of any. PostgreSQL cannot even be asked for some texts: nobody's."""
    asked = [one for one in map(read_token, values[0].split(",")) if "\x00" not in one.code]
    return {"study_ids": [one.code for one in asked if one.system in (None, STUDY_ID)]}


def _target(values: list[str], reading: Reading) -> dict[str, Any]:
    return {"target": values[0].removeprefix(reading.base)}


def _cursor(values: list[str], _reading: Reading) -> dict[str, Any]:
    return {"cursor": values[0]}


CHANGED = Parameter(
    "_lastUpdated", "date", "When the version that stands was recorded.", _changed, repeats=True
)
COUNT = Parameter("_count", "number", "Resources a page, 1 to 1000; usually 100.", read_count)
PAGE = Parameter(CURSOR, "special", "Where a page begins; it stands in the link `next`.", _cursor)
TYPE = Parameter("_type", "special", "Only these types, with commas between them.", read_types)
SINCE = Parameter("_since", "special", "Only what was recorded from this instant on.", _since)


@dataclass(frozen=True, eq=False)
class ResourceType:
    """A type of resource: where its rows come from, and how it is searched.

    ``codes`` is the parameter that asks for a code, ``dates`` those that ask for a day;
    ``statuses`` the word for what stands and the one for what was voided, with their parameter.
    """

    name: str
    says: str
    id_name: str  # of the part of the address
    sources: Sequence[Source]
    patient_names: tuple[str, ...] = ("patient",)
    codes: str = ""
    dates: tuple[str, ...] = ()
    status_name: str = "status"
    statuses: tuple[str, str] | None = None
    has_encounter: bool = False

    @cached_property
    def includes(self) -> tuple[str, ...]:
        names = self.patient_names if self.name not in (PATIENT, PROVENANCE) else ()
        more = ("encounter",) if self.has_encounter else ()
        return tuple(f"{self.name}:{name}" for name in (*names, *more))

    @cached_property
    def parameters(self) -> Mapping[str, Parameter]:
        return {one.name: one for one in self._parameters()}

    def _parameters(self):
        yield Parameter("_id", "token", "These ids, with commas between them.", _ids)
        if self.name == PATIENT:
            yield Parameter("identifier", "token", "The study id.", _study_ids)
        for name in self.patient_names:
            yield Parameter(name, "reference", "Of one patient, by the id.", read_patient)
        if self.name == PROVENANCE:
            says = "Of this resource, as `Observation/…`."
            yield Parameter("target", "reference", says, _target)
        if self.codes:
            says = "These codes: `code` or `system|code`, with commas between them."
            yield Parameter(self.codes, "token", says, _codes)
        for name in self.dates:
            says = "Its day; several are all to hold. Who reads by months asks by months."
            yield Parameter(name, "date", says, _dates, repeats=True)
        if self.statuses:
            says = f"{self.statuses[0]}; or {self.statuses[1]}, for what was voided."
            yield Parameter(self.status_name, "token", says, read_status)
        if any(source.changed for source in self.sources):
            yield CHANGED
        if self.includes:
            says = f"One of {', '.join(self.includes)}."
            yield Parameter("_include", "special", says, read_includes, repeats=True)
        yield COUNT
        yield PAGE


@dataclass(frozen=True, eq=False)
class Server:
    types: Sequence[ResourceType]
    vocabularies: Sequence[Vocabulary]

    @cached_property
    def by_name(self) -> Mapping[str, ResourceType]:
        return {one.name: one for one in self.types}

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(self.by_name)

    def sources(self, names: Sequence[str] | None = None) -> list[Source]:
        """Of these types, in the order of the server."""
        return [
            source
            for one in self.types
            if names is None or one.name in names
            for source in one.sources
        ]


EVERYTHING = {one.name: one for one in (TYPE, SINCE, COUNT, PAGE)}
OUTPUT = Parameter(
    "_outputFormat", "special", "application/fhir+ndjson, which it is anyway.", read_output
)
EXPORT = {one.name: one for one in (TYPE, SINCE, OUTPUT)}
URL = Parameter("url", "uri", "The names that resources call them by.", _urls)
TERMINOLOGY = {one.name: one for one in (Parameter("_id", "token", "These ids.", _ids), URL)}
