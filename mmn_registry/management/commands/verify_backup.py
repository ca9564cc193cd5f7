import sys

from django.conf import settings
from django.core.management import CommandError

from mmn_registry.backup import here
from mmn_registry.backup.verifying import verify_backup, write_report
from mmn_registry.operating import OperatorCommand, end_orderly


class Command(OperatorCommand):
    help = (
        "Restore a backup aside, compare every table and the trail with what was backed up, and "
        "write a report to sign; exit 1 where anything differs."
    )

    def add_arguments(self, parser):
        parser.add_argument("name", nargs="?", help="default: the latest")

    def handle(self, *, name, **options):
        end_orderly()
        repository = here.repository()
        names = repository.names()
        if not names:
            raise CommandError(f"There is no backup in {repository.folder}.")
        if name and name not in names:
            raise CommandError(f"There is no backup {name}. There are: {', '.join(names)}.")
        found = verify_backup(
            repository,
            name or names[-1],
            here.binaries(),
            scratch=settings.BACKUP_SCRATCH,
            anchor_file=settings.ANCHOR_FILE,
        )
        page = write_report(repository, found)
        self.stdout.write(page.read_text())
        self.stdout.write(f"Written to {page}.")
        if not found.holds:
            sys.exit(1)
