"""The folder of backups: what is taken over, what is refused, what is no longer kept."""

from datetime import UTC, datetime, timedelta

import pytest

from mmn_registry.backup import BackupProblem
from mmn_registry.backup.repository import (
    NAME,
    PAGE_HEADER,
    Backup,
    Repository,
    age,
    read_status,
)

SEGMENT = "0000000100000000000000{:02X}".format


def segment(cluster=7, content=b"records"):
    return PAGE_HEADER.pack(0xD118, 2, 1, 0, 0, cluster) + content


@pytest.fixture
def repository(tmp_path):
    return Repository(tmp_path / "backups", key="k" * 40)


@pytest.fixture
def spool(tmp_path):
    (tmp_path / "spool").mkdir()
    return tmp_path / "spool"


def test_a_key_that_is_too_short_is_refused(tmp_path):
    with pytest.raises(BackupProblem, match="has 5 characters; it needs 32"):
        Repository(tmp_path, key="short")


def test_finished_wal_is_taken_over_once_and_the_rest_is_left(repository, spool):
    (spool / SEGMENT(1)).write_bytes(segment())
    (spool / f"{SEGMENT(2)}.partial").write_bytes(b"still being copied by the archive command")
    (spool / "00000002.history").write_bytes(b"1\t0/5000000\tno recovery target specified\n")

    assert repository.keep_wal(spool) == 2
    assert [path.name for path in spool.iterdir()] == [f"{SEGMENT(2)}.partial"]
    assert repository.read_wal(SEGMENT(1)) == segment()
    assert age(read_status(repository.status_file), "wal_kept_at") < timedelta(minutes=1)
    (spool / SEGMENT(1)).write_bytes(segment())  # the server did not know that it was safe
    assert repository.keep_wal(spool) == 1
    assert not (spool / SEGMENT(1)).exists()


@pytest.mark.parametrize(
    ("second", "said"),
    [
        ((1, segment(content=b"other")), "two servers archive into one place"),
        ((2, segment(cluster=8)), "keeps backups of another cluster"),
    ],
)
def test_wal_of_somebody_else_is_refused_and_stays_where_it_is(repository, spool, second, said):
    (spool / SEGMENT(1)).write_bytes(segment())
    repository.keep_wal(spool)
    number, content = second
    (spool / SEGMENT(number)).write_bytes(content)

    with pytest.raises(BackupProblem, match=said):
        repository.keep_wal(spool)

    assert (spool / SEGMENT(number)).read_bytes() == content
    assert repository.read_wal(SEGMENT(1)) == segment()


def test_what_is_older_than_asked_is_forgotten_but_never_the_last_two(repository):
    repository.make()
    today = datetime.now(UTC)
    for days, first in ((50, 1), (40, 4), (30, 8)):
        ended = today - timedelta(days=days)
        name = ended.strftime(NAME)
        (repository.bases / name).mkdir()
        repository.base_file(name).write_bytes(b"")
        repository.write_about(about(name, ended, SEGMENT(first)))
    (repository.bases / (today - timedelta(days=60)).strftime(NAME)).mkdir()  # of a killed attempt
    for number in range(1, 12):
        repository.wal_file(SEGMENT(number)).write_bytes(b"")
    repository.wal_file("00000002.history").write_bytes(b"")
    names = repository.names()

    assert repository.forget(timedelta(days=35)) == names[:1]

    assert repository.names() == names[1:] == sorted(p.name for p in repository.bases.iterdir())
    assert repository.wal_names() == [*map(SEGMENT, range(4, 12)), "00000002.history"]
    assert repository.forget(timedelta(days=1)) == []


def test_the_backup_for_a_moment_is_the_newest_that_had_ended(repository):
    repository.make()
    noon = datetime(2026, 1, 31, 12, tzinfo=UTC)
    for hours in (0, 24):
        ended = noon + timedelta(hours=hours)
        (repository.bases / ended.strftime(NAME)).mkdir()
        repository.write_about(about(ended.strftime(NAME), ended, SEGMENT(1)))

    def name_of(until):
        return repository.latest(until).name

    assert name_of(None) == name_of(noon + timedelta(hours=24)) == "20260201T120000Z"
    assert name_of(noon + timedelta(hours=23)) == name_of(noon) == "20260131T120000Z"
    with pytest.raises(BackupProblem, match=r"no backup in .* that had ended by 2026-01-31 11:00"):
        name_of(noon - timedelta(hours=1))


def about(name, ended, first_segment):
    return Backup(
        name=name,
        began_at=ended.isoformat(),
        ended_at=ended.isoformat(),
        server_version=180006,
        system_identifier="7",
        timeline=1,
        start_lsn="0/1",
        end_lsn="0/2",
        first_segment=first_segment,
        database="mmn",
        cluster_bytes=1,
    )
