from django.conf import settings

from mmn_registry.audit import anchors
from mmn_registry.audit.sealing import seal
from mmn_registry.operating import OperatorCommand


class Command(OperatorCommand):
    help = "Seal the entries of the trail that are new: hash them, chained to what was sealed."

    def add_arguments(self, parser):
        parser.add_argument(
            "--anchor", action="store_true", help="also add the chain's end to MMN_ANCHOR_FILE"
        )
        parser.add_argument(
            "--print", action="store_true", dest="prints", help="print that line, for other places"
        )

    def handle(self, *, anchor, prints, verbosity, **options):
        sealed = seal()
        end = anchors.last_anchor() if anchor or prints else None
        if anchor and end:
            anchors.append(end, settings.ANCHOR_FILE)
        if prints and end:
            self.stdout.write(str(end))
        elif verbosity:
            self.stdout.write(f"{sealed} new entries sealed.")
