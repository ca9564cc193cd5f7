"""Addresses of what is recorded and of who a patient is; the project joins them with the others."""

from django.urls import path

from mmn_registry.accounts.step_up import step_up

from .views.attachments import attachment_download, attachment_void, attachments_page
from .views.drafts import draft_discard, draft_save
from .views.identity import (
    find_page,
    identity_amend_page,
    identity_erase_page,
    identity_page,
    identity_record_page,
)
from .views.standards import (
    LimitPage,
    LimitVoid,
    ProtocolPage,
    standards_page,
)

# In the namespace "patients". Two parts, so that no study id can be meant. Outermost is the asking
# who it is that asks, five minutes old at most.
identity_pages = [
    path("find/by-identity/", step_up(find_page), name="find"),
    path("<str:study_id>/identity/", step_up(identity_page), name="identity"),
    path("<str:study_id>/identity/record/", step_up(identity_record_page), name="identity_record"),
    path("<str:study_id>/identity/amend/", step_up(identity_amend_page), name="identity_amend"),
    path("<str:study_id>/identity/erase/", step_up(identity_erase_page), name="identity_erase"),
    # A document names the patient as an identity does. Files are not kept while somebody is asked
    # who they are: so that page asks before its form is shown.
    path("<str:study_id>/attachments/", step_up(attachments_page), name="attachments"),
    path(
        "<str:study_id>/attachments/<uuid:attachment_id>/",
        step_up(attachment_download),
        name="attachment",
    ),
    path(
        "<str:study_id>/attachments/<uuid:attachment_id>/void/",
        step_up(attachment_void),
        name="attachment_void",
    ),
]
draft_pages = [
    path("save/", draft_save, name="save"),
    path("discard/", draft_discard, name="discard"),
]
# What a centre examines and judges by.
centre_pages = [
    path("<uuid:centre_id>/standards/", standards_page, name="standards"),
    path("<uuid:centre_id>/protocol/", ProtocolPage.as_view(), name="protocol"),
    path("<uuid:centre_id>/lower-limits/new/", LimitPage.as_view(), name="limit_new"),
    path(
        "<uuid:centre_id>/lower-limits/<uuid:lower_limit_id>/",
        LimitPage.as_view(),
        name="limit_amend",
    ),
    path(
        "<uuid:centre_id>/lower-limits/<uuid:lower_limit_id>/void/",
        LimitVoid.as_view(),
        name="limit_void",
    ),
]
