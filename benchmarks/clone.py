"""A copy of this checkout in an empty folder, as a newcomer has it, and processes in it."""

import http.client
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mmn_registry.postgres.processes import is_alive

CHECKOUT = Path(__file__).parents[1]
LONGEST_WAIT_SECONDS = 300


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@dataclass
class Clone:
    folder: Path
    account: dict[str, object] = field(default_factory=dict)  # arguments to subprocess
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    port: int = field(default_factory=_free_port)

    @classmethod
    def into(cls, folder: Path, **options: object) -> "Clone":
        """What git knows here, committed or not."""
        command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.check_output(command, cwd=CHECKOUT, text=True)
        for name in filter(None, listed.split("\0")):
            if (CHECKOUT / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(CHECKOUT / name, folder / name)
        return cls(folder, **options)

    def run(self, *command: str) -> str:
        said = subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            **self.account,
        )
        if said.returncode != 0:
            raise RuntimeError(f"{' '.join(command)} failed: {said.stdout}{said.stderr}")
        return said.stdout

    def python(self, code: str) -> str:
        """What a piece of code prints in the registry's shell."""
        return self.run(".venv/bin/python", "manage.py", "shell", "-v0", "-c", code).strip()

    def comes_to_rest(self) -> None:
        """Wait until its server has noticed that nobody is left."""
        while list(self.folder.glob(".data/postgres-*/ready")):
            time.sleep(0.1)
        time.sleep(1)  # `ready` goes first

    def demo(self) -> "Demo":
        return Demo(self)


class Demo:
    """`make demo`, from its start to its first page and to its end."""

    def __init__(self, clone: Clone) -> None:
        self.clone = clone
        self.log = (clone.folder / "demo.log").open("w")
        began = time.monotonic()
        self.process = subprocess.Popen(
            ["make", "demo", f"PORT={clone.port}"],  # noqa: S607
            cwd=clone.folder,
            env=clone.environment,
            stdout=self.log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            **clone.account,
        )
        self._wait_for_first_page()
        self.first_page_seconds = time.monotonic() - began

    def _wait_for_first_page(self) -> None:
        deadline = time.monotonic() + LONGEST_WAIT_SECONDS
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                said = (self.clone.folder / "demo.log").read_text()
                raise RuntimeError(f"make demo came to no page: {said}")
            time.sleep(0.02)

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection("localhost", self.clone.port, timeout=60)
        try:
            connection.request("GET", "/sign-in/")
            return connection.getresponse().status == http.HTTPStatus.OK
        except OSError:
            return False
        finally:
            connection.close()

    def press_ctrl_c(self) -> float:
        """As a terminal does: to make and all it started there. Seconds until both have ended."""
        began = time.monotonic()
        os.killpg(self.process.pid, signal.SIGINT)
        self.process.wait(LONGEST_WAIT_SECONDS)
        return time.monotonic() - began

    def kill(self) -> None:
        """kill -9 to the front process alone."""
        self.process.kill()
        self.process.wait()

    def seconds_until_nothing_is_left(self, processes: set[int]) -> float:
        began = time.monotonic()
        while any(map(is_alive, processes)):
            if time.monotonic() - began > LONGEST_WAIT_SECONDS:
                raise RuntimeError("Processes were left over.")
            time.sleep(0.02)
        return time.monotonic() - began

    def processes(self) -> set[int]:
        """All that belong to it: what make started, and the server that serves its folder."""
        listed = subprocess.check_output(["ps", "-e", "-o", "pid=,ppid=,command="], text=True)  # noqa: S607
        rows = [line.split(None, 2) for line in listed.splitlines()]
        parents = {int(pid): int(parent) for pid, parent, _command in rows}
        found = {self.process.pid, self.supervisor_pid()}
        for _generation in range(6):
            found |= {pid for pid, parent in parents.items() if parent in found}
        return found

    def supervisor_pid(self) -> int:
        home = self.clone.environment.get("MMN_DATA_DIR") or self.clone.folder / ".data"
        (ready,) = Path(home).glob("postgres-*/ready")
        return int(ready.read_text())
