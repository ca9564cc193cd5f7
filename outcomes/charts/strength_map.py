"""The strength map: every muscle of a patient at every examination, right beside left.

A real table: rows are muscles, columns examinations. What is to be shown comes in as grades, what
is to be drawn leaves as cells with their state; colours and signs are the style sheet's.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

# Sides in the order of the visit form, as the examiner sees the patient.
SIDES = ("right", "left")
NOT_TESTED = "NT"
POINT_THIRDS = 3
NORMAL_THIRDS = 15
# As many examinations as fit beside each other on a tablet, a laptop and a desk, right and left;
# the style sheet hides a column by the class of the first of these that has no room for it.
ROOM = ((7, "beyond-7"), (10, "beyond-10"), (13, "beyond-13"))

ARM = "arm"
HAND = "hand"
LEG = "leg"
# Groups of rows with a gap between them, in reading order. Every muscle belongs to one.
ROW_GROUPS: dict[str, tuple[str, ...]] = {
    ARM: (
        "shoulder_abduction",
        "elbow_flexion",
        "elbow_extension",
        "wrist_extension",
        "wrist_flexion",
    ),
    HAND: (
        "finger_extension",
        "finger_flexion",
        "first_dorsal_interosseous",
        "thumb_abduction",
        "thumb_adduction",
        "thumb_flexion",
        "thumb_extension",
    ),
    LEG: (
        "hip_flexion",
        "knee_extension",
        "knee_flexion",
        "ankle_dorsiflexion",
        "ankle_plantarflexion",
        "great_toe_extension",
    ),
}


@dataclass(frozen=True)
class Grade:
    """One muscle, one side, one examination; `thirds` is None where it was not tested."""

    on: date
    muscle: str
    side: str
    text: str
    thirds: float | None
    note: str = ""  # why it is not tested, or not counted, in words
    is_copied: bool = False
    not_due_to_mmn: bool = False


@dataclass(frozen=True)
class Column:
    """One examination; `role` says what it was used as ("baseline", "month_6" or "").

    `state` is a class name: "key" columns stand on every screen, others as far as there is room.
    """

    on: date
    role: str
    state: str


@dataclass(frozen=True)
class Cell:
    """`state` holds class names: the digit's colour, the change, and what kind of answer it is."""

    text: str
    state: str
    note: str = ""


@dataclass(frozen=True)
class Row:
    name: str
    is_affected: bool
    right: tuple[Cell, ...]
    left: tuple[Cell, ...]


@dataclass(frozen=True)
class RowGroup:
    name: str
    rows: tuple[Row, ...]

    @property
    def is_affected(self) -> bool:
        return any(row.is_affected for row in self.rows)


@dataclass(frozen=True)
class StrengthMap:
    columns: tuple[Column, ...]
    groups: tuple[RowGroup, ...]
    affected: int  # muscles, each side its own, below 5 at any examination shown
    has_copied: bool
    has_not_tested: bool
    has_other_cause: bool

    @property
    def hidden_somewhere(self) -> str:
        """Class names of the screens that do not show every column, to offer all of them there."""
        states = {column.state for column in self.columns}
        narrow = ["beyond-key"] if states - {"key"} else []
        return " ".join([*narrow, *(state for _, state in ROOM if state in states)])

    @property
    def muscles(self) -> int:
        return sum(len(group.rows) for group in self.groups)


def strength_map(
    grades: Sequence[Grade],
    baseline_on: date | None,
    month_6_on: date | None,
    names: Mapping[str, str],
) -> StrengthMap:
    """Lay the grades out, muscles by name; changes are counted from baseline."""
    days = sorted({grade.on for grade in grades})
    columns = _columns(days, baseline_on, month_6_on)
    at = {(g.muscle, g.side, g.on): g for g in grades}
    groups = []
    for name, muscles in ROW_GROUPS.items():
        rows = [
            _row(muscle, names[muscle], at, columns, baseline_on)
            for muscle in muscles
            if any((muscle, side, day) in at for side in SIDES for day in days)
        ]
        if rows:
            groups.append(RowGroup(name, tuple(rows)))
    weak = {(g.muscle, g.side) for g in grades if _is_weak(g)}
    return StrengthMap(
        columns=columns,
        groups=tuple(groups),
        affected=len(weak),
        has_copied=any(g.is_copied for g in grades),
        has_not_tested=any(g.text == NOT_TESTED for g in grades),
        has_other_cause=any(g.not_due_to_mmn for g in grades),
    )


def _columns(
    days: Sequence[date], baseline_on: date | None, month_6_on: date | None
) -> tuple[Column, ...]:
    """Baseline, month 6 and last are the key ones; of the others the latest have room first."""
    if not days:
        return ()
    roles = {baseline_on: "baseline", month_6_on: "month_6"}
    key = {baseline_on or days[0], month_6_on, days[-1]} & set(days)
    by_claim = sorted(days, key=lambda day: (day not in key, -day.toordinal()))
    states = {day: "key" if day in key else _state(n) for n, day in enumerate(by_claim, start=1)}
    return tuple(Column(day, roles.get(day, ""), states[day]) for day in days)


def _state(place: int) -> str:
    """The narrowest room that lacks a place for the column; "" where all have one."""
    return next((state for room, state in reversed(ROOM) if place > room), "")


def _row(
    muscle: str,
    name: str,
    at: dict[tuple[str, str, date], Grade],
    columns: Iterable[Column],
    baseline_on: date | None,
) -> Row:
    sides = {}
    for side in SIDES:
        before = at.get((muscle, side, baseline_on)) if baseline_on else None
        sides[side] = tuple(
            _cell(at.get((muscle, side, column.on)), before, column) for column in columns
        )
    grades = [
        at[muscle, side, c.on] for side in SIDES for c in columns if (muscle, side, c.on) in at
    ]
    return Row(name, any(_is_weak(g) for g in grades), **sides)


def _is_weak(grade: Grade) -> bool:
    return grade.thirds is not None and grade.thirds < NORMAL_THIRDS and not grade.not_due_to_mmn


def _cell(grade: Grade | None, baseline: Grade | None, column: Column) -> Cell:
    if grade is None:
        return Cell("", _classes("blank", column.state))
    if grade.thirds is None:
        return Cell(NOT_TESTED, _classes("nt", column.state), grade.note)
    if grade.not_due_to_mmn:
        return Cell(f"({grade.text})", _classes("nt", column.state), grade.note)
    copied = "copied" if grade.is_copied else ""
    state = _classes(f"g{grade.text[0]}", _change(grade, baseline), copied, column.state)
    return Cell(grade.text, state, grade.note)


def _change(grade: Grade, baseline: Grade | None) -> str:
    """A point or more since baseline; less than a point is no change here."""
    if baseline is None or baseline.thirds is None or baseline.not_due_to_mmn:
        return ""
    gained = (grade.thirds or 0) - baseline.thirds
    if gained >= POINT_THIRDS:
        return "gain"
    return "loss" if gained <= -POINT_THIRDS else ""


def _classes(*names: str) -> str:
    return " ".join(name for name in names if name)
