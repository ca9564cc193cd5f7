import json

from outcomes.derivation.cohort import cohort_summary
from outcomes.derivation.cohort_text import cohort_text

from ._cohort_command import CohortCommand


class Command(CohortCommand):
    help = (
        "Print the tables of the cohort: response, long-term groups, blocks, follow-up, predictors."
    )
    formats = ("json", "text")

    def print(self, style, records, outcomes):
        summary = cohort_summary(records, outcomes)
        if style == "text":
            return cohort_text(summary)
        return json.dumps(summary, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
