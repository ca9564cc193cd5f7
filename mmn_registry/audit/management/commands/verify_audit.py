import sys
import time
from pathlib import Path

from django.conf import settings
from django.core.management import CommandError

from mmn_registry.audit.verifying import verify
from mmn_registry.operating import OperatorCommand


class Command(OperatorCommand):
    help = "Look whether the trail is what was sealed and anchored; exit 1 where it is not."

    def add_arguments(self, parser):
        parser.add_argument(
            "--anchors",
            action="append",
            type=Path,
            metavar="FILE",
            help="a file of anchors kept elsewhere; more than once; default: MMN_ANCHOR_FILE",
        )

    def handle(self, *, anchors, **options):
        files = anchors or [settings.ANCHOR_FILE]
        absent = [file for file in files if not file.exists()]
        if anchors and absent:
            raise CommandError(f"There is no file {absent[0]}.")
        for file in absent:
            self.stderr.write(f"No anchors in {file}: a chain made anew would not be noticed.")
        began = time.monotonic()
        found = verify(*(file for file in files if file not in absent))
        seconds = time.monotonic() - began
        self.stdout.write(
            f"{found.entries} entries, {found.sealed} of them in {found.seals} seals, "
            f"{found.anchors} anchors: {seconds:.1f} s."
        )
        for finding in found.findings:
            self.stdout.write(str(finding))
        if found.first_bad_batch is not None:
            self.stdout.write(f"First bad seal: {found.first_bad_batch}.")
        if found.findings:
            sys.exit(1)
        self.stdout.write("Nothing was found.")
