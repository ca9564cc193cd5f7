"""A cut beside the same question asked today: who came, who left, and who changed class."""

from collections.abc import Mapping
from dataclasses import dataclass

# What a paper counts patients by. Other columns change with every visit.
CLASSES = (
    "treatment_history",
    "short_term_response",
    "long_term_group",
    "long_term_status",
    "block_change",
    "dose_trend",
    "diagnosis_category",
)

Row = Mapping[str, str]


@dataclass(frozen=True)
class ClassChange:
    """One class of one patient, then and now, as codes."""

    study_id: str
    column: str
    then: str
    now: str


@dataclass(frozen=True)
class Comparison:
    """`came` are in today and not in the cut, `left` the other way round."""

    came: tuple[str, ...]
    left: tuple[str, ...]
    changed: tuple[ClassChange, ...]
    unchanged: int


def compare(then: Mapping[str, Row], now: Mapping[str, Row]) -> Comparison:
    """Rows by study id, sorted; a class that one side does not have is not compared."""
    both = sorted(then.keys() & now.keys())
    changed = tuple(
        ClassChange(study_id, column, then[study_id][column], now[study_id][column])
        for study_id in both
        for column in CLASSES
        if column in then[study_id]
        and column in now[study_id]
        and then[study_id][column] != now[study_id][column]
    )
    return Comparison(
        came=tuple(sorted(now.keys() - then.keys())),
        left=tuple(sorted(then.keys() - now.keys())),
        changed=changed,
        unchanged=len(both) - len({change.study_id for change in changed}),
    )
