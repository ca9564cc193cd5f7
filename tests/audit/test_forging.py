"""Nobody who sends SQL as the application changes, empties, silences or forges the trail."""

import psycopg
import pytest
from django.conf import settings
from django.db import DatabaseError, connection, connections, transaction

from mmn_registry import principal
from mmn_registry.accounts.actions import open_centre
from mmn_registry.accounts.models import Centre
from mmn_registry.audit.models import Entry
from tests.audit.told import above, told

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not settings.EMBEDDED, reason="this server has one role for everything"),
]

FORBIDDEN, UNKNOWN_SETTING = "42501", "42704"
A_WRITE = (
    "INSERT INTO audit_entry (at, xid, database_role, kind, actor_kind, actor_name, action_id, "
    "verb, reason, request_id, route, table_name, operation, record_id, study_id) VALUES "
    "(now(), 1, '', 'write', 'user', '', gen_random_uuid(), '', '', '', '', '', 'insert', '', '')"
)
ATTACKS = {
    "insert": A_WRITE,
    "update": "UPDATE audit_entry SET actor_name = 'somebody else'",
    "update one column": "UPDATE audit_entry SET at = at - interval '1 day'",
    "delete": "DELETE FROM audit_entry",
    "merge": "MERGE INTO audit_entry AS e USING (SELECT 1) AS s ON true WHEN MATCHED THEN DELETE",
    "truncate": "TRUNCATE audit_entry",
    "copy into": "COPY audit_entry (verb) FROM STDIN",
    "read values": "SELECT old, new FROM audit_entry",
    "read whole rows": "SELECT * FROM audit_entry",
    "disable its triggers": "ALTER TABLE audit_entry DISABLE TRIGGER ALL",
    "disable a table's triggers": "ALTER TABLE patients_visit DISABLE TRIGGER trail_update",
    "drop a trigger": "DROP TRIGGER trail_update ON patients_visit",
    "a trigger of one's own": "CREATE TRIGGER z AFTER INSERT ON patients_visit "
    "FOR EACH STATEMENT EXECUTE FUNCTION registry_append_only()",
    "replace its function": "CREATE OR REPLACE FUNCTION registry_trail() RETURNS trigger "
    "LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
    "drop its function": "DROP FUNCTION registry_trail CASCADE",
    "replication role": "SET session_replication_role = replica",
    "another role": "SET ROLE mmn_owner",
    "the auditor's role": "SET ROLE mmn_audit",
    "drop a policy": "DROP POLICY reads ON audit_entry",
    "no policies": "ALTER TABLE audit_entry DISABLE ROW LEVEL SECURITY",
    "draw numbers": "SELECT setval('audit_entry_seq_seq', 1)",
    "note a write": "SELECT registry_note('write', '', '', '', NULL, 0)",
    "note as another": "SELECT registry_trail_note('read', '', '', '', NULL, '', NULL, 0)",
    "seal": "INSERT INTO audit_seal SELECT * FROM audit_seal",
    "break a seal": "UPDATE audit_seal SET hash = ''",
    "remove a seal": "DELETE FROM audit_seal",
    "truncate the seals": "TRUNCATE audit_seal",
    "a schema in front": "CREATE SCHEMA mine",
    "a table in its place": "CREATE TABLE public.audit_entry_2 (seq int)",
}


@pytest.mark.parametrize("statement", ATTACKS.values(), ids=ATTACKS)
def test_the_application_is_refused(statement):
    open_centre(Centre(code="SALP"))
    before = [vars(entry) for entry in told()]

    with pytest.raises(DatabaseError) as refused, transaction.atomic():
        connection.cursor().execute(statement)

    assert refused.value.__cause__.sqlstate == FORBIDDEN, refused.value
    assert [vars(entry) for entry in told()] == before


def test_a_function_in_front_of_its_own_is_not_called():
    """Temporary objects come first on no path that the trail uses."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL search_path = pg_temp, public")
        cursor.execute("CREATE TEMPORARY TABLE audit_entry (verb text)")
        cursor.execute(
            "CREATE FUNCTION pg_temp.registry_context() RETURNS jsonb LANGUAGE sql "
            """AS $$ SELECT '{"kind": "user", "name": "somebody else"}'::jsonb $$"""
        )
        cursor.execute("INSERT INTO public.accounts_centre (code, name) VALUES ('C1', '')")
        cursor.execute("DROP TABLE pg_temp.audit_entry")

    [entry] = told()
    assert (entry.actor_kind, entry.actor_name) == ("operator", "tests")


def test_a_context_of_another_connection_writes_nothing():
    """Signed, but for another process of the server."""
    key = connection.context_key
    now = principal.at_work()
    stolen = key.signed(principal.context(now, backend_pid=1, valid_until=2**40))

    with pytest.raises(DatabaseError, match="another time or connection"):
        write_under(stolen)
    assert told() == []


def test_a_context_that_has_ended_writes_nothing():
    key, pid = connection.context_key, connection.connection.info.backend_pid
    ended = key.signed(principal.context(principal.at_work(), backend_pid=pid, valid_until=1))

    with pytest.raises(DatabaseError, match="another time or connection"):
        write_under(ended)
    assert told() == []


def test_a_context_signed_with_another_key_writes_nothing():
    key, pid = principal.ContextKey("guessed"), connection.connection.info.backend_pid
    forged = key.signed(principal.context(principal.at_work(), backend_pid=pid, valid_until=2**40))

    with pytest.raises(DatabaseError, match="cannot be verified"):
        write_under(forged)
    assert told() == []


def test_a_context_with_another_name_under_the_same_signature_writes_nothing():
    connection.cursor().execute("SELECT 1")
    with connection.cursor() as cursor:
        mine = cursor.execute("SELECT current_setting('mmn.context')").fetchone()[0]

    with pytest.raises(DatabaseError, match="cannot be verified"):
        write_under(mine.replace('"tests"', '"somebody else"'))
    assert told() == []


def write_under(context: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('mmn.context', %s, true)", [context])
        cursor.execute("INSERT INTO accounts_centre (code, name) VALUES ('C1', '')")


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
@pytest.mark.parametrize("table", ["audit_entry", "audit_seal"])
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {} SET {} = {}", "TRUNCATE {}"])
@pytest.mark.parametrize("role", ["origin", "replica"])
def test_the_trail_grows_and_nothing_else_even_from_above(table, statement, role):
    """Who may remove the triggers may go on: that is what seals and anchors are for."""
    open_centre(Centre(code="SALP"))
    column = {"audit_entry": "verb", "audit_seal": "entries"}[table]

    with above() as session:
        session.execute(f"SET session_replication_role = {role}")
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="never"):
            session.execute(statement.format(table, column, column))

    assert Entry.objects.count() == 1


@pytest.mark.django_db(databases=["default", "audit"])
def test_who_seals_changes_no_entry():
    sealer = connections["audit"]
    for statement in (A_WRITE, ATTACKS["update"], ATTACKS["delete"], ATTACKS["truncate"]):
        with pytest.raises(DatabaseError) as refused, transaction.atomic(using="audit"):
            sealer.cursor().execute(statement)
        assert refused.value.__cause__.sqlstate == FORBIDDEN
    for table in ("patients_patient", "accounts_user", "registry_context_key"):
        with pytest.raises(DatabaseError), transaction.atomic(using="audit"):
            sealer.cursor().execute(f"SELECT * FROM {table}")
