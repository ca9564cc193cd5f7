"""OpenAPI from what the views already declare: their filter form, envelope and formats."""

from django import forms
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import build_parameter_type
from drf_spectacular.utils import OpenApiParameter

TYPES = {
    forms.DateField: {"type": "string", "format": "date"},
    forms.IntegerField: {"type": "integer"},
    forms.ChoiceField: {"type": "string"},
}


def filter_parameters(form_class: type[forms.Form]) -> list[dict]:
    """One query parameter per field of the filter form."""
    return [
        build_parameter_type(
            name=name,
            schema=_schema_of(field),
            location=OpenApiParameter.QUERY,
            required=field.required,
            description=str(field.help_text),
        )
        for name, field in form_class.base_fields.items()
    ]


def _schema_of(field: forms.Field) -> dict:
    schema = dict(TYPES.get(type(field), {"type": "string"}))
    if isinstance(field, forms.ChoiceField):
        schema["enum"] = [value for value, _label in field.choices if value]
    return schema


class RegistrySchema(AutoSchema):
    """Adds the filter form's fields to what drf-spectacular finds."""

    def _get_parameters(self):
        form_class = getattr(self.view, "filter_form", None)
        found = super()._get_parameters()
        return found + filter_parameters(form_class) if form_class else found
