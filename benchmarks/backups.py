"""Backups of a registry at work: restored to a moment, compared, and damaged on purpose."""

import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from benchmarks.aside import Registry, registry_aside
from benchmarks.figures import Figure
from benchmarks.safety import write_bundle
from mmn_registry.backup.repository import Backup, Repository
from mmn_registry.backup.restoring import Target, restored
from mmn_registry.backup.sealed import Damaged
from mmn_registry.backup.taking import take_backup
from mmn_registry.backup.verifying import read_everything, verify_backup, write_report
from mmn_registry.postgres import places, roles

PATIENTS, WRITERS, SECONDS_AFTER, FLIPS, SEED = 120, 3, 5, 20, 8
CENTRE = "INSERT INTO accounts_centre (id, code, name) VALUES (gen_random_uuid(), %s, '')"


def whether_a_backup_comes_back() -> Iterator[Figure]:
    with registry_aside(MMN_BACKUP_DIR="{folder}/backups") as registry:
        with tempfile.TemporaryDirectory() as folder:
            write_bundle(Path(folder), [f"B-{number}" for number in range(PATIENTS)])
            registry.manage("load_bundle", folder)
        registry.manage("seal_audit", "--anchor")
        repository = Repository(registry.folder / "backups", key="of the drill alone " * 2)
        with _writers(registry) as written:
            backup, seconds = _taken(registry, repository)
            size = repository.base_file(backup.name).stat().st_size
            yield Figure(
                "a backup while others write",
                seconds,
                "s",
                note=f"{backup.cluster_bytes / 1e6:.0f} MB in {size / 1e6:.0f} MB, "
                f"{len(backup.tables)} tables hashed",
            )
            moment = _markers_around_a_moment(registry)
            time.sleep(SECONDS_AFTER)
        _taken(registry, repository)  # sends on the WAL
        yield from _verified(registry, repository, backup, written)
        yield from _restored_to(registry, repository, backup, moment)
        yield _flips(repository, backup)


def _server(registry: Registry) -> dict[str, object]:
    cluster = registry.machine.cluster
    return {
        "host": str(cluster.socket_dir),
        "port": places.PORT,
        "dbname": places.DATABASE,
        "user": roles.BACKUP,
        "password": cluster.password(roles.BACKUP),
    }


def _taken(registry: Registry, repository: Repository) -> tuple[Backup, float]:
    cluster, began = registry.machine.cluster, time.monotonic()
    backup = take_backup(repository, _server(registry), cluster.binaries, cluster.wal_spool)
    return backup, time.monotonic() - began


@contextmanager
def _writers(registry: Registry) -> Iterator[list[int]]:
    """Each writes rows that the trail watches, some at a time, and takes some back."""
    done, written = threading.Event(), []

    def write(name: str) -> None:
        random = Random(name)  # noqa: S311
        with registry.machine.connect(roles.OWNER) as session:
            number = 0
            while not done.wait(random.uniform(0.01, 0.05)):
                with session.transaction(force_rollback=random.random() < 0.1):
                    for _row in range(random.randrange(1, 5)):
                        number += 1
                        session.execute(CENTRE, [f"{name}{number:06}"])
                written.append(number)

    threads = [threading.Thread(target=write, args=(name,)) for name in "UVWXYZ"[:WRITERS]]
    for thread in threads:
        thread.start()
    try:
        yield written
    finally:
        done.set()
        for thread in threads:
            thread.join()


def _markers_around_a_moment(registry: Registry) -> datetime:
    """A row one second before it, and one second after."""
    with registry.machine.connect(roles.OWNER) as session:
        session.execute(CENTRE, ["BEFORE"])
        time.sleep(1)
        moment = datetime.now(UTC)
        time.sleep(1)
        session.execute(CENTRE, ["AFTER"])
    return moment


def _verified(
    registry: Registry, repository: Repository, backup: Backup, written: list[int]
) -> Iterator[Figure]:
    found = verify_backup(
        repository,
        backup.name,
        registry.machine.cluster.binaries,
        scratch=registry.folder,
        anchor_file=registry.machine.folder / "anchors.txt",
    )
    write_report(repository, found)
    note = (
        f"{len(found.tables)} tables with {found.rows} rows, {found.trail_entries} entries of the "
        f"trail against {found.anchors} anchors; {len(written)} transactions meanwhile"
    )
    told = f"{note}: {' '.join(found.findings)}" if found.findings else note
    differ = len(found.findings)
    yield Figure("findings when it was restored and compared", differ, "findings", 0, told)
    yield Figure("verifying it", found.seconds, "s", limit=300, note=f"{found.segments} segments")


def _restored_to(
    registry: Registry, repository: Repository, backup: Backup, moment: datetime
) -> Iterator[Figure]:
    began = time.monotonic()
    cluster = registry.machine.cluster
    folder, target = registry.folder / "restored", Target(time=moment)
    with (
        restored(repository, backup, folder, cluster.binaries, target) as server,
        server.connect(backup.database) as session,
    ):
        seconds = time.monotonic() - began
        codes = {code for (code,) in session.execute("SELECT code FROM accounts_centre").fetchall()}
        told = session.execute(
            "SELECT count(*) FILTER (WHERE at > %(t)s), count(*) FROM audit_entry", {"t": moment}
        ).fetchone()
    wrong = ("BEFORE" not in codes) + ("AFTER" in codes) + told[0]
    yield Figure(
        "rows that are wrong after a restore to a moment",
        wrong,
        "rows",
        limit=0,
        note=f"one of a second before is there, one of a second after is not; {told[1]} entries",
    )
    yield Figure("restoring to a moment", seconds, "s", limit=300)


def _flips(repository: Repository, backup: Backup) -> Figure:
    """One bit somewhere in what a restore needs, longer files more often."""
    random, found = Random(SEED), 0  # noqa: S311
    files = [repository.base_file(backup.name), repository.about_file(backup.name)]
    files += [
        repository.wal_file(name)
        for name in repository.wal_names()
        if name[8:24] >= backup.first_segment[8:24]
    ]
    sizes = [file.stat().st_size for file in files]
    for number in range(FLIPS):
        # Each kind of file, and then by chance.
        file = files[number] if number < 3 else random.choices(files, sizes)[0]
        _flip(file, bit := random.randrange(8 * file.stat().st_size))
        try:
            read_everything(repository, repository.about(backup.name))
        except Damaged:
            found += 1
        _flip(file, bit)
    read_everything(repository, repository.about(backup.name))  # as whole as before
    note = f"of {FLIPS} in {len(files)} files"
    return Figure("flipped bits that were found", found, "bits", FLIPS, note, at_least=True)


def _flip(file: Path, bit: int) -> None:
    with file.open("r+b") as opened:
        opened.seek(bit // 8)
        (byte,) = opened.read(1)
        opened.seek(bit // 8)
        opened.write(bytes([byte ^ 1 << bit % 8]))


DRILLS = (whether_a_backup_comes_back,)
