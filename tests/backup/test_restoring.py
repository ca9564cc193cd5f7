"""A backup of a server at work comes back as it was at a moment, or is said to be bad.

One small cluster for all of it, with the settings and the role of the embedded server.
"""

import time
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from mmn_registry.backup import BackupProblem, here
from mmn_registry.backup.repository import Repository
from mmn_registry.backup.restoring import Target, restored
from mmn_registry.backup.tables import differences, held
from mmn_registry.backup.taking import take_backup
from mmn_registry.backup.verifying import verify_backup, write_report
from mmn_registry.postgres import places
from tests.postgres.conftest import Machine

TABLES = (
    "CREATE TABLE visit (id int PRIMARY KEY, grade text); "
    "INSERT INTO visit SELECT each, '4+' FROM generate_series(1, 500) AS each; "
    "CREATE TABLE nobody (id int); CREATE UNLOGGED TABLE scratch (id int)"
)


class Hospital:
    def __init__(self, folder):
        self.folder = folder
        self.machine = Machine(folder / "data", environment={"MMN_BACKUP_DIR": str(folder)})
        self.machine.uses()
        self.repository = Repository(folder / "backups", key="k" * 40)

    @property
    def binaries(self):
        return places.cluster().binaries

    def run(self, statement):
        with self.machine.connect("mmn_owner") as connection:
            return connection.execute(statement)

    def server(self, role="mmn_backup"):
        cluster = self.machine.cluster
        return {
            "host": str(cluster.socket_dir),
            "port": places.PORT,
            "dbname": places.DATABASE,
            "user": role,
            "password": cluster.password(role),
        }

    def back_up(self):
        spool = self.machine.cluster.wal_spool
        return take_backup(self.repository, self.server(), self.binaries, spool)

    def verify(self, backup):
        return verify_backup(self.repository, backup.name, self.binaries, scratch=self.folder)

    def restored(self, name, backup, target):
        folder = self.folder / name
        return restored(self.repository, backup, folder, self.binaries, target)


@pytest.fixture(scope="module")
def hospital(kept_folder):
    made = Hospital(kept_folder)
    made.run(TABLES)
    yield made
    made.machine.comes_to_rest()
    made.machine.remove()


@pytest.fixture(scope="module")
def backup(hospital):
    return hospital.back_up()


def test_a_backup_says_what_it_holds_and_holds_it(hospital, backup):
    assert {table: rows for table, (rows, _digest) in backup.tables.items()} == {
        "nobody": 0,
        "visit": 500,
    }

    found = hospital.verify(backup)

    assert found.findings == []
    assert found.tables == backup.tables
    assert found.indexes_checked
    page = write_report(hospital.repository, found).read_text()
    assert "This backup was restored, and holds what it should." in page
    assert list(hospital.folder.glob("mmn-verify-*")) == []


def test_the_same_rows_have_one_hash_however_they_lie(hospital, backup):
    """An update that changes nothing moves a row; a row twice is not a row."""
    with hospital.machine.connect("mmn_owner") as connection:
        with connection.transaction(force_rollback=True):
            connection.execute("UPDATE visit SET grade = grade WHERE id % 2 = 0")
            assert differences(backup.tables, held(connection)) == []
        with connection.transaction(force_rollback=True):
            connection.execute("UPDATE visit SET grade = '4' WHERE id = 7; DROP TABLE nobody")
            connection.execute("CREATE TABLE more (id int)")
            assert differences(backup.tables, held(connection)) == [
                "more should not be there.",
                "nobody is missing.",
                "visit: of its 500 rows some are not what was backed up.",
            ]
        with connection.transaction(force_rollback=True):
            connection.execute("DELETE FROM visit WHERE id = 7")
            assert differences(backup.tables, held(connection)) == [
                "visit has 499 rows; 500 were backed up."
            ]


def test_what_stood_a_moment_before_is_there_and_what_came_after_is_not(hospital, backup):
    hospital.run("INSERT INTO visit VALUES (1001, 'before')")
    time.sleep(0.1)
    moment = datetime.now(UTC)
    time.sleep(0.1)
    hospital.run("INSERT INTO visit VALUES (1002, 'after'); DELETE FROM visit WHERE id <= 500")
    hospital.back_up()  # sends the WAL on, as a minute does

    with (
        hospital.restored("then", backup, Target(time=moment)) as server,
        server.connect("mmn") as connection,
    ):
        rows = connection.execute("SELECT count(*), max(id) FROM visit").fetchone()

    assert rows == (501, 1001)
    left = sorted(path.name for path in (hospital.folder / "then").iterdir())
    assert left == ["data", "server.log"]
    with (
        pytest.raises(BackupProblem, match="is not empty"),
        hospital.restored("then", backup, Target()),
    ):
        pass
    with (
        hospital.restored("end", backup, Target()) as server,
        server.connect("mmn") as connection,
    ):
        assert connection.execute("SELECT array_agg(id) FROM visit").fetchone() == ([1001, 1002],)


def test_a_moment_that_was_not_archived_yet_is_said(hospital, backup):
    later = Target(time=datetime.now(UTC) + timedelta(hours=1))

    with (
        pytest.raises(BackupProblem, match="The archive ends before that moment"),
        hospital.restored("later", backup, later),
    ):
        pass


def test_a_bit_that_flipped_anywhere_is_found(hospital, backup):
    random = Random(8)
    repository = hospital.repository
    names = [name for name in repository.wal_names() if name >= backup.first_segment]
    files = [
        repository.base_file(backup.name),
        repository.about_file(backup.name),
        repository.wal_file(random.choice(names)),
    ]
    for file in files:
        whole = file.read_bytes()
        changed = bytearray(whole)
        bit = random.randrange(8 * len(whole))
        changed[bit // 8] ^= 1 << bit % 8
        file.write_bytes(changed)
        try:
            found = hospital.verify(backup)
        finally:
            file.write_bytes(whole)
        assert [finding for finding in found.findings if "is damaged" in finding] != [], file.name
        assert "CANNOT be relied upon" in write_report(repository, found).read_text()


def test_a_segment_that_is_missing_is_named(hospital, backup):
    names = [
        n for n in hospital.repository.wal_names() if n >= backup.first_segment and len(n) == 24
    ]
    missing = hospital.repository.wal_file(names[1])
    aside = missing.rename(missing.with_suffix(".aside"))
    try:
        assert f"WAL is missing between {names[0]} and {names[2]}" in " ".join(
            hospital.verify(backup).findings
        )
    finally:
        aside.rename(missing)


def test_only_who_may_back_up_does(hospital):
    spool = hospital.machine.cluster.wal_spool

    with pytest.raises(BackupProblem, match=r"(?i)replication"):
        take_backup(hospital.repository, hospital.server("mmn_app"), hospital.binaries, spool)

    known = set(hospital.repository.names())
    assert {path.name for path in hospital.repository.bases.iterdir()} == known


def test_what_is_not_set_is_said(settings):
    settings.BACKUP_DIR = settings.WAL_SPOOL = settings.BACKUP_DATABASE = None

    for asked, name in (
        (here.repository, "MMN_BACKUP_DIR"),
        (here.spool, "MMN_WAL_SPOOL"),
        (here.server, "DATABASE_BACKUP_URL"),
    ):
        with pytest.raises(BackupProblem, match=f"{name} is not set"):
            asked()
