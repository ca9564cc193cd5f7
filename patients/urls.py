"""Addresses of what is recorded and of who a patient is; the project joins them with the others."""

from functools import partial

from django.urls import path

from mmn_registry.accounts.step_up import step_up

from .views.attachments import attachment_download, attachment_void, attachments_page
from .views.consent import consent_withdraw_page
from .views.drafts import draft_discard, draft_save
from .views.identity import (
    find_page,
    identity_amend_page,
    identity_erase_page,
    identity_page,
    identity_record_page,
)
from .views.registration import RegistrationVoid, known_page
from .views.signing import visit_sign, visit_unsign
from .views.standards import (
    LimitPage,
    LimitVoid,
    ProtocolPage,
    standards_page,
)
from .views.transfer import offer_decide, offers_page, transfer_page

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
VISIT = "<str:study_id>/visits/<uuid:visit_id>"
signing = partial(step_up, by_second_factor=True)
signing_pages = [
    path(f"{VISIT}/sign/", signing(visit_sign), name="visit_sign"),
    path(f"{VISIT}/unsign/", signing(visit_unsign), name="visit_unsign"),
]
# Two parts, too; of a patient's own pages none is called "patient" or "known".
registration_pages = [
    path("new/known/", step_up(known_page), name="known"),
    path("<str:study_id>/void/", step_up(RegistrationVoid.as_view()), name="patient_void"),
]
consent_pages = [
    path(
        "<str:study_id>/consents/<uuid:consent_id>/withdraw/",
        consent_withdraw_page,
        name="consent_withdraw",
    ),
]
transfer_pages = [
    path("transfers/offered/", offers_page, name="offers"),
    path("transfers/<uuid:transfer_id>/decide/", step_up(offer_decide), name="offer_decide"),
    path("<str:study_id>/transfer/", step_up(transfer_page), name="transfer"),
]
record_pages = [
    *identity_pages,
    *registration_pages,
    *consent_pages,
    *transfer_pages,
    *signing_pages,
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
