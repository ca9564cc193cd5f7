"""What the database lets its roles do, table by table."""

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection

from patients.models.record import Record

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not settings.EMBEDDED, reason="this server has one role for everything"),
]

# A clinical record is amended or voided, never deleted; these are none. A saved cohort is the
# question of whoever saved it, not what was found: who made it may delete it.
MAY_BE_DELETED_FROM = {
    "django_session",
    "accounts_cache",
    "mfa_authenticator",
    "usersessions_usersession",
    "patients_draft",
    "patients_submission",
    "accounts_keptanswer",
    "accounts_requestcount",
    "outcomes_savedcohort",
}
# What somebody has typed is that person's alone.
OF_ONE_PERSON = {"patients_draft", "patients_submission"}
RIGHTS = """
    SELECT tablename, has_table_privilege(%s, quote_ident(tablename), %s)
    FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename
"""
# What answers whether somebody is known elsewhere.
OF_ONE_FUNCTION = {"registry_person_key", "registry_person_question"}


def tables_where(role: str, privilege: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(RIGHTS, [role, privilege])
        return {table for table, may in cursor.fetchall() if may}


def all_tables() -> set[str]:
    return set(connection.introspection.table_names())


def test_the_application_reads_every_table_but_the_key_and_the_trails_values():
    unreadable = {"registry_context_key", "audit_entry"} | OF_ONE_FUNCTION

    assert tables_where("mmn_app", "SELECT") == all_tables() - unreadable


def test_the_application_deletes_from_no_table_but_those_named():
    assert tables_where("mmn_app", "DELETE") == MAY_BE_DELETED_FROM


@pytest.mark.parametrize("privilege", ["TRUNCATE", "REFERENCES", "TRIGGER"])
def test_the_application_never_empties_a_table_or_changes_its_rules(privilege):
    assert tables_where("mmn_app", privilege) == set()


def test_the_application_does_not_say_what_was_migrated_or_what_this_database_is():
    unwritable = {"django_migrations", "mmn_registry_birth"}

    assert not unwritable & tables_where("mmn_app", "INSERT")
    assert not unwritable & tables_where("mmn_app", "UPDATE")


def test_who_derives_reads_what_is_recorded_and_nothing_of_who_signs_in_or_who_patients_are():
    """Exactly: a new table is readable by default, until this is asked of it."""
    records = {model._meta.db_table for model in apps.get_models() if issubclass(model, Record)}
    kept = {"outcomes_patientoutcome", "outcomes_stalemark"}
    around = {"patients_confirmation", "registry_withheld_patient", "accounts_centre"}
    identity = {"patients_identity", "patients_identitykey", "patients_attachment"}
    expected = (records - identity) | kept | around | {"mmn_registry_birth"}

    assert tables_where("mmn_derive", "SELECT") == expected
    assert tables_where("mmn_derive", "INSERT") == kept
    assert tables_where("mmn_derive", "UPDATE") <= kept


def test_who_audits_reads_the_trail_and_nothing_that_it_is_about():
    assert tables_where("mmn_audit", "SELECT") == {"audit_entry", "audit_seal"}
    assert tables_where("mmn_audit", "INSERT") == {"audit_seal"}
    assert tables_where("mmn_audit", "UPDATE") | tables_where("mmn_audit", "DELETE") == set()


@pytest.mark.parametrize("role", ["mmn_app", "mmn_derive", "mmn_audit"])
def test_no_role_of_the_application_owns_anything(role):
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relowner = %s::regrole", [role])
        assert cursor.fetchall() == []
