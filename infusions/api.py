"""Infusions for REST clients: read-only lists of what the signed-in person may see."""

from infusions.models import Infusion
from infusions.serializers import InfusionSerializer
from infusions.vocabulary import Route
from mmn_registry.rest.filters import CodeField, DatedFilter
from mmn_registry.rest.views import RowListView


class InfusionFilter(DatedFilter):
    route = CodeField(Route, "Only what was given by this route.")


class InfusionList(RowListView):
    """Infusions, as recorded.

    In the order of study id, day, route and product: one row each. Home treatment of which nobody
    records the single infusions is not here; the dose in the outcomes counts it by its regimen.
    """

    serializer_class = InfusionSerializer
    filter_form = InfusionFilter
    model = Infusion
    ordering = ("patient__study_id", "given_on", "route", "product")
    name = "infusions"
    dated_by = "given_on"
    equal_to = ("route",)
