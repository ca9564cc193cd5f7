"""WAL is taken over as soon as the server lets go of it; once a night all is backed up anew."""

from datetime import timedelta

from django.conf import settings

from mmn_registry.chores import Chore, Nightly

from . import here
from .repository import age, read_status

A_DAY_AND_SOME = timedelta(hours=25)


def is_due() -> bool:
    """No backup was verified since yesterday."""
    last = age(read_status(settings.BACKUP_STATUS), "verified_at")
    return last is None or last > A_DAY_AND_SOME


CHORES: list[Chore | Nightly] = []
if settings.BACKUP_DIR is not None:
    CHORES = [
        Chore(
            "keep the WAL",
            timedelta(seconds=20),
            lambda: here.repository().keep_wal(here.spool()),
        ),
        Nightly("back up", settings.BACKUP_AT, ("backup", "--verify"), is_due),
    ]
