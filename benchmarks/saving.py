"""A visit recorded and its patient's outcome read, with kept outcomes and without them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from itertools import count

import psycopg

from benchmarks.database import as_operator, connected_to, filled_database, superuser
from benchmarks.figures import Figure
from benchmarks.rounds import in_turns, seconds_of
from outcomes.cohorts import load_cohort
from outcomes.freshness import rebuild
from patients.actions import record_visit
from patients.models import MuscleScore, Patient, Visit
from patients.vocabulary import Muscle, Side

FEW_PATIENTS = 1_000
SAVES = 10  # in a round
FIRST_DAY = date(2026, 1, 10)  # after all that was made up
MUSCLES = [(muscle, side) for muscle in list(Muscle)[:14] for side in Side]
READ = ("short_term_response", "long_term_status", "block_change", "weekly_dose_g")


class Recorder:
    """Records new visits of one patient after the other, each on a day of its own."""

    def __init__(self) -> None:
        self._patients = list(Patient.objects.order_by("id")[:100])
        self._next = count()

    def patient(self) -> Patient:
        """A new visit's patient."""
        number = next(self._next)
        patient = self._patients[number % len(self._patients)]
        visited_on = FIRST_DAY + timedelta(days=number // len(self._patients))
        scores = [MuscleScore(muscle=m, side=s, mrc_grade="4") for m, s in MUSCLES]
        record_visit(Visit(patient=patient, visited_on=visited_on), muscle_scores=scores, by=None)
        return patient

    def with_its_outcome(self) -> None:
        who = Patient.objects.filter(pk=self.patient().pk)
        if len(load_cohort(who, date(2026, 11, 1), READ).rows) != 1:
            raise RuntimeError("The patient has no outcome: that is not what is timed.")

    def with_its_row(self) -> None:
        Patient.objects.filter(pk=self.patient().pk).values_list().get()


def figures(patients: int, rounds: int = 5) -> Iterator[Figure]:
    with (
        filled_database(min(patients, FEW_PATIENTS)) as few,
        filled_database(patients) as many,
        superuser(few) as server,
        as_operator(),
    ):
        recorders = {}
        for database in (few, many):
            with connected_to(database):
                rebuild()
                recorders[database] = Recorder()

        def fresh(database: str) -> Callable[[], float]:
            def timed() -> float:
                with connected_to(database):
                    return _each(recorders[database].with_its_outcome)

            return timed

        def without() -> float:
            with _no_marks(server), connected_to(few):
                return _each(recorders[few].with_its_row)

        seconds = in_turns(
            rounds,
            {"fresh": fresh(few), "without outcomes": without, "among all": fresh(many)},
        )
    name = "record_visit of 28 scores + read its patient's fresh outcome"
    yield Figure(
        name,
        seconds["fresh"] / seconds["without outcomes"],
        "×",
        limit=3,
        against="the same without outcomes",
        rounds=rounds,
        seconds={name: seconds[name] for name in ("fresh", "without outcomes")},
    )
    yield Figure(
        f"the same at {patients:,} patients",
        seconds["among all"] / seconds["fresh"],
        "×",
        limit=1.25,
        against=f"at {min(patients, FEW_PATIENTS):,}",
        rounds=rounds,
        seconds={"among all": seconds["among all"], "among few": seconds["fresh"]},
    )


def _each(save: Callable[[], None]) -> float:
    save()  # connected
    return seconds_of(lambda: [save() for _ in range(SAVES)]) / SAVES


@contextmanager
def _no_marks(server: psycopg.Connection) -> Iterator[None]:
    """Nobody notes that outcomes are stale."""
    triggers = server.execute(
        "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE tgname ~ 'note_stale'"
    ).fetchall()
    for table, trigger in triggers:
        server.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
    try:
        yield
    finally:
        for table, trigger in triggers:
            server.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}")
