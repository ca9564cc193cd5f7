"""Every stored field says how much it gives away, and nothing is said of fields that are gone."""

import pytest
from django.apps import apps
from django.db import models

import infusions.api
import patients.api
from mmn_registry.disclosure import (
    OURS,
    Disclosure,
    classification,
    disclosure_of,
    left_out,
    month_text,
    pseudonymised,
)
from mmn_registry.rest.coarse import coarsening
from mmn_registry.rest.views import AnswerView, RowDetailView, RowListView, sources
from patients.models import LaboratoryResult, MuscleScore, Patient


def our_models():
    return [m for m in apps.get_models() if m.__module__.split(".")[0] in OURS]


def fields_of(model) -> set[str]:
    return {field.name for field in model._meta.concrete_fields}


def test_every_field_of_ours_is_classified_and_nothing_else():
    stored = {model._meta.label: fields_of(model) for model in our_models()}
    classified = {label: set(fields) for label, fields in classification().items()}

    assert classified == stored


def test_every_class_is_one_of_the_five():
    given = {kind for fields in classification().values() for kind in fields.values()}

    assert given == set(Disclosure)


def test_every_day_of_a_patient_but_a_laboratorys_own_is_quasi_identifying():
    exempt = {("patients.LowerLimit", "valid_from"), ("accounts.Centre", "data_closed_on")}
    days = {
        (model._meta.label, field.name): classification()[model._meta.label][field.name]
        for model in our_models()
        if model._meta.app_label in ("patients", "infusions")
        for field in model._meta.concrete_fields
        if isinstance(field, models.DateField)
    }

    told = {key for key, kind in days.items() if kind is not Disclosure.QUASI_IDENTIFYING}
    assert told == exempt & set(days)


def test_no_free_text_of_a_patient_is_shown_to_who_reads_for_research():
    shown = {
        (model._meta.label, field.name)
        for model in our_models()
        if model._meta.app_label in ("patients", "infusions")
        for field in model._meta.concrete_fields
        if isinstance(field, models.TextField)
        and disclosure_of(model, field.name) in (Disclosure.CLINICAL, Disclosure.ADMINISTRATIVE)
    }

    assert shown == set()


def test_a_path_is_classified_as_the_field_it_leads_to():
    assert disclosure_of(MuscleScore, "visit__patient__birth_year") is Disclosure.QUASI_IDENTIFYING
    assert disclosure_of(MuscleScore, "visit__patient__study_id") is Disclosure.ADMINISTRATIVE
    with pytest.raises(KeyError):
        classification()["patients.Patient"]["name"]


def test_what_a_pseudonymised_reader_is_shown_follows_the_class():
    assert pseudonymised(Patient, "included_on") is month_text
    assert pseudonymised(Patient, "birth_year") is left_out
    assert pseudonymised(Patient, "sex")("female") == "female"
    assert pseudonymised(LaboratoryResult, "method") is left_out


def test_a_partial_date_becomes_no_more_exact():
    assert [month_text(day) for day in ("2003", "2003-05", "2003-05-07", None, "")] == [
        "2003",
        "2003-05",
        "2003-05",
        None,
        None,
    ]


def row_views():
    def of(view):
        for child in view.__subclasses__():
            yield child
            yield from of(child)

    loaded = {patients.api.PatientList, infusions.api.InfusionList}
    found = [v for v in of(AnswerView) if issubclass(v, RowListView | RowDetailView)]
    assert loaded <= set(found)
    return found


@pytest.mark.parametrize(
    "view", [v for v in row_views() if getattr(v, "serializer_class", None)], ids=lambda v: v.name
)
def test_every_column_of_rest_has_a_class(view, monkeypatch):
    monkeypatch.setattr("mmn_registry.rest.coarse.pseudonymised_somewhere", lambda: True)
    paths = list(sources(view.serializer_class).values())

    assert len(coarsening(view.model, paths, view.shown_as).shows) == len(paths)
