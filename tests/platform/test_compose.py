"""The registry in service, as far as it can be tested without a container engine."""

import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from mmn_registry.postgres import places, processes, roles
from mmn_registry.postgres.binaries import BUILTIN_LOCALE_SINCE, OLDEST_MAJOR
from mmn_registry.postgres.server import ARCHIVING, DURABLE, SETTINGS, archive_command
from tests.postgres.conftest import open_folder  # noqa: F401 — a folder that the server reaches

CHECKOUT = Path(__file__).parents[2]
ALONE = ("-c", "config_file=/dev/null")
POSTGRES_DEFAULTS = {"shared_buffers": "256MB"}  # compose fills it in
READ_BY_SETTINGS = re.compile(r"env\.\w+\(\s*\"(\w+)\"")


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load((CHECKOUT / "docker-compose.yml").read_text())


@pytest.fixture(scope="module")
def services(compose):
    return compose["services"]


@pytest.fixture(scope="module")
def dockerfile():
    return (CHECKOUT / "Dockerfile").read_text()


def test_there_are_a_proxy_a_web_server_a_worker_and_a_database(services):
    assert set(services) == {"proxy", "web", "worker", "migrate", "database", "spool"}


def test_only_the_proxy_can_be_reached_from_outside(services):
    assert [name for name, service in services.items() if "ports" in service] == ["proxy"]


@pytest.mark.parametrize("name", ["web", "worker", "migrate"])
def test_every_variable_is_one_that_the_settings_read(services, name):
    code = (CHECKOUT / "mmn_registry/settings.py").read_text()
    passwords = {f"DATABASE_{whose}PASSWORD" for whose in ("", "OWNER_", "DERIVE_", "AUDIT_")}
    passwords |= {"DATABASE_BACKUP_PASSWORD"}
    read = set(READ_BY_SETTINGS.findall(code)) | passwords | {"PROMETHEUS_MULTIPROC_DIR"}

    set_here = {
        variable if variable in read else variable.removesuffix("_FILE")
        for variable in services[name]["environment"]
    }

    assert set_here <= read
    assert set_here >= {"MMN_PRODUCTION", "SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL"}
    assert set_here >= {name for name in read if name.startswith(("MMN_SMTP_", "MMN_MAIL_"))}


def test_only_the_migration_knows_the_owners_password(services):
    knowing = [name for name, s in services.items() if "owner_password" in s.get("secrets", [])]

    assert sorted(knowing) == ["database", "migrate"]
    assert "mmn_app@" in services["web"]["environment"]["DATABASE_URL"]
    assert "mmn_owner@" in services["migrate"]["environment"]["DATABASE_OWNER_URL"]


def test_the_worker_alone_seals_the_trail_and_keeps_its_anchors_outside_the_database(
    compose, services, dockerfile
):
    knowing = [name for name, s in services.items() if "audit_password" in s.get("secrets", [])]
    assert sorted(knowing) == ["database", "worker"]
    worker = services["worker"]
    assert "mmn_audit@" in worker["environment"]["DATABASE_AUDIT_URL"]
    folder = str(Path(worker["environment"]["MMN_ANCHOR_FILE"]).parent)
    assert f"anchors:{folder}" in worker["volumes"]
    assert services["web"]["volumes"] == [f"anchors:{folder}:ro"]
    assert "anchors" in compose["volumes"]
    assert "anchors:" not in str(services["database"]["volumes"])
    # A volume takes over whose folder it is mounted on: made before the image lets go of root.
    made = f"RUN mkdir {folder} && chown nobody {folder}\n"
    assert made in dockerfile[: dockerfile.index("USER nobody")]


def test_every_secret_is_a_file_that_git_never_sees(compose, services):
    used = {secret for service in services.values() for secret in service.get("secrets", [])}

    assert used == set(compose["secrets"])
    assert all(secret["file"].startswith("secrets/") for secret in compose["secrets"].values())
    assert "secrets/" in (CHECKOUT / ".gitignore").read_text().split()
    assert not re.search(
        r"postgres://[^@\s]*:[^@\s]*@", (CHECKOUT / "docker-compose.yml").read_text()
    )


def test_what_a_service_reads_from_a_file_is_a_secret_it_was_given(services):
    for service in services.values():
        files = {
            value.removeprefix("/run/secrets/")
            for value in service.get("environment", {}).values()
            if value.startswith("/run/secrets/")
        }
        assert files <= set(service.get("secrets", []))


def test_the_database_is_recent_and_its_text_is_ordered_as_everywhere(services):
    major = int(services["database"]["image"].partition(":")[2])

    assert major >= max(OLDEST_MAJOR, BUILTIN_LOCALE_SINCE)
    made_with = services["database"]["environment"]["POSTGRES_INITDB_ARGS"]
    assert "--builtin-locale=C.UTF-8" in made_with
    assert "--data-checksums" in made_with


@pytest.fixture(scope="module")
def given(services):
    """The settings that the database is started with."""
    command = services["database"]["command"]
    return dict(option.removeprefix("--").split("=", maxsplit=1) for option in command[1:])


def test_the_database_keeps_the_same_silence_as_the_embedded_one(given):
    ours = {name: value for name, value in SETTINGS.items() if name.startswith("log_")}
    del ours["log_line_prefix"]

    assert {name: value for name, value in given.items() if name.startswith("log_")} == ours
    assert given["timezone"] == SETTINGS["timezone"]


def test_the_database_keeps_what_it_acknowledged_and_archives_it(given):
    assert DURABLE.items() <= given.items()
    assert ARCHIVING.items() <= given.items()
    assert given["archive_command"] == archive_command("/spool")


def test_a_server_takes_every_setting(given, open_folder):  # noqa: F811
    """Tried, not read: by the programs at hand, without starting it."""
    binaries = places.cluster().binaries
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C"}
    for name, value in given.items():
        option = f"{name}={POSTGRES_DEFAULTS.get(name, value)}"
        said = subprocess.run(
            [binaries.program("postgres"), "-C", name, "-D", open_folder, *ALONE, "-c", option],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            **processes.unprivileged(),
        )
        assert said.returncode == 0, f"{name}: {said.stderr}"


def test_the_worker_alone_can_copy_the_database_and_open_its_backups(services, dockerfile):
    for secret, may in (("backup_password", ["database", "worker"]), ("backup_key", ["worker"])):
        knowing = [name for name, s in services.items() if secret in s.get("secrets", [])]
        assert sorted(knowing) == may
    worker = services["worker"]
    assert worker["build"]["target"] == "worker"
    assert "mmn_backup@" in worker["environment"]["DATABASE_BACKUP_URL"]
    for name in ("MMN_BACKUP_DIR", "MMN_BACKUP_SCRATCH", "MMN_WAL_SPOOL"):
        folder = worker["environment"][name]
        assert any(volume.endswith(f":{folder}") for volume in worker["volumes"]), name
    assert "spool:/spool" in services["database"]["volumes"]
    status = Path(worker["environment"]["MMN_BACKUP_STATUS"])
    assert status == Path(services["web"]["environment"]["MMN_BACKUP_STATUS"])
    assert f"anchors:{status.parent}:ro" in services["web"]["volumes"]


def test_figures_are_for_who_has_the_token(services):
    assert "metrics_token" in services["web"]["secrets"]
    proxy = (CHECKOUT / "deploy/nginx.conf").read_text()
    assert re.search(r"location = /metrics \{\s*return 404;", proxy)


def test_the_databases_first_start_makes_every_role(services):
    script = (CHECKOUT / "deploy/roles.sh").read_text()
    made = set(re.findall(r"CREATE ROLE (\w+)", script))

    assert made == set(roles.ROLES)
    assert "CREATE DATABASE mmn OWNER mmn_owner" in script
    assert "NOLOGIN" not in script  # every one of them signs in
    mounted = {volume.split(":")[0] for volume in services["database"]["volumes"]}
    assert "./deploy/roles.sh" in mounted


@pytest.mark.parametrize("script", ["deploy/roles.sh", "deploy/secrets.sh"])
def test_scripts_can_be_read_by_their_shell(script):
    subprocess.run(["sh", "-n", CHECKOUT / script], check=True)


def test_the_image_runs_a_python_that_the_registry_promises(dockerfile):
    project = (CHECKOUT / "pyproject.toml").read_text()
    oldest = tuple(map(int, re.search(r'requires-python = ">=(\d+)\.(\d+)"', project).groups()))
    used = tuple(map(int, re.search(r"^FROM python:(\d+)\.(\d+)", dockerfile, re.M).groups()))

    assert used >= oldest


def test_the_image_installs_by_hash_and_runs_without_rights(dockerfile):
    installs = re.findall(r"^RUN .*?(?<!\\)$|(?:uv )?pip install .*", dockerfile, re.M)

    assert installs
    assert all("--require-hashes" in line for line in installs if "pip install" in line)
    assert re.search(r"^USER nobody$", dockerfile, re.M)
    web, worker = dockerfile.split("FROM web AS worker")
    assert "postgres.txt" not in web  # no server beside pages
    assert "postgres.txt" in worker
    assert worker.strip().splitlines()[-2] == "USER nobody"


def test_the_image_leaves_data_and_secrets_out():
    ignored = (CHECKOUT / ".dockerignore").read_text().split()

    assert {".*", "secrets"} <= set(ignored)


def test_the_web_server_ends_a_request_that_takes_too_long(dockerfile):
    command = re.search(r"^CMD (\[.*?\])$", dockerfile, re.M | re.S)[1].replace("\\\n", "")
    arguments = yaml.safe_load(command)

    assert arguments[:2] == ["gunicorn", "mmn_registry.wsgi"]
    options = dict(zip(arguments[2::2], arguments[3::2], strict=False))
    assert options["--worker-class"] == "sync"
    assert int(options["--timeout"]) <= 35


def test_the_proxy_says_itself_that_the_connection_was_safe():
    proxy = (CHECKOUT / "deploy/nginx.conf").read_text()

    assert "proxy_set_header X-Forwarded-Proto https;" in proxy
    assert "proxy_pass http://web:8000;" in proxy
    assert "access_log off;" in proxy


# ── The same by hand, with systemd ───────────────────────────────────────────────────────────

UNITS = ("mmn-migrate", "mmn-web", "mmn-worker")


def unit(name):
    """Its lines as (key, value), continued ones joined."""
    text = (CHECKOUT / f"deploy/systemd/{name}.service").read_text().replace("\\\n", "")
    lines = [line for line in text.splitlines() if "=" in line and not line.startswith("#")]
    return [tuple(line.split("=", 1)) for line in lines]


def variables(name):
    return dict(value.split("=", 1) for key, value in unit(name) if key == "Environment")


def test_by_hand_the_database_has_the_same_settings(given):
    lines = (CHECKOUT / "deploy/systemd/postgresql.conf").read_text().splitlines()
    pairs = [line.split(" = ", 1) for line in lines if line and not line.startswith("#")]
    by_hand = {name: value.strip("'") for name, value in pairs}

    assert by_hand.pop("archive_command") == archive_command("/var/spool/mmn-wal")
    in_compose = {n: v for n, v in given.items() if n not in ("archive_command", "shared_buffers")}
    assert by_hand == in_compose


def test_by_hand_the_web_server_is_the_same(dockerfile):
    command = re.search(r"^CMD (\[\"gunicorn.*?\])$", dockerfile, re.M | re.S)[1]
    in_image = yaml.safe_load(command.replace("\\\n", ""))
    (by_hand,) = (value.split() for key, value in unit("mmn-web") if key == "ExecStart")

    assert by_hand[0].endswith("/gunicorn")
    assert by_hand[1:] == [
        "127.0.0.1:8000" if word == "0.0.0.0:8000" else word for word in in_image[1:]
    ]


@pytest.mark.parametrize(
    ("name", "service"), [("mmn-web", "web"), ("mmn-worker", "worker"), ("mmn-migrate", "migrate")]
)
def test_by_hand_each_knows_what_it_knows_in_compose_and_no_more(services, name, service):
    shared = (CHECKOUT / "deploy/systemd/registry.env").read_text().splitlines()
    by_hand = set(variables(name)) | {line.split("=")[0] for line in shared if line[:1].isupper()}
    elsewhere = {"MMN_DATA_DIR", "MMN_STATIC_ROOT", "PG_BIN"}  # of the image
    chosen = {"MMN_BACKUP_AT", "MMN_BACKUP_KEEP_DAYS"}
    chosen |= {"MMN_SMTP_PORT", "MMN_SMTP_USER", "MMN_SMTP_SECURITY"}

    assert by_hand - elsewhere == set(services[service]["environment"]) - chosen
    loaded = {value.split(":")[0] for key, value in unit(name) if key == "LoadCredential"}
    assert loaded == set(services[service]["secrets"])
    files = {value.removeprefix("%d/") for value in variables(name).values() if "%d/" in value}
    assert files == loaded


@pytest.mark.parametrize("name", UNITS)
def test_by_hand_nothing_runs_with_rights(name):
    lines = dict(unit(name))

    assert (lines["User"], lines["NoNewPrivileges"], lines["CapabilityBoundingSet"]) == (
        "mmn",
        "yes",
        "",
    )
    assert lines["ProtectSystem"] == "strict"


def test_by_hand_the_proxy_is_the_same():
    here = (CHECKOUT / "deploy/systemd/nginx.conf").read_text()
    there = (CHECKOUT / "deploy/nginx.conf").read_text()
    of_its_place = ("ssl_certificate", "proxy_pass", "listen 443", "http2", "#")

    def lines(text):
        stripped = map(str.strip, text.splitlines())
        return [line for line in stripped if not line.startswith(of_its_place)]

    assert lines(here) == lines(there)
    assert "proxy_pass http://127.0.0.1:8000;" in here
