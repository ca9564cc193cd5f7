"""The reference of the REST interface for people: a page that is written from the schema.

Whatever the page says of an address stands in the OpenAPI schema, and nowhere else.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView

from .described import Table, Words, flat, inner_tables, kind_of, marked, paragraphs, table
from .filters import FORMAT
from .rendering import CsvRenderer
from .schema import registry_schema

Schema = Mapping[str, Any]

# What surrounds the rows of an answer is told once, for all addresses.
SURROUNDINGS = ("as_of", "rules", "pseudonymised", "withheld", "next", "previous")
ROOT = "/api/v1/"
WRITING, RECORD = "Writing", "x-record"
ROWS = {"results", "result"}
DEFAULT = re.compile(r" *Default: (.*)\.$")
MISSING: dict[str, Words] = {"Records": _("not recorded"), "Outcomes": _("no result")}


@dataclass(frozen=True)
class Parameter:
    name: str
    place: str
    kind: Words
    meaning: SafeString
    default: str
    codes: tuple[str, ...]


@dataclass(frozen=True)
class Refusal:
    status: str
    title: str
    when: str
    detail: str


@dataclass(frozen=True)
class Address:
    """All that is to be said of one address; `inner` are the objects that stand in its columns."""

    anchor: str
    path: str
    told: tuple[SafeString, ...]
    parameters: tuple[Parameter, ...]
    example: str
    is_list: bool
    columns: Table
    inner: tuple[Table, ...]
    csv_columns: tuple[str, ...]
    refusals: tuple[Refusal, ...]

    @property
    def short_path(self) -> str:
        """Without what all begin with."""
        return self.path.removeprefix(ROOT)

    @property
    def can_be_opened(self) -> bool:
        return "{" not in self.path

    @property
    def has_rows_as_csv(self) -> bool:
        """Whether a line of the file begins with the columns of a row, in their order."""
        names = tuple(column.name for column in self.columns.columns)
        return names == self.csv_columns[: len(names)]

    @property
    def only_as_csv(self) -> tuple[str, ...]:
        return self.csv_columns[len(self.columns.columns) :]


@dataclass(frozen=True)
class Subject:
    name: str
    told: str
    addresses: tuple[Address, ...]


@dataclass(frozen=True)
class Operation:
    """One way to write: what it does, and what is sent."""

    anchor: str
    method: str
    path: str
    told: SafeString
    headers: tuple[Parameter, ...]


@dataclass(frozen=True)
class Writing:
    """All ways to write one kind of record; ``columns`` are what is sent to record one."""

    anchor: str
    name: str
    operations: tuple[Operation, ...]
    columns: Table
    inner: tuple[Table, ...]
    example: str


@dataclass(frozen=True)
class Reference:
    """What the page shows: `around` surrounds the rows of a page, `problem` is a refusal."""

    version: str
    told: tuple[SafeString, ...]
    subjects: tuple[Subject, ...]
    around: tuple[Table, ...]
    problem: tuple[Table, ...]
    writings: tuple[Writing, ...]
    written_told: str
    refused_writing: tuple[Refusal, ...]


class ReferencePage(TemplateView):
    template_name = "api/reference.html"

    def get_context_data(self, **kwargs):
        return super().get_context_data(reference=registry_reference(), **kwargs)


@cache
def registry_reference() -> Reference:
    """The same for everybody until the code changes, so it is written once."""
    return reference_of(registry_schema())


def reference_of(schema: Schema) -> Reference:
    reading = [path for path, methods in schema["paths"].items() if "get" in methods]
    operations = {path: schema["paths"][path]["get"] for path in reading}
    writings = [*_writings(schema)]
    amend = schema["paths"]["/api/v1/visits/{visit_id}/"]["patch"]
    a_list = next(operation for operation in operations.values() if _is_list(operation))
    return Reference(
        version=schema["openapi"],
        told=paragraphs(schema["info"]["description"]),
        subjects=tuple(
            Subject(
                name=subject["name"],
                told=subject["description"],
                addresses=tuple(
                    _address(schema, path, operation)
                    for path, operation in operations.items()
                    if operation["tags"] == [subject["name"]]
                ),
            )
            for subject in schema["tags"]
            if subject["name"] != WRITING
        ),
        around=_around(schema, a_list),
        problem=_problem(schema, a_list),
        writings=tuple(writings),
        written_told=next(tag["description"] for tag in schema["tags"] if tag["name"] == WRITING),
        refused_writing=tuple(_refusals(amend)),
    )


def _writings(schema: Schema) -> Iterator[Writing]:
    """Kind by kind, in the order of their addresses."""
    kinds: dict[str, list[tuple[str, str, Schema]]] = {}
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            if RECORD in operation:
                kinds.setdefault(operation[RECORD], []).append((path, method, operation))
    for name, found in kinds.items():
        create = next(o for _path, _method, o in found if o["operationId"].startswith("create"))
        content = create["requestBody"]["content"]["application/json"]
        sent = table(schema, flat(schema, content["schema"]).component, _("not recorded"))
        (example,) = content["examples"].values()
        yield Writing(
            anchor=f"write-{name}",
            name=name.replace("_", " ").capitalize(),
            operations=tuple(_operation(schema, *one) for one in found),
            columns=sent,
            inner=inner_tables(schema, sent, _("not recorded")),
            example=json.dumps(example["value"], indent=2, ensure_ascii=False),
        )


def _operation(schema: Schema, path: str, method: str, operation: Schema) -> Operation:
    return Operation(
        anchor=operation["operationId"],
        method=method.upper(),
        path=path,
        told=marked(operation["description"]),
        headers=tuple(
            _parameter(schema, one)
            for one in operation.get("parameters", ())
            if one["in"] == "header"
        ),
    )


def _address(schema: Schema, path: str, operation: Schema) -> Address:
    (subject,) = operation["tags"]
    columns = _rows(schema, operation, MISSING[subject])
    return Address(
        anchor=operation["operationId"],
        path=path,
        told=paragraphs(operation["description"]),
        parameters=tuple(
            _parameter(schema, parameter) for parameter in operation.get("parameters", ())
        ),
        example=_example(path, operation),
        is_list=_is_list(operation),
        columns=columns,
        inner=inner_tables(schema, columns, MISSING[subject]),
        csv_columns=tuple(re.findall("`(.*?)`", operation["responses"]["200"]["description"])),
        refusals=tuple(_refusals(operation)),
    )


def _is_list(operation: Schema) -> bool:
    return any(parameter["name"] == "cursor" for parameter in operation.get("parameters", ()))


def _answer(schema: Schema, operation: Schema, missing: Words) -> Table:
    content = operation["responses"]["200"]["content"]["application/json"]
    return table(schema, flat(schema, content["schema"]).component, missing)


def _rows(schema: Schema, operation: Schema, missing: Words) -> Table:
    """The columns of an answer's rows; of an answer that has none, all that is its own."""
    answer = _answer(schema, operation, missing)
    own = tuple(column for column in answer.columns if column.name not in SURROUNDINGS)
    if {column.name for column in own} <= ROWS:
        return table(schema, own[0].part, missing)
    return replace(answer, columns=own)


def _around(schema: Schema, a_list: Schema) -> tuple[Table, ...]:
    missing = _("the list ends here")
    answer = _answer(schema, a_list, missing)
    kept = tuple(column for column in answer.columns if column.name in SURROUNDINGS)
    around = replace(answer, columns=kept)
    return (around, *inner_tables(schema, around, missing))


def _problem(schema: Schema, operation: Schema) -> tuple[Table, ...]:
    missing = _("nothing was sent")
    (content,) = operation["responses"]["400"]["content"].values()
    problem = table(schema, flat(schema, content["schema"]).component, missing)
    return (problem, *inner_tables(schema, problem, missing))


def _parameter(schema: Schema, parameter: Schema) -> Parameter:
    kind, _part = kind_of(schema, flat(schema, parameter["schema"]))
    default = DEFAULT.search(parameter["description"])
    return Parameter(
        name=parameter["name"],
        place=parameter["in"],
        kind=kind,
        meaning=marked(DEFAULT.sub("", parameter["description"])),
        default=default[1] if default else "",
        codes=tuple(parameter["schema"].get("enum", ())),
    )


def _example(path: str, operation: Schema) -> str:
    """An address that works on the demonstration: of a list, all of it as a table.

    An id that each registry gives anew is a variable of the shell, as the token is.
    """
    query = {}
    for parameter in operation.get("parameters", ()):
        for example in parameter.get("examples", {}).values():
            if parameter["in"] == "path":
                path = path.replace(f"{{{parameter['name']}}}", example["value"])
            else:
                query[parameter["name"]] = example["value"]
    if _is_list(operation):
        query[FORMAT] = CsvRenderer.format
    path = re.sub(r"{(\w+)}", lambda name: f"${name[1].upper()}", path)
    return f"{path}?{urlencode(query)}" if query else path


def _refusals(operation: Schema) -> Iterator[Refusal]:
    for status, response in sorted(operation["responses"].items()):
        if not status.startswith("2"):
            (content,) = response["content"].values()
            (example,) = content["examples"].values()
            yield Refusal(
                status=status,
                title=HTTPStatus(int(status)).phrase,
                when=response["description"],
                detail=example["value"]["detail"],
            )
