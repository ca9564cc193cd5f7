"""What the schema says of a document's columns: read off the fields that store them."""

from functools import cache

from django.db import models
from django.utils.text import capfirst
from rest_framework import serializers

from mmn_registry.interchange import Column, Table
from mmn_registry.rest import columns as told

from .kind import Part

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
    name = f"{part.model.__name__}InWholeSerializer"
    return type(name, (serializers.Serializer,), fields)
