"""Who may read which entries, and who may read their values, held by PostgreSQL."""

from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.db.models import F

from mmn_registry import principal
from mmn_registry.audit.models import Entry
from mmn_registry.principal import EVERYWHERE, Kind, Principal, Right
from patients.models import Patient
from tests.audit.told import told
from tests.patients import examples
from tests.patients.examples import saved

pytestmark = pytest.mark.django_db


@pytest.fixture
def two_patients():
    """One each in the centres C1 and C2, entered before anybody looks."""
    ours = saved(examples.patient(study_id="ONE", centre=examples.centre("C1")))
    theirs = saved(examples.patient(study_id="TWO", centre=examples.centre("C2")))
    saved(examples.lower_limit(centre=theirs.centre))
    return ours, theirs


def seen_by(**reach):
    """Which entries somebody with these rights sees, and of which the values."""
    rights = {Right(right): centres for right, centres in reach.items()}
    numbers = [entry.seq for entry in told()]
    with principal.in_force(Principal(Kind.USER, uuid4(), reach=rights)), transaction.atomic():
        entries = {(e.table_name, e.study_id) for e in Entry.objects.all()}
        with connection.cursor() as cursor:
            values = cursor.execute(
                "SELECT seq FROM registry_trail_values(%s)", [numbers]
            ).fetchall()
    with_values = {seq for (seq,) in values}
    return entries, {(e.table_name, e.study_id) for e in told() if e.seq in with_values}


CENTRE, ONE, TWO, LIMIT = (
    ("accounts_centre", ""),
    ("patients_patient", "ONE"),
    ("patients_patient", "TWO"),
    ("patients_lowerlimit", ""),
)


def test_an_auditor_of_a_centre_sees_what_was_done_there_but_no_clinical_value(two_patients):
    ours, _theirs = two_patients

    assert seen_by(trail={ours.centre_id}) == ({CENTRE, ONE}, {CENTRE})


def test_an_auditor_of_all_centres_sees_everything_but_no_clinical_value(two_patients):
    assert seen_by(trail=EVERYWHERE) == ({CENTRE, ONE, TWO, LIMIT}, {CENTRE, LIMIT})


def test_who_treats_sees_the_history_of_the_own_patients(two_patients):
    ours, _theirs = two_patients

    assert seen_by(read={ours.centre_id}) == ({ONE}, {ONE})


def test_who_treats_sees_the_history_of_the_own_limits(two_patients):
    _ours, theirs = two_patients

    assert seen_by(read={theirs.centre_id}) == ({TWO, LIMIT}, {TWO, LIMIT})


@pytest.mark.parametrize("right", ["research", "identity", "write"])
def test_other_rights_open_nothing(two_patients, right):
    assert seen_by(**{right: EVERYWHERE}) == (set(), set())


def test_nobody_sees_nothing(two_patients):
    with principal.in_force(None), transaction.atomic():
        assert Entry.objects.count() == 0


def test_a_patient_who_moved_takes_the_history_along(two_patients):
    ours, theirs = two_patients
    here, there = ours.centre_id, theirs.centre_id

    Patient.objects.filter(pk=ours.pk).update(centre=there, version=F("version") + 1)

    assert ONE in seen_by(read={there})[0]
    assert ONE not in seen_by(read={here})[0]
    # What was done there was done there.
    assert ONE in seen_by(trail={here})[0]


def test_the_trail_of_a_centre_is_read_along_its_index(two_patients):
    ours, _theirs = two_patients
    rights = {Right.TRAIL: frozenset({ours.centre_id})}
    auditor = Principal(Kind.USER, uuid4(), reach=rights)
    with principal.in_force(auditor), transaction.atomic(), connection.cursor() as cursor:
        # So few rows are sorted as well as walked along: which of both is not the question here.
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute(
            "EXPLAIN SELECT at, action_id FROM audit_entry WHERE centre_id = %s "
            "AND (at, action_id) < (now(), gen_random_uuid()) "
            "ORDER BY at DESC, action_id DESC LIMIT 1",
            [ours.centre_id],
        )
        plan = "\n".join(line for (line,) in cursor.fetchall())

    assert "Backward using audit_entry_of_centre" in plan
    assert "Index Cond: ((centre_id = " in plan
    assert "ROW(at, action_id) <" in plan
