"""What was given, for REST clients."""

from infusions.interchange import INFUSION_LOTS
from infusions.models import Infusion
from infusions.resources import FactsOf, kinds
from infusions.serializers import InfusionSerializer
from infusions.vocabulary import Route
from mmn_registry.rest.filters import CodeField, DatedFilter
from mmn_registry.rest.views import RegistryView, RowListView
from patients.resources.addresses import addresses_of
from patients.resources.lists import list_of


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


def addresses(
    *, facts_of: FactsOf, usual_weekly_g: tuple[float, float]
) -> dict[str, type[RegistryView]]:
    """In the order of the interface, with what only the rules know."""
    lists = {"infusions": InfusionList}
    return {
        route: view
        for kind in kinds(facts_of=facts_of, usual_weekly_g=usual_weekly_g)
        for route, view in addresses_of(kind, lists.get(kind.name)).items()
    } | {"infusion-lots/": list_of(INFUSION_LOTS)}
