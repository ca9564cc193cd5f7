"""Parts of the OpenAPI schema in words: columns with units, codes, and what it means if missing."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

Schema = Mapping[str, Any]
Words = str | Promise

REFERENCE = "#/components/schemas/"
NOTHING = f"{REFERENCE}NullEnum"
UNIT = re.compile(r"\s*\[([^\]]+)\]")
# What a description says itself of a missing value: "…; null where the list ends."
IF_NULL = re.compile(r"[;.] null:? (?!if )(.+?)\.?$", re.IGNORECASE)
KINDS: dict[str, Words] = {
    "string": _("text"),
    "string date": _("day"),
    "string uri": _("address"),
    "integer": _("whole number"),
    "number": _("number"),
    "boolean": _("yes or no"),
    "string or number": _("text or number"),
}
LISTS: dict[str, Words] = {"object": _("list:"), "string": _("list of texts")}
BY_NAME: dict[str, Words] = {
    "object": _("by name:"),
    "integer": _("whole numbers by name"),
    "string": _("texts by name"),
}


@dataclass(frozen=True)
class Flat:
    """A part of the schema without its references; `component` is its name if it has one."""

    schema: Schema
    component: str
    is_nullable: bool


@dataclass(frozen=True)
class Column:
    """A value of an answer; `part` names the component that describes what is in it, or is ""."""

    name: str
    kind: Words
    unit: str
    meaning: SafeString
    codes: tuple[str, ...]
    missing: Words
    part: str

    @property
    def part_name(self) -> str:
        return name_of(self.part).lower()


@dataclass(frozen=True)
class Table:
    """The columns of a row, or of an object within an answer."""

    component: str
    columns: tuple[Column, ...]

    @property
    def name(self) -> str:
        return name_of(self.component)


def name_of(component: str) -> str:
    """ResponseTable is a response table."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", component).capitalize()


def marked(text: str) -> SafeString:
    """A line of the schema's Markdown, in which only `code` and **strong** occur."""
    html = re.sub(r"`(.+?)`", r"<code>\1</code>", escape(text))
    html = re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", html)
    return mark_safe(html)  # noqa: S308 — escaped above


def paragraphs(text: str) -> tuple[SafeString, ...]:
    return tuple(marked(paragraph) for paragraph in re.split(r"\n\s*\n", text.strip()))


def flat(root: Schema, described: Schema) -> Flat:
    """What a description says, together with what it refers to; its own words win."""
    alternatives = described.get("oneOf", ())
    referring = [described, *described.get("allOf", ()), *alternatives]
    named = [part["$ref"] for part in referring if part.get("$ref", NOTHING) != NOTHING]
    component = named[0].removeprefix(REFERENCE) if named else ""
    meant = root["components"]["schemas"][component] if component else {}
    if "enum" not in meant:
        meant = {name: value for name, value in meant.items() if name != "description"} | {
            "properties": meant.get("properties", {})
        }
    types = described.get("type", ())
    is_nullable = {"$ref": NOTHING} in alternatives or "null" in types
    return Flat({**meant, **described}, component, is_nullable)


def table(root: Schema, component: str, missing: Words) -> Table:
    """All columns of a component. ``missing`` says what it means that one has no value."""
    schema = root["components"]["schemas"][component]
    required = schema.get("required", ())
    return Table(
        component,
        tuple(
            _column(root, name, described, missing, may_be_left_out=name not in required)
            for name, described in schema["properties"].items()
        ),
    )


def inner_tables(root: Schema, outer: Table, missing: Words) -> tuple[Table, ...]:
    """The tables of all objects within a table, each once, the outer ones first."""
    found: dict[str, Table] = {}
    waiting = [outer]
    while waiting:
        for part in (column.part for column in waiting.pop(0).columns):
            if part and part not in found:
                found[part] = table(root, part, missing)
                waiting.append(found[part])
    return tuple(found.values())


def _column(
    root: Schema, name: str, described: Schema, missing: Words, *, may_be_left_out: bool
) -> Column:
    whole = flat(root, described)
    kind, part = kind_of(root, whole)
    unit, meaning = _unit_apart(whole.schema.get("description", ""))
    if not whole.is_nullable:
        missing = _("left out") if may_be_left_out else ""
    elif said := IF_NULL.search(meaning):
        meaning, missing = f"{meaning[: said.start()]}.", marked(said[1])
    codes = tuple(whole.schema.get("enum", ()))
    return Column(name, kind, unit, marked(meaning), codes, missing, part)


def kind_of(root: Schema, whole: Flat) -> tuple[Words, str]:
    """The type in words, and the component of the objects within, or ""."""
    schema = whole.schema
    if "enum" in schema:
        return _("code"), ""
    type_ = _type(schema)
    if type_ == "array":
        items = flat(root, schema["items"])
        return LISTS[_type(items.schema)], items.component
    if type_ == "object" and "additionalProperties" in schema:
        values = flat(root, schema["additionalProperties"])
        return BY_NAME.get(_type(values.schema), _("values by name")), values.component
    if type_ == "object":
        return "", whole.component
    words = KINDS.get(f"{type_} {schema.get('format')}", KINDS[type_])
    if "maximum" in schema:
        words = f"{words}, {schema['minimum']}–{schema['maximum']}"
    return words, ""


def _type(schema: Schema) -> str:
    types = schema.get("type", "")
    return types if isinstance(types, str) else " or ".join(t for t in types if t != "null")


def _unit_apart(description: str) -> tuple[str, str]:
    """The unit that stands in brackets, and the rest; of several units none is the column's."""
    units = UNIT.findall(description)
    if len(units) != 1:
        return "", description
    rest = UNIT.sub("", description).strip()
    return units[0], "" if rest == "." else rest
