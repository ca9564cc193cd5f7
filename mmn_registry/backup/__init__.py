"""Backups: taken, kept in a folder, restored, and verified by being restored.

Nothing here knows Django but `verifying`, which asks the trail: a backup must come back on a
machine where little else works.
"""

from mmn_registry.postgres import PostgresProblem


class BackupProblem(PostgresProblem):
    """Something about a backup that a person must put right; the text says what."""
