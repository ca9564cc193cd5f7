"""What a registry in service does by itself, besides answering requests: each a chore.

An app that has some names them in its ``chores.py`` as CHORES; `manage.py worker` finds them. A
chore is safe to be done twice, and to be killed in. It acts as the registry itself, under its own
name, and reaches no patient: what it removes is what PostgreSQL lets the registry remove.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import time, timedelta


@dataclass(frozen=True)
class Chore:
    """Done by the worker itself, every so often."""

    name: str  # as a sentence goes on: "Could not <name>: …"
    every: timedelta
    do: Callable[[], object]


@dataclass(frozen=True)
class Nightly:
    """A command with its arguments, run beside the worker at a time of the day."""

    name: str
    at: time
    command: tuple[str, ...]
    is_due: Callable[[], bool]  # at the start, where the last time was missed
