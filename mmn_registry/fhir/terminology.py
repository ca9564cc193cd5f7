"""Code systems of our own, for what no standard code covers; and the value sets of all they say."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from .elements import HL7, OURS, Element, coding, concept, told, words

VERSION = "1"  # of all of them; a code that means something else is another code


@dataclass(frozen=True)
class Vocabulary:
    """A code system: its codes with what a person reads, and codes of others that belong to one."""

    id: str
    title: str
    codes: Mapping[str, str]
    # Of a code: further codes that tell its parts, by name.
    properties: Mapping[str, Mapping[str, Element | str]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"{OURS}{self.id}"

    def coding(self, code: str) -> Element:
        return coding(self.url, code, self.codes[code])

    def concept(self, code: str | None, *more: Element, text: str | None = None) -> Element | None:
        """Nothing where nothing is recorded."""
        return concept(self.coding(code), *more, text=text) if code else None

    def tokens(self, codes: Iterable[str] | None = None) -> list[tuple[str, str]]:
        return [(self.url, code) for code in (self.codes if codes is None else codes)]

    def code_system(self) -> Element:
        names = {
            name: value for told_of in self.properties.values() for name, value in told_of.items()
        }
        return told(
            **self._head("CodeSystem", self.url),
            caseSensitive=True,
            valueSet=self.value_set_url,
            content="complete",
            count=len(self.codes),
            property=[
                {"code": name, "type": "Coding" if isinstance(value, dict) else "code"}
                for name, value in names.items()
            ],
            concept=[
                told(code=code, display=display, property=self._properties(code))
                for code, display in self.codes.items()
            ],
        )

    def _properties(self, code: str) -> list[Element]:
        return [
            {"code": name, "valueCoding" if isinstance(value, dict) else "valueCode": value}
            for name, value in self.properties.get(code, {}).items()
        ]

    @property
    def value_set_url(self) -> str:
        return f"{OURS}value-set:{self.id}"

    def value_set(self) -> Element:
        """All of them, and listed: who reads it needs no terminology server."""
        concepts = [{"code": code, "display": display} for code, display in self.codes.items()]
        return {
            **self._head("ValueSet", self.value_set_url),
            "compose": {"include": [{"system": self.url, "version": VERSION, "concept": concepts}]},
        }

    def _head(self, resource_type: str, url: str) -> Element:
        return {
            "resourceType": resource_type,
            "id": self.id,
            "meta": {"versionId": VERSION},
            "url": url,
            "version": VERSION,
            "name": "Mmn" + "".join(part.capitalize() for part in self.id.split("-")),
            "title": self.title,
            "status": "active",
            "experimental": False,
        }


def vocabulary(name: str, title: str, codes: Iterable[StrEnum], **displays: str) -> Vocabulary:
    """Of a closed vocabulary of ours; ``displays`` are words that its codes do not spell."""
    return Vocabulary(
        name, title, {one.value: displays.get(one.name.lower(), words(one.value)) for one in codes}
    )


def hl7(system: str, code: str, display: str | None = None) -> Element:
    return coding(f"{HL7}{system}", code, display)
