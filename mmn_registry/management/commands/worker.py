"""What a registry in service does by itself, beside answering requests."""

import logging
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from importlib import import_module
from importlib.util import find_spec

from django.apps import apps
from django.conf import settings
from django.core.management import BaseCommand, CommandError
from django.db import OperationalError, connections
from django.utils import timezone

from mmn_registry.chores import Chore, Nightly
from mmn_registry.postgres import PostgresProblem
from mmn_registry.principal import Kind, Principal, in_force

OURS = ("mmn_registry", "patients", "infusions", "outcomes")
AGAIN = timedelta(minutes=1)  # a chore that failed is tried again so soon, at the latest
CHILD_AGAIN = timedelta(minutes=30)
LOOKS_EVERY_SECONDS = 1.0
CHILD_ENDS_WITHIN_SECONDS = 3.0
log = logging.getLogger(__name__)


class ToldToStop(BaseException):
    """Raised where the worker is, in the middle of a chore, too: each survives being killed."""


def chores() -> list[Chore | Nightly]:
    """Of every app of ours, and of the rooms that are no apps."""
    found: list[Chore | Nightly] = []
    ours = [config.name for config in apps.get_app_configs() if config.name.split(".")[0] in OURS]
    for name in (*ours, "mmn_registry.backup", "mmn_registry.rest"):
        # `mmn_registry.chores` says what a chore is.
        if name != "mmn_registry" and find_spec(f"{name}.chores"):
            found += import_module(f"{name}.chores").CHORES
    return found


@dataclass
class Task:
    """A chore and when it is next due, by the clock that only goes forward."""

    chore: Chore
    due_at: float = 0.0

    def look(self) -> None:
        if self.due_at > time.monotonic():
            return
        done = _done(self.chore.name, self.chore.do)
        rest = self.chore.every if done else min(self.chore.every, AGAIN)
        self.due_at = time.monotonic() + rest.total_seconds()

    def stop(self) -> None:
        """Nothing of it runs beside us."""


@dataclass
class ChildTask:
    """A command in a process of its own: sealing goes on while it takes its time."""

    chore: Nightly
    due_on: datetime | None = None
    process: subprocess.Popen[bytes] | None = field(default=None)

    def look(self) -> None:
        now = timezone.localtime()
        if self.process is not None:
            self._look_after(now)
            return
        if self.due_on is None:
            self.due_on = now if self.chore.is_due() else self._next_after(now)
        if now >= self.due_on:
            command = [sys.executable, "manage.py", *self.chore.command]
            self.process = subprocess.Popen(
                command, cwd=settings.BASE_DIR, stdin=subprocess.DEVNULL
            )

    def _look_after(self, now: datetime) -> None:
        if self.process is None or self.process.poll() is None:
            return
        if self.process.returncode == 0:
            self.due_on = self._next_after(now)
        else:
            _say(f"Could not {self.chore.name}: its last lines are above.")
            self.due_on = now + CHILD_AGAIN
        self.process = None

    def _next_after(self, now: datetime) -> datetime:
        today = now.replace(
            hour=self.chore.at.hour, minute=self.chore.at.minute, second=0, microsecond=0
        )
        return today if today > now else today + timedelta(days=1)

    def stop(self) -> None:
        if self.process is None:
            return
        self.process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(CHILD_ENDS_WITHIN_SECONDS)
            return
        self.process.kill()
        self.process.wait()


class Command(BaseCommand):
    help = "Do the registry's chores until told to stop."

    def handle(self, **options):
        for signal_number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signal_number, _stop)
        todo = chores()
        tasks = [Task(one) if isinstance(one, Chore) else ChildTask(one) for one in todo]
        self.stdout.write(f"At work: {', '.join(chore.name for chore in todo)}.")
        self.stdout.flush()
        try:
            while True:
                for task in tasks:
                    task.look()
                time.sleep(LOOKS_EVERY_SECONDS)
        except ToldToStop:
            self.stdout.write("Stopped.")
        finally:
            for task in tasks:
                task.stop()


def _stop(_signal_number: int, _frame: object) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # once is enough
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    raise ToldToStop


def _done(name: str, do: Callable[[], object]) -> bool:
    """Whatever goes wrong in one chore is told, without values, and ends no other."""
    try:
        with in_force(Principal(Kind.WORKER, name=name)):
            do()
    except OperationalError:
        _say(f"Could not {name}: the database does not answer.")
        return False
    except (CommandError, PostgresProblem) as problem:  # a sentence of ours
        _say(f"Could not {name}: {problem}")
        return False
    except Exception:
        log.exception("A chore failed.")  # with its place in the code, and no value
        _say(f"Could not {name}.")
        return False
    finally:
        connections.close_all()  # nothing stays open between chores
    return True


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
