"""Addresses of the pages that tell who a patient is; the project joins them with the others."""

from django.urls import path

from .views import (
    find_page,
    identity_amend_page,
    identity_erase_page,
    identity_page,
    identity_record_page,
)

# In the namespace "patients". Two parts, so that no study id can be meant.
identity_pages = [
    path("find/by-identity/", find_page, name="find"),
    path("<str:study_id>/identity/", identity_page, name="identity"),
    path("<str:study_id>/identity/record/", identity_record_page, name="identity_record"),
    path("<str:study_id>/identity/amend/", identity_amend_page, name="identity_amend"),
    path("<str:study_id>/identity/erase/", identity_erase_page, name="identity_erase"),
]
