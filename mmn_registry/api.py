"""The addresses of the REST interface, and the rule set that its answers name."""

from django.contrib.auth.decorators import login_not_required
from django.urls import path, re_path

from infusions.api import addresses
from mmn_registry.bundle.tables import TABLES
from mmn_registry.rest.reference import ReferencePage
from mmn_registry.rest.schema import SchemaView
from mmn_registry.rest.views import NothingHere, RuleSet
from outcomes.api import (
    CohortSummary,
    OutcomeList,
    PatientOutcomes,
    SavedCohorts,
    facts_of,
)
from outcomes.derivation.rules import RULES
from patients.api import ADDRESSES
from patients.resources.vocabulary import Vocabulary

RULE_SET = RuleSet(RULES.rule_set, RULES.version, RULES.criteria)
ANSWERS = {
    **ADDRESSES,
    **addresses(facts_of=facts_of, usual_weekly_g=RULES.plausible_weekly_g),
    "outcomes/": OutcomeList,
    "outcomes/<str:study_id>/": PatientOutcomes,
    "cohort/summary/": CohortSummary,
    "cohort/saved/": SavedCohorts,
    "vocabulary/": type("RegistryVocabulary", (Vocabulary,), {"tables": TABLES}),
}

# The views of REST framework answer a stranger themselves: with 401 and how to sign in.
app_name = "api"
urlpatterns = [
    *(
        path(route, login_not_required(view.as_view(rules=RULE_SET)), name=view.name)
        for route, view in ANSWERS.items()
    ),
    path("schema/", login_not_required(SchemaView.as_view()), name="schema"),
    path("docs/", ReferencePage.as_view(), name="docs"),
    # Addresses end with a slash; one without is sent on to the one with.
    re_path(r"^(?:.*/)?$", login_not_required(NothingHere.as_view())),
]
