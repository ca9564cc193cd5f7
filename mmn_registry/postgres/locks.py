"""File locks that the kernel drops when their holder ends, by exit or by kill -9.

A lock belongs to a descriptor: a forked child shares it and keeps it alive, a program that is
exec'ed does not, and closing it gives it back.
"""

import fcntl
import os
from pathlib import Path


def share(path: Path) -> int:
    """Wait for a lock that many may hold; its descriptor."""
    return _lock(path, fcntl.LOCK_SH)


def own(path: Path) -> int:
    """Wait for a lock that one alone holds; its descriptor."""
    return _lock(path, fcntl.LOCK_EX)


def own_at_once(path: Path) -> int | None:
    """The same without waiting: None while anyone holds it."""
    return _lock_at_once(path, fcntl.LOCK_EX)


def is_owned(path: Path) -> bool:
    """Whether someone holds it alone at this moment."""
    if not path.exists():
        return False
    descriptor = _lock_at_once(path, fcntl.LOCK_SH)
    if descriptor is None:
        return True
    os.close(descriptor)
    return False


def _lock_at_once(path: Path, operation: int) -> int | None:
    try:
        return _lock(path, operation | fcntl.LOCK_NB)
    except BlockingIOError:
        return None


def _lock(path: Path, operation: int) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, operation)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor
