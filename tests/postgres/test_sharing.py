"""One server for all who use it, for as long as one of them does."""

import os
import signal
import time

import psycopg
import pytest

from mmn_registry.postgres import processes


def test_the_server_ends_soon_after_its_last_user_left(machine):
    user = machine.uses()
    assert machine.server_pid() is not None

    user.leave()

    assert machine.ends_in_time()


def test_the_server_ends_soon_after_its_last_user_was_killed(machine):
    machine.uses().kill()

    assert machine.ends_in_time()


def test_a_second_user_shares_the_server_and_keeps_it_when_the_first_is_killed(machine):
    first, second = machine.uses(), machine.uses()
    server, connection = machine.server_pid(), machine.connect()

    first.kill()
    time.sleep(4)  # longer than an unused server is kept

    assert machine.server_pid() == server
    assert connection.execute("SELECT 1").fetchone() == (1,)
    connection.close()
    second.leave()
    assert machine.ends_in_time()


def test_a_forked_child_that_outlives_its_parent_still_counts(machine):
    machine.uses().leave()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:  # a parent that forks a user and dies, as a killed gunicorn master would
        _fork_a_user_and_die(machine, writer)
    os.close(writer)
    grandchild = int(os.read(reader, 32))
    os.waitpid(child, 0)
    os.close(reader)

    time.sleep(3)

    assert machine.server_pid() is not None
    os.kill(grandchild, signal.SIGKILL)
    assert machine.ends_in_time()


def _fork_a_user_and_die(machine, writer):
    from mmn_registry.postgres import embedded  # noqa: PLC0415

    os.environ |= {"MMN_DATA_DIR": str(machine.folder), "MMN_POSTGRES_FSYNC": "off"}
    try:
        embedded.ensure_running(machine.cluster)
        grandchild = os.fork()
        if grandchild == 0:
            time.sleep(30)
        os.write(writer, str(grandchild).encode())
    finally:
        os._exit(0)


def test_users_who_come_at_once_to_an_empty_folder_find_one_server(new_machine):
    users = [new_machine.begins_to_use() for _ in range(4)]
    for user in users:
        user.wait_until_up()

    with new_machine.connect("postgres") as connection:
        started = connection.execute("SELECT count(*) FROM pg_database WHERE datname = 'mmn'")
        assert started.fetchone() == (1,)
    connection.close()


@pytest.mark.parametrize("seconds", [1.4, 1.6, 1.8])
def test_a_newcomer_is_served_even_while_the_server_is_stopping(machine, seconds):
    machine.uses().leave()
    time.sleep(seconds)

    machine.uses()

    with machine.connect() as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    connection.close()


def test_what_was_committed_survives_a_killed_server_which_comes_back(machine):
    machine.uses()
    with machine.connect("mmn_owner") as connection:
        connection.execute("DROP TABLE IF EXISTS kept")
        connection.execute("CREATE TABLE kept AS SELECT 1 AS number")
    connection.close()
    killed = machine.server_pid()

    os.kill(killed, signal.SIGKILL)

    assert _eventually(lambda: _numbers(machine) == [(1,)], seconds=10)
    assert machine.server_pid() != killed


def _numbers(machine):
    with machine.connect("mmn_owner") as connection:
        found = connection.execute("SELECT number FROM kept").fetchall()
    connection.close()
    return found


def _eventually(condition, *, seconds):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if condition():
                return True
        except psycopg.OperationalError:
            pass  # not back yet
        time.sleep(0.1)
    return False


def test_a_killed_supervisor_takes_its_server_along_and_the_next_user_has_a_new_one(machine):
    machine.uses()
    supervisor, server = machine.supervisor_pid(), machine.server_pid()

    os.kill(supervisor, signal.SIGKILL)
    machine.uses()

    assert machine.supervisor_pid() != supervisor
    assert machine.server_pid() != server
    assert not processes.is_alive(server)


def test_a_supervisor_told_to_stop_stops_its_server(machine):
    machine.uses()

    os.kill(machine.supervisor_pid(), signal.SIGTERM)

    assert machine.ends_in_time()


def test_ctrl_c_in_the_terminal_does_not_reach_the_server(machine):
    user = machine.uses(start_new_session=True)
    server = machine.server_pid()

    assert os.getsid(server) != os.getsid(user.process.pid)
    assert os.getsid(machine.supervisor_pid()) != os.getsid(user.process.pid)
