"""One derivation of a whole cohort in a fresh process: its seconds and its peak of memory."""

import resource
import sys
import time
from typing import NamedTuple

BYTES_PER_MAXRSS = 1 if sys.platform == "darwin" else 1024


class Derived(NamedTuple):
    seconds: float
    peak_mb: float
    patients: int


def derive_everybody(database: str) -> Derived:
    """From the database to every patient's outcomes; starting Python and Django is not counted."""
    import django  # noqa: PLC0415 — a fresh process: nothing is set up yet

    django.setup()
    from benchmarks.cohorts import AS_OF  # noqa: PLC0415
    from benchmarks.database import as_operator, connected_to  # noqa: PLC0415
    from outcomes.selectors import derive_patients  # noqa: PLC0415
    from patients.models import Patient  # noqa: PLC0415

    with connected_to(database), as_operator():
        Patient.objects.exists()  # connected
        began = time.perf_counter()
        patients = derive_patients(Patient.objects.all(), AS_OF)
        seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * BYTES_PER_MAXRSS
    return Derived(seconds, peak / 1e6, len(patients))
