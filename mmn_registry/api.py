"""The addresses of the REST interface, and the rule set that its answers name."""

from django.contrib.auth.decorators import login_not_required
from django.urls import path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from infusions.api import InfusionList
from mmn_registry.rest.views import RuleSet
from outcomes.api import CohortSummary, OutcomeList
from outcomes.derivation.rules import RULES
from patients.api import MuscleScoreList, NerveSegmentList, PatientDetail, PatientList, VisitList

RULE_SET = RuleSet(RULES.rule_set, RULES.version)
RESOURCES = {
    "patients/": (PatientList, "patients"),
    "patients/<str:study_id>/": (PatientDetail, "patient"),
    "visits/": (VisitList, "visits"),
    "muscle-scores/": (MuscleScoreList, "muscle_scores"),
    "infusions/": (InfusionList, "infusions"),
    "nerve-segments/": (NerveSegmentList, "nerve_segments"),
    "outcomes/": (OutcomeList, "outcomes"),
    "cohort/summary/": (CohortSummary, "cohort_summary"),
}

app_name = "api"
urlpatterns = [
    *(
        # REST framework answers a stranger itself, with 401 and how to sign in.
        path(route, login_not_required(view.as_view(rules=RULE_SET)), name=name)
        for route, (view, name) in RESOURCES.items()
    ),
    path("schema/", login_not_required(SpectacularAPIView.as_view()), name="schema"),
    path(
        "docs/",
        SpectacularSwaggerView.as_view(url_name="api:schema", template_name="api/reference.html"),
        name="docs",
    ),
]
