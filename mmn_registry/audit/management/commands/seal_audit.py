from django.conf import settings
from django.core.management import CommandError
from django.db import ProgrammingError, connections

from mmn_registry.audit import anchors
from mmn_registry.audit.sealing import ALIAS, seal
from mmn_registry.operating import OperatorCommand

INSUFFICIENT_PRIVILEGE = "42501"


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
        sealed = _sealed()
        end = anchors.last_anchor() if anchor or prints else None
        if anchor and end:
            anchors.append(end, settings.ANCHOR_FILE)
        if prints and end:
            self.stdout.write(str(end))
        elif verbosity:
            self.stdout.write(f"{sealed} new entries sealed.")


def _sealed() -> int:
    try:
        return seal()
    except ProgrammingError as problem:
        if problem.__cause__.sqlstate != INSUFFICIENT_PRIVILEGE:
            raise
        user = connections[ALIAS].settings_dict["USER"]
        raise CommandError(
            f"{user or 'This role'} may not seal the trail. Set DATABASE_AUDIT_URL to a "
            "connection as mmn_audit."
        ) from None
