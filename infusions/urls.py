"""Addresses of the pages of treatment that show no outcomes."""

from django.urls import path

from infusions.views.lots import lot_csv, lot_search

lot_pages = [
    path("", lot_search, name="search"),
    path("patients.csv", lot_csv, name="csv"),
]
