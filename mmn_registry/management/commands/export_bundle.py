from django.core.management import CommandError

from mmn_registry.bundle import export_bundle
from mmn_registry.bundle.export import UnknownCentreError
from mmn_registry.operating import OperatorCommand
from mmn_registry.tabular import TargetRefusedError


class Command(OperatorCommand):
    help = "Write everything that is stored as a bundle."

    def add_arguments(self, parser):
        parser.add_argument("path", help="the folder to write, or a name that ends in .zip")
        parser.add_argument("--centre", default="", help="the code of one centre; default: all")

    def handle(self, *, path, centre, **options):
        try:
            report = export_bundle(path, centre=centre)
        except (UnknownCentreError, TargetRefusedError) as refusal:
            raise CommandError(str(refusal)) from None
        for line in report.lines():
            self.stdout.write(line)
