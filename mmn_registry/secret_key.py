"""A secret key for a machine nobody configured: made once, readable by its user alone."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from mmn_registry.postgres.places import make_folder


def kept_secret_key(folder: Path) -> str:
    """The key kept in ``folder``, so that sign-ins outlive a restart."""
    path = folder / "secret-key"
    try:
        return path.read_text()
    except FileNotFoundError:
        make_folder(folder)
    # Whole or not at all: whoever reads it meanwhile must not find an empty one.
    made = folder / f"secret-key.{os.getpid()}"
    descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(48))
    with suppress(FileExistsError):  # another process was first
        os.link(made, path)
    made.unlink()
    return path.read_text()
