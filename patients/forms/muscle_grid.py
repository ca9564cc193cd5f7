"""The muscle grid: one cell per muscle and side, beside the grade of the examination before."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from patients import labels
from patients.models import MuscleScore
from patients.unusual import Before
from patients.vocabulary import (
    MUSCLE_SETS,
    GradeOrigin,
    MrcGrade,
    Muscle,
    MuscleSet,
    NotTestedReason,
    Side,
)

# What stands beside a grade: why there is none, or that it is not the disease's.
OTHER_CAUSE = "other_cause"
REMARKS = {
    "": "",
    **{reason.value: labels.NOT_TESTED_REASON[reason] for reason in NotTestedReason},
    OTHER_CAUSE: _("weak for another reason than MMN"),
}
# The last and largest of the named sets: what a first examination asks for.
FIRST_SET = "MRC-140"
# A line above these parts arm from hand, and hand from leg.
BEGINS_PART = frozenset({Muscle.FINGER_EXTENSION, Muscle.HIP_FLEXION})
NORMAL = MrcGrade.GRADE_5.value


@dataclass
class Cell:
    """One muscle on one side: what is typed, beside what it was."""

    muscle: str
    side: str
    grade: str = ""
    remark: str = ""
    origin: str = ""
    was: str = ""
    was_other_cause: bool = False
    # Kept as they were stored where a form cannot say it.
    not_due_to_mmn: bool | None = None
    unsaid_origin: str = GradeOrigin.GRADED.value
    is_stored: bool = False  # as it stands here: copied or not, nobody is asked again
    error: str = ""

    @property
    def name(self) -> str:
        return f"{self.muscle}-{self.side}"

    @property
    def label(self) -> str:
        return _("%(muscle)s, %(side)s") % {
            "muscle": capfirst(str(labels.MUSCLE[self.muscle])),
            "side": labels.SIDE[self.side],
        }

    @property
    def inputs(self) -> dict[str, str]:
        """By the names of its inputs; nothing for an empty cell."""
        if not self.grade:
            return {}
        values = {"g": self.grade, "w": self.remark, "o": self.origin or GradeOrigin.GRADED.value}
        return {f"{letter}-{self.name}": value for letter, value in values.items() if value}

    @property
    def is_copied(self) -> bool:
        return self.origin in (GradeOrigin.CARRIED_FORWARD, GradeOrigin.REST_NORMAL)

    @property
    def in_words(self) -> str:
        """4+, NT (pain), 5 (copied): as a comparison shows it."""
        notes = [str(REMARKS[self.remark])] if self.remark else []
        notes += [str(_("copied"))] if self.origin == GradeOrigin.CARRIED_FORWARD else []
        notes += [str(_("filled as normal"))] if self.origin == GradeOrigin.REST_NORMAL else []
        return f"{self.grade} ({', '.join(notes)})" if notes else self.grade or "–"

    def score(self) -> MuscleScore:
        """Unsaved, of a visit that is told later."""
        is_tested = self.grade != MrcGrade.NOT_TESTED
        return MuscleScore(
            muscle=self.muscle,
            side=self.side,
            mrc_grade=self.grade,
            not_tested_reason="" if self.remark == OTHER_CAUSE else self.remark,
            not_due_to_mmn=self._not_due_to_mmn if is_tested else self.not_due_to_mmn,
            origin=self.origin if self.is_copied else self.unsaid_origin,
        )

    @property
    def _not_due_to_mmn(self) -> bool | None:
        if self.remark == OTHER_CAUSE:
            return True
        return False if self.not_due_to_mmn else self.not_due_to_mmn


@dataclass
class Row:
    muscle: str
    sets: tuple[str, ...]  # the named sets it belongs to
    is_kept: bool  # shown whichever set is chosen: it is or was graded
    begins_part: bool
    cells: tuple[Cell, ...]

    @property
    def name(self) -> str:
        return capfirst(str(labels.MUSCLE[self.muscle]))


@dataclass
class MuscleGrid:
    """All muscles of the registry; those outside the chosen set stand aside until graded."""

    before: Before
    muscle_set: MuscleSet
    cells: dict[tuple[str, str], Cell] = field(default_factory=dict)

    @classmethod
    def read(cls, typed: Mapping[str, str], before: Before, stored: Iterable[MuscleScore] = ()):
        """As inputs say: ``g-`` the grade, ``w-`` the remark, ``o-`` the origin of each cell."""
        of_stored = {(score.muscle, score.side): score for score in stored}
        cells = {
            place: _read_cell(typed, *place, before, of_stored.get(place))
            for place in ((m.value, s.value) for m in Muscle for s in Side)
        }
        return cls(before, _chosen_set(typed.get("muscle_set"), before, cells), cells)

    @property
    def rows(self) -> Iterator[Row]:
        for muscle in Muscle:
            cells = tuple(self.cells[muscle.value, side.value] for side in Side)
            yield Row(
                muscle=muscle.value,
                sets=tuple(s.name for s in MUSCLE_SETS.values() if muscle in s.muscles),
                is_kept=muscle.value in self.before.muscles or any(c.grade for c in cells),
                begins_part=muscle in BEGINS_PART,
                cells=cells,
            )

    @property
    def graded(self) -> list[Cell]:
        return [cell for cell in self.cells.values() if cell.grade]

    @property
    def sides(self) -> list[str]:
        return [capfirst(str(labels.SIDE[side])) for side in Side]

    @property
    def sets(self) -> list[MuscleSet]:
        return list(MUSCLE_SETS.values())

    def copy_previous(self) -> None:
        """Every empty cell as it was graded before; what was not tested then is no grade."""
        for cell in self.cells.values():
            if not cell.grade and cell.was and cell.was != MrcGrade.NOT_TESTED:
                cell.grade, cell.origin = cell.was, GradeOrigin.CARRIED_FORWARD.value
                cell.remark = OTHER_CAUSE if cell.was_other_cause else ""

    def fill_normal(self) -> None:
        """Every empty cell of the set as normal."""
        for (muscle, _side), cell in self.cells.items():
            if not cell.grade and muscle in self.muscle_set.muscles:
                cell.grade, cell.origin = NORMAL, GradeOrigin.REST_NORMAL.value

    def clear_copied(self) -> None:
        for cell in self.cells.values():
            if cell.is_copied:
                cell.grade = cell.remark = cell.origin = ""

    def clean(self) -> list[MuscleScore]:
        """What was typed as unsaved scores; a cell that breaks a rule carries its sentence."""
        scores = []
        for cell in self.graded:
            score = cell.score()
            try:
                score.full_clean(exclude=["visit"])
                scores.append(score)
            except ValidationError as refused:
                cell.error = " ".join(refused.messages)
        return scores

    @property
    def refused(self) -> list[Cell]:
        return [cell for cell in self.cells.values() if cell.error]


def cell_of(score: MuscleScore, was: str = "") -> Cell:
    """The cell that a stored score fills."""
    return Cell(
        score.muscle,
        score.side,
        grade=score.mrc_grade,
        remark=score.not_tested_reason or (OTHER_CAUSE if _says_other_cause(score) else ""),
        origin=score.origin,
        was=was,
        not_due_to_mmn=score.not_due_to_mmn,
    )


def _says_other_cause(score: MuscleScore) -> bool:
    return bool(score.not_due_to_mmn) and score.mrc_grade != MrcGrade.NOT_TESTED


def _read_cell(
    typed: Mapping[str, str], muscle: str, side: str, before: Before, stored: MuscleScore | None
) -> Cell:
    name = f"{muscle}-{side}"
    remark = typed.get(f"w-{name}", "")
    grade = _grade(typed.get(f"g-{name}", ""))
    if not grade and remark in set(NotTestedReason):
        grade = MrcGrade.NOT_TESTED.value
    if grade == MrcGrade.NOT_TESTED and remark == OTHER_CAUSE:
        remark = ""  # where there is no grade, nothing is weak
    return Cell(
        muscle,
        side,
        grade=grade,
        remark=remark if grade and remark in REMARKS else "",
        origin=typed.get(f"o-{name}", "") if grade else "",
        was=before.grades.get((muscle, side), ""),
        was_other_cause=(muscle, side) in before.other_cause,
        not_due_to_mmn=stored.not_due_to_mmn if stored else None,
        unsaid_origin=_unsaid_origin(grade, stored),
    )


def _unsaid_origin(grade: str, stored: MuscleScore | None) -> str:
    """An imported grade may not say where it came from, and need not as long as it stands."""
    is_unsaid = stored is not None and stored.mrc_grade == grade and not stored.origin
    return "" if is_unsaid else GradeOrigin.GRADED.value


def _grade(typed: str) -> str:
    """As people write it: a space, a typographic minus, small letters."""
    return typed.replace(" ", "").replace("−", "-").upper()[:8]


def _chosen_set(asked: str | None, before: Before, cells: Mapping[object, Cell]) -> MuscleSet:
    """The set that is asked for; else the smallest that holds what was examined so far.

    So a patient keeps the set of earlier visits, without a column that would say so twice.
    """
    if asked in MUSCLE_SETS:
        return MUSCLE_SETS[asked]
    examined = before.muscles | {cell.muscle for cell in cells.values() if cell.grade}
    of_sets = examined & set(MUSCLE_SETS[FIRST_SET].muscles)
    if not of_sets:
        return MUSCLE_SETS[FIRST_SET]
    return next(s for s in MUSCLE_SETS.values() if of_sets <= set(s.muscles))
