"""gunicorn for one machine: a child process that ends with us, however we end."""

import os
import signal
import socket
import sys
from collections.abc import Callable

from gunicorn.app.base import BaseApplication

from mmn_registry.postgres.processes import die_with_parent

WORKERS = 2
THREADS = 4  # browsers hold connections open; a worker that serves one at a time would wait
FINISH_SECONDS = 2
OWN_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class PortTaken(RuntimeError):
    """Another program listens there, or this one may not; the text says what to do."""


def listen(port: int) -> socket.socket:
    """A socket on this machine alone; from now on browsers wait instead of being refused."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError as problem:
        listener.close()
        raise PortTaken(
            f"Port {port} cannot be used: {problem.strerror}. "
            f"Choose another one, as in `make demo PORT={port + 1}`."
        ) from None
    listener.listen(128)
    return listener


class WebServer:
    """Serves in a session of its own, so that Ctrl-C reaches us and we let it finish."""

    def __init__(self, application: Callable, listener: socket.socket) -> None:
        self.application = application
        self.listener = listener
        self.pid = 0
        self.finishing = False

    def start(self) -> None:
        """Fork: everything imported so far is there already. From now on signals end the child."""
        front = os.getpid()
        signal.pthread_sigmask(signal.SIG_BLOCK, OWN_SIGNALS)
        self.pid = os.fork()
        if self.pid == 0:
            _run(lambda: self._become_gunicorn(front))
        for signal_number in OWN_SIGNALS:
            signal.signal(signal_number, self.finish)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, OWN_SIGNALS)
        self.listener.close()

    def finish(self, *_signal: object) -> None:
        """Let running requests finish, for so long."""
        if self.finishing:
            return
        self.finishing = True
        os.kill(self.pid, signal.SIGTERM)
        signal.signal(signal.SIGALRM, lambda *_: os.killpg(self.pid, signal.SIGKILL))
        signal.setitimer(signal.ITIMER_REAL, FINISH_SECONDS + 0.5)

    def wait(self) -> None:
        """Until it has ended."""
        os.waitpid(self.pid, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)

    def _become_gunicorn(self, front: int) -> None:
        os.setsid()
        for signal_number in OWN_SIGNALS:
            signal.signal(signal_number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, OWN_SIGNALS)
        die_with_parent(signal.SIGTERM, front)
        _Gunicorn(self.application, self.listener).run()


def _run(child: Callable[[], None]) -> None:
    """Never return into the code that the parent goes on with."""
    try:
        child()
    except SystemExit as end:
        os._exit(end.code if isinstance(end.code, int) else 1)
    except BaseException:  # noqa: BLE001 — whatever it is, this process is over
        sys.excepthook(*sys.exc_info())
    os._exit(1)


class _Gunicorn(BaseApplication):
    def __init__(self, application: Callable, listener: socket.socket) -> None:
        self.application = application
        self.listener = listener
        super().__init__()

    def load_config(self) -> None:
        options = {
            "bind": f"fd://{self.listener.fileno()}",
            "workers": WORKERS,
            "threads": THREADS,
            "worker_class": "gthread",
            "graceful_timeout": FINISH_SECONDS,
            "preload_app": True,
            "control_socket_disable": True,
            "loglevel": "warning",
            "post_fork": lambda arbiter, _worker: die_with_parent(signal.SIGTERM, arbiter.pid),
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Callable:
        return self.application
