"""A secret key for a machine nobody configured: made once, readable by its user alone."""

import os
import secrets
from pathlib import Path

from mmn_registry.postgres.places import make_folder


def kept_secret_key(folder: Path) -> str:
    """The key kept in ``folder``, so that sign-ins outlive a restart."""
    path = folder / "secret-key"
    try:
        return path.read_text()
    except FileNotFoundError:
        make_folder(folder)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:  # another process was first
        return path.read_text()
    key = secrets.token_urlsafe(48)
    with os.fdopen(descriptor, "w") as file:
        file.write(key)
    return key
