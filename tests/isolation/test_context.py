"""Who is acting cannot be forged by whoever sends SQL as the application."""

import time
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection, connections, transaction

from mmn_registry.context_key import tell_context_key
from mmn_registry.principal import (
    EVERYWHERE,
    ContextKey,
    InForce,
    Kind,
    Principal,
    Right,
    carried,
    context,
    current,
    in_force,
    named_action,
    operator,
)
from patients.models import Patient
from tests.patients.examples import patient, saved

pytestmark = [
    pytest.mark.skipif(not settings.EMBEDDED, reason="this server has one role for everything"),
]
READER = Principal(Kind.USER, uuid4(), reach={Right.READ: EVERYWHERE})


@pytest.fixture
def stored(db):
    return saved(patient())


def read_with(text: str) -> int:
    """How many patients the application's role reads when it says this of itself."""
    with in_force(None), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('mmn.context', %s, true)", [text])
        cursor.execute("SELECT count(*) FROM patients_patient")
        return cursor.fetchone()[0]


def told(*, pid: int | None = None, until: float | None = None) -> str:
    connection.ensure_connection()
    return context(
        InForce(READER),
        backend_pid=pid or connection.connection.info.backend_pid,
        valid_until=until or time.time() + 60,
    )


def test_a_genuine_one_opens_what_it_names(stored):
    assert read_with(connection.context_key.signed(told())) == 1


def test_without_one_there_is_nothing(stored):
    assert read_with("") == 0


@pytest.mark.parametrize(
    "forged",
    [
        lambda key: ContextKey("another secret").signed(told()),
        lambda key: key.signed(told()).replace('"until":', '"Until":'),
        lambda key: key.signed(told())[:-1],
        lambda key: f"{key.id}::{told()}",
        lambda key: f"{key.id}:{'0' * 64}:{told()}",
        lambda key: told(),
        lambda key: '{"reach":{"read":"*"}}',
        lambda key: "nonsense",
        lambda key: key.signed(told(pid=1)),
        lambda key: key.signed(told(until=time.time() - 1)),
    ],
    ids=[
        "another key",
        "changed text",
        "cut text",
        "no signature",
        "wrong signature",
        "unsigned",
        "bare claim",
        "nonsense",
        "another connection",
        "expired",
    ],
)
def test_what_is_not_genuine_is_an_error_and_never_an_empty_list(stored, forged):
    with pytest.raises(DatabaseError) as refused:
        read_with(forged(connection.context_key))

    assert refused.value.__cause__.sqlstate == "42501"


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM registry_context_key",
        "UPDATE registry_context_key SET inner_pad = ''",
        "INSERT INTO registry_context_key (id, inner_pad, outer_pad) VALUES ('x', '', '')",
        "INSERT INTO registry_withheld_patient VALUES (gen_random_uuid())",
        "SET ROLE mmn_owner",
        "SET SESSION AUTHORIZATION mmn_owner",
        "ALTER TABLE patients_patient DISABLE ROW LEVEL SECURITY",
        "DROP POLICY reads ON patients_patient",
        "CREATE POLICY mine ON patients_patient USING (true)",
        "CREATE OR REPLACE FUNCTION registry_context() RETURNS jsonb LANGUAGE sql AS 'SELECT NULL'",
        "TRUNCATE patients_patient",
    ],
)
def test_the_application_cannot_change_what_guards_it(stored, statement):
    with (
        pytest.raises(DatabaseError) as refused,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)

    assert refused.value.__cause__.sqlstate == "42501"


def test_row_security_cannot_be_switched_off(stored):
    with in_force(None), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL row_security = off")
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            cursor.execute("SELECT count(*) FROM patients_patient")
        cursor.execute("SET LOCAL row_security = on")


@pytest.mark.django_db(transaction=True)
class TestInEveryStateOfAConnection:
    @pytest.fixture(autouse=True)
    def _stored(self):
        saved(patient())

    def test_a_statement_on_its_own_is_somebodys_and_the_next_is_nobodys(self):
        with in_force(READER):
            assert Patient.objects.count() == 1
        with in_force(None):
            assert Patient.objects.count() == 0
            with connection.cursor() as cursor:
                cursor.execute("SELECT current_setting('mmn.context', true)")
                assert cursor.fetchone()[0] in (None, "")

    def test_a_transaction_is_somebodys_from_the_first_statement_to_the_last(self):
        with in_force(READER), transaction.atomic():
            assert Patient.objects.count() == 1
            assert Patient.objects.count() == 1

    def test_who_acts_may_change_within_a_transaction(self):
        with transaction.atomic(), in_force(READER):
            assert Patient.objects.count() == 1
            with in_force(None):
                assert Patient.objects.count() == 0
            assert Patient.objects.count() == 1

    def test_what_a_savepoint_forgot_is_said_again(self):
        with transaction.atomic(), in_force(None):
            with transaction.atomic(), in_force(READER):
                assert Patient.objects.count() == 1
                transaction.set_rollback(True)
            with in_force(READER):
                assert Patient.objects.count() == 1

    def test_a_stream_is_its_readers_though_it_is_read_after_the_view(self):
        with in_force(READER):
            rows = carried(Patient.objects.values_list("study_id").iterator())

        with in_force(None):
            assert list(rows) == [("SYN-001",)]
            assert current() is None

    def test_a_copy_outside_a_transaction_is_refused(self):
        copy = "COPY (SELECT * FROM patients_patient) TO STDOUT"
        with (
            in_force(READER),
            connection.cursor() as cursor,
            pytest.raises(RuntimeError, match="transaction"),
        ):
            cursor.copy(copy)

    def test_a_long_transaction_renews_what_would_expire(self, monkeypatch):
        with in_force(READER), transaction.atomic():
            assert Patient.objects.count() == 1
            first = told_to_database()
            much_later = time.monotonic() + 8 * 60
            monkeypatch.setattr(time, "monotonic", lambda: much_later)
            assert Patient.objects.count() == 1
            assert told_to_database() != first


def told_to_database() -> str:
    with connection.connection.cursor() as cursor:
        return cursor.execute("SELECT current_setting('mmn.context')").fetchone()[0]


def test_an_action_inside_another_is_part_of_it(db):
    def actions():
        with connection.cursor() as cursor:
            cursor.execute("SELECT c->>'action', c->>'verb' FROM registry_context() AS c")
            return cursor.fetchone()

    with in_force(operator("tests")):
        with named_action("recorded a visit"):
            outer = actions()
            with named_action("recorded a patient"):
                inner = actions()
        with named_action("recorded a visit"):
            another = actions()

    assert outer == inner
    assert outer[1] == another[1] == "recorded a visit"
    assert outer[0] != another[0]


@pytest.mark.django_db(databases=["default", "owner"])
class TestConnecting:
    def test_who_owns_the_tables_does_not_serve_a_registry_in_service(self):
        above = connections["owner"].copy()
        above.settings_dict = above.settings_dict | {"REFUSES_OWNER": True}

        with pytest.raises(ImproperlyConfigured, match=r"mmn_owner, as whom .* stands above"):
            above.ensure_connection()
        assert above.connection is None

    def test_the_applications_role_serves(self):
        below = connection.copy()
        below.settings_dict = below.settings_dict | {"REFUSES_OWNER": True}

        below.ensure_connection()
        below.close()

    def test_a_secret_key_that_the_database_was_not_told_is_said_once_and_clearly(self):
        changed = connection.copy()
        changed.settings_dict = changed.settings_dict | {"CONTEXT_KEY": ContextKey("changed")}

        with pytest.raises(ImproperlyConfigured, match=r"Run `manage\.py migrate`"):
            changed.ensure_connection()


@pytest.mark.django_db(databases=["default", "owner"])
def test_migrating_tells_the_new_key_and_forgets_the_old(monkeypatch):
    def known():
        with connections["owner"].cursor() as cursor:
            return cursor.execute("SELECT id FROM registry_context_key").fetchall()

    new = ContextKey("changed")
    monkeypatch.setitem(connections["owner"].settings_dict, "CONTEXT_KEY", new)
    assert known() == [(connection.context_key.id,)]

    tell_context_key()
    tell_context_key()

    assert known() == [(new.id,)]
