"""Where an embedded cluster keeps its files, and who may reach them."""

import hashlib
import os
import secrets
import stat
import tempfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from mmn_registry.postgres import PostgresProblem, processes
from mmn_registry.postgres.binaries import Binaries, find_binaries

CHECKOUT = Path(__file__).resolve().parents[2]
ROOT_FALLBACK = Path("/var/lib/mmn-registry")
PORT = 5432  # names the socket file; nothing listens on the network
LONGEST_SOCKET_PATH_BYTES = 103  # macOS; Linux would allow 107
DATABASE = "mmn"


def data_dir() -> Path:
    """MMN_DATA_DIR, or .data in the checkout."""
    named = os.environ.get("MMN_DATA_DIR")
    return Path(named).expanduser().absolute() if named else CHECKOUT / ".data"


@dataclass(frozen=True)
class Cluster:
    """One embedded cluster: a major version of PostgreSQL in one data folder."""

    asked_for: Path  # the data folder as configured
    binaries: Binaries
    durable: bool = True  # False: for tests, whose rows may be lost with the power

    @cached_property
    def root(self) -> Path:
        # One folder per major version: PG_BIN=…/15 does not meddle with a cluster of 18.
        return self.home / f"postgres-{self.binaries.major}"

    @cached_property
    def home(self) -> Path:
        """The data folder or, where root's ``nobody`` could not reach it, one in /var/lib."""
        if processes.is_root() and not reachable_by_all(self.asked_for):
            return ROOT_FALLBACK / _fingerprint(self.asked_for)
        return self.asked_for

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def log(self) -> Path:
        return self.root / "server.log"

    @property
    def wal_spool(self) -> Path:
        """Where finished WAL waits for who keeps backups."""
        return self.root / "wal_spool"

    @property
    def users_lock(self) -> Path:
        return self.root / "users.lock"

    @property
    def start_lock(self) -> Path:
        return self.root / "start.lock"

    @property
    def supervisor_lock(self) -> Path:
        return self.root / "supervisor.lock"

    @property
    def ready(self) -> Path:
        """Exists while the server accepts connections; holds the supervisor's pid."""
        return self.root / "ready"

    @cached_property
    def socket_dir(self) -> Path:
        inside = self.root / "run"
        path = inside / f".s.PGSQL.{PORT}"
        if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH_BYTES:
            return inside
        # A socket's path has a hard limit that a deep checkout passes: a short name in /tmp then.
        return Path("/tmp") / f"mmn-{os.geteuid()}-{_fingerprint(self.root)}"  # noqa: S108

    def password(self, role: str) -> str:
        """The role's password, kept in a file that only this user can read.

        Other accounts of the machine cannot be told apart by the socket alone (as root, the
        server is another account than its users, so `peer` is out), hence real passwords.
        """
        path = self.root / "passwords" / role
        try:
            return path.read_text()
        except FileNotFoundError:
            self.make_root()
            return _create_once(path, secrets.token_urlsafe(24))
        except PermissionError:
            raise PostgresProblem(
                f"The database in {self.root} belongs to another user. Work as that user, or set "
                "MMN_DATA_DIR to a folder of your own."
            ) from None

    def make_root(self) -> None:
        make_folder(self.root)

    def make_socket_dir(self) -> None:
        """Create the socket's folder; one in /tmp that is not ours alone is refused."""
        make_private(self.socket_dir)


def cluster() -> Cluster:
    """The cluster that the environment asks for."""
    durable = os.environ.get("MMN_POSTGRES_FSYNC", "on") != "off"
    return Cluster(data_dir(), find_binaries(), durable)


def reachable_by_all(folder: Path) -> bool:
    """Whether an account without rights can come into ``folder``, or would once we made it."""
    existing = [path for path in (folder, *folder.parents) if path.exists()]
    return all(path.stat().st_mode & stat.S_IXOTH for path in existing)


def make_folder(folder: Path) -> None:
    """Make a folder and what is missing above it: root's open to ``nobody``, else private.

    Whatever the umask says: as root a server of another account must come through.
    """
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    for path in reversed(missing):
        path.mkdir(exist_ok=True)  # another process may make it at the same moment
        path.chmod(0o755 if processes.is_root() else 0o700)


def make_private(folder: Path) -> None:
    """Make a folder for the server's account alone (0700), or fail if another owns it."""
    owner = processes.nobody().pw_uid if processes.is_root() else os.geteuid()
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        found = folder.lstat()
        ours = found.st_uid in {owner, os.geteuid()} and stat.S_ISDIR(found.st_mode)
        if not ours:
            raise PostgresProblem(
                f"{folder} belongs to another user. Remove it, or set MMN_DATA_DIR elsewhere."
            ) from None
    folder.chmod(0o700)
    if processes.is_root():
        os.chown(folder, owner, processes.nobody().pw_gid)


def _create_once(path: Path, text: str) -> str:
    """Write ``text`` unless another process was first; return what the file then holds."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    # A full file appears at once under its name: no reader can meet half of it.
    descriptor, partial = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    try:
        os.link(partial, path)
    except FileExistsError:
        return path.read_text()
    finally:
        Path(partial).unlink()
    return text


def _fingerprint(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]
