"""The folder that backups are kept in: base backups, the WAL between them, and what was verified.

    base/20260131T020000Z/    base.tar.mmnb (the cluster) and about.mmnb (what is in it)
    wal/                      finished segments of WAL, each as soon as the server let go of it
    reports/                  what verifying said, to be signed and filed
    status.json               when last; read by /readyz and /metrics

Files are written under another name, flushed, and renamed: what has its name is whole. One process
writes at a time.
"""

import fcntl
import hashlib
import json
import os
import re
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from . import BackupProblem
from .sealed import SUFFIX, Damaged, check_key, fsync_folder, opened, written

SEGMENT = re.compile(r"[0-9A-F]{24}")
# A segment, the history of a timeline, or the label of a base backup.
ARCHIVED = re.compile(r"[0-9A-F]{24}(\.[0-9A-F]{8}\.backup)?|[0-9A-F]{8}\.history")
NAME = "%Y%m%dT%H%M%SZ"
# Of the first page of a segment: magic, flags, timeline, address, rest, padding, the cluster's id.
PAGE_HEADER = struct.Struct("=HHIQI4xQ")
COPIED_AT_ONCE_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Backup:
    """One base backup, as its about-file tells."""

    name: str
    began_at: str
    ended_at: str
    server_version: int  # as PostgreSQL numbers them: 180006
    system_identifier: str
    timeline: int
    start_lsn: str
    end_lsn: str
    first_segment: str
    database: str
    cluster_bytes: int  # of the base backup, neither compressed nor encrypted
    # What the database held at one moment after the base backup, by table: rows and a hash.
    tables: dict[str, tuple[int, str]] = field(default_factory=dict)
    tables_lsn: str = ""
    tables_at: str = ""
    last_segment: str = ""
    anchor: str = ""  # the end of the trail's chain at that moment

    @property
    def began(self) -> datetime:
        return datetime.fromisoformat(self.began_at)

    @property
    def ended(self) -> datetime:
        return datetime.fromisoformat(self.ended_at)


class Repository:
    def __init__(self, folder: Path, key: str = "", status: Path | None = None) -> None:
        self.folder = folder
        self.key = check_key(key)
        self.status_file = status or folder / "status.json"

    @property
    def bases(self) -> Path:
        return self.folder / "base"

    @property
    def wal(self) -> Path:
        return self.folder / "wal"

    @property
    def reports(self) -> Path:
        return self.folder / "reports"

    @contextmanager
    def alone(self, what: str, *, wait: bool = False) -> Iterator[None]:
        """One writer at a time; the lock ends with its process, however it ends."""
        self.make()
        with (self.folder / f"{what}.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            except BlockingIOError:
                raise BackupProblem(
                    f"Another process is at work on {what} in {self.folder}: wait for it."
                ) from None
            yield

    def make(self) -> None:
        for folder in (self.folder, self.bases, self.wal, self.reports):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    # ── Base backups ─────────────────────────────────────────────────────────────────────────

    def base_file(self, name: str) -> Path:
        return self.bases / name / f"base.tar{SUFFIX}"

    def about_file(self, name: str) -> Path:
        return self.bases / name / f"about{SUFFIX}"

    def names(self) -> list[str]:
        """Base backups that are whole, the oldest first."""
        if not self.bases.exists():
            return []
        return sorted(path.name for path in self.bases.iterdir() if self._is_whole(path.name))

    def _is_whole(self, name: str) -> bool:
        return self.about_file(name).exists()  # written last

    def write_about(self, backup: Backup) -> None:
        with written(self.about_file(backup.name), f"{backup.name}/about", self.key) as file:
            file.write(json.dumps(asdict(backup)).encode())

    def about(self, name: str) -> Backup:
        with opened(self.about_file(name), f"{name}/about", self.key) as file:
            told = json.loads(file.read())
        told["tables"] = {table: (rows, digest) for table, (rows, digest) in told["tables"].items()}
        return Backup(**told)

    def latest(self, until: datetime | None = None) -> Backup:
        """The newest base backup that had ended by a time."""
        for name in reversed(self.names()):
            backup = self.about(name)
            if until is None or backup.ended <= until:
                return backup
        when = "" if until is None else f" that had ended by {until.isoformat(sep=' ')}"
        raise BackupProblem(f"There is no backup in {self.folder}{when}.")

    # ── WAL ──────────────────────────────────────────────────────────────────────────────────

    def wal_file(self, name: str) -> Path:
        return self.wal / f"{name}{SUFFIX}"

    def has_wal(self, name: str) -> bool:
        return self.wal_file(name).exists()

    def wal_names(self) -> list[str]:
        return sorted(path.name.removesuffix(SUFFIX) for path in self.wal.glob(f"*{SUFFIX}"))

    def keep_wal(self, spool: Path) -> int:
        """Take over what the server has archived since; how many files."""
        with self.alone("wal", wait=True):
            found = sorted(path for path in spool.iterdir() if ARCHIVED.fullmatch(path.name))
            for path in found:
                self._keep(path)
            self.tell(wal_kept_at=now())
        return len(found)

    def _keep(self, path: Path) -> None:
        content = path.read_bytes()
        self._refuse_other_cluster(path.name, content)
        if self.has_wal(path.name):
            # The server was killed before it knew that this one is safe, and sent it again.
            if self.read_wal(path.name) != content:
                raise BackupProblem(
                    f"{path} differs from what is kept under its name: two servers archive into "
                    "one place. Give each a spool and a backup folder of its own."
                )
        else:
            with written(self.wal_file(path.name), path.name, self.key) as file:
                file.write(content)
        path.unlink()

    def _refuse_other_cluster(self, name: str, content: bytes) -> None:
        """WAL of two clusters in one place would be of use to neither."""
        if not SEGMENT.fullmatch(name):
            return
        ours = self.folder / "cluster"
        found = str(PAGE_HEADER.unpack_from(content)[5])
        if not ours.exists():
            ours.write_text(found)
        elif ours.read_text() != found:
            raise BackupProblem(
                f"{self.folder} keeps backups of another cluster ({ours.read_text()}) than {name} "
                f"is of ({found}). Set MMN_BACKUP_DIR to a new folder; keep the old one."
            )

    def read_wal(self, name: str) -> bytes:
        with opened(self.wal_file(name), name, self.key) as file:
            return file.read()

    # ── What is no longer kept ───────────────────────────────────────────────────────────────

    def forget(self, keep: timedelta, at_least: int = 2) -> list[str]:
        """Remove base backups older than that, but the last ones, and the WAL before the oldest."""
        names = self.names()
        oldest = datetime.now(UTC) - keep
        spare = names[: max(0, len(names) - at_least)]
        gone = [name for name in spare if read_name(name) < oldest]
        for name in gone:
            self.about_file(name).unlink()  # first: without it the rest is no backup
            _remove(self.bases / name)
        for path in self.bases.iterdir():  # what a killed attempt left
            if path.name not in names and datetime.now(UTC) - read_name(path.name) > keep:
                _remove(path)
        if kept := self.names():
            first = self.about(kept[0]).first_segment
            for name in self.wal_names():
                # By number; timelines come and go. Histories are small, and stay.
                if SEGMENT.match(name) and name[8:24] < first[8:24]:
                    self.wal_file(name).unlink()
        return gone

    # ── When last ────────────────────────────────────────────────────────────────────────────

    def tell(self, **when: str) -> None:
        told = read_status(self.status_file) | when
        partial = self.status_file.with_name(self.status_file.name + ".partial")
        with partial.open("w") as file:
            json.dump(told, file)
            file.flush()
            os.fsync(file.fileno())
        partial.chmod(0o644)  # times, and nothing else: the web server reads it
        partial.rename(self.status_file)
        fsync_folder(self.status_file.parent)


def read_status(file: Path) -> dict[str, str]:
    """When a backup was made, verified, and WAL was kept; empty before the first time."""
    try:
        told = json.loads(file.read_text())
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def age(status: dict[str, str], what: str) -> timedelta | None:
    """How long ago; None if never."""
    try:
        return datetime.now(UTC) - datetime.fromisoformat(status[what])
    except (KeyError, ValueError, TypeError):
        return None


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def read_name(name: str) -> datetime:
    try:
        return datetime.strptime(name, NAME).replace(tzinfo=UTC)
    except ValueError:
        raise Damaged(f"{name} is not the name of a backup. Move it elsewhere.") from None


def digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _remove(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
