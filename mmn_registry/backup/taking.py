"""Taking a base backup from a server at work: one stream, read once, sealed as it comes."""

import json
import os
import shutil
import subprocess
import tarfile
import time
from collections.abc import Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import psycopg

from mmn_registry.postgres.binaries import Binaries

from . import BackupProblem
from .repository import NAME, SEGMENT, Backup, Repository, now
from .sealed import written
from .tables import Moment, moment

READ_AT_ONCE_BYTES = 1024 * 1024
MANIFEST = "backup_manifest"
# A segment that is not full is archived after a minute at the latest (archive_timeout).
ARCHIVED_WITHIN_SECONDS = 180.0
SETTINGS = (
    "SELECT current_setting('archive_mode'), current_setting('server_version_num')::int, "
    "current_setting('archive_command'), (SELECT system_identifier FROM pg_control_system())"
)
MARK = "SELECT pg_logical_emit_message(false, 'mmn-backup', 'a record after that moment')::text"
MAY_SWITCH = "SELECT has_function_privilege('pg_switch_wal()', 'EXECUTE')"
SEGMENT_OF = "SELECT pg_walfile_name(%s)"
Parameters = Mapping[str, Any]


def take_backup(
    repository: Repository,
    server: Parameters,
    binaries: Binaries,
    spool: Path,
    *,
    within_seconds: float = ARCHIVED_WITHIN_SECONDS,
) -> Backup:
    """A new base backup, and what the database held just after it; returns when its WAL is kept.

    ``server``: how to connect, as a role with REPLICATION that may read every table.
    """
    with repository.alone("base"), _connected(server) as connection:
        version, system_identifier = _check(connection, binaries, spool)
        name, began_at = datetime.now(UTC).strftime(NAME), now()
        try:
            manifest, size = _stream(repository, name, server, binaries)
        except BaseException:
            shutil.rmtree(repository.bases / name, ignore_errors=True)
            raise
        (wal,) = manifest["WAL-Ranges"]
        found = moment(connection)
        last = _finish_segment(connection, wal["End-LSN"])
        backup = Backup(
            name=name,
            began_at=began_at,
            ended_at=now(),
            server_version=version,
            system_identifier=system_identifier,
            timeline=wal["Timeline"],
            start_lsn=wal["Start-LSN"],
            end_lsn=wal["End-LSN"],
            first_segment=_segment(connection, wal["Start-LSN"]),
            last_segment=last,
            database=connection.info.dbname,
            cluster_bytes=size,
            **_as_found(found),
        )
        _await_wal(repository, spool, last, within_seconds)
        repository.write_about(backup)
        repository.tell(backup_at=backup.ended_at)
    return backup


def _as_found(found: Moment | None) -> dict[str, Any]:
    if found is None:
        return {}
    return {
        "tables": found.tables,
        "tables_lsn": found.lsn,
        "tables_at": found.at,
        "anchor": found.anchor,
    }


@contextmanager
def _connected(server: Parameters):  # type: ignore[no-untyped-def]
    try:
        connection = psycopg.connect(**server, autocommit=True)
    except psycopg.OperationalError as problem:
        raise BackupProblem(
            f"{server.get('user', 'mmn_backup')} cannot connect to back up: {problem}"
        ) from None
    with connection:
        yield connection


def _check(connection: psycopg.Connection, binaries: Binaries, spool: Path) -> tuple[int, str]:
    found = connection.execute(SETTINGS).fetchone()
    if found is None:
        raise AssertionError
    archive_mode, version, _command, system_identifier = found
    if archive_mode == "off":
        raise BackupProblem(
            "This server archives no WAL, so nothing could be restored to a moment. For the "
            "embedded server set MMN_BACKUP_DIR before it starts; for another one see "
            "docs/operations.md, Backup."
        )
    if binaries.major < version // 10_000:
        raise BackupProblem(
            f"The programs in {binaries.folder} are of PostgreSQL {binaries.major}, the server is "
            f"of {version // 10_000}. Set PG_BIN to programs of the server's version."
        )
    if not spool.is_dir() or not os.access(spool, os.W_OK | os.X_OK):
        raise BackupProblem(
            f"{spool}, into which the server archives, cannot be emptied from here. Set "
            "MMN_WAL_SPOOL to the folder that its archive_command writes to."
        )
    return version, str(system_identifier)


class _Copied:
    """A stream that is written elsewhere as it is read."""

    def __init__(self, source: IO[bytes], to: Any) -> None:
        self.source, self.to, self.size = source, to, 0

    def read(self, size: int) -> bytes:
        block = self.source.read(size)
        self.to.write(block)
        self.size += len(block)
        return block


def _stream(
    repository: Repository, name: str, server: Parameters, binaries: Binaries
) -> tuple[dict[str, Any], int]:
    """The base backup into its file; its manifest and its size."""
    command = [
        binaries.program("pg_basebackup"),
        "--pgdata=-",
        "--format=tar",
        "--wal-method=none",  # in the archive: the server waits until it is
        "--checkpoint=fast",
        "--manifest-checksums=SHA256",
        "--no-password",
    ]
    (repository.bases / name).mkdir(mode=0o700)
    with (
        written(repository.base_file(name), f"{name}/base", repository.key) as file,
        subprocess.Popen(
            command,
            env=environment(server),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process,
    ):
        if process.stdout is None or process.stderr is None:
            raise AssertionError
        copied = _Copied(process.stdout, file)
        try:
            manifest = _manifest_in(copied)
        except (tarfile.TarError, OSError) as problem:
            process.kill()
            raise BackupProblem(_said(process, str(problem))) from None
        while copied.read(READ_AT_ONCE_BYTES):
            pass
        said = process.stderr.read()
        if process.wait() != 0:
            raise BackupProblem(f"pg_basebackup failed: {said.decode(errors='replace').strip()}")
    if manifest is None:
        raise BackupProblem("pg_basebackup gave no manifest: nothing could be verified by it.")
    return manifest, copied.size


def _said(process: subprocess.Popen[bytes], problem: str) -> str:
    words = process.stderr.read().decode(errors="replace").strip() if process.stderr else ""
    return f"pg_basebackup failed: {words or problem}"


def _manifest_in(stream: Any) -> dict[str, Any] | None:
    manifest = None
    with tarfile.open(fileobj=stream, mode="r|", bufsize=READ_AT_ONCE_BYTES) as tar:
        for member in tar:
            if member.name == MANIFEST:
                file = tar.extractfile(member)
                manifest = json.loads(file.read()) if file else None
    return manifest


def environment(server: Parameters) -> dict[str, str]:
    """libpq's own variables: a password in an argument could be read by everybody here."""
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD"}
    names |= {"sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT"}
    ours = {names[key]: str(value) for key, value in server.items() if key in names and value}
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"} | ours


def _finish_segment(connection: psycopg.Connection, end_lsn: str) -> str:
    """Let the server archive up to here; the name of the segment that must come."""
    mark = connection.execute(MARK).fetchone()
    if mark is None:
        raise AssertionError
    name = _segment(connection, mark[0])
    may = connection.execute(MAY_SWITCH).fetchone()
    if may and may[0]:
        connection.execute("SELECT pg_switch_wal()")
    return name


def _segment(connection: psycopg.Connection, lsn: str) -> str:
    found = connection.execute(SEGMENT_OF, [lsn]).fetchone()
    if found is None or not SEGMENT.fullmatch(found[0]):
        raise AssertionError
    return str(found[0])


def _await_wal(repository: Repository, spool: Path, last: str, within_seconds: float) -> None:
    deadline = time.monotonic() + within_seconds
    while True:
        repository.keep_wal(spool)
        if repository.has_wal(last):
            return
        if time.monotonic() > deadline:
            raise BackupProblem(
                f"The server has not archived {last} within {within_seconds:.0f} s: without it "
                "this backup cannot be restored. Look at its log, and at pg_stat_archiver."
            )
        time.sleep(0.2)
