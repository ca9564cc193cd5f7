from datetime import datetime
from pathlib import Path

from django.core.management import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from mmn_registry.backup import here
from mmn_registry.backup.restoring import Target, restored
from mmn_registry.operating import end_orderly

TRAIL = "SELECT count(*), max(at) FROM audit_entry"


class Command(BaseCommand):
    help = (
        "Restore the registry into a new folder, as it was at a moment or at the end of what was "
        "archived. Nothing that runs is touched; docs/operations.md says how it goes into service."
    )
    requires_system_checks = []  # the database may be what was lost

    def add_arguments(self, parser):
        parser.add_argument(
            "--to", metavar="TIME", help="as in 2026-01-31T09:00:00+01:00; default: the end"
        )
        parser.add_argument("--into", type=Path, required=True, metavar="FOLDER", help="a new one")
        parser.add_argument(
            "--timeline", default="latest", help="after earlier restores: whose history to follow"
        )

    def handle(self, *, to, into, timeline, **options):
        end_orderly()
        moment = _moment(to) if to else None
        repository, binaries = here.repository(), here.binaries()
        backup = repository.latest(until=moment)
        self.stdout.write(f"From {backup.name} …")
        target = Target(time=moment, timeline=timeline)
        with (
            restored(repository, backup, into.absolute(), binaries, target) as server,
            server.connect(backup.database) as connection,
        ):
            entries, last = connection.execute(TRAIL).fetchone()
        self.stdout.write(
            f"Restored into {server.place.data}. Its trail has {entries} entries; "
            f"the last is of {last.isoformat(sep=' ') if last else 'never'}. PostgreSQL "
            f"{binaries.major} can be started on that folder."
        )


def _moment(text: str) -> datetime:
    try:
        found = parse_datetime(text)
    except ValueError:
        found = None
    if found is None:
        raise CommandError(f"{text} is no time. Write it as 2026-01-31T09:00:00+01:00.")
    if timezone.is_naive(found):
        found = timezone.make_aware(found)  # in MMN_TIME_ZONE, as everybody there speaks
    return found
