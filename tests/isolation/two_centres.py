"""Two centres with a record of every kind each, and what one's people can do to the other's."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from uuid import uuid4

from django.apps import apps
from django.db import DatabaseError, IntegrityError, connection, transaction
from psycopg import sql

from infusions.actions import plan_infusions
from infusions.models import PlannedInfusion
from mmn_registry import principal
from mmn_registry.accounts.selectors import principal_for
from mmn_registry.bundle import load_bundle
from patients.models import Patient
from patients.models.record import Record
from tests.bundles import SMALL_BUNDLE
from tests.outcomes.stories import neurologist
from tests.patients.examples import centre, protocol_segment, store_what_no_bundle_holds

MODELS = sorted(
    (model for model in apps.get_models() if issubclass(model, Record)),
    key=lambda model: model._meta.db_table,
)
OURS, THEIRS = "North", "South"
SWAPPED = {"A-1": "SOUTH-1", "A-2": "SOUTH-2", "B-1": "NORTH-1", OURS: THEIRS, THEIRS: OURS}


def store_two_centres(folder: Path):
    """Load both and give back somebody of ours."""
    load_bundle(SMALL_BUNDLE)
    mirrored = folder / "mirrored"
    shutil.copytree(SMALL_BUNDLE, mirrored)
    for file in mirrored.glob("*.csv"):
        rows = [line.split(",") for line in file.read_text().splitlines()]
        swapped = (",".join(SWAPPED.get(cell, cell) for cell in row) for row in rows)
        file.write_text("\n".join(swapped) + "\n")
    load_bundle(mirrored)
    for study_id in ("A-1", "SOUTH-1"):
        store_what_no_bundle_holds(study_id)
    for patient in Patient.objects.all():  # what is planned is in no bundle
        planned = PlannedInfusion(patient=patient, planned_on=date(2004, 3, 1), route="IV")
        plan_infusions([planned], by=None)
    for code in (OURS, THEIRS):  # what no bundle holds
        protocol_segment(centre=centre(code)).save(force_insert=True)
    return neurologist(OURS)


def of_centre(model: type[Record], code: str):
    return model.including_voided.filter(**{f"{model.centre_path}__code": code})


@contextmanager
def acting_as(person) -> Iterator[None]:
    """A transaction of somebody, of which nothing remains."""
    who = principal_for(person) if person else None
    with principal.in_force(who), transaction.atomic():
        yield
        transaction.set_rollback(True)


def findings(model: type[Record], person) -> list[str]:
    """What is not as it should be, of a table with rows of both centres."""
    if not (of_centre(model, OURS).exists() and of_centre(model, THEIRS).exists()):
        return ["not even an operator sees a row of both centres"]
    return [*_reading(model, person), *_writing(model, person), *_nobody(model)]


def _reading(model, person):
    table = sql.Identifier(model._meta.db_table)
    ours = of_centre(model, OURS).count()
    with acting_as(person), connection.cursor() as cursor:
        seen = cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(table)).fetchone()[0]
        with cursor.copy(sql.SQL("COPY (SELECT id FROM {}) TO STDOUT").format(table)) as copy:
            copied = len(list(copy.rows()))
    if (seen, copied) != (ours, ours):
        yield f"{seen} rows read and {copied} copied, of {ours} own ones"


def _writing(model, person):
    table = sql.Identifier(model._meta.db_table)
    own, foreign = (of_centre(model, code).earliest("id").pk for code in (OURS, THEIRS))
    amend = sql.SQL("UPDATE {} SET version = version + 1 WHERE id = {{}}").format(table).as_string()
    merge = sql.SQL(
        "MERGE INTO {} AS t USING (SELECT {{}}::uuid AS id) AS s ON t.id = s.id "
        "WHEN MATCHED THEN UPDATE SET version = t.version + 1"
    )
    for verb, statement in (("amended", amend), ("merged", merge.format(table).as_string())):
        for whose, key, expected in (("own", own, 1), ("foreign", foreign, 0)):
            said = _tried(person, sql.SQL(statement).format(sql.Literal(key)))
            if said != expected:
                yield f"{verb} {whose} row: {said}"
    for whose, code in (("own", OURS), ("foreign", THEIRS)):
        # Policies come before uniqueness: what is allowed fails as a duplicate.
        said = _tried(person, _copy_of(model, own, of_centre(model, code).earliest("id")))
        if said != {"own": "duplicate or stored", "foreign": "forbidden"}[whose]:
            yield f"recorded under {whose} parent: {said}"
    delete = sql.SQL("DELETE FROM {} WHERE id = {}").format(table, sql.Literal(own))
    if (said := _tried(person, delete)) != "forbidden":
        yield f"deleted: {said}"


def _nobody(model):
    table = sql.Identifier(model._meta.db_table)
    with acting_as(None), connection.cursor() as cursor:
        seen = cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(table)).fetchone()[0]
    if seen:
        yield f"{seen} rows read by nobody"


def _tried(person, statement) -> int | str:
    """The number of rows, or what became of it."""
    try:
        with acting_as(person), connection.cursor() as cursor:
            cursor.execute(statement)
            inserting = statement.as_string().startswith("INSERT")
            return "duplicate or stored" if inserting else cursor.rowcount
    except IntegrityError:
        return "duplicate or stored"
    except DatabaseError as error:
        if error.__cause__.sqlstate == "42501":
            return "forbidden"
        raise


def _copy_of(model, key, like: Record) -> sql.Composed:
    """A new row with the values of ``key``, in the place of another row."""
    parent = model._meta.get_field(model.parent_key or "centre")
    if model._meta.label == "patients.LowerLimit":
        parent = model._meta.get_field("centre")
    values = {
        field.column: sql.Identifier(field.column)
        for field in model._meta.concrete_fields
        if not field.generated
    }
    values |= {
        "id": sql.Literal(uuid4()),
        parent.column: sql.Literal(getattr(like, parent.attname)),
    }
    if model is Patient:
        values["study_id"] = sql.Literal("NEW-1")
    return sql.SQL(
        "INSERT INTO {table} ({columns}) SELECT {values} FROM {table} WHERE id = {key}"
    ).format(
        table=sql.Identifier(model._meta.db_table),
        columns=sql.SQL(", ").join(map(sql.Identifier, values)),
        values=sql.SQL(", ").join(values.values()),
        key=sql.Literal(key),
    )
