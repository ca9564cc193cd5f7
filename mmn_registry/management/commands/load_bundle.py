from django.core.management import CommandError

from mmn_registry.bundle import BundleRefusedError, load_bundle
from mmn_registry.bundle.report import NOTHING_IMPORTED
from mmn_registry.operating import OperatorCommand


class Command(OperatorCommand):
    help = "Load a bundle: everything in it, or nothing and every problem, one a line."

    def add_arguments(self, parser):
        parser.add_argument("path", help="the bundle's folder, or a .zip of it")
        parser.add_argument(
            "--dry-run", action="store_true", help="only list what would change; store nothing"
        )

        parser.add_argument(
            "--confirm-unusual",
            action="store_true",
            help="say of all unusual values that they are right; they are listed either way",
        )

    def handle(self, *, path, dry_run, confirm_unusual, **options):
        try:
            report = load_bundle(path, dry_run=dry_run, confirm_unusual=confirm_unusual)
        except BundleRefusedError as refusal:
            self._write(refusal.lines())
            raise CommandError(NOTHING_IMPORTED) from refusal
        self._write(report.lines())
        for question in report.questions():
            self.stderr.write(question)

    def _write(self, lines):
        for line in lines:
            self.stdout.write(line)
