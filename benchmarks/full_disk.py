"""A disk that fills while rows are written: refused, nothing lost, and on it goes with room."""

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg

from benchmarks.aside import Registry, a_disk_of, registry_aside
from benchmarks.figures import Figure
from mmn_registry import faults
from mmn_registry.postgres import processes, roles

DISK_MB, BALLAST_MB, LEFT_MB = 320, 48, 24
GOES_ON_WITHIN_SECONDS = 30
ROW = "INSERT INTO drill (id, payload) VALUES (%s, %s)"


def whether_a_full_disk_loses_anything() -> Iterator[Figure]:
    name = "acknowledged rows lost on a full disk"
    if not processes.is_root():
        yield Figure(name, None, "rows", limit=0, note="only root makes a small disk")
        return
    try:
        with a_disk_of(DISK_MB) as disk, registry_aside(on=disk) as registry:
            yield from _filled(registry, disk)
    except subprocess.CalledProcessError as problem:
        yield Figure(name, None, "rows", limit=0, note=f"no small disk here: {problem}")


def _filled(registry: Registry, disk: Path) -> Iterator[Figure]:
    with registry.machine.connect(roles.OWNER) as session:
        session.execute("CREATE TABLE drill (id int PRIMARY KEY, payload text NOT NULL)")
    ballast = disk / "ballast"
    _write(ballast, BALLAST_MB)
    free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize // 1_000_000
    _write(disk / "filler", max(0, free - LEFT_MB))
    acknowledged, refused = _write_until_refused(registry)
    began = time.monotonic()
    ballast.unlink()
    (disk / "filler").unlink()
    _write_again(registry, len(acknowledged) + 1)
    seconds = time.monotonic() - began
    with registry.superuser() as session:
        kept = {number for (number,) in session.execute("SELECT id FROM drill").fetchall()}
        session.execute("CREATE EXTENSION IF NOT EXISTS amcheck")
        session.execute("SELECT bt_index_check('drill_pkey', true)")
    lost = len(acknowledged - kept)
    note = f"of {len(acknowledged)}; refused as {type(refused).__name__}"
    yield Figure("acknowledged rows lost on a full disk", lost, "rows", limit=0, note=note)
    answered = faults.status_of(refused)
    yield Figure("answer to who met it", float(answered or 500), "", limit=503, note="HTTP status")
    yield Figure("until writing went on with room", seconds, "s", limit=GOES_ON_WITHIN_SECONDS)


def _write(file: Path, megabytes: int) -> None:
    with file.open("wb") as opened:
        for _each in range(megabytes):
            opened.write(bytes(1_000_000))


def _write_until_refused(registry: Registry) -> tuple[set[int], Exception]:
    acknowledged: set[int] = set()
    with registry.machine.connect(roles.OWNER) as session:
        while True:
            number = len(acknowledged) + 1
            try:
                session.execute(ROW, [number, os.urandom(50_000).hex()])
            except psycopg.Error as refused:
                return acknowledged, refused
            acknowledged.add(number)


def _write_again(registry: Registry, number: int) -> None:
    """PostgreSQL may have given up meanwhile: the next who needs it starts it."""
    deadline = time.monotonic() + 2 * GOES_ON_WITHIN_SECONDS
    while True:
        try:
            registry.machine.uses()
            with registry.machine.connect(roles.OWNER) as session:
                session.execute(f"{ROW} ON CONFLICT DO NOTHING", [number, "with room"])
        except (psycopg.Error, AssertionError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
        else:
            return


DRILLS = (whether_a_full_disk_loses_anything,)
