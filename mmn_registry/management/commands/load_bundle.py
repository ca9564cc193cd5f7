from django.core.management import CommandError

from mmn_registry.bundle import BundleRefusedError, LoadReport, load_bundle
from mmn_registry.bundle.progress import Line
from mmn_registry.bundle.report import NOTHING_IMPORTED
from mmn_registry.operating import OperatorCommand

INTERRUPTED = 130  # what a shell calls a command that Ctrl-C has ended


class Command(OperatorCommand):
    help = (
        "Load a bundle: everything in it, or nothing and every problem, one a line. "
        "Ctrl-C stops it, and nothing is stored."
    )

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
            report = self._load(path, dry_run=dry_run, confirm_unusual=confirm_unusual)
        except BundleRefusedError as refusal:
            self._write(refusal.lines())
            raise CommandError(NOTHING_IMPORTED) from refusal
        except KeyboardInterrupt as stop:
            raise CommandError(f"Stopped. {NOTHING_IMPORTED}", returncode=INTERRUPTED) from stop
        self._write(report.lines())
        for question in report.questions():
            self.stderr.write(question)

    def _load(self, path, **options) -> LoadReport:
        """What it is doing stands on stderr: what is printed stays the report."""
        progress = Line(self._tell, on_terminal=self.stderr.isatty())
        try:
            return load_bundle(path, tell=progress.tell, **options)
        finally:
            progress.end()

    def _tell(self, text: str) -> None:
        self.stderr.write(text, style_func=str, ending="")
        self.stderr.flush()

    def _write(self, lines):
        for line in lines:
            self.stdout.write(line)
