"""Addresses of the pages that show outcomes; the project joins them with those of the records."""

from django.urls import path

from outcomes.views.cohort import cohort_page
from outcomes.views.patient import patient_page
from outcomes.views.patient_list import patient_list_page

# In the namespace "patients", beside the pages that record.
patient_pages = [
    path("", patient_list_page, name="list"),
    path("<str:study_id>/", patient_page, name="detail"),
]
cohort_pages = [
    path("", cohort_page, name="cohort"),
]
