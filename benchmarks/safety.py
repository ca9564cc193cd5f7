"""What isolation and the trail cost: the same work with both, and with neither, in turns."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from http import HTTPStatus
from pathlib import Path

from django.db import connections, transaction
from django.test import Client

from benchmarks.database import as_operator, filled_database
from benchmarks.figures import Figure
from benchmarks.rounds import in_turns, seconds_of
from mmn_registry import principal
from mmn_registry.accounts.actions import grant_role, open_account
from mmn_registry.accounts.models import Centre
from mmn_registry.accounts.roles import Role
from mmn_registry.accounts.selectors import principal_for
from mmn_registry.bundle import load_bundle
from patients.actions import record_visit
from patients.models import MuscleScore, Patient, Visit
from patients.vocabulary import Muscle, Side
from tests.accounts.signing_in import sign_in

FEWER_PATIENTS = 1_000  # the page and the visit are one patient's, however many there are
SLOWER_AT_MOST = 1 / 0.8  # the issue: at least 0.8 of the requests per second
# A new visit's day: after all that was made up, before today.
NEXT_DAY = date(2026, 1, 10)


def figures(patients: int = FEWER_PATIENTS, rounds: int = 5) -> Iterator[Figure]:
    with filled_database(min(patients, FEWER_PATIENTS)), as_operator():
        centre = Centre.objects.earliest("code")
        doctor = open_account("doctor@hospital.example", "Anne Example")
        grant_role(doctor, Role.COORDINATOR, centre=centre)
        patient = Patient.objects.filter(centre=centre).earliest("study_id")
        yield _compared("patient page", _page(patient, doctor), rounds, limit=SLOWER_AT_MOST)
        yield _compared("record_visit of 28 scores", _visit(patient, doctor), rounds)
        with tempfile.TemporaryDirectory() as folder:
            yield _compared("load of 100,000 scores", _load(Path(folder)), rounds)


def _compared(
    name: str, work: Callable[[], object], rounds: int, limit: float | None = None
) -> Figure:
    """Guarded work against the same without; each is rolled back, so that all begin alike."""

    def guarded() -> float:
        return seconds_of(work)

    def unguarded() -> float:
        with _without_isolation_and_trail():
            return seconds_of(work)

    unguarded()  # what is loaded once
    seconds = in_turns(rounds, {"guarded": guarded, "unguarded": unguarded})
    ratio = seconds["guarded"] / seconds["unguarded"]
    return Figure(
        name,
        ratio,
        "×",
        limit=limit,
        against="the same without row-level security and trail",
        rounds=rounds,
        seconds=seconds,
    )


def _page(patient: Patient, doctor) -> Callable[[], object]:
    client = Client(SERVER_NAME="localhost")
    sign_in(client, doctor)

    def read() -> None:
        with principal.in_force(None):
            for _ in range(5):
                status = client.get(f"/patients/{patient.study_id}/").status_code
                if status != HTTPStatus.OK:
                    raise RuntimeError(f"The page answered {status}: that is not what is timed.")

    return read


def _visit(patient: Patient, doctor) -> Callable[[], object]:
    muscles = [(muscle, side) for muscle in list(Muscle)[:14] for side in Side]

    def record() -> None:
        scores = [MuscleScore(muscle=m, side=s, mrc_grade="4") for m, s in muscles]
        visit = Visit(patient=patient, visited_on=NEXT_DAY)
        with principal.in_force(principal_for(doctor)), transaction.atomic():
            record_visit(visit, muscle_scores=scores, by=doctor)
            transaction.set_rollback(True)

    return record


def _load(folder: Path) -> Callable[[], object]:
    """300 patients of a centre that is new."""
    write_bundle(folder, [f"BENCH-{number}" for number in range(300)])

    def load() -> None:
        with transaction.atomic():
            load_bundle(folder)
            transaction.set_rollback(True)

    return load


def write_bundle(folder: Path, people: Sequence[str]) -> None:
    """Patients with twelve visits each, at each 28 scores."""
    days = [NEXT_DAY - timedelta(days=30 * number) for number in range(1, 13)]
    visits = [f"{study_id},{day}" for study_id in people for day in days]
    muscles = [f"{muscle},{side}" for muscle in list(Muscle)[:14] for side in Side]
    tables = {
        "patients": (
            "study_id,centre,sex,included_on,prior_immunoglobulin",
            [f"{study_id},BENCH,female,2024-01-01,no" for study_id in people],
        ),
        "visits": ("study_id,visited_on", visits),
        "muscle_scores": (
            "study_id,visited_on,muscle,side,mrc_grade",
            [f"{visit},{muscle},4+" for visit in visits for muscle in muscles],
        ),
    }
    for name, (columns, rows) in tables.items():
        (folder / f"{name}.csv").write_text("\n".join([columns, *rows]) + "\n")


@contextmanager
def _without_isolation_and_trail() -> Iterator[None]:
    with connections["owner"].cursor() as owner:
        owner.execute(
            "SELECT oid::regclass::text FROM pg_class "
            "WHERE relforcerowsecurity AND relnamespace = 'public'::regnamespace"
        )
        guarded = [table for (table,) in owner.fetchall()]
        owner.execute(
            "SELECT tgrelid::regclass::text, tgname FROM pg_trigger "
            "WHERE tgname LIKE 'trail\\_%' AND tgenabled = 'A'"
        )
        watched = owner.fetchall()
        for table in guarded:  # FORCE stays: by it an import knows whose statistics it renews
            owner.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
        for table, trigger in watched:
            owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
        try:
            yield
        finally:
            for table in guarded:
                owner.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            for table, trigger in watched:
                owner.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}")


DRILLS = (figures,)
