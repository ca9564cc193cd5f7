"""The trail of a registry at work: whatever is done to it is found, and nobody is alarmed."""

import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from statistics import quantiles

import psycopg
from django.db import connections, transaction

from benchmarks.database import as_operator, empty_database
from benchmarks.figures import Figure
from benchmarks.rounds import in_turns, seconds_of
from benchmarks.safety import write_bundle
from mmn_registry.audit import anchors
from mmn_registry.audit.models import Entry
from mmn_registry.audit.sealing import ALIAS, seal
from mmn_registry.audit.verifying import Verification, verify
from mmn_registry.bundle import load_bundle
from mmn_registry.postgres import embedded, roles
from tests.audit.tampering import (
    KINDS,
    Kind,
    go_on_from_an_older_state,
    insert_an_entry,
    rewrite_everything,
    tampered,
)

TAMPERINGS, SEALS, PATIENTS_PER_SEAL, SEED = 1_000, 40, 4, 3
CHECKS, CHECKED_EVERY_SECONDS, SEALED_EVERY_SECONDS = 1_000, 0.05, 1.0
# Without a fault in themselves: only an anchor tells, and that seal is the one that it names.
ONLY_ANCHORS_TELL = (rewrite_everything, go_on_from_an_older_state)


def whether_tampering_is_found() -> Iterator[Figure]:
    """Rows of a working registry, sealed and anchored; then one tampering after the other.

    Each in a transaction that is taken back, on the very connection that verifies.
    """
    with empty_database(), as_operator(), tempfile.TemporaryDirectory() as folder:
        yield _filled(Path(folder))
        file = Path(folder) / "anchors.txt"
        anchors.append(anchors.last_anchor(), file)
        if verify(file).findings:
            raise RuntimeError("The trail is not even clean before it is tampered with.")
        yield _verifying(file)
        yield from _tampering(file)


def _filled(folder: Path) -> Figure:
    """Loads of some patients each, every one sealed by itself."""
    seconds = 0.0
    for number in range(SEALS):
        write_bundle(folder, [f"TRAIL-{number}-{each}" for each in range(PATIENTS_PER_SEAL)])
        load_bundle(folder)
        seconds += seconds_of(seal)
    entries = Entry.objects.count()
    return Figure(
        "entries sealed per second", entries / seconds, "entries/s", note=f"{entries} entries"
    )


def _verifying(file: Path) -> Figure:
    seconds = in_turns(5, {"verify": lambda: seconds_of(lambda: verify(file))})["verify"]
    entries = verify(file).sealed
    return Figure(
        "entries verified per second",
        entries / seconds,
        "entries/s",
        limit=50_000,
        at_least=True,
        rounds=5,
        note=f"{entries} entries in {SEALS} seals",
    )


def _tampering(file: Path) -> Iterator[Figure]:
    random, missed, misnamed = Random(SEED), Counter(), Counter()  # noqa: S311
    with _as_superuser():
        _keep_a_copy()
        for number in range(TAMPERINGS):
            kind = KINDS[number % len(KINDS)]
            with transaction.atomic(using=ALIAS):
                tampered(connections[ALIAS].connection, kind, random)
                found = verify(file)
                missed[kind.__name__] += not found.findings
                misnamed[kind.__name__] += not _is_named(kind, found)
                transaction.set_rollback(True, using=ALIAS)
    note = f"{TAMPERINGS} of {len(KINDS)} kinds"
    for name, counted in (
        ("tamperings not found", missed),
        ("tamperings whose first bad seal was not named", misnamed),
    ):
        kinds = ", ".join(sorted(kind for kind, count in counted.items() if count))
        told = f"{note}: {kinds}" if kinds else note
        yield Figure(name, counted.total(), "tamperings", limit=0, note=told)


def _is_named(kind: Kind, found: Verification) -> bool:
    """Whether the first bad seal is the first that was touched, by what PostgreSQL remembers."""
    if kind is insert_an_entry:  # into no seal
        return any("slipped in" in finding.text for finding in found.findings)
    touched = _first_touched()
    if kind in ONLY_ANCHORS_TELL:
        return touched <= found.first_bad_batch <= SEALS
    return found.first_bad_batch == touched


def _keep_a_copy() -> None:
    with connections[ALIAS].cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE kept_seq AS SELECT seq FROM audit_entry")
        cursor.execute("CREATE TEMPORARY TABLE kept_seal AS SELECT batch, entries FROM audit_seal")
        cursor.execute("ANALYZE kept_seq, kept_seal")


def _first_touched() -> int:
    """The first seal that this transaction wrote or deleted, or of whose entries it did so."""
    with connections[ALIAS].cursor() as cursor:
        cursor.execute(
            "WITH ours AS (SELECT pg_current_xact_id()::xid AS own), touched AS ("
            "    SELECT seq FROM audit_entry, ours WHERE audit_entry.xmin = own"
            "    UNION ALL SELECT seq FROM kept_seq"
            "    WHERE NOT EXISTS (SELECT FROM audit_entry AS e WHERE e.seq = kept_seq.seq)"
            "), seals AS ("
            "    SELECT batch FROM audit_seal, ours WHERE audit_seal.xmin = own"
            "    UNION ALL SELECT batch FROM kept_seal"
            "    WHERE NOT EXISTS (SELECT FROM audit_seal AS s WHERE s.batch = kept_seal.batch)"
            "    UNION ALL SELECT batch FROM kept_seal"
            "    WHERE EXISTS (SELECT FROM touched WHERE seq <@ entries::int8multirange)"
            ") SELECT min(batch) FROM seals"
        )
        return cursor.fetchone()[0]


@contextmanager
def _as_superuser() -> Iterator[None]:
    audit = connections[ALIAS]
    usual = dict(audit.settings_dict)
    audit.close()
    above = embedded.connection_settings(roles.SUPERUSER)
    audit.settings_dict |= {name: above[name] for name in ("USER", "PASSWORD")}
    try:
        yield
    finally:
        audit.close()
        audit.settings_dict |= usual


def whether_anybody_is_alarmed() -> Iterator[Figure]:
    """Checks from the first to the last while three write, one seals and anchors.

    Some transactions take long, some are taken back.
    """
    with empty_database(), as_operator(), tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "anchors.txt"
        with _at_work(*(_writing(name) for name in "ABC"), _sealing(file)):
            while not file.exists():
                time.sleep(0.05)
            checks = [_a_check(file) for _check in range(CHECKS)]
        alarms = sum(bool(check.findings) for check in checks)
        last = checks[-1]
        note = f"{last.entries} entries and {last.seals} seals at the last of {CHECKS} checks"
        yield Figure("false alarms", alarms, "alarms", limit=0, note=note)
        yield _seal_lag()


def _a_check(file: Path) -> Verification:
    time.sleep(CHECKED_EVERY_SECONDS)
    return verify(file)


Work = Callable[[threading.Event], None]


def _writing(name: str) -> Work:
    def write(done: threading.Event) -> None:
        parameters = connections["owner"].get_connection_params()
        with psycopg.connect(**parameters, autocommit=True) as session:
            number = 0
            while not done.wait(0.02):
                number += 1
                with session.transaction(force_rollback=number % 5 == 0):
                    session.execute(
                        "INSERT INTO accounts_centre (code, name) VALUES (%s, '')",
                        [f"{name}{number:06}"],
                    )
                    if number % 3 == 0:
                        session.execute("SELECT pg_sleep(0.02)")

    return write


def _sealing(file: Path) -> Work:
    def go_on(done: threading.Event) -> None:
        while not done.wait(SEALED_EVERY_SECONDS):
            seal()
            anchors.append(anchors.last_anchor(), file)

    return go_on


@contextmanager
def _at_work(*works: Work) -> Iterator[None]:
    """Meanwhile they go on; what goes wrong in one of them is told at the end."""
    done, problems = threading.Event(), []

    def run(work: Work) -> None:
        try:
            with as_operator():
                work(done)
        except Exception as problem:  # noqa: BLE001 — raised below, in the drill's own thread
            problems.append(problem)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        done.set()
        for thread in threads:
            thread.join()
    if problems:
        raise problems[0]


def _seal_lag() -> Figure:
    with connections[ALIAS].cursor() as cursor:
        cursor.execute(
            "SELECT extract(epoch FROM s.sealed_at - e.at)::float8 FROM audit_seal AS s, "
            "unnest(s.entries::int8multirange) AS numbers JOIN audit_entry AS e "
            "ON e.seq >= lower(numbers) AND e.seq < upper(numbers)"
        )
        lags = [lag for (lag,) in cursor.fetchall()]
    return Figure(
        f"seal lag, 99 of 100 entries, when sealed every {SEALED_EVERY_SECONDS:.0f} s",
        quantiles(lags, n=100)[-1],
        "s",
        limit=SEALED_EVERY_SECONDS + 1,
        note="in service every minute: 59 s more",
    )


DRILLS = (whether_tampering_is_found, whether_anybody_is_alarmed)
