"""Addresses of the trail, wired in as the namespace ``trail``."""

from django.urls import path

from . import views

trail_pages = [
    path("", views.activity, name="activity"),
    path("activity.csv", views.activity_csv, name="activity_csv"),
    path("actions/<uuid:action_id>/", views.action, name="action"),
    path("patients/<uuid:patient_id>/", views.patient, name="patient"),
    path(
        "patients/<uuid:patient_id>/<slug:table>/<str:record_id>/",
        views.patient_record,
        name="patient_record",
    ),
    path("records/<slug:table>/<str:record_id>/", views.record, name="record"),
]
