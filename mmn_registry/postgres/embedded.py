"""What a user of the embedded server calls: be sure that it runs, for as long as we do."""

import os
import subprocess
import sys
import threading
import time
from functools import cache
from pathlib import Path

from mmn_registry.postgres import PostgresProblem, locks, places
from mmn_registry.postgres.places import CHECKOUT, DATABASE, PORT, Cluster

START_SECONDS = 60.0  # the very first start makes the cluster, on whatever disk this is
cluster = cache(places.cluster)


class ServerUnavailable(PostgresProblem):
    """The embedded server could not be started."""


_mutex = threading.Lock()
# Descriptors of our shared locks by cluster folder. Never closed: the kernel does it when the
# process, and every child forked from it, has ended.
_shares: dict[Path, int] = {}


def connection_settings(role: str) -> dict[str, str]:
    """Django's keys for a connection to the embedded server as ``role``."""
    here = cluster()
    return {
        "NAME": DATABASE,
        "USER": role,
        "PASSWORD": here.password(role),
        "HOST": str(here.socket_dir),
        "PORT": str(PORT),
    }


def ensure_running(here: Cluster | None = None) -> None:
    """Return when the server accepts connections; it then stays until this process ends."""
    here = here or cluster()
    with _mutex:
        here.make_root()
        if here.root not in _shares:
            # Waits while a supervisor that found nobody left is stopping its server.
            _shares[here.root] = locks.share(here.users_lock)
        deadline = time.monotonic() + START_SECONDS
        while not _is_ready(here):
            if time.monotonic() > deadline:
                raise ServerUnavailable(
                    f"PostgreSQL has not become ready for {START_SECONDS:.0f} s; see {here.log}."
                )
            if locks.is_owned(here.supervisor_lock):
                time.sleep(0.05)  # it starts, or starts again after a crash
            else:
                _start_supervisor(here)


def _is_ready(here: Cluster) -> bool:
    return here.ready.exists() and locks.is_owned(here.supervisor_lock)


def _start_supervisor(here: Cluster) -> None:
    lock = locks.own(here.start_lock)
    try:
        if locks.is_owned(here.supervisor_lock):
            return  # another user was first
        here.ready.unlink(missing_ok=True)  # of a supervisor that was killed
        _announce(here)
        _launch(here)
    finally:
        os.close(lock)


def _launch(here: Cluster) -> None:
    environment = os.environ | {
        "MMN_DATA_DIR": str(here.asked_for),
        "PG_BIN": "" if here.binaries.wheel else str(here.binaries.folder),
        "MMN_POSTGRES_FSYNC": "on" if here.durable else "off",
    }
    log = os.open(here.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        process = subprocess.Popen(
            [sys.executable, "-m", "mmn_registry.postgres.supervisor"],
            cwd=CHECKOUT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
        )
    finally:
        os.close(log)
    # The half that we started ends at once; the pipe stays open to the other until it has spoken.
    said = process.communicate()[0].decode().strip()
    if said != "ready":
        raise ServerUnavailable(said or f"The supervisor of PostgreSQL died; see {here.log}.")


def _announce(here: Cluster) -> None:
    """Say what would surprise: files in another place, or a new cluster beside an old one."""
    if here.home != here.asked_for:
        _say(
            f"PostgreSQL keeps its files in {here.root}: the account nobody, as which it must run "
            f"for root, cannot reach {here.asked_for}."
        )
    others = sorted(path.name for path in here.home.glob("postgres-*") if path != here.root)
    if others and not here.data.exists():
        _say(f"A new, empty database in {here.root}; what {', '.join(others)} holds stays there.")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
