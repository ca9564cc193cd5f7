"""Commands for whoever administers the server."""

import signal
import sys

from django.core.management import BaseCommand

from mmn_registry import principal


class OperatorCommand(BaseCommand):
    """Acts in every centre, under its own name in the trail."""

    def execute(self, *args, **options):
        name = type(self).__module__.rpartition(".")[2]
        with principal.in_force(principal.operator(name)):
            return super().execute(*args, **options)


def end_orderly() -> None:
    """Who is told to stop goes as after an error: what was laid out aside is removed again."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
