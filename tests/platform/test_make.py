"""The two commands of a newcomer, where something they need is missing."""

import shutil
import subprocess
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
MAKE = shutil.which("make")


@pytest.fixture
def empty_clone(tmp_path):
    """What `make` looks at before there is anything else."""
    shutil.copy(CHECKOUT / "Makefile", tmp_path)
    shutil.copytree(CHECKOUT / "requirements", tmp_path / "requirements")
    return tmp_path


def make(folder, *arguments, **variables):
    return subprocess.run(
        [MAKE, *arguments], cwd=folder, capture_output=True, text=True, check=False, **variables
    )


def test_without_a_python_the_way_out_is_said(empty_clone):
    said = make(empty_clone, "setup", "PYTHON=")

    assert said.returncode != 0
    assert "No Python 3.11 or later was found" in said.stderr
    assert not (empty_clone / ".venv").exists()


def test_without_the_venv_module_its_package_is_named(empty_clone):
    said = make(empty_clone, "setup", "PYTHON=false")

    assert said.returncode != 0
    assert "python3-venv" in said.stderr


def test_an_ordinary_user_without_chromium_is_told_its_package_and_fails(empty_clone, tmp_path):
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("sh", "cat", "cksum", "cut"):
        (programs / name).symlink_to(shutil.which(name))
    (programs / "id").write_text("#!/bin/sh\necho 1000\n")
    (programs / "id").chmod(0o755)

    said = make(empty_clone, "chromium", env={"PATH": str(programs)})

    assert said.returncode != 0
    assert said.stderr.startswith("The browser tests need Chromium: install the package chromium")


def test_installing_is_keyed_on_what_the_locks_say(empty_clone):
    stamp = make(empty_clone, "--just-print", "setup").stdout
    (empty_clone / "requirements" / "runtime.txt").touch()
    touched = make(empty_clone, "--just-print", "setup").stdout
    with (empty_clone / "requirements" / "runtime.txt").open("a") as lock:
        lock.write("another==1.0\n")
    changed = make(empty_clone, "--just-print", "setup").stdout

    assert touched == stamp
    assert changed != stamp
