"""From an empty folder to a browser, and through everything that may end it."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.clone import Clone
from benchmarks.figures import Figure, print_as_json
from mmn_registry.postgres import processes

WRITE = """
from mmn_registry.accounts.models import Centre
number = 0
while True:
    Centre.objects.create(code=f"W{number:06}")
    print(number, flush=True)
    number += 1
"""
COUNT = """
from mmn_registry.accounts.models import Centre
print(Centre.objects.filter(code__startswith="W").count())
"""


@contextmanager
def _folder() -> Iterator[Path]:
    """A folder that everyone can come into, removed at the end."""
    with tempfile.TemporaryDirectory(prefix="mmn-prove-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


def _fresh_environment(folder: Path) -> dict[str, str]:
    """Nothing of ours, and no package downloaded before."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("MMN_", "DATABASE_", "PG"))}
    caches = {"UV_CACHE_DIR": str(folder / "uv"), "PIP_NO_CACHE_DIR": "1"}
    return kept | caches


def from_an_empty_folder() -> Iterator[Figure]:
    """Both commands' times, with nothing downloaded before, and all ways to the end."""
    with _folder() as folder:
        clone = Clone.into(folder / "registry", environment=_fresh_environment(folder))
        began = time.monotonic()
        clone.run("make", "setup")
        setup_seconds = time.monotonic() - began
        yield Figure("make setup, nothing downloaded before", setup_seconds, "s")
        again = time.monotonic()
        clone.run("make", "setup")
        yield Figure("make setup again", time.monotonic() - again, "s", limit=1)

        demo = clone.demo()
        first = setup_seconds + demo.first_page_seconds
        yield Figure("empty folder to first page", first, "s", limit=60)
        yield from _ended_by_ctrl_c(demo)
        yield from _started_again_and_killed(clone)
        yield from _killed_postgres(clone)
        clone.comes_to_rest()


def _ended_by_ctrl_c(demo) -> Iterator[Figure]:
    everything = demo.processes()
    yield Figure("Ctrl-C to the end of the web server", demo.press_ctrl_c(), "s", limit=3)
    left = demo.seconds_until_nothing_is_left(everything)
    yield Figure("then, to the end of PostgreSQL", left, "s", limit=5)


def _started_again_and_killed(clone: Clone) -> Iterator[Figure]:
    demo = clone.demo()
    yield Figure("make demo again, to first page", demo.first_page_seconds, "s", limit=3)
    everything = demo.processes()
    written = "from mmn_registry.accounts.models import Centre; Centre.objects.create(code='KEPT')"
    clone.python(written)
    demo.kill()
    # The web server may finish requests for 2 s; its end is the last user's.
    left = demo.seconds_until_nothing_is_left(everything)
    yield Figure("kill -9 of make demo to the last process's end", left, "s", limit=7)
    found = clone.python(
        "from mmn_registry.accounts.models import Centre;"
        "print(Centre.objects.filter(code='KEPT').count())"
    )
    yield Figure("committed rows lost by it", 1 - int(found), "rows", limit=0)


def _killed_postgres(clone: Clone) -> Iterator[Figure]:
    """kill -9 of the server under a writer; every row that was acknowledged must be there."""
    for _round in range(5):
        acknowledged = _write_until_killed(clone)
    kept = int(clone.python(COUNT))
    yield Figure(
        "acknowledged rows lost by 5 kills of PostgreSQL",
        max(0, acknowledged - kept),
        "rows",
        limit=0,
        note=f"{kept} rows found, {acknowledged} acknowledged",
    )


def _write_until_killed(clone: Clone) -> int:
    known = int(clone.python(COUNT))
    command = [".venv/bin/python", "manage.py", "shell", "-v0", "-c"]
    code = WRITE.replace("number = 0", f"number = {known}")
    with subprocess.Popen(
        [*command, code],
        cwd=clone.folder,
        env=clone.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as writer:
        first = writer.stdout.readline()
        time.sleep(0.5)
        (pid_file,) = clone.folder.glob(".data/postgres-*/data/postmaster.pid")
        os.kill(int(pid_file.read_text().split()[0]), signal.SIGKILL)
        rest = writer.stdout.read().split()
    return int((rest or [first])[-1]) + 1


def as_an_ordinary_user() -> Iterator[Figure]:
    """The same without rights, in a home that nobody else can enter."""
    name = "ordinary user in a 0700 home, empty folder to first page"
    if not processes.is_root():
        yield Figure(name, None, "s", note="this run had no rights to begin with")
        return
    account = processes.unprivileged()
    with _folder() as folder:
        home = folder / "home"
        clone = Clone.into(home / "registry", account=account)
        subprocess.run(["chown", "-R", f"{account['user']}:{account['group']}", home], check=True)  # noqa: S607
        home.chmod(0o700)
        clone.environment = _fresh_environment(home) | {"HOME": str(home)}
        clone.environment["PATH"] = os.defpath  # root's own programs are not theirs
        if not shutil.which("python3", path=os.defpath):
            yield Figure(name, None, "s", note="no Python here that everyone can run")
            return
        demo = clone.demo()
        yield Figure(name, demo.first_page_seconds, "s", limit=60)
        everything = demo.processes()
        demo.kill()
        left = demo.seconds_until_nothing_is_left(everything)
        yield Figure("ordinary user, kill -9 to the last process's end", left, "s", limit=7)


DRILLS = (from_an_empty_folder, as_an_ordinary_user)

if __name__ == "__main__":
    print_as_json(*DRILLS)
