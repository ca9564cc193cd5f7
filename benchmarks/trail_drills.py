"""NEVER RUN. benchmarks/trail_drills.py: to be started after django.setup() with an MMN_DATA_DIR of
its own (subprocess from benchmarks/trail.py), after `migrate`, under in_force(operator("benchmarks")).
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

from django.db import connection, connections, transaction

from benchmarks.figures import Figure
from mmn_registry.audit import anchors
from mmn_registry.audit.sealing import ALIAS, seal
from mmn_registry.audit.verifying import verify
from mmn_registry.postgres import embedded, roles
from tests.audit.tampering import KINDS, tampered

TAMPERINGS, SEALS, ENTRIES_PER_SEAL, SEED = 1_000, 40, 250, 3


def whether_tampering_is_found() -> Iterator[Figure]:
    """Each in a transaction that is taken back, on the very connection that then verifies."""
    for _seal in range(SEALS):
        _write_centres(ENTRIES_PER_SEAL)
        seal()
    random, missed = Random(SEED), []  # noqa: S311
    with tempfile.TemporaryDirectory() as folder, _as_superuser(connections[ALIAS]):
        file = Path(folder) / "anchors.txt"
        anchors.append(anchors.last_anchor(), file)
        for number in range(TAMPERINGS):
            kind = KINDS[number % len(KINDS)]
            with transaction.atomic(using=ALIAS):
                tampered(connections[ALIAS].connection, kind, random)
                if not verify(file).findings:
                    missed.append(kind.__name__)
                transaction.set_rollback(True, using=ALIAS)
    note = f"{TAMPERINGS} of {len(KINDS)} kinds"
    yield Figure("tamperings not found", len(missed), "tamperings", limit=0, note=note)


def _write_centres(count: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO accounts_centre (code, name) SELECT 'D' || gen_random_uuid()::text, '' "
            "FROM generate_series(1, %s)",
            [count],
        )


@contextmanager
def _as_superuser(audit) -> Iterator[None]:
    usual = dict(audit.settings_dict)
    audit.close()
    audit.settings_dict |= embedded.connection_settings(roles.SUPERUSER)
    try:
        yield
    finally:
        audit.close()
        audit.settings_dict |= usual


# Clean checks: tests/audit/test_sealing.py::test_nobody_is_alarmed_while_others_write_and_seal with
# range(1_000). Cost: load_bundle of 100,000 scores in turn with trail_insert DISABLEd and not.
