"""Real servers in folders of their own, used by real processes that end in every way."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest

from mmn_registry.postgres import places, processes
from mmn_registry.postgres.places import CHECKOUT, Cluster

ENDS_WITHIN_SECONDS = 5
USE = """
import sys
from mmn_registry.postgres import embedded
embedded.ensure_running()
print("up", flush=True)
sys.stdin.read()
"""


@dataclass
class User:
    """A process that uses the server until it is told to end, or is killed."""

    process: subprocess.Popen

    def wait_until_up(self):
        assert self.process.stdout.readline().strip() == "up", self.process.stderr.read()

    def leave(self):
        self.process.stdin.close()
        self.process.wait(timeout=10)

    def kill(self):
        self.process.kill()
        self.process.wait(timeout=10)


@dataclass
class Machine:
    """A data folder, and whoever uses the server in it."""

    folder: Path
    users: list[User] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def cluster(self) -> Cluster:
        return Cluster(self.folder, places.cluster().binaries, durable=False)

    def begins_to_use(self, **options) -> User:
        variables = {"MMN_DATA_DIR": str(self.folder), "MMN_POSTGRES_FSYNC": "off"}
        process = subprocess.Popen(
            [sys.executable, "-c", USE],
            cwd=CHECKOUT,
            env=os.environ | variables | self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **options,
        )
        self.users.append(User(process))
        return self.users[-1]

    def uses(self, **options) -> User:
        user = self.begins_to_use(**options)
        user.wait_until_up()
        return user

    def connect(self, role: str = "mmn_app") -> psycopg.Connection:
        return psycopg.connect(
            host=str(self.cluster.socket_dir),
            port=places.PORT,
            dbname=places.DATABASE,
            user=role,
            password=self.cluster.password(role),
            autocommit=True,
        )

    def server_pid(self) -> int | None:
        """The server's process, if it is alive."""
        try:
            pid = int((self.cluster.data / "postmaster.pid").read_text().split()[0])
        except FileNotFoundError:
            return None
        return pid if processes.is_alive(pid) else None

    def supervisor_pid(self) -> int | None:
        """The supervisor's process, while its server accepts connections."""
        try:
            return int(self.cluster.ready.read_text())
        except FileNotFoundError:
            return None

    def ends_in_time(self) -> bool:
        """Whether server and supervisor are gone within the promised time."""
        supervisor = self.supervisor_pid()
        deadline = time.monotonic() + ENDS_WITHIN_SECONDS
        while time.monotonic() < deadline:
            left = [pid for pid in (self.server_pid(), supervisor) if pid]
            if not any(processes.is_alive(pid) for pid in left):
                return True
            time.sleep(0.05)
        return False

    def comes_to_rest(self):
        """End what a test left running, faster than by waiting for the server to notice."""
        for user in self.users:
            if user.process.poll() is None:
                user.kill()
            for pipe in (user.process.stdin, user.process.stdout, user.process.stderr):
                pipe.close()
        supervisor = self.supervisor_pid()
        if supervisor is not None:
            processes.send(supervisor, signal.SIGTERM)
        assert self.ends_in_time()

    def remove(self):
        shutil.rmtree(self.cluster.socket_dir, ignore_errors=True)
        shutil.rmtree(self.cluster.home, ignore_errors=True)
        shutil.rmtree(self.folder, ignore_errors=True)


@pytest.fixture
def open_folder():
    """A folder that everyone can reach: pytest's own are closed to the server's account."""
    yield from _open_folder()


@pytest.fixture(scope="module")
def kept_folder():
    """The same for a whole module, so that its cluster is made once."""
    yield from _open_folder()


def _open_folder():
    folder = Path(tempfile.mkdtemp(prefix="mmn-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def new_machine(open_folder):
    """No cluster yet."""
    machine = Machine(open_folder / "data")
    yield machine
    machine.comes_to_rest()
    machine.remove()


@pytest.fixture
def machine(kept_folder):
    """A cluster that the tests of a module share; nobody uses it when a test begins."""
    machine = Machine(kept_folder / "data")
    yield machine
    machine.comes_to_rest()


@pytest.fixture(scope="module")
def server(kept_folder):
    """A server that runs for a whole module; nothing here may stop it."""
    machine = Machine(kept_folder / "data")
    machine.uses()
    yield machine
    machine.comes_to_rest()
