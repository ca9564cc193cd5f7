"""manage.py works by itself in any shell: it makes the server and the tables it needs."""

import os
import subprocess
import sys

import pytest

from mmn_registry.postgres.places import CHECKOUT

BORN_AS = "from mmn_registry.birth import born_as; print(born_as())"


@pytest.fixture
def begin(new_machine):
    """Begin a command on a machine where nothing was ever started."""

    def run(*arguments, **variables):
        ours = {"MMN_DATA_DIR": str(new_machine.folder), "MMN_POSTGRES_FSYNC": "off"}
        return subprocess.Popen(
            [sys.executable, "manage.py", *arguments],
            cwd=CHECKOUT,
            env={k: v for k, v in os.environ.items() if k != "DATABASE_URL"} | ours | variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return run


def test_the_first_command_makes_the_tables_and_the_second_finds_them(begin):
    first, told = begin("shell", "-v0", "-c", BORN_AS).communicate()
    second, told_again = begin("shell", "-v0", "-c", BORN_AS).communicate()

    assert (first.strip(), second.strip()) == ("demo", "demo")
    assert "Bringing the database up to date" in told
    assert told_again == ""


def test_two_first_commands_at_once_take_turns(begin):
    both = [begin("shell", "-v0", "-c", BORN_AS) for _ in range(2)]

    assert [command.communicate()[0].strip() for command in both] == ["demo", "demo"]


def test_an_embedded_database_may_be_born_a_registry(begin):
    born, _told = begin("shell", "-v0", "-c", BORN_AS, MMN_BORN="registry").communicate()
    later, _told = begin("shell", "-v0", "-c", BORN_AS).communicate()

    assert (born.strip(), later.strip()) == ("registry", "registry")


def test_asking_for_help_starts_nothing(begin, new_machine):
    said, _told = begin("derive_outcomes", "--help").communicate()

    assert "--as-of" in said
    assert new_machine.server_pid() is None
