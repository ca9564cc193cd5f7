"""What the schema says of a document's columns: read off the fields that store them."""

from collections.abc import Mapping
from functools import cache

from django.db import models
from django.utils.text import capfirst
from rest_framework import serializers

from mmn_registry.interchange import Column, Table
from mmn_registry.rest import columns as told
from mmn_registry.rest.envelopes import RuleSetSerializer

from .kind import Kind, Part

ID = "Its own id, which stays: by it the address of the record names it."
PARTIAL_DATE = "As far as it is known: 2003, 2003-05 or 2003-05-07."


def column_of(table: Table, column: Column, *, required: bool = True) -> serializers.Field:
    """A column as lists and documents have it. ``required``: it always stands there."""
    field = table.field(column)
    said = {"required": False} if not required else {}
    if not column.required:
        said["allow_null"] = True
    source = column.path.replace("__", ".")
    if source != column.name:
        said["source"] = source
    words = f"{capfirst(str(field.verbose_name))}."
    if column.precision:
        return serializers.CharField(help_text=f"{words} {PARTIAL_DATE}", **said)
    if field.choices:
        codes = [code for code, _word in field.choices]
        return serializers.ChoiceField(codes, help_text=words, **said)
    return _kind_of(field)(help_text=words, **said)


def _kind_of(field: models.Field) -> type[serializers.Field]:
    kinds = (
        (models.DateField, serializers.DateField),
        (models.DecimalField, serializers.FloatField),
        (models.IntegerField, serializers.IntegerField),
        (models.BooleanField, serializers.BooleanField),
    )
    return next((kind for of, kind in kinds if isinstance(field, of)), serializers.CharField)


@cache
def row_serializer(table: Table) -> type[serializers.Serializer]:
    """A row of a list: what it belongs to, then its columns."""
    # In the order in which they are made.
    fields = {c.name: column_of(table, c) for c in table.columns if c.name == "study_id"}
    centre = f"{table.model.centre_path}__code".replace("__", ".")
    fields["centre"] = told.text("Code of the treating centre.", source=centre)
    fields |= {c.name: column_of(table, c) for c in table.columns if c.name not in fields}
    fields["id"] = told.text(ID)
    return type(f"{table.model.__name__}Serializer", (serializers.Serializer,), fields)


@cache
def part_serializer(part: Part) -> type[serializers.Serializer]:
    """One of the parts inside a document."""
    fields = {c.name: column_of(part.table, c, required=c.required) for c in part.columns}
    fields |= {name: describe() for name, (_derive, describe) in part.derived.items()}
    name = f"{part.model.__name__}InWholeSerializer"
    return type(name, (serializers.Serializer,), fields)


SAID_ONCE = {"study_id": "Study id of the patient.", "centre": "Code of the treating centre."}


def _made(name: str, fields: Mapping[str, serializers.Field]) -> type[serializers.Serializer]:
    return type(f"{name}Serializer", (serializers.Serializer,), dict(fields))


def _parts(kind: Kind, *, required: bool) -> dict[str, serializers.Field]:
    return {
        part.name: part_serializer(part)(
            many=True,
            required=required,
            help_text=f"{capfirst(str(part.model._meta.verbose_name_plural))}: all there are.",
        )
        for part in kind.parts
    }


def _confirm() -> serializers.Field:
    return serializers.ListField(
        child=serializers.CharField(),
        required=False,
        help_text="Keys of the questions about unusual values whose answer is: they are right.",
    )


def _reason() -> serializers.Field:
    return told.text("Why, in a few words: a slip, a value added later.", max_length=400)


@cache
def document_serializer(kind: Kind) -> type[serializers.Serializer]:
    """A record as it is answered."""
    fields: dict[str, serializers.Field] = {"id": told.text(ID)}
    if "study_id" in kind.said_once:
        fields["study_id"] = told.text(SAID_ONCE["study_id"])
    fields["centre"] = told.text(SAID_ONCE["centre"])
    fields |= {name: make() for name, make in kind.derived.items()}
    fields |= {c.name: column_of(kind.table, c) for c in kind.columns}
    fields |= _parts(kind, required=True)
    fields["recorded_at"] = serializers.DateTimeField(
        allow_null=True, help_text="When this version was recorded."
    )
    return _made(f"{kind.model.__name__}Document", fields)


@cache
def answer_serializer(kind: Kind) -> type[serializers.Serializer]:
    """A record that was just written."""
    fields = {
        "result": document_serializer(kind)(help_text="The record as it stands now."),
        "changed": serializers.BooleanField(
            required=False, help_text="Whether anything was written. Left out of what is new."
        ),
    }
    name = f"{kind.model.__name__}WrittenSerializer"
    return type(name, (WrittenSerializer,), fields)


class WrittenSerializer(serializers.Serializer):
    as_of = told.day("The day of the answer.")
    rules = RuleSetSerializer(help_text="The rules that derived results follow.")


class VoidedRecordSerializer(serializers.Serializer):
    id = told.text(ID)
    voided = told.truth("True: it does not count any more.")
    reason = told.text("Why.")


class VoidedSerializer(WrittenSerializer):
    result = VoidedRecordSerializer(help_text="What was voided.")


class VoidSerializer(serializers.Serializer):
    reason = told.text("Why it does not count, in a few words.", max_length=400)


class NewRecordSerializer(serializers.Serializer):
    id = told.text(ID)
    etag = told.text("Its version, for the header `If-Match`.")
    address = told.text("Its own address.")


class ManyWrittenSerializer(WrittenSerializer):
    result = NewRecordSerializer(many=True, help_text="The new records, in the order sent.")


def _new_fields(kind: Kind) -> dict[str, serializers.Field]:
    fields: dict[str, serializers.Field] = {
        name: told.text(SAID_ONCE[name]) for name in kind.said_once
    }
    fields |= {c.name: column_of(kind.table, c, required=c.required) for c in kind.columns}
    return fields | _parts(kind, required=False)


@cache
def new_serializer(kind: Kind) -> type[serializers.Serializer]:
    """What is sent to record one."""
    return _made(f"{kind.model.__name__}New", _new_fields(kind) | {"confirm": _confirm()})


@cache
def many_serializer(kind: Kind) -> type[serializers.Serializer]:
    """What is sent to record many."""
    one = _made(f"{kind.model.__name__}OfMany", _new_fields(kind))
    records = one(many=True, help_text="1 to 10,000 records: all are stored, or none.")
    return _made(f"{kind.model.__name__}Many", {"records": records, "confirm": _confirm()})


@cache
def amendment_serializer(kind: Kind, *, whole: bool) -> type[serializers.Serializer]:
    """What is sent to amend one: what it names, or all of it."""
    fields: dict[str, serializers.Field] = {
        c.name: column_of(kind.table, c, required=whole and c.required) for c in kind.columns
    }
    fields |= _parts(kind, required=False)
    fields |= {"reason": _reason(), "confirm": _confirm()}
    name = "Replacement" if whole else "Amendment"
    return _made(f"{kind.model.__name__}{name}", fields)
