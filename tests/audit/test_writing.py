"""Whatever is written, in whichever way, is in the trail: who, when, why, what it was and is."""

import time
from datetime import date
from uuid import UUID, uuid4

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import F

from infusions.models import InfusionLot
from mmn_registry import principal
from mmn_registry.accounts.actions import grant_role, open_account, open_centre
from mmn_registry.accounts.models import Centre, User
from mmn_registry.accounts.roles import Role
from mmn_registry.accounts.selectors import principal_for
from mmn_registry.audit.models import Entry
from patients import actions
from patients.models import MuscleScore, Patient, Visit
from tests.audit.told import above, last_seq, told
from tests.infusions.examples import EXAMPLES as OF_TREATMENT
from tests.patients import examples
from tests.patients.examples import EXAMPLES as OF_PATIENTS
from tests.patients.examples import saved

pytestmark = pytest.mark.django_db

EXAMPLES = OF_PATIENTS | OF_TREATMENT
RECORDED = [pytest.param(model, id=model._meta.db_table) for model in EXAMPLES]


def columns(record) -> set[str]:
    return {field.column for field in record._meta.concrete_fields}


def what_was_told(since, table):
    return [
        (entry.operation, entry.record_id, entry.old, entry.new)
        for entry in told(since)
        if entry.table_name == table
    ]


# ── Every table, every way of writing ────────────────────────────────────────────────────────


@pytest.mark.parametrize("model", RECORDED)
def test_a_row_that_is_saved_is_told_whole(model):
    record = EXAMPLES[model]()
    before = last_seq()

    record.save(force_insert=True)

    [(operation, record_id, old, new)] = what_was_told(before, model._meta.db_table)
    assert (operation, record_id, old) == ("insert", str(record.pk), None)
    assert new["version"] == 1
    # What is left out was not recorded, and the key stands beside.
    stored = model.including_voided.values(*columns(record)).get(pk=record.pk)
    assert {name for name, value in stored.items() if value not in (None, "")} - set(new) == {"id"}
    assert {name for name in new if stored[name] in (None, "")} == set()


@pytest.mark.parametrize("model", RECORDED)
def test_an_update_of_many_is_told_row_by_row_and_only_what_changed(model):
    record = saved(EXAMPLES[model]())
    before = last_seq()

    model.objects.update(version=F("version") + 1, amend_reason="Read again.")

    assert what_was_told(before, model._meta.db_table) == [
        (
            "update",
            str(record.pk),
            {"version": 1, "amend_reason": ""},
            {"version": 2, "amend_reason": "Read again."},
        )
    ]
    [entry] = told(before)
    assert sorted(entry.changed) == ["amend_reason", "version"]


@pytest.mark.parametrize("model", RECORDED)
def test_what_sql_writes_past_the_application_is_told_alike(model):
    """Only who owns the database can delete; that is told, too."""
    record = saved(EXAMPLES[model]())
    table, key = model._meta.db_table, str(record.pk)
    before = last_seq()

    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET version = version + 1 WHERE id = %s", [key])
        cursor.execute(
            f"MERGE INTO {table} AS t USING (SELECT %s::uuid AS id) AS s ON t.id = s.id "
            "WHEN MATCHED THEN UPDATE SET version = t.version + 1",
            [key],
        )

    assert what_was_told(before, table) == [
        ("update", key, {"version": 1}, {"version": 2}),
        ("update", key, {"version": 2}, {"version": 3}),
    ]


def test_rows_written_together_are_told_one_by_one():
    visit = saved(examples.visit())
    before = last_seq()
    scores = [
        examples.muscle_score(visit=visit, side=side, mrc_grade=grade)
        for side, grade in (("left", "3"), ("right", "NT"))
    ]

    MuscleScore.objects.bulk_create(scores)
    for score in scores:
        score.version, score.origin = 2, "graded"
    MuscleScore.objects.bulk_update(scores, ["version", "origin"])

    first, second = (str(score.pk) for score in scores)
    inserted, updated = (
        {entry.record_id: entry for entry in told(before) if entry.operation == operation}
        for operation in ("insert", "update")
    )
    assert (inserted[first].new["mrc_grade"], inserted[second].new["mrc_grade"]) == ("3", "NT")
    assert inserted[first].new["mrc_thirds"] == 9
    assert inserted[second].new["mrc_thirds"] is None  # beside one that has it
    assert updated[second].old == {"version": 1, "origin": ""}
    assert updated[second].new == {"version": 2, "origin": "graded"}
    assert len(told(before)) == 4


def test_what_becomes_known_or_unknown_is_told():
    visit = saved(examples.visit(weight_kg=None, mmn_rods=40))
    before = last_seq()

    Visit.objects.update(weight_kg=70, mmn_rods=None, version=F("version") + 1)

    [entry] = told(before)
    assert (entry.old["weight_kg"], entry.new["weight_kg"]) == (None, 70)
    assert (entry.old["mmn_rods"], entry.new["mmn_rods"]) == (40, None)
    assert entry.record_id == str(visit.pk)


def test_a_statement_that_writes_no_row_tells_nothing():
    before = last_seq()

    Visit.objects.filter(pk=uuid4()).update(weight_kg=70)
    Centre.objects.filter(pk=uuid4()).update(name="Nowhere")

    assert told(before) == []


def test_an_update_that_changes_nothing_tells_nothing():
    centre = open_centre(Centre(code="SALP"))
    before = last_seq()

    Centre.objects.filter(pk=centre.pk).update(code="SALP")

    assert told(before) == []


def test_a_key_that_changes_is_told_as_a_row_that_went_and_one_that_came():
    centre = open_centre(Centre(code="SALP"))
    old_key, new_key, before = str(centre.pk), uuid4(), last_seq()

    Centre.objects.filter(pk=centre.pk).update(id=new_key)

    went, came = sorted(told(before), key=lambda entry: entry.old is None)
    assert (went.record_id, went.old["code"], went.new) == (old_key, "SALP", None)
    assert (came.record_id, came.old, came.new["code"]) == (str(new_key), None, "SALP")
    assert {entry.operation for entry in (went, came)} == {"update"}


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_copy_and_delete_from_above_are_told_with_the_session_that_did_it():
    visit = saved(examples.visit())
    before, key = last_seq(), uuid4()

    with above() as session:
        with session.cursor().copy(
            "COPY patients_musclescore (id, visit_id, muscle, side, mrc_grade) FROM STDIN"
        ) as copy:
            copy.write_row((key, visit.pk, "wrist_flexion", "left", "4"))
        session.execute("DELETE FROM patients_musclescore WHERE id = %s", [key])
        name = session.execute("SELECT session_user").fetchone()[0]

    inserted, deleted = told(before)
    assert (inserted.operation, deleted.operation) == ("insert", "delete")
    assert inserted.new == deleted.old
    assert (inserted.old, deleted.new) == (None, None)
    assert inserted.record_id == deleted.record_id == str(key)
    assert (inserted.actor_kind, inserted.actor_name) == ("database", f"db:{name}")
    assert inserted.database_role == name
    assert inserted.study_id == visit.patient.study_id


@pytest.mark.django_db(transaction=True)
def test_replication_mode_silences_nothing():
    record = saved(examples.visit())
    before = last_seq()

    with above() as session:
        try:
            session.execute("SET session_replication_role = replica")
        except psycopg.errors.InsufficientPrivilege:
            pytest.skip("only a superuser can")
        session.execute("UPDATE patients_visit SET weight_kg = 80, version = version + 1")

    [entry] = told(before)
    assert (entry.record_id, entry.new["weight_kg"]) == (str(record.pk), 80)


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_no_watched_table_is_truncated_not_even_by_its_owner():
    saved(examples.visit())

    with above() as session, pytest.raises(psycopg.errors.InsufficientPrivilege, match="truncated"):
        session.execute("TRUNCATE patients_patient CASCADE")

    assert Patient.objects.count() == 1


def test_what_is_taken_back_was_never_told():
    before = last_seq()

    with transaction.atomic():
        saved(examples.patient())
        transaction.set_rollback(True)

    assert told(before) == []


# ── Whose it is ──────────────────────────────────────────────────────────────────────────────


def test_every_part_is_told_with_its_patient_and_centre():
    patient = saved(examples.patient())
    before = last_seq()
    visit = saved(examples.visit(patient=patient))
    saved(examples.muscle_score(visit=visit))
    study = saved(examples.study(patient=patient))
    saved(examples.nerve_segment(study=study))
    infusion = saved(OF_TREATMENT[next(iter(OF_TREATMENT))](patient=patient))
    saved(OF_TREATMENT[InfusionLot](infusion=infusion))

    subjects = {(e.patient_id, e.study_id, e.centre_id) for e in told(before)}

    assert subjects == {(patient.pk, "SYN-001", patient.centre_id)}
    assert len(told(before)) == 6


def test_what_belongs_to_a_centre_is_told_with_it():
    before = last_seq()
    centre = open_centre(Centre(code="SALP"))
    saved(examples.lower_limit(centre=centre))
    user = open_account("a@hospital.example", "Anne Example")
    grant_role(user, Role.NEUROLOGIST, centre=centre)

    entries = {entry.table_name: entry for entry in told(before)}

    assert {name: entry.centre_id for name, entry in entries.items()} == {
        "accounts_centre": centre.pk,
        "patients_lowerlimit": centre.pk,
        "accounts_user": None,
        "accounts_membership": centre.pk,
    }
    assert {entry.patient_id for entry in entries.values()} == {None}


def test_a_patient_who_moves_is_told_in_the_new_centre():
    patient, there = saved(examples.patient()), examples.centre("C2")
    before = last_seq()

    Patient.objects.update(centre=there, version=F("version") + 1)

    [entry] = told(before)
    assert entry.centre_id == there.pk
    assert entry.old["centre_id"] == str(patient.centre_id)


# ── Who, when, why ───────────────────────────────────────────────────────────────────────────


def test_an_action_of_a_person_is_one_thing_done():
    person = open_account("a@hospital.example", "Anne Example")
    grant_role(person, Role.NEUROLOGIST, centre=examples.centre())
    patient = saved(examples.patient())
    scores = [
        MuscleScore(muscle="wrist_extension", side=side, mrc_grade="4")
        for side in ("left", "right")
    ]
    before = last_seq()

    with principal.in_force(principal_for(person), request_id="7f3a"):
        actions.record_visit(examples.visit(patient=patient), muscle_scores=scores, by=person)

    entries = told(before)
    assert len(entries) == 3
    assert len({entry.action_id for entry in entries}) == 1
    assert {
        (e.kind, e.actor_kind, e.actor_id, e.verb, e.reason, e.request_id, e.database_role)
        for e in entries
    } == {("write", "user", person.pk, "recorded a visit", "", "7f3a", "mmn_app")}
    assert len({entry.xid for entry in entries}) == 1


def test_why_something_was_amended_is_told_with_it():
    visit = saved(examples.visit(weight_kg=60))
    before = last_seq()

    actions.amend(visit, {"weight_kg": 70}, by=None, reason="Scales were read wrongly.")

    [entry] = told(before)
    assert (entry.verb, entry.reason) == ("amended a visit", "Scales were read wrongly.")
    assert (entry.actor_kind, entry.actor_name) == ("operator", "tests")


@pytest.mark.django_db(transaction=True)
def test_what_nobody_named_is_told_as_the_database_role_that_did_it():
    with principal.in_force(None):
        Centre.objects.create(code="C1")
        Centre.objects.create(code="C2")

    entries = told()
    assert {(e.actor_kind, e.actor_name, e.actor_id) for e in entries} == {
        ("database", "db:mmn_app", None)
    }
    # Statements on their own are actions on their own.
    assert len({entry.action_id for entry in entries}) == 2
    assert all(isinstance(entry.action_id, UUID) for entry in entries)


def test_times_are_the_databases_and_in_order():
    first = open_centre(Centre(code="C1"))
    second = open_centre(Centre(code="C2"))

    with connection.cursor() as cursor:
        now = cursor.execute("SELECT clock_timestamp()").fetchone()[0]

    one, two = (Entry.objects.get(record_id=str(centre.pk)) for centre in (first, second))
    assert one.at < two.at < now
    assert one.seq < two.seq


def test_whoever_cannot_be_verified_writes_nothing():
    centre = open_centre(Centre(code="SALP"))

    cursor = connection.cursor()
    cursor.execute("SELECT set_config('mmn.context', 'forged:00:{}', true)")
    with pytest.raises(DatabaseError, match="cannot be verified"), transaction.atomic():
        cursor.execute("UPDATE accounts_centre SET name = 'x' WHERE id = %s", [centre.pk])


# ── What is not told ─────────────────────────────────────────────────────────────────────────


def test_a_secret_is_only_told_as_changed():
    before = last_seq()
    user = open_account("a@hospital.example", "Anne Example", password="correct horse battery")
    user.set_password("another horse battery")
    user.save()

    opened, changed = told(before)

    assert opened.new["password"] == "changed"
    assert opened.new["email"] == "a@hospital.example"
    assert (changed.old, changed.new, changed.changed) == (
        {},
        {"password": "changed"},
        ["password"],
    )
    assert "argon2" not in str(told())


def test_a_column_of_no_interest_is_no_entry():
    user = open_account("a@hospital.example", "Anne Example")
    before = last_seq()

    User.objects.filter(pk=user.pk).update(last_login="2020-01-01T00:00:00Z")
    User.objects.filter(pk=user.pk).update(last_login=None, full_name="Anne Other")

    [entry] = told(before)
    assert entry.new == {"full_name": "Anne Other"}


# ── Large statements ─────────────────────────────────────────────────────────────────────────


def test_a_large_update_after_a_small_one_in_the_same_session_takes_its_share():
    """A plan made for one row must not be the plan for thousands."""
    patient = saved(examples.patient())
    days = [date.fromordinal(date(1951, 1, 1).toordinal() + n) for n in range(20_000)]
    Visit.objects.bulk_create([Visit(patient=patient, visited_on=day) for day in days])

    def seconds(count: int) -> float:
        chosen = Visit.objects.filter(visited_on__lt=days[count - 1])
        began = time.perf_counter()
        assert chosen.update(weight_kg=70, version=F("version") + 1) == count - 1
        return time.perf_counter() - began

    for _warm in range(6):
        seconds(2)

    few, many = seconds(2_000), seconds(20_000)

    assert many < 5 * 10 * few  # ten times as many; a nested loop would take a hundred times
    assert Entry.objects.filter(operation="update").count() == 6 + 1_999 + 19_999
