"""Addresses of the pages that show outcomes; the project joins them with those of the records."""

from django.urls import URLPattern, path

from outcomes.views.cohort import cohort_page
from outcomes.views.patient import patient_page
from outcomes.views.patient_list import patient_list_page
from outcomes.views.recording import RecordPage
from outcomes.views.records import FindingPage, LaboratoryResultPage
from outcomes.views.study import StudyPage
from outcomes.views.visit import VisitPage
from patients.views.study import StudyVoid
from patients.views.visit import VisitVoid
from patients.views.voiding import VoidPage


def record_paths(
    plural: str, page: type[RecordPage], void: type[VoidPage] = VoidPage
) -> list[URLPattern]:
    """Where records of a kind are recorded, amended and voided."""
    name, base = page.name, f"<str:study_id>/{plural}/"
    one = f"{base}<uuid:{name}_id>/"
    voided = void.as_view(model=page.form_class._meta.model, name=name)
    return [
        path(f"{base}new/", page.as_view(), name=f"{name}_new"),
        path(one, page.as_view(), name=f"{name}_amend"),
        path(f"{one}void/", voided, name=f"{name}_void"),
    ]


# In the namespace "patients", beside the pages that record.
patient_pages = [
    path("", patient_list_page, name="list"),
    path("<str:study_id>/", patient_page, name="detail"),
    *record_paths("visits", VisitPage, VisitVoid),
    *record_paths("studies", StudyPage, StudyVoid),
    *record_paths("laboratory", LaboratoryResultPage),
    *record_paths("findings", FindingPage),
]
cohort_pages = [
    path("", cohort_page, name="cohort"),
]
