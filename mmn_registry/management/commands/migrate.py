from contextlib import contextmanager, nullcontext

from django.core.management.commands import migrate
from django.db import connections, transaction
from django.db.migrations.executor import MigrationExecutor

from mmn_registry import birth
from mmn_registry.context_key import tell_context_key
from mmn_registry.models import Birth
from mmn_registry.operating import OperatorCommand
from patients.calendar import settle_time_zone
from patients.models import Patient

LOCK_KEY = 641  # any number, the same for every migrate: MMN is ORPHA:641


class WholeMigrations(MigrationExecutor):
    """A migration is applied and written down, or neither.

    Django writes down after the transaction wherever foreign keys or indexes come last: killed in
    between, the next attempt would find tables that nobody knows of, and stop there for good.
    """

    def apply_migration(self, state, migration, fake=False, fake_initial=False):
        with self._together(migration):
            return super().apply_migration(state, migration, fake, fake_initial)

    def unapply_migration(self, state, migration, fake=False):
        with self._together(migration):
            return super().unapply_migration(state, migration, fake)

    def _together(self, migration):
        if not migration.atomic:
            return nullcontext()
        return transaction.atomic(using=self.connection.alias)


# The command asks its own module for it.
migrate.MigrationExecutor = WholeMigrations


class Command(OperatorCommand, migrate.Command):
    help = "Bring the database's tables up to date, as their owner, and record what it was born as."

    def add_arguments(self, parser):
        super().add_arguments(parser)
        parser.set_defaults(database="owner")

    def handle(self, *args, **options):
        with _alone(options["database"]):
            super().handle(*args, **options)
            # Not after `migrate mmn_registry zero`, which takes the table away.
            tables = connections["owner"].introspection.table_names()
            if Birth._meta.db_table in tables:
                birth.record_birth()
            tell_context_key()  # SECRET_KEY may have changed since
            if Patient._meta.db_table in tables:
                settle_time_zone()  # MMN_TIME_ZONE may have changed since


@contextmanager
def _alone(alias: str):
    """Two starting at once take turns; the second finds nothing left to do."""
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK_KEY])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK_KEY])
