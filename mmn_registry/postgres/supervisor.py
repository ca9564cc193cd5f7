"""The small process that runs PostgreSQL for as long as anyone uses it.

Every user of the server holds a shared lock on ``users.lock``; the kernel drops it when the user
ends, whatever ends it. When this process can have the lock alone, nobody is left: it stops the
server while it holds the lock, so that a newcomer waits and then starts a new one. The newcomer
who finds no supervisor starts one; ``start.lock`` lets only one do so at a time.

Started as ``python -m mmn_registry.postgres.supervisor``; says ``ready`` or why not on its
standard output, once.
"""

import os
import select
import signal
import sys
import time
from contextlib import suppress
from types import FrameType

from mmn_registry.postgres import PostgresProblem, locks
from mmn_registry.postgres.places import Cluster, cluster
from mmn_registry.postgres.server import Server

LOOK_EVERY_SECONDS = 0.25
IDLE_SECONDS = 1.25  # the next command of a script finds the server still warm


class Supervisor:
    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.server = Server(cluster)
        self.told_to_stop = False
        self._wake_reader, self._wake_writer = os.pipe()

    def run(self) -> None:
        # Waits only for those who look, for microseconds, whether a supervisor holds it: one that
        # is to be started is started by the holder of start.lock alone.
        own_lock = locks.own(self.cluster.supervisor_lock)
        self._listen_to_signals()
        try:
            self._start()
        except (PostgresProblem, OSError) as problem:
            self.server.stop()
            say(str(problem))
            return
        say("ready")
        users_lock = self._watch()
        self._unready()
        self.server.stop()
        # In this order: who gets the users' lock must not mistake us for a living supervisor.
        os.close(own_lock)
        if users_lock is not None:
            os.close(users_lock)

    def _start(self) -> None:
        self._unready()
        self.server.start()
        partial = self.cluster.ready.with_suffix(".partial")
        partial.write_text(str(os.getpid()))
        partial.replace(self.cluster.ready)  # nobody reads half a number

    def _unready(self) -> None:
        self.cluster.ready.unlink(missing_ok=True)

    def _watch(self) -> int | None:
        """Keep the server up until its last user has gone; return the users' lock, ours then."""
        idle_since: float | None = None
        while not self.told_to_stop:
            if not self.server.is_running():
                try:
                    self._start()  # it crashed, and its users are still there
                except (PostgresProblem, OSError) as problem:
                    say(str(problem), sys.stderr.fileno())
                    return None
            lock = locks.own_at_once(self.cluster.users_lock)
            if lock is None:
                idle_since = None
            else:
                idle_since = idle_since or time.monotonic()
                if time.monotonic() - idle_since >= IDLE_SECONDS:
                    return lock
                os.close(lock)
            self._sleep()
        return None

    def _sleep(self) -> None:
        """Until the next look, or until a signal (the server's death is one)."""
        if select.select([self._wake_reader], [], [], LOOK_EVERY_SECONDS)[0]:
            with suppress(BlockingIOError):
                os.read(self._wake_reader, 64)

    def _listen_to_signals(self) -> None:
        os.set_blocking(self._wake_reader, False)
        os.set_blocking(self._wake_writer, False)
        signal.set_wakeup_fd(self._wake_writer, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGTERM, self._on_term)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    def _on_term(self, _signal_number: int, _frame: FrameType | None) -> None:
        self.told_to_stop = True


def say(text: str, descriptor: int = 1) -> None:
    """Tell whoever started us, who may have gone, and close the door behind it."""
    with suppress(BrokenPipeError):
        os.write(descriptor, f"{text}\n".encode())
    if descriptor == 1:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.close(nowhere)


def main() -> None:
    # Leave our parent at once: it waits for this first half only, and so never has a zombie.
    if os.fork() > 0:
        os._exit(0)
    os.setsid()
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    found = cluster()
    os.chdir("/")
    Supervisor(found).run()


if __name__ == "__main__":
    main()
