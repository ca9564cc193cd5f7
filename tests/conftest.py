"""The test database: made by its owner, used as the application, emptied by the owner again."""

import os
import time
from contextlib import suppress
from functools import cache

import psycopg
import pytest
from django.db import DatabaseError, OperationalError, connections
from django.test import TransactionTestCase
from hypothesis import settings

from mmn_registry import health, principal
from mmn_registry.birth import born_as
from mmn_registry.postgres.processes import is_alive
from tests.accounts.signing_in import forced_logins_with_both_factors

# No deadline: a busy machine is no counterexample.
settings.register_profile("registry", deadline=None)
settings.load_profile("registry")

TRUNCATION = """
DO $$ DECLARE watched regclass; BEGIN
    FOR watched IN SELECT tgrelid FROM pg_trigger WHERE tgname = 'trail_refuses_truncate' LOOP
        EXECUTE format('ALTER TABLE %s {} TRIGGER trail_refuses_truncate', watched);
    END LOOP;
END $$
"""
TRIES_TO_EMPTY = 5
SECONDS_TO_DROP = 5
TEST_DATABASE = "test_mmn_"  # and the process that uses it: two runs do not meet


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_blocker):
    """Create and migrate one database through ``owner``; ``default`` then connects to the same."""
    owner, app = connections["owner"], connections["default"]
    name = owner.settings_dict["NAME"]
    owner.settings_dict["TEST"]["NAME"] = f"{TEST_DATABASE}{os.getpid()}"
    nobody = principal.in_force(None)  # CREATE DATABASE tolerates no transaction around it
    with django_db_blocker.unblock(), nobody:
        _drop_what_killed_runs_left()
        owner.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        for alias in ("default", "derive", "audit"):
            connections[alias].creation.set_as_test_mirror(owner.settings_dict)
        rows_of_migrations = _tables_with_rows()
        born_as()  # asked once per process: not in the middle of a test that counts queries
    # Reading outcomes may derive them first. What a test has not committed, that role does not see.
    TransactionTestCase.databases = frozenset({"default", "derive"})
    TransactionTestCase._fixture_teardown = lambda _case: _empty_tables(but=rows_of_migrations)
    yield
    with django_db_blocker.unblock(), principal.in_force(None):
        _owner().close()
        app.close()
        for alias in ("derive", "audit"):
            connections[alias].close()
        _drop(owner, name)


@pytest.fixture(scope="session", autouse=True)
def _who_writes_the_examples():
    """A test's own statements are an operator's; requests are their person's, as everywhere."""
    with principal.in_force(principal.operator("tests")):
        yield


@pytest.fixture(autouse=True, scope="session")
def _forced_logins_show_both_factors():
    """So that a test of pages need not care how one signs in."""
    with forced_logins_with_both_factors():
        yield


@pytest.fixture(autouse=True, scope="session")
def _patience_for_the_database():
    """On a busy machine a second may not be enough for the probe of a healthy one."""
    health.DATABASE_SECONDS = 20.0


def _drop(owner, name: str) -> None:
    """A thread of a live server may hold a session to the end; the next run drops it then."""
    for _second in range(SECONDS_TO_DROP):
        try:
            owner.creation.destroy_test_db(name, verbosity=0)
        except OperationalError:
            time.sleep(1)
        else:
            return


def _drop_what_killed_runs_left() -> None:
    with connections["owner"]._nodb_cursor() as cursor:
        cursor.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [TEST_DATABASE]
        )
        for (name,) in cursor.fetchall():
            if not is_alive(int(name.removeprefix(TEST_DATABASE))):
                with suppress(DatabaseError):  # a worker beside us was first
                    cursor.execute(f"DROP DATABASE IF EXISTS {name}")


@cache
def _owner() -> psycopg.Connection:
    """A connection apart from Django's, which a test may have closed to `owner`."""
    with principal.in_force(principal.operator("tests")):  # who may wait for long
        parameters = connections["owner"].get_connection_params()
    return psycopg.connect(**parameters, autocommit=True)


def _tables() -> set[str]:
    with _owner().cursor() as cursor:
        return set(connections["owner"].introspection.table_names(cursor))


def _tables_with_rows() -> frozenset[str]:
    """What holds rows when nothing has happened yet: permissions, the birth."""
    count = 'SELECT EXISTS (SELECT FROM "{}")'
    with _owner().cursor() as cursor:
        return frozenset(t for t in _tables() if cursor.execute(count.format(t)).fetchone()[0])


def _empty_tables(*, but: frozenset[str]) -> None:
    """Undo what a transactional test committed.

    Django would TRUNCATE as the application's role, which may not, and would take along what
    the migrations wrote.
    """
    names = ", ".join(f'"{table}"' for table in sorted(_tables() - but))
    # A browser that left may have a request at work that locks in another order.
    for tries_left in reversed(range(TRIES_TO_EMPTY)):
        try:
            _truncate(names)
        except psycopg.errors.DeadlockDetected:
            if not tries_left:
                raise
        else:
            return


def _truncate(names: str) -> None:
    # The trail lets nobody truncate what it watches; an owner can tell it to look away.
    with _owner().transaction():
        _owner().execute(TRUNCATION.format("DISABLE"))
        _owner().execute(f"TRUNCATE {names}")
        _owner().execute(TRUNCATION.format("ENABLE ALWAYS"))
