"""Verifying a backup: it is restored, and what comes back is compared with what was there.

Four things are asked: is every file what was written; does the cluster agree with the manifest that
PostgreSQL made of it; does every table hold what it held at one moment after the backup, row by
row; is the trail whole, and the one that was anchored.
"""

import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from django.db import connections

from mmn_registry.audit.anchors import Anchor
from mmn_registry.audit.sealing import ALIAS
from mmn_registry.audit.verifying import verify as verify_trail
from mmn_registry.postgres import locks
from mmn_registry.postgres.binaries import Binaries
from mmn_registry.postgres.places import PORT
from mmn_registry.postgres.roles import SUPERUSER

from . import BackupProblem
from .repository import SEGMENT, Backup, Repository, digest_of, now
from .restoring import RestoredServer, Target, restored
from .sealed import opened
from .tables import differences, held


@dataclass
class Verified:
    """What was looked at, and what was found; without findings the backup can be relied upon."""

    backup: str
    backup_ended_at: str
    moment: str
    begun_at: str
    seconds: float = 0.0
    base_sha256: str = ""
    segments: int = 0
    tables: dict[str, tuple[int, str]] = field(default_factory=dict)
    trail_entries: int = 0
    trail_seals: int = 0
    anchors: int = 0
    indexes_checked: bool = False
    findings: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return not self.findings

    @property
    def rows(self) -> int:
        return sum(rows for rows, _digest in self.tables.values())


def verify_backup(
    repository: Repository,
    name: str,
    binaries: Binaries,
    *,
    scratch: Path,
    anchor_file: Path | None = None,
) -> Verified:
    """Restore one backup beside everything that runs, look at it, and remove it again."""
    began = time.monotonic()
    found = Verified(name, "", "", now())
    try:
        backup = repository.about(name)
        found.backup_ended_at, found.moment = backup.ended_at, backup.tables_at
        found.base_sha256 = digest_of(repository.base_file(backup.name))
        segments = read_everything(repository, backup)
        found.segments = len(segments)
        found.findings += _gaps(backup, segments)
        if not backup.tables:
            raise BackupProblem(
                "Nobody stopped writing while it was made, so that it does not say what it holds. "
                "Make another one."
            )
        with _scratch(scratch) as folder:
            target = Target(lsn=backup.tables_lsn, timeline="current")
            with restored(repository, backup, folder, binaries, target) as server:
                _compare(server, backup, found)
                if TRAIL in backup.tables:
                    _ask_the_trail(server, backup, anchor_file, found)
                _check_indexes(server, backup, found)
    except BackupProblem as problem:
        found.findings.append(str(problem))
    found.seconds = round(time.monotonic() - began, 1)
    return found


READ_AT_ONCE_BYTES = 1024 * 1024
TRAIL = "audit_seal"
SCRATCH = "mmn-verify-"


@contextmanager
def _scratch(parent: Path) -> Iterator[Path]:
    """A folder for as long as it takes; those that a kill left are removed."""
    for left in parent.glob(f"{SCRATCH}*"):
        if left.is_dir() and (lock := locks.own_at_once(left / "lock")) is not None:
            shutil.rmtree(left, ignore_errors=True)
            os.close(lock)
    folder = Path(tempfile.mkdtemp(dir=parent, prefix=SCRATCH))
    lock = locks.own(folder / "lock")
    folder.chmod(0o711)  # passed through, not looked into; what is in it is closed
    try:
        yield folder / "cluster"
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def read_everything(repository: Repository, backup: Backup) -> list[str]:
    """All that a restore from it might need, to the last byte; the names of its WAL.

    Also what the restore that follows would not need: every later moment is somebody's.

    Raises
    ------
    Damaged
        If a file is not what was written.
    """
    with opened(repository.base_file(backup.name), f"{backup.name}/base", repository.key) as stream:
        while stream.read(READ_AT_ONCE_BYTES):
            pass
    names = repository.wal_names()
    names = [n for n in names if not SEGMENT.match(n) or n[8:24] >= backup.first_segment[8:24]]
    for name in names:
        repository.read_wal(name)
    return [name for name in names if SEGMENT.fullmatch(name)]


def _gaps(backup: Backup, segments: list[str]) -> list[str]:
    ours = [name for name in segments if int(name[:8], 16) == backup.timeline]
    return [
        f"WAL is missing between {before} and {after}: nothing after it can be restored."
        for before, after in pairwise(ours)
        if number_of(after) != number_of(before) + 1
    ]


def number_of(segment: str) -> int:
    """Of a segment of 16 MB, in the order of writing."""
    return int(segment[8:16], 16) * 256 + int(segment[16:24], 16)


def _compare(server: RestoredServer, backup: Backup, found: Verified) -> None:
    with server.connect(backup.database) as connection, connection.transaction():
        found.tables = held(connection)
    found.findings += differences(backup.tables, found.tables)


def _ask_the_trail(
    server: RestoredServer, backup: Backup, anchor_file: Path | None, found: Verified
) -> None:
    """Against the anchors up to that moment: later ones are of what was recorded since."""
    lines = _anchors(backup, anchor_file)
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.writelines(f"{line}\n" for line in lines)
        file.flush()
        with _trail_of(server, backup.database):
            told = verify_trail(Path(file.name))
    found.trail_entries, found.trail_seals = told.entries, told.seals
    found.anchors = told.anchors
    found.findings += [f"The trail: {finding}" for finding in told.findings]


def _anchors(backup: Backup, file: Path | None) -> list[str]:
    if not backup.anchor:
        return []  # nothing was sealed yet
    end = Anchor.read(backup.anchor)
    kept = file.read_text(encoding="ascii").splitlines() if file and file.exists() else []
    return [str(end), *(line for line in kept if Anchor.read(line).batch <= end.batch)]


@contextmanager
def _trail_of(server: RestoredServer, database: str) -> Iterator[None]:
    """Meanwhile the trail that is asked is that of the restored server."""
    audit = connections[ALIAS]
    usual = dict(audit.settings_dict)
    audit.close()
    there: dict[str, Any] = {
        "EMBEDDED": False,
        "HOST": str(server.place.socket_dir),
        "PORT": str(PORT),
        "NAME": database,
        "USER": SUPERUSER,
        "PASSWORD": "",
        "OPTIONS": {},
        "TELLS_CONTEXT_KEY": True,  # nothing is written: no key needs to be known
    }
    audit.settings_dict |= there
    try:
        yield
    finally:
        audit.close()
        audit.settings_dict.clear()
        audit.settings_dict.update(usual)


def _check_indexes(server: RestoredServer, backup: Backup, found: Verified) -> None:
    """Every row is where its indexes say, and every page as it should be."""
    program = Path(server.place.binaries.program("pg_amcheck"))
    if not program.exists():
        return
    where = ["--host", str(server.place.socket_dir), "--port", str(PORT)]
    said = subprocess.run(
        [
            str(program),
            *where,
            f"--username={SUPERUSER}",
            "--no-password",
            "--install-missing",
            "--heapallindexed",
            backup.database,
        ],
        env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
        capture_output=True,
        text=True,
        check=False,
    )
    found.indexes_checked = True
    if said.returncode != 0:
        words = (said.stdout + said.stderr).strip().splitlines()
        found.findings.append(f"pg_amcheck: {words[0] if words else said.returncode}")


# ── What a person signs ──────────────────────────────────────────────────────────────────────


def write_report(repository: Repository, found: Verified) -> Path:
    """As JSON for programs, and as a page that a person reads, signs and files."""
    stem = repository.reports / f"{found.backup}-verified-{found.begun_at.replace(':', '')}"
    stem.with_suffix(".json").write_text(json.dumps(asdict(found), indent=2) + "\n")
    page = stem.with_suffix(".txt")
    page.write_text(as_page(found, digest_of(stem.with_suffix(".json"))))
    if found.holds:
        repository.tell(verified_at=now(), verified_backup=found.backup)
    return page


def as_page(found: Verified, digest: str) -> str:
    verdict = (
        "This backup was restored, and holds what it should."
        if found.holds
        else "This backup CANNOT be relied upon:"
    )
    lines = [
        "MMN registry: verification of a backup",
        "",
        f"Backup            {found.backup}, ended {found.backup_ended_at}",
        f"SHA-256 of it     {found.base_sha256}",
        f"Verified          {found.begun_at}, in {found.seconds} s",
        f"Restored to       {found.moment or '-'}",
        f"WAL               {found.segments} segments from the backup on, each read",
        f"Tables            {len(found.tables)} with {found.rows} rows, each compared by its hash",
        f"Trail             {found.trail_entries} entries, {found.trail_seals} seals, "
        f"{found.anchors} anchors",
        f"Indexes           {'checked by pg_amcheck' if found.indexes_checked else 'not checked'}",
        "",
        verdict,
        *(f"  - {finding}" for finding in found.findings),
        "",
        "Table                                          rows  SHA-256 of the sorted row hashes",
        *(
            f"{name:<38} {rows:>12}  {digest}"
            for name, (rows, digest) in sorted(found.tables.items())
        ),
        "",
        f"SHA-256 of the same as JSON: {digest}",
        "",
        "Name ______________________   Date ______________   Signature ______________________",
    ]
    return "\n".join(lines) + "\n"
