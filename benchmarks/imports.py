"""A million scores loaded from a bundle, beside a script of COPY and INSERT, and bulk_create."""

import csv
import tempfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import islice
from pathlib import Path

import numpy as np
from django.db import connection, transaction

from benchmarks.cohorts import AS_OF, GRADES
from benchmarks.database import as_operator, filled_database, superuser
from benchmarks.figures import Figure
from benchmarks.rounds import in_turns, seconds_of
from mmn_registry.bundle import load_bundle
from mmn_registry.demo_data.living import EXAMINED
from outcomes.freshness import refresh
from patients.models import MuscleScore, Visit
from patients.vocabulary import Side

SCORES = 1_000_000
MUSCLES = [(muscle.value, side.value) for muscle in EXAMINED for side in Side]
VISITS = 12
PATIENTS = -(-SCORES // (VISITS * len(MUSCLES)))
COLUMNS = "study_id,visited_on,muscle,side,mrc_grade,not_tested_reason,not_due_to_mmn,origin"
OTHERS = 1_000  # patients who are in the registry already
BULK_CREATED = 100_000  # of the scores: all of them take minutes
ROWS_PER_BATCH = 10_000

ANSWERS = {"": None, "yes": True, "no": False}

STAGE = """
CREATE TEMPORARY TABLE scores (study_id text, visited_on date, muscle text, side text,
    mrc_grade text, not_tested_reason text, not_due_to_mmn boolean, origin text) ON COMMIT DROP
"""
COPY = "COPY scores FROM STDIN (FORMAT csv, HEADER, FORCE_NOT_NULL (not_tested_reason, origin))"
INSERT = """
INSERT INTO patients_musclescore (visit_id, muscle, side, mrc_grade, not_tested_reason,
    not_due_to_mmn, origin, amend_reason, void_reason)
SELECT visit.id, muscle, side, mrc_grade, not_tested_reason, not_due_to_mmn, origin, '', ''
FROM scores JOIN patients_patient AS patient USING (study_id)
JOIN patients_visit AS visit ON visit.patient_id = patient.id
    AND visit.visited_on = scores.visited_on
"""

# What a commit does, which here never comes: both ways are asked for it.
CHECKED = "SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED"


def figures(patients: int = PATIENTS, rounds: int = 5) -> Iterator[Figure]:
    """Scores of visits that are stored already; each way is taken back, so that all begin alike."""
    patients = min(patients, PATIENTS)
    with (
        filled_database(min(patients, OTHERS)) as database,
        tempfile.TemporaryDirectory() as folder,
        as_operator(),
    ):
        file, scores = _write(Path(folder), patients)
        part = min(scores, BULK_CREATED)
        with superuser(database) as server:
            seconds = in_turns(
                rounds,
                {
                    "load_bundle": _taken_back(lambda: load_bundle(file.parent), server),
                    "script": _taken_back(lambda: _script(file), server),
                    "bulk_create": _taken_back(lambda: _bulk_create(file, part), server),
                },
            )
        seconds["bulk_create"] *= scores / part
        refresh()
        whole = seconds_of(lambda: load_bundle(file.parent))
    name = f"import of {scores:,} scores, validated"
    yield Figure(
        name,
        seconds["load_bundle"] / seconds["script"],
        "×",
        limit=1.5,
        against="COPY into a temporary table + the same INSERT … SELECT, same triggers and "
        "policies, no rule asked",
        note=f"stored and derived: {whole:.3g} s",
        rounds=rounds,
        seconds={name: seconds[name] for name in ("load_bundle", "script")},
    )
    yield Figure(
        name,
        seconds["bulk_create"] / seconds["load_bundle"],
        "×",
        limit=5,
        at_least=True,
        against=f"bulk_create under the same, of {part:,} and reckoned up",
        rounds=rounds,
        seconds={name: seconds[name] for name in ("load_bundle", "bulk_create")},
    )


def _taken_back(way: Callable[[], object], server) -> Callable[[], float]:
    def timed() -> float:
        # What the last way left behind, and the planner's knowledge, are alike for all.
        server.execute("VACUUM patients_musclescore, audit_entry, outcomes_stalemark")
        with transaction.atomic():
            seconds = seconds_of(way)
            transaction.set_rollback(True)
        return seconds

    return timed


def _write(folder: Path, patients: int) -> tuple[Path, int]:
    """Patients and visits that are stored already, and a file of their scores."""
    people = [f"IMPORT-{number:05}" for number in range(patients)]
    days = [AS_OF - timedelta(days=180 * number) for number in range(1, VISITS + 1)]
    visits = [f"{study_id},{day}" for study_id in people for day in days]
    header = "study_id,centre,sex,included_on,prior_immunoglobulin"
    rows = [f"{study_id},IMPORT,female,{days[-1]},no" for study_id in people]
    _write_lines(folder / "patients.csv", header, rows)
    _write_lines(folder / "visits.csv", "study_id,visited_on", visits)
    load_bundle(folder)
    file = folder / "scores" / "muscle_scores.csv"
    file.parent.mkdir()
    drawn = np.random.default_rng(4).integers(6, 16, len(visits) * len(MUSCLES))
    grades = iter(GRADES[drawn].tolist())
    rows = [f"{v},{m},{s},{next(grades)},,,graded" for v in visits for m, s in MUSCLES]
    _write_lines(file, COLUMNS, rows)
    return file, len(rows)


def _write_lines(file: Path, header: str, rows: list[str]) -> None:
    file.write_text("\n".join([header, *rows]) + "\n")


def _script(file: Path) -> None:
    """What an administrator would run in psql: no rule is asked but the database's own."""
    with connection.cursor() as cursor:
        cursor.execute(STAGE)
        with cursor.copy(COPY) as copy, file.open("rb") as stream:
            while block := stream.read(2**16):
                copy.write(block)
        cursor.execute("ANALYZE scores")
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(INSERT)
        cursor.execute(CHECKED)


def _bulk_create(file: Path, part: int) -> None:
    """As a Django project would, without asking any rule before the database does."""
    keys = Visit.objects.values_list("patient__study_id", "visited_on", "pk")
    visits = {(study_id, str(day)): pk for study_id, day, pk in keys.iterator()}
    with file.open() as stream:
        scores = [
            MuscleScore(
                visit_id=visits[row.pop("study_id"), row.pop("visited_on")],
                not_due_to_mmn=ANSWERS[row.pop("not_due_to_mmn")],
                **row,
            )
            for row in islice(csv.DictReader(stream), part)
        ]
    MuscleScore.objects.bulk_create(scores, batch_size=ROWS_PER_BATCH)
