"""docs/privacy.md says what the code does: its table is made of the fields' classes."""

import re

from django.apps import apps
from django.db import models

from mmn_registry.disclosure import (
    Disclosure,
    as_it_is,
    classification,
    month_text,
    pseudonymised,
)
from mmn_registry.postgres.places import CHECKOUT
from patients.disclosure import RECORD
from patients.models import Attachment, Draft, Submission, Transfer

GUIDE = (CHECKOUT / "docs/privacy.md").read_text()
HEAD = "| record | shown as it is | shown as a month | left out |"
# Read by nobody but who typed them, and by the two centres.
NOT_FOR_RESEARCH = (Attachment, Draft, Submission, Transfer)
# Links between records and what is said of every record, below the table.
NOT_LISTED = {*RECORD, "patient", "visit", "study", "infusion", "key"}


def names(label: str, shown) -> str:
    model = apps.get_model(label)
    found = [
        f"`{field}`"
        for field in classification()[label]
        if field not in NOT_LISTED and pseudonymised(model, field) is shown
    ]
    return " ".join(found) or "–"


def left_out(label: str) -> str:
    shown = names(label, as_it_is) + names(label, month_text)
    every = [f for f in classification()[label] if f not in NOT_LISTED]
    return " ".join(f"`{field}`" for field in every if f"`{field}`" not in shown) or "–"


def table() -> list[str]:
    labels = [
        model._meta.label
        for app in ("patients", "infusions")
        for model in apps.get_app_config(app).get_models()
        if "Identity" not in model.__name__ and model not in NOT_FOR_RESEARCH
    ]
    return [
        f"| {apps.get_model(label)._meta.verbose_name} | {names(label, as_it_is)} "
        f"| {names(label, month_text)} | {left_out(label)} |"
        for label in labels
    ]


def test_the_table_says_what_a_pseudonymised_reader_sees():
    lines = GUIDE.splitlines()
    begin = lines.index(HEAD) + 2
    end = next(i for i in range(begin, len(lines)) if not lines[i].startswith("|"))

    assert lines[begin:end] == table()


def test_what_every_record_has_is_said_below_it():
    said = GUIDE.partition("Of every record")[2].partition("\n\n")[0]

    assert {f"`{name}`" for name in RECORD} <= set(re.findall(r"`\w+`", said))


def test_every_class_is_explained():
    assert {kind for kind in Disclosure if f"| {kind.replace('_', '-')} |" not in GUIDE} == set()


def test_every_table_of_identity_is_named():
    tables = {
        model._meta.db_table
        for model in apps.get_models()
        if Disclosure.IDENTIFYING in classification().get(model._meta.label, {}).values()
    }

    assert tables == {"patients_identity", "patients_attachment"}
    assert {table for table in tables if f"`{table}`" not in GUIDE} == set()
    assert isinstance(
        apps.get_model("patients.Identity")._meta.get_field("born_on"), models.TextField
    )
