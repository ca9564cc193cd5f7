"""A whole registry read and derived, beside what PostgreSQL and Django's objects need for it."""

from collections.abc import Iterator

import psycopg

from benchmarks.cohorts import AS_OF
from benchmarks.database import as_operator, filled_database, superuser
from benchmarks.derived_once import derive_everybody
from benchmarks.figures import Figure
from benchmarks.one_by_one import derive_one_by_one
from benchmarks.rounds import in_a_process_of_its_own, in_turns, seconds_of
from patients.models import MuscleScore, Patient

# What the rules of sections 1 to 7 read.
NEEDED = {
    "patients_patient": "id, study_id, centre_id, sex, birth_year, onset_on, onset_precision, "
    "included_on, prior_immunoglobulin, clinician_response, deceased_on",
    "patients_visit": "id, patient_id, visited_on, weight_kg",
    "patients_musclescore": "visit_id, muscle, side, mrc_thirds, not_due_to_mmn, origin",
    "patients_gripstrength": "visit_id, side, device, value",
    "infusions_infusion": "patient_id, given_on, route, dose_g",
    "infusions_regimen": "patient_id, started_on, route, planned_dose_g, planned_interval_days, "
    "ended_on, end_reason",
    "infusions_doseattempt": "patient_id, attempted_on, outcome",
    "infusions_immunosuppressant": "patient_id, started_on, ended_on",
    "patients_nerveconductionstudy": "id, patient_id, studied_on",
    "patients_nervesegment": "study_id, nerve, side, distal_site, proximal_site, "
    "distal_amplitude_mv, proximal_amplitude_mv, distal_area_mv_ms, proximal_area_mv_ms, "
    "distal_duration_ms, proximal_duration_ms, distal_amplitude_lln_mv, distance_mm, excluded",
    "patients_lowerlimit": "centre_id, nerve, valid_from, distal_amplitude_lln_mv",
}
SAMPLE = 500
PEAK_MB = 1_200


def figures(patients: int, rounds: int) -> Iterator[Figure]:
    """All rules of a whole registry, read and derived by the application's role as an operator."""
    with filled_database(patients) as database:
        yield from figures_of(database, rounds)


def figures_of(database: str, rounds: int) -> Iterator[Figure]:
    """The same of a database that is filled and connected to already."""
    derived = []

    def everybody() -> float:
        derived.append(in_a_process_of_its_own(derive_everybody, database))
        return derived[-1].seconds

    with superuser(database) as server, as_operator():
        sample = list(Patient.objects.order_by("id")[:SAMPLE])
        parts = [sample[turn::rounds] for turn in range(rounds)]

        def one_by_one() -> float:
            part = parts.pop()
            return seconds_of(lambda: derive_one_by_one(part, AS_OF)) / len(part)

        seconds = in_turns(
            rounds,
            {
                "server-side COPY": lambda: seconds_of(lambda: _copy(server)),
                "derivation": everybody,
                "one patient by the ORM": one_by_one,
            },
        )
        scores = MuscleScore.objects.count()
    patients = derived[0].patients
    name = f"derive {patients:,} patients, all rules of §1–7"
    shared = {"rounds": rounds, "peak_mb": max(each.peak_mb for each in derived)}
    yield Figure(
        name,
        seconds["derivation"] / seconds["server-side COPY"],
        "×",
        limit=2,
        against="server-side COPY of the needed columns to /dev/null",
        note=f"{scores:,} muscle scores; mmn_app as an operator, COPY as a superuser",
        seconds={n: seconds[n] for n in ("derivation", "server-side COPY")},
        **shared,
    )
    yield Figure(
        name,
        seconds["one patient by the ORM"] / (seconds["derivation"] / patients),
        "×",
        limit=50,
        at_least=True,
        against=f"one patient at a time through the ORM (sample of {len(sample)}, per patient)",
        seconds={
            "derivation, per patient": seconds["derivation"] / patients,
            "one patient by the ORM": seconds["one patient by the ORM"],
        },
        **shared,
    )
    yield Figure(name, shared["peak_mb"], "MB", limit=PEAK_MB, against="absolute", **shared)


def _copy(server: psycopg.Connection) -> None:
    """As plain as it can be: no policy asks a superuser."""
    for table, columns in NEEDED.items():
        server.execute(
            f"COPY (SELECT {columns} FROM {table} WHERE voided_at IS NULL) TO '/dev/null'"  # noqa: S608
        )
