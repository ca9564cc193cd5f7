"""How a cluster is made: by whom it may be read, what it promises, what it never logs."""

import os
import pwd
import stat
from pathlib import Path

import psycopg
import pytest

from mmn_registry.postgres import PostgresProblem, places, processes, roles
from mmn_registry.postgres.places import Cluster

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root has another account to drop to")


def test_every_role_signs_in_with_its_own_password_and_no_other(server):
    for role in roles.ROLES:
        with server.connect(role) as connection:
            assert connection.execute("SELECT current_user").fetchone() == (role,)
        connection.close()
    with pytest.raises(psycopg.OperationalError, match="authentication failed"):
        psycopg.connect(
            host=str(server.cluster.socket_dir),
            port=places.PORT,
            dbname=places.DATABASE,
            user=roles.APP,
            password=server.cluster.password(roles.OWNER),
        )


def test_the_application_owns_nothing_and_the_owner_owns_the_database(server):
    with server.connect() as connection:
        rights = connection.execute(
            "SELECT rolname, rolsuper, rolcreaterole, rolcreatedb, rolbypassrls FROM pg_roles"
            " WHERE rolname LIKE 'mmn%' ORDER BY rolname"
        ).fetchall()
        owner = connection.execute(
            "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'mmn'"
        ).fetchone()
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE TABLE mine (number int)")
    connection.close()

    assert rights == [
        ("mmn_app", False, False, False, False),
        ("mmn_audit", False, False, False, False),
        ("mmn_backup", False, False, False, True),  # and nothing but reading
        ("mmn_derive", False, False, False, False),
        ("mmn_owner", False, False, True, False),
    ]
    assert owner == ("mmn_owner",)


def test_the_server_listens_to_no_network_and_keeps_what_it_acknowledged(new_machine):
    new_machine.environment["MMN_POSTGRES_FSYNC"] = "on"
    new_machine.uses()
    with new_machine.connect("postgres") as connection:
        settings = dict(connection.execute("SELECT name, setting FROM pg_settings").fetchall())
    connection.close()

    assert settings["listen_addresses"] == ""
    assert (settings["fsync"], settings["full_page_writes"]) == ("on", "on")
    assert settings["synchronous_commit"] == "on"
    assert settings["data_checksums"] == "on"
    assert settings["server_encoding"] == "UTF8"


def test_text_is_ordered_by_its_bytes_and_cased_as_unicode(server):
    with server.connect() as connection:
        words = connection.execute(
            "SELECT word FROM unnest(ARRAY['b', 'É', 'a', 'B']) word ORDER BY word"
        ).fetchall()
        upper = connection.execute("SELECT upper('élan')").fetchone()
    connection.close()

    assert [word for (word,) in words] == ["B", "a", "b", "É"]
    assert upper == ("ÉLAN",)


def test_a_refused_row_leaves_no_value_in_the_servers_log(server):
    with server.connect("mmn_owner") as connection:
        connection.execute("CREATE TABLE grades (name text CHECK (name <> 'canary-641'))")
        with pytest.raises(psycopg.errors.CheckViolation):
            connection.execute("INSERT INTO grades VALUES ('canary-641')")
        with pytest.raises(psycopg.errors.CheckViolation):
            connection.execute("INSERT INTO grades VALUES (%s)", ["canary-641"])
    connection.close()

    log = server.cluster.log.read_text()
    assert "violates check constraint" in log
    assert "canary-641" not in log


def test_passwords_can_be_read_by_their_user_alone(server):
    kept = server.cluster.root / "passwords"

    modes = {stat.S_IMODE(path.stat().st_mode) for path in (kept, *kept.iterdir())}
    assert modes == {0o700, 0o600}
    assert stat.S_IMODE(server.cluster.socket_dir.stat().st_mode) == 0o700
    assert stat.S_IMODE(server.cluster.data.stat().st_mode) == 0o700


def test_a_folder_too_deep_for_a_socket_gets_one_with_a_short_name(new_machine):
    new_machine.folder = new_machine.folder / ("deep" * 30)
    assert len(str(new_machine.folder)) > places.LONGEST_SOCKET_PATH_BYTES

    new_machine.uses()

    assert len(str(new_machine.cluster.socket_dir)) < 50
    with new_machine.connect() as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    connection.close()


def test_a_short_socket_folder_that_another_user_made_is_refused(open_folder):
    other = open_folder / "squatted"
    other.symlink_to(open_folder)

    with pytest.raises(PostgresProblem, match="belongs to another user"):
        places.make_private(other)


def test_a_start_that_was_killed_half_way_is_begun_again(new_machine):
    new_machine.cluster.make_root()
    (new_machine.cluster.root / "initdb" / "data").mkdir(parents=True)
    (new_machine.cluster.root / "initdb" / "data" / "PG_VERSION").write_text("half")

    new_machine.uses()

    assert new_machine.server_pid() is not None


@AS_ROOT
def test_for_root_the_server_runs_as_nobody(new_machine):
    new_machine.uses()

    assert _account_of(new_machine.server_pid()) == "nobody"
    assert new_machine.cluster.data.owner() == "nobody"


@AS_ROOT
def test_for_root_in_a_private_folder_the_files_lie_where_nobody_reaches(new_machine):
    new_machine.folder.mkdir(mode=0o700)
    user = new_machine.uses()

    assert new_machine.cluster.home.parent == places.ROOT_FALLBACK
    assert new_machine.server_pid() is not None
    user.leave()
    said = user.process.stderr.read()
    assert str(new_machine.cluster.root) in said
    assert "cannot reach" in said


@AS_ROOT
def test_anothers_cluster_is_refused_with_a_sentence(server):
    said = as_nobody(lambda: server.cluster.password(roles.APP))

    assert "belongs to another user" in said


def as_nobody(call) -> str:
    """What a call raises for an ordinary user; tried in a child, there is no way back."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setuid(processes.nobody().pw_uid)
            call()
        except PostgresProblem as problem:
            os.write(writer, str(problem).encode())
        finally:
            os._exit(0)
    os.close(writer)
    os.waitpid(child, 0)
    with os.fdopen(reader) as said:
        return said.read()


def _account_of(pid: int) -> str:
    return pwd.getpwuid(Path(f"/proc/{pid}").stat().st_uid).pw_name


def test_versions_live_side_by_side():
    found = places.cluster().binaries
    here = Cluster(Path("/srv/registry"), found)

    assert here.root.name == f"postgres-{found.major}"
