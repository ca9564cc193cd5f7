"""manage.py on a fresh machine: the first command that needs tables makes them."""

import sys

import psycopg
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import ManagementUtility, call_command
from django.db import OperationalError, connections
from django.db.migrations.executor import MigrationExecutor

from mmn_registry.postgres import PostgresProblem

# These look at code and files, or bring the tables up to date themselves.
NEED_NO_TABLES = {
    "check",
    "collectstatic",
    "compilemessages",
    "dbshell",
    "demo",
    "diffsettings",
    "findstatic",
    "makemessages",
    "makemigrations",
    "migrate",
    "optimizemigration",
    "showmigrations",
    "spectacular",
    "restore",
    "sqlflush",
    "sqlmigrate",
    "squashmigrations",
    "test",
    "testserver",
    "verify_backup",
}


class RegistryUtility(ManagementUtility):
    def execute(self):
        """What an operator can put right is said in a sentence, not in a traceback."""
        try:
            super().execute()
        except (PostgresProblem, ImproperlyConfigured) as problem:
            sys.exit(str(problem))
        except OperationalError as problem:
            if not _never_connected(problem):
                raise
            sys.exit(f"The database cannot be reached. {problem}")

    def fetch_command(self, subcommand):
        if self.settings_exception is not None:
            raise self.settings_exception
        command = super().fetch_command(subcommand)
        asks_for_help = {"help", "--help", "-h"} & set(self.argv)
        if settings.EMBEDDED and subcommand not in NEED_NO_TABLES and not asks_for_help:
            migrate_if_behind()
        return command


def migrate_if_behind() -> None:
    """Bring the database up to date, if anything is left to do."""
    connection = connections["owner"]
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        print("Bringing the database up to date …", file=sys.stderr)
        call_command("migrate", verbosity=0, interactive=False)
    connection.close()


def _never_connected(problem: OperationalError) -> bool:
    """libpq gave up before there was a session: wrong address, password or database name."""
    cause = problem.__cause__
    return isinstance(cause, psycopg.OperationalError) and cause.sqlstate is None
