"""Migrations that are killed: the next `migrate` reaches the head, and no row has changed."""

import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

from benchmarks.aside import Registry, registry_aside
from benchmarks.figures import Figure
from benchmarks.safety import write_bundle
from mmn_registry.backup.tables import Held, held
from mmn_registry.postgres import places, roles
from mmn_registry.postgres.places import CHECKOUT

SEED, KILLS, PATIENTS = 14, 30, 20
# As it was before: back so far where nothing would be lost, and forward again.
BACK_TO = (("patients", "0019"), ("outcomes", "0002"))
NOT_COMPARED = {"django_migrations", "outcomes_stalemark", "outcomes_patientoutcome"}
# Killed where Django has changed tables, and has not written down that it did.
AT_RECORD = """
import os, sys
from django.db.migrations.recorder import MigrationRecorder
at, seen, record = int(sys.argv[1]), [0], MigrationRecorder.record_applied
def recorded(self, app, name):
    seen[0] += 1
    if seen[0] == at:
        os.kill(os.getpid(), 9)
    record(self, app, name)
MigrationRecorder.record_applied = recorded
from mmn_registry.management.utility import RegistryUtility
RegistryUtility(["manage.py", "migrate", "-v0"]).execute()
"""


def whether_a_killed_migration_is_made_up_for() -> Iterator[Figure]:
    random = Random(SEED)  # noqa: S311
    with registry_aside() as registry:
        began = time.monotonic()
        _fresh(registry, "whole")
        registry.manage("migrate", "-v0", env=registry.on_database("whole"))
        seconds = time.monotonic() - began
        clean = _schema(registry, "whole")
        stuck, differ, kills = [], [], 0
        while kills < KILLS:
            name = f"killed_{kills}"
            _fresh(registry, name)
            for _time in range(3):
                _killed(registry, name, random.uniform(0.2, 0.9) * seconds)
                kills += 1
            stuck += [name] * (not _reaches_head(registry, name))
            differ += [name] * (_schema(registry, name) != clean)
            _drop(registry, name)
        note = f"of {KILLS} at random in {seconds:.0f} s of migrating"
        yield Figure("migrations stuck after a kill", len(stuck), "databases", limit=0, note=note)
        yield Figure("schemas unlike a clean one after kills", len(differ), "databases", limit=0)
        yield from _between_tables_and_record(registry, clean)
        yield from _rows_kept(registry, random)


def _between_tables_and_record(registry: Registry, clean: str) -> Iterator[Figure]:
    """Where tables are changed, and nobody has written it down: deterministic, for each of them."""
    name, runs, stuck, applied = "recording", 0, [], 0
    _fresh(registry, name)
    while not stuck and not _is_at_head(registry, name):
        # What the run before could not write down goes through; the one after it does not.
        _run_to_record(registry, name, at=2)
        before, applied, runs = applied, _applied(registry, name), runs + 1
        stuck += [_next(registry, name)] * (applied == before)
    same = not stuck and _schema(registry, name) == clean
    note = f"{runs} runs, each killed before it wrote down another one" + (
        f"; the first: {stuck[0]}" if stuck else ""
    )
    yield Figure(
        "migrations stuck after a kill before they were recorded",
        len(stuck) + (not stuck and not same),
        "migrations",
        limit=0,
        note=note,
    )


def _run_to_record(registry: Registry, name: str, *, at: int) -> None:
    subprocess.run(
        [sys.executable, "-c", AT_RECORD, str(at)],
        cwd=CHECKOUT,
        env=registry.on_database(name),
        capture_output=True,
        check=False,
    )


def _rows_kept(registry: Registry, random: Random) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        write_bundle(Path(folder), [f"U-{number}" for number in range(PATIENTS)])
        registry.manage("load_bundle", folder)
    before = _rows(registry)
    for app, migration in BACK_TO:
        registry.manage("migrate", app, migration, "-v0")
    for _time in range(2):
        process = registry.start("manage.py", "migrate", "-v0")
        time.sleep(random.uniform(1, 4))
        process.send_signal(signal.SIGKILL)
        process.communicate()
    registry.manage("migrate", "-v0")
    changed = [name for name, what in before.items() if _rows(registry).get(name) != what]
    note = f"of {len(before)}, back to {', '.join(' '.join(each) for each in BACK_TO)} and forward"
    told = f"{note}: {', '.join(changed)}" if changed else note
    yield Figure("tables whose rows an upgrade changed", len(changed), "tables", limit=0, note=told)


def _fresh(registry: Registry, name: str) -> None:
    with registry.superuser("postgres") as database:
        database.execute(f"CREATE DATABASE {name} OWNER {roles.OWNER}")


def _drop(registry: Registry, name: str) -> None:
    with registry.superuser("postgres") as database:
        database.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _killed(registry: Registry, name: str, after: float) -> None:
    process = registry.start("manage.py", "migrate", "-v0", env=registry.on_database(name))
    time.sleep(after)
    process.kill()
    process.communicate()


def _reaches_head(registry: Registry, name: str) -> bool:
    try:
        registry.manage("migrate", "-v0", env=registry.on_database(name))
    except RuntimeError:
        return False
    return True


def _is_at_head(registry: Registry, name: str) -> bool:
    with registry.superuser() as database:
        head = database.execute("SELECT count(*) FROM django_migrations").fetchone()[0]
    return _applied(registry, name) == head


def _applied(registry: Registry, name: str) -> int:
    with registry.superuser(name) as database:
        if database.execute("SELECT to_regclass('django_migrations')").fetchone()[0] is None:
            return 0
        return database.execute("SELECT count(*) FROM django_migrations").fetchone()[0]


def _next(registry: Registry, name: str) -> str:
    plan = registry.manage("showmigrations", "--plan", env=registry.on_database(name))
    return next((line[5:] for line in plan.splitlines() if line.startswith("[ ]")), "none")


def _schema(registry: Registry, name: str) -> str:
    cluster = registry.machine.cluster
    said = subprocess.run(
        [
            cluster.binaries.program("pg_dump"),
            "--schema-only",
            "--restrict-key=drill",
            f"--host={cluster.socket_dir}",
            f"--port={places.PORT}",
            f"--username={roles.SUPERUSER}",
            name,
        ],
        env={"PGPASSWORD": cluster.password(roles.SUPERUSER)},
        capture_output=True,
        text=True,
        check=True,
    )
    return said.stdout


def _rows(registry: Registry) -> Held:
    with registry.superuser() as database, database.transaction():
        return {name: what for name, what in held(database).items() if name not in NOT_COMPARED}


DRILLS = (whether_a_killed_migration_is_made_up_for,)
