"""What is broken off half-way leaves nothing behind: any statement of any write, any import."""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random

from django.core.exceptions import ValidationError
from django.db import InterfaceError, OperationalError, connection, transaction

from benchmarks.aside import Registry, registry_aside
from benchmarks.database import as_operator, empty_database, superuser
from benchmarks.edits import Editor
from benchmarks.figures import Figure
from benchmarks.safety import write_bundle
from mmn_registry.accounts.models import Centre
from mmn_registry.backup.tables import Held, held
from mmn_registry.bundle import BundleRefusedError
from outcomes.freshness import refresh

SEED, EDITS_BEFORE, TRIES_TO_FIND_A_WRITE = 5, 150, 50
KILLS, PATIENTS = 20, 60  # with twelve visits, at each 28 scores: 20,160
CUT = "SELECT pg_terminate_backend(pg_backend_pid())"
# What marks patients to be derived again is derived at will.
NOT_COMPARED = {"outcomes_stalemark", "outcomes_patientoutcome"}


# ── The N-th statement of every write ────────────────────────────────────────────────────────


def whether_a_statement_that_fails_leaves_half() -> Iterator[Figure]:
    """Refused by the client in one round, the connection cut by the server in the other."""
    with empty_database() as name, as_operator(), superuser(name) as database:
        editor = Editor(SEED)
        for code in ("C1", "C2"):
            Centre.objects.get_or_create(code=code)
        for editor.number in range(1, 6):
            editor.register()
        for _edit in range(EDITS_BEFORE):
            editor.edit()
        refresh()
        half_done, unusable, failed, kinds = [], [], 0, 0
        for write in editor.edits:
            found = _every_statement(editor, write, database)
            kinds += found is not None
            for number, changed, works in found or ():
                failed += 1
                half_done += [f"{write.__name__} at {number}: {', '.join(changed)}"] * bool(changed)
                unusable += [f"{write.__name__} at {number}"] * (not works)
    note = f"of {failed} in {kinds} kinds of writes"
    for name, bad in (
        ("statements that failed and left half", half_done),
        ("statements that failed and left a connection of no use", unusable),
    ):
        told = f"{note}: {'; '.join(bad[:5])}" if bad else note
        yield Figure(name, len(bad), "statements", limit=0, note=told)


Failed = tuple[int, list[str], bool]


def _every_statement(editor: Editor, write: Callable[[], object], database) -> list[Failed] | None:
    """Each failure with the tables that it changed; None for a write that found nothing to do."""
    found: list[Failed] = []
    for cut in (False, True):
        number = 0
        if not _draws_one_to_store(editor, write):
            return None
        while True:
            number += 1
            before, state = _state(database), editor.random.getstate()
            count, stored = _attempt(write, number, cut=cut)
            if count < number:  # it went through
                if not stored:
                    raise RuntimeError(f"{write.__name__} was to be stored, and was not.")
                break
            editor.random.setstate(state)  # the same again, a statement later
            found.append((number, _changed(before, _state(database)), _works()))
    return found


def _draws_one_to_store(editor: Editor, write: Callable[[], object]) -> bool:
    """Nothing to do and what a rule refuses are no writes; the next attempt draws the same."""
    for _try in range(TRIES_TO_FIND_A_WRITE):
        editor.number += 1
        state = editor.random.getstate()
        with suppress(ValidationError, BundleRefusedError), transaction.atomic():
            if write() is not None:
                editor.random.setstate(state)
                transaction.set_rollback(True)
                return True
    return False


def _attempt(write: Callable[[], object], number: int, *, cut: bool) -> tuple[int, bool]:
    with _failing_at(number, cut=cut) as asked:
        try:
            stored = write() is not None
        except (OperationalError, InterfaceError):
            stored = False
        except (ValidationError, BundleRefusedError):
            stored = False  # Django takes a constraint that it could not check for a broken one
    if cut and asked[0] >= number:
        connection.close()  # as at the end of a request
    return asked[0], stored


@contextmanager
def _failing_at(number: int, *, cut: bool) -> Iterator[list[int]]:
    asked = [0]

    def execute(run, sql, *more):
        asked[0] += 1
        if asked[0] == number:
            if not cut:
                raise OperationalError("refused, for the drill")
            return run(CUT, (), *more[1:])
        return run(sql, *more)

    with connection.execute_wrapper(execute):
        yield asked


def _state(database) -> Held:
    with database.transaction():
        return {name: what for name, what in held(database).items() if name not in NOT_COMPARED}


def _changed(before: Held, after: Held) -> list[str]:
    return [name for name in before if before[name] != after[name]]


def _works() -> bool:
    try:
        return Centre.objects.exists() and not connection.in_atomic_block
    except (OperationalError, InterfaceError):
        return False


# ── An import that is killed ─────────────────────────────────────────────────────────────────


def whether_an_import_is_all_or_nothing() -> Iterator[Figure]:
    """Killed at random between its start and its end, every second time with PostgreSQL."""
    random = Random(SEED)  # noqa: S311
    with registry_aside() as registry, tempfile.TemporaryDirectory() as folder:
        seconds = _load(registry, Path(folder), "WHOLE", None)
        rows = _rows(registry, "WHOLE")
        found = []
        for number in range(KILLS):
            name = f"KILL{number}"
            after = random.uniform(0.3, 1.0) * seconds  # before, it has not come to the database
            _load(registry, Path(folder), name, after, with_server=number % 2 == 1)
            found.append(_rows(registry, name))
        nothing, half = found.count(0), [each for each in found if each not in (0, rows)]
        again = next((n for n, each in enumerate(found) if each == 0), None)
        if again is not None:
            _load(registry, Path(folder), f"KILL{again}", None)
        whole = again is None or _rows(registry, f"KILL{again}") == rows
    note = f"of {KILLS} of {rows} rows: {nothing} stored nothing, {KILLS - nothing} all"
    yield Figure("killed imports that left half", len(half), "imports", limit=0, note=note)
    yield Figure(
        "killed imports that went through the next time", int(whole), "import", 1, at_least=True
    )


def _load(
    registry: Registry, folder: Path, name: str, after: float | None, *, with_server: bool = False
) -> float:
    """Until its end, or until it is killed; how long it took."""
    write_bundle(folder, [f"{name}-{number}" for number in range(PATIENTS)])
    began = time.monotonic()
    process = registry.start("manage.py", "load_bundle", str(folder))
    if after is not None:
        time.sleep(after)
        process.kill()
        if with_server:
            registry.kill_server()
    process.communicate()
    if after is None and process.returncode != 0:
        raise RuntimeError("The import failed by itself.")
    registry.wait_until_up()
    return time.monotonic() - began


def _rows(registry: Registry, name: str) -> int:
    """Scores that are stored, when whoever stored them has ended."""
    busy = (
        "SELECT count(*) FROM pg_stat_activity "
        "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND state <> 'idle'"
    )
    count = (
        "SELECT count(*) FROM patients_musclescore AS s JOIN patients_visit AS v "
        "ON v.id = s.visit_id JOIN patients_patient AS p ON p.id = v.patient_id "
        "WHERE p.study_id LIKE %s"
    )
    with registry.superuser() as database:
        while database.execute(busy).fetchone()[0]:
            time.sleep(0.05)
        return database.execute(count, [f"{name}-%"]).fetchone()[0]


DRILLS = (whether_a_statement_that_fails_leaves_half, whether_an_import_is_all_or_nothing)
