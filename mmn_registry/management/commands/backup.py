from datetime import timedelta

from django.conf import settings

from mmn_registry.backup import here
from mmn_registry.backup.taking import take_backup
from mmn_registry.backup.verifying import verify_backup, write_report
from mmn_registry.operating import OperatorCommand, end_orderly
from mmn_registry.postgres import embedded


class Command(OperatorCommand):
    help = (
        "Make a base backup in MMN_BACKUP_DIR, encrypted where MMN_BACKUP_KEY is set, take over "
        "the WAL that goes with it, and forget backups older than MMN_BACKUP_KEEP_DAYS."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--verify", action="store_true", help="then restore it aside and compare"
        )

    def handle(self, *, verify, **options):
        end_orderly()
        if settings.EMBEDDED:
            embedded.ensure_running()
        repository = here.repository()
        backup = take_backup(repository, here.server(), here.binaries(), here.spool())
        size = repository.base_file(backup.name).stat().st_size
        self.stdout.write(
            f"{backup.name}: {backup.cluster_bytes / 1e6:.0f} MB in {size / 1e6:.0f} MB, "
            f"{'encrypted' if repository.key else 'not encrypted'}, in {repository.folder}."
        )
        if verify:
            found = verify_backup(
                repository,
                backup.name,
                here.binaries(),
                scratch=settings.BACKUP_SCRATCH,
                anchor_file=settings.ANCHOR_FILE,
            )
            page = write_report(repository, found)
            self.stdout.write(page.read_text())
            if not found.holds:
                raise SystemExit(1)  # and nothing older is forgotten
        for name in repository.forget(timedelta(days=settings.BACKUP_KEEP_DAYS)):
            self.stdout.write(f"{name} is no longer kept.")
