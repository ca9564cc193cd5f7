"""The tables of a cohort that was asked for, as they may be told to who asked."""

from typing import Any

from outcomes.asked.cohort import AskedCohort, FoundCohort
from outcomes.asked.out import reasons_out
from outcomes.derivation.cohort import Table
from outcomes.derivation.cohort_rows import tables_of_rows
from outcomes.derivation.masking import Hidden, masked


def told_tables(asked: AskedCohort, found: FoundCohort, *, hides_small: bool) -> Table:
    """All tables, and as ``cohort`` whom they are about and who is out.

    ``hides_small``: for who reads patients pseudonymised, small numbers are hidden, and whatever
    would tell them.
    """
    cohort = found.cohort
    tables = {
        **tables_of_rows(cohort.rows, cohort.as_of, cohort.rules),
        "cohort": {
            "query": asked.address,
            "sentence": asked.sentence,
            "everybody": found.everybody,
            "out": [
                {"name": because.code, "patients": n, "words": because.words}
                for because, n in reasons_out(found.out)
            ],
        },
    }
    return masked(tables) if hides_small else tables


def plain(node: Any) -> Any:
    """Tables for programs: a hidden number is null."""
    if isinstance(node, dict):
        return {name: plain(inner) for name, inner in node.items()}
    if isinstance(node, list):
        return [plain(inner) for inner in node]
    return None if isinstance(node, Hidden) else node
