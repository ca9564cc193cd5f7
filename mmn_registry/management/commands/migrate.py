from contextlib import contextmanager

from django.core.management.commands import migrate
from django.db import connections

from mmn_registry import birth
from mmn_registry.context_key import tell_context_key
from mmn_registry.models import Birth
from mmn_registry.operating import OperatorCommand
from patients.calendar import settle_time_zone
from patients.models import Patient

LOCK_KEY = 641  # any number, the same for every migrate: MMN is ORPHA:641


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
