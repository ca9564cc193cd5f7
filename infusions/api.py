"""Infusions for REST clients: read-only lists of what the signed-in person may see."""

from django import forms

from infusions.models import Infusion
from infusions.serializers import InfusionSerializer
from infusions.vocabulary import Route
from mmn_registry.rest.filters import DatedFilter
from mmn_registry.rest.views import RowListView


class InfusionFilter(DatedFilter):
    route = forms.ChoiceField(
        required=False,
        choices=[("", ""), *((route.value, route.value) for route in Route)],
        help_text="How it was given.",
    )


class InfusionList(RowListView):
    """Infusions as recorded: one row per day, route and product."""

    serializer_class = InfusionSerializer
    filter_form = InfusionFilter
    ordering = ("patient__study_id", "given_on", "route", "product")
    file_name = "infusions"
    model = Infusion
    dated_by = "given_on"
    equal_to = ("route",)
