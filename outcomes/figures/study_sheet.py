"""What is derived of each segment of a study while it is typed, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from outcomes import labels
from outcomes.dashboards.study import Grade, Segment
from outcomes.numbers import rounded
from outcomes.sentences import block_line


@dataclass(frozen=True)
class Criterion:
    """What one criteria set says."""

    name: str
    grade: str
    line: str
    why: str


@dataclass(frozen=True)
class SegmentResult:
    measures: tuple[tuple[str, str], ...]  # what is compared, and by how much it differs
    grade: str
    line: str
    why: str  # the condition of the deciding line
    tone: str
    limit: str
    others: tuple[Criterion, ...]


def segment_results(graded: Mapping[Segment, Sequence[Grade]]) -> dict[Segment, SegmentResult]:
    return {key: _result(*grades) for key, grades in graded.items()}


def last_words(graded: Mapping[Segment, Sequence[Grade]]) -> dict[Segment, str]:
    """What each segment of the study before was: “definite, area −60 %”."""
    return {key: _last(first) for key, (first, *_others) in graded.items()}


def _last(grade: Grade) -> str:
    words = str(labels.BLOCK_GRADE[grade.grade])
    if grade.area_loss is None:
        return words
    return _("%(grade)s, area %(change)s") % {"grade": words, "change": _lost(grade.area_loss)}


def _result(ours: Grade, *others: Grade) -> SegmentResult:
    return SegmentResult(
        measures=(
            (_("area"), _lost(ours.area_loss)),
            (_("amplitude"), _lost(ours.amplitude_loss)),
            (_("duration"), _gained(ours.duration_increase)),
        ),
        grade=_grade(ours),
        line=ours.line,
        why=block_line(ours.criteria, ours.line, ours.grade_reason or ""),
        tone=ours.grade.replace("_", "-"),
        limit=_limit(ours),
        others=tuple(
            Criterion(
                one.criteria,
                _grade(one),
                one.line,
                block_line(one.criteria, one.line, one.grade_reason or ""),
            )
            for one in others
        ),
    )


def _grade(grade: Grade) -> str:
    return str(
        {
            "definite": _("definite block"),
            "probable": _("probable block"),
            "none": _("no block"),
            "not_assessable": _("not assessable"),
        }[grade.grade]
    )


def _limit(grade: Grade) -> str:
    """Which lower limit of normal the distal amplitude was compared with."""
    if grade.lower_limit_mv is None:
        return _("no lower limit known: its condition is left out")
    mv = rounded(grade.lower_limit_mv, 2)
    if grade.lower_limit_from == "segment":
        return _("lower limit %(mv)s mV, of this segment") % {"mv": mv}
    return _("lower limit %(mv)s mV, of the centre on this day") % {"mv": mv}


def _lost(share: float | None) -> str:
    """A loss as the change that it is: half lost is −50 %."""
    return _gained(None if share is None else -share)


def _gained(share: float | None) -> str:
    """With one decimal: 29.6 % is not 30 %."""
    if share is None:
        return "–"
    number = rounded(share * 100)
    if number in ("0", "-0"):
        return "0 %"
    return f"−{number[1:]} %" if number.startswith("-") else f"+{number} %"
