"""Who a process is and when it ends: dropping root, and dying with one's parent."""

import ctypes
import os
import pwd
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

PR_SET_PDEATHSIG = 1
# Loaded here, not in the child: between fork and exec nothing may take a lock or import.
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def die_with_parent(signal_number: int, parent_pid: int) -> None:
    """Ask the kernel to send this process a signal when its parent dies, however it dies.

    The kernel means the parent *thread*, so the parent must fork from its main thread; and a
    change of uid cancels the request, so it comes after the drop. Elsewhere than on Linux there
    is no such request, and this does nothing.
    """
    if _LIBC is None:
        return
    _LIBC.prctl(PR_SET_PDEATHSIG, signal_number)
    if os.getppid() != parent_pid:  # the parent died before we asked
        os.kill(os.getpid(), signal_number)


def dying_with(signal_number: int) -> Callable[[], None]:
    """A ``preexec_fn``: the child gets the signal when the process calling this now dies."""
    parent_pid = os.getpid()
    return lambda: die_with_parent(signal_number, parent_pid)


def is_root() -> bool:
    return os.geteuid() == 0


def unprivileged() -> dict[str, Any]:
    """Arguments to ``subprocess`` that run a child as ``nobody`` if we are root, else as we are."""
    if not is_root():
        return {}
    account = nobody()
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def nobody() -> pwd.struct_passwd:
    """PostgreSQL refuses to run as root; this account is on every Unix and owns nothing."""
    return pwd.getpwnam("nobody")


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that ended and waits for its parent to notice does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # another's, and alive
    return not _is_zombie(pid)


def _is_zombie(pid: int) -> bool:
    try:
        # The name before the state stands in brackets and may itself hold any character.
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:  # gone meanwhile, or a system without /proc
        return False
    return state == "Z"


def send(pid: int, signal_number: signal.Signals) -> None:
    """Send a signal to a process that may have ended meanwhile."""
    try:
        os.kill(pid, signal_number)
    except ProcessLookupError:
        return
