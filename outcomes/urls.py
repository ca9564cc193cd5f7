"""Addresses of the pages that show outcomes; the project joins them with those of the records."""

from django.urls import path

from outcomes.views.cohort import cohort_page
from outcomes.views.patient import patient_page
from outcomes.views.patient_list import patient_list_page
from outcomes.views.visit import visit_amend, visit_look, visit_new

# In the namespace "patients", beside the pages that record.
patient_pages = [
    path("", patient_list_page, name="list"),
    path("<str:study_id>/", patient_page, name="detail"),
    path("<str:study_id>/visits/new/", visit_new, name="visit_new"),
    path("<str:study_id>/visits/look/", visit_look, name="visit_look"),
    path("<str:study_id>/visits/<uuid:visit_id>/", visit_amend, name="visit_amend"),
]
cohort_pages = [
    path("", cohort_page, name="cohort"),
]
