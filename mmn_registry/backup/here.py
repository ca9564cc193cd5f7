"""The backups that this registry's settings speak of."""

from pathlib import Path
from typing import Any

from django.conf import settings

from mmn_registry.postgres import waits
from mmn_registry.postgres.binaries import Binaries, find_binaries

from . import BackupProblem
from .repository import Repository


def repository() -> Repository:
    if settings.BACKUP_DIR is None:
        raise BackupProblem(
            "MMN_BACKUP_DIR is not set. Name a folder for backups, on another disk or machine "
            "than the database's."
        )
    return Repository(settings.BACKUP_DIR, settings.BACKUP_KEY, settings.BACKUP_STATUS)


def spool() -> Path:
    if settings.WAL_SPOOL is None:
        raise BackupProblem(
            "MMN_WAL_SPOOL is not set. Name the folder that the server's archive_command writes to."
        )
    return settings.WAL_SPOOL


def server() -> dict[str, Any]:
    """How to connect as the role that makes backups."""
    found = settings.BACKUP_DATABASE
    if found is None:
        raise BackupProblem("DATABASE_BACKUP_URL is not set. Name a connection as mmn_backup.")
    names = {"HOST": "host", "PORT": "port", "USER": "user", "PASSWORD": "password"}
    names |= {"NAME": "dbname"}
    given = {ours: found[theirs] for theirs, ours in names.items() if found.get(theirs)}
    return waits.NETWORK | given | found.get("OPTIONS", {})


def binaries() -> Binaries:
    return find_binaries()
