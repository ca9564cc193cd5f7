"""What a registry in service does by itself, beside answering requests."""

import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.core.management import BaseCommand, CommandError, call_command
from django.db import OperationalError, connections

from outcomes.freshness import refresh


@dataclass
class Chore:
    name: str
    every_seconds: float
    do: Callable[[], object]
    due_at: float = 0.0  # of the monotonic clock: at once, then every so often


def chores() -> list[Chore]:
    """Each is safe to do twice, and to be killed in."""
    return [
        # An expired session still says who was signed in.
        Chore("remove expired sessions", 60 * 60, lambda: call_command("clearsessions")),
        Chore("seal the trail", 60, lambda: call_command("seal_audit", verbosity=0)),
        Chore(
            "anchor the trail",
            15 * 60,
            lambda: call_command("seal_audit", "--anchor", verbosity=0),
        ),
        # A reader derives what was asked for and is stale; this spares it most of that.
        Chore("derive what was recorded", 1, refresh),
    ]


class Command(BaseCommand):
    help = "Do the registry's chores until told to stop."

    def handle(self, **options):
        told_to_stop = threading.Event()
        for signal_number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signal_number, lambda *_: told_to_stop.set())
        todo = chores()
        self.stdout.write(f"At work: {', '.join(chore.name for chore in todo)}.")
        self.stdout.flush()
        while not told_to_stop.is_set():
            for chore in todo:
                if chore.due_at <= time.monotonic():
                    self._do(chore)
            soonest = min(chore.due_at for chore in todo)
            told_to_stop.wait(max(0.0, soonest - time.monotonic()))

    def _do(self, chore: Chore) -> None:
        """A database that is away for a while, or a chore that cannot be done, does not end it."""
        try:
            chore.do()
        except (OperationalError, CommandError) as problem:
            away = isinstance(problem, OperationalError)
            reason = "the database does not answer." if away else problem
            self.stderr.write(f"Could not {chore.name}: {reason}")
            chore.due_at = time.monotonic() + min(chore.every_seconds, 60)
        else:
            chore.due_at = time.monotonic() + chore.every_seconds
        finally:
            connections.close_all()  # nothing stays open between chores
