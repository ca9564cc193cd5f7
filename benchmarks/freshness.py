"""Do kept outcomes say what the records say, after thousands of edits through every door?"""

import sys
from collections.abc import Iterator

from benchmarks.database import as_operator, filled_database
from benchmarks.edits import Editor
from benchmarks.figures import Figure
from outcomes import freshness
from patients.models import Patient

PATIENTS = 40
EDITS = 10_000
EDITS_BETWEEN_READS = 250  # so that outcomes are refreshed in between, and not once at the end


def random_edits_leave_no_drift(edits: int = EDITS, patients: int = PATIENTS) -> Iterator[Figure]:
    """Everybody derived anew says what is kept."""
    with filled_database(patients), as_operator():
        freshness.rebuild()
        editor, stored = Editor(seed=5), 0
        for number in range(edits):
            stored += editor.edit()
            if number % EDITS_BETWEEN_READS == 0:
                freshness.refresh()
                print(f"{number:,} of {edits:,} edits", file=sys.stderr, flush=True)
        drifted = [drift.study_id for drift in freshness.drifts()]
        compared = Patient.objects.count()
    yield Figure(
        f"outcomes that drifted in {edits:,} random edits through every door",
        len(drifted),
        "patients",
        limit=0,
        note=f"of {compared}; {stored:,} edits were stored, the others refused",
    )


DRILLS = (random_edits_leave_no_drift,)
