"""Restoring: a base backup laid out, and WAL replayed up to a moment, in a folder of its own.

Nothing that runs is touched. PostgreSQL itself replays, on a socket that nobody else reaches, and
goes on from there as a new timeline.
"""

import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

import psycopg

from mmn_registry.postgres import processes
from mmn_registry.postgres.binaries import Binaries
from mmn_registry.postgres.places import (
    PORT,
    Cluster,
    make_folder,
    make_private,
    reachable_by_all,
)
from mmn_registry.postgres.roles import SUPERUSER
from mmn_registry.postgres.server import DURABLE, SETTINGS, Server, StartFailed

from . import BackupProblem
from .repository import SEGMENT, Backup, Repository
from .sealed import Damaged, opened

BLOCK_BYTES = 64 * 1024
ZEROS = bytes(BLOCK_BYTES)
SHORT_OF_TARGET = "recovery ended before configured recovery target was reached"


@dataclass(frozen=True)
class Target:
    """Up to where WAL is replayed: a time, a place in the WAL, or all there is."""

    time: datetime | None = None
    lsn: str = ""
    timeline: str = "latest"

    def settings(self) -> dict[str, str]:
        found = {"recovery_target_timeline": self.timeline, "recovery_target_action": "promote"}
        if self.time is not None:
            found["recovery_target_time"] = self.time.astimezone(UTC).isoformat(sep=" ")
        if self.lsn:
            # What begins there was written after that moment.
            found |= {"recovery_target_lsn": self.lsn, "recovery_target_inclusive": "off"}
        return found


@dataclass(frozen=True)
class Place(Cluster):
    """A cluster in the very folder that was asked for."""

    @cached_property
    def root(self) -> Path:
        return self.asked_for

    @property
    def wal(self) -> Path:
        return self.root / "wal"

    @property
    def configuration(self) -> Path:
        return self.root / "configuration"


class RestoredServer(Server):
    """Recovers, and then serves this process alone."""

    retry_seconds = 0.0

    def __init__(self, place: Place, target: Target) -> None:
        super().__init__(place)
        self.place, self.target = place, target

    def settings(self) -> dict[str, str]:
        configuration = self.place.configuration
        wal = str(self.place.wal).replace("%", "%%")
        return (
            SETTINGS
            | DURABLE
            | {
                # The files that came along are of another machine, or of none (Debian).
                "config_file": str(configuration / "postgresql.conf"),
                "hba_file": str(configuration / "pg_hba.conf"),
                "ident_file": str(configuration / "pg_ident.conf"),
                "archive_mode": "off",
                "hot_standby": "off",  # nobody reads before it has arrived
                "restore_command": f'cp "{wal}/%f" "%p"',
                "max_worker_processes": "8",
                "shared_preload_libraries": "",
                "ssl": "off",
            }
            | self.target.settings()
        )

    def _is_bootstrapped(self) -> bool:
        return True

    def connect(self, database: str) -> psycopg.Connection:
        """As the superuser, through a folder that is closed to everybody else."""
        return psycopg.connect(
            host=str(self.place.socket_dir),
            port=PORT,
            user=SUPERUSER,
            dbname=database,
            autocommit=True,
        )


def check_place(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()):
        raise BackupProblem(f"{folder} is not empty, and nothing is overwritten. Name a new one.")
    if processes.is_root() and not reachable_by_all(folder):
        raise BackupProblem(
            f"The account nobody, as which PostgreSQL runs for root, cannot reach {folder}. "
            "Name a folder that everybody can pass through, or restore as another account."
        )


def lay_out(repository: Repository, backup: Backup, folder: Path, binaries: Binaries) -> Place:
    """The base backup as files, each compared with the manifest that PostgreSQL made."""
    check_place(folder)
    if binaries.major != backup.server_version // 10_000:
        raise BackupProblem(
            f"The backup is of PostgreSQL {backup.server_version // 10_000}, the programs in "
            f"{binaries.folder} are of {binaries.major}. Set PG_BIN to programs of its version."
        )
    place = Place(folder, binaries)
    make_folder(folder)
    place.data.mkdir(mode=0o700)
    with opened(repository.base_file(backup.name), f"{backup.name}/base", repository.key) as stream:
        try:
            with tarfile.open(fileobj=stream, mode="r|") as tar:
                tar.extractall(place.data, filter="data")
        except tarfile.TarError as problem:
            raise Damaged(f"{backup.name} is damaged: {problem}.") from None
        while stream.read(BLOCK_BYTES):  # to its end, which says that nothing is missing
            pass
    said = subprocess.run(
        [
            binaries.program("pg_verifybackup"),
            "--quiet",
            "--no-parse-wal",  # replayed next, each record by its own checksum
            str(place.data),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    if said.returncode != 0:
        raise Damaged(f"{backup.name} is not what its manifest says: {said.stderr.strip()}")
    return place


def recover(repository: Repository, backup: Backup, place: Place, target: Target) -> RestoredServer:
    """The server, when it has arrived at the target; whoever asked stops it."""
    _configure(place)
    _lay_out_wal(repository, backup, place)
    make_private(place.data)
    (place.data / "recovery.signal").touch()
    _hand_over(place)
    server = RestoredServer(place, target)
    try:
        server.start()
    except StartFailed as problem:
        server.stop()
        if SHORT_OF_TARGET in _words(place):
            raise BackupProblem(
                "The archive ends before that moment: nothing was committed at it or after it. "
                "Name an earlier one, or leave --to away to restore all there is."
            ) from None
        raise BackupProblem(str(problem)) from None
    return server


def _words(place: Place) -> str:
    return place.log.read_text(errors="replace") if place.log.exists() else ""


def _configure(place: Place) -> None:
    place.configuration.mkdir()
    (place.configuration / "postgresql.conf").touch()
    (place.configuration / "pg_ident.conf").touch()
    # The socket's folder lets nobody else in.
    (place.configuration / "pg_hba.conf").write_text("local all all trust\n")


def _lay_out_wal(repository: Repository, backup: Backup, place: Place) -> None:
    place.wal.mkdir()
    for name in repository.wal_names():
        if not SEGMENT.match(name) or name[8:24] >= backup.first_segment[8:24]:
            _write_with_holes(place.wal / name, repository.read_wal(name))


def _write_with_holes(path: Path, content: bytes) -> None:
    """A segment that was sent on before it was full is mostly zeros: they take no room."""
    with path.open("wb") as file:
        for start in range(0, len(content), BLOCK_BYTES):
            block = content[start : start + BLOCK_BYTES]
            if block != ZEROS[: len(block)]:
                file.seek(start)
                file.write(block)
        file.truncate(len(content))


def _hand_over(place: Place) -> None:
    """To the account that PostgreSQL runs as."""
    if not processes.is_root():
        return
    account = processes.nobody()
    for top in (place.data, place.wal, place.configuration):
        for folder, _folders, files in os.walk(top):
            os.chown(folder, account.pw_uid, account.pw_gid)
            for name in files:
                os.chown(Path(folder) / name, account.pw_uid, account.pw_gid)


@contextmanager
def restored(
    repository: Repository, backup: Backup, folder: Path, binaries: Binaries, target: Target
) -> Iterator[RestoredServer]:
    """A running server of what was backed up; what only recovery needed is removed at the end."""
    place = lay_out(repository, backup, folder, binaries)
    server = recover(repository, backup, place, target)
    try:
        yield server
        with server.connect("postgres") as connection:
            connection.execute("CHECKPOINT")  # then it stops at once
    finally:
        server.stop()
    for left in (place.wal, place.configuration, place.socket_dir):
        shutil.rmtree(left, ignore_errors=True)
    for programs in place.root.glob("programs-*"):
        shutil.rmtree(programs)
