"""A registry of its own, in a folder and a cluster of its own: what is killed there is nobody's."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from mmn_registry.postgres import places, processes, roles
from mmn_registry.postgres.places import CHECKOUT
from tests.postgres.conftest import Machine

NAMES = {roles.APP: "", roles.OWNER: "OWNER_", roles.DERIVE: "DERIVE_", roles.AUDIT: "AUDIT_"}


@dataclass
class Registry:
    folder: Path
    machine: Machine

    @property
    def environment(self) -> dict[str, str]:
        ours = {
            "MMN_DATA_DIR": str(self.machine.folder),
            "MMN_STATIC_FROM_SOURCE": "1",
            "DJANGO_SETTINGS_MODULE": "mmn_registry.settings",
        }
        return os.environ | ours | self.machine.environment

    def on_database(self, name: str) -> dict[str, str]:
        """The same, before another database of the cluster."""
        cluster = self.machine.cluster
        found = self.environment | {"MMN_BORN": "demo"}
        for role, part in NAMES.items():
            address = f"postgres://{role}:{cluster.password(role)}@/{name}"
            found[f"DATABASE_{part}URL"] = f"{address}?host={cluster.socket_dir}&port={places.PORT}"
        return found

    def start(self, *command: str, **options) -> subprocess.Popen:
        return subprocess.Popen(
            [sys.executable, *command],
            cwd=CHECKOUT,
            env=options.pop("env", self.environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            **options,
        )

    def manage(self, *command: str, env: dict[str, str] | None = None) -> str:
        said = subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=CHECKOUT,
            env=env or self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if said.returncode != 0:
            raise RuntimeError(f"{' '.join(command)} failed: {said.stdout}{said.stderr}")
        return said.stdout

    def python(self, code: str):
        """What a piece of code prints as JSON in the registry's shell."""
        return json.loads(self.manage("shell", "-v0", "-c", code).splitlines()[-1])

    def superuser(self, database: str = places.DATABASE) -> psycopg.Connection:
        cluster = self.machine.cluster
        return psycopg.connect(
            host=str(cluster.socket_dir),
            port=places.PORT,
            dbname=database,
            user=roles.SUPERUSER,
            password=cluster.password(roles.SUPERUSER),
            autocommit=True,
        )

    def kill_server(self) -> None:
        """kill -9 to PostgreSQL and all of its processes; its supervisor starts it again."""
        server = self.machine.server_pid()
        if server is None:
            return
        for pid in (server, *children_of(server)):
            processes.send(pid, signal.SIGKILL)

    def wait_until_up(self, within_seconds: float = 60) -> None:
        deadline = time.monotonic() + within_seconds
        while True:
            try:
                self.superuser().close()
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
            else:
                return


def children_of(parent: int) -> list[int]:
    listed = subprocess.check_output(["ps", "-e", "-o", "pid=,ppid="], text=True)  # noqa: S607
    rows = (line.split() for line in listed.splitlines())
    return [int(pid) for pid, above in rows if int(above) == parent]


@contextmanager
def a_disk_of(megabytes: int) -> Iterator[Path]:
    """In memory, and full when that is written; only root can make one."""
    folder = Path(tempfile.mkdtemp(prefix="mmn-disk-"))
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0755", "tmpfs", str(folder)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
        try:
            yield folder
        finally:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)  # noqa: S607
    finally:
        folder.rmdir()


@contextmanager
def registry_aside(on: Path | None = None, **environment: str) -> Iterator[Registry]:
    """Up, with every table, and with rows that survive a kill of anything."""
    folder = Path(tempfile.mkdtemp(prefix="mmn-drill-", dir=on))
    folder.chmod(0o755)
    given = {name: value.format(folder=folder) for name, value in environment.items()}
    machine = Machine(folder / "data", environment={"MMN_POSTGRES_FSYNC": "on", **given})
    registry = Registry(folder, machine)
    try:
        machine.uses()
        registry.manage("migrate", "-v0")
        yield registry
    finally:
        machine.comes_to_rest()
        machine.remove()
        shutil.rmtree(folder, ignore_errors=True)
