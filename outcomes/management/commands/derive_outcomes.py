import json

from outcomes.derivation.outcome_objects import outcome_objects
from outcomes.derivation.tables import outcome_table

from ._cohort_command import CohortCommand


class Command(CohortCommand):
    help = "Print the outcomes of each patient, one row per patient, sorted by study id."
    formats = ("csv", "json")

    def print(self, style, records, outcomes):
        if style == "json":
            objects = outcome_objects(outcomes.patients)
            return json.dumps(objects, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
        return outcome_table(outcomes).to_csv(index=False, lineterminator="\n")
