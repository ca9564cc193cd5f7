"""Every address of the registry."""

from django.urls import include, path

from infusions.urls import lot_pages
from mmn_registry.accounts.trail.urls import trail_pages
from mmn_registry.accounts.urls import account_pages, library_pages
from mmn_registry.accounts.views.own import home
from mmn_registry.health import healthz, readyz
from mmn_registry.metrics import metrics
from outcomes.urls import cohort_pages, patient_pages, work_pages
from patients.urls import centre_pages, draft_pages, record_pages

handler500 = "mmn_registry.faults.answer"
urlpatterns = [
    path("", home, name="home"),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
    path("", include((account_pages, "accounts"))),
    path("", include(library_pages)),
    path("patients/", include(([*record_pages, *patient_pages], "patients"))),
    path("centres/", include((centre_pages, "centres"))),
    path("lots/", include((lot_pages, "lots"))),
    path("drafts/", include((draft_pages, "drafts"))),
    path("trail/", include((trail_pages, "trail"))),
    path("work/", include((work_pages, "work"))),
    path("cohort/", include((cohort_pages, "outcomes"))),
    path("api/v1/", include("mmn_registry.api")),
    path("fhir/", include("mmn_registry.fhir_api")),
]
