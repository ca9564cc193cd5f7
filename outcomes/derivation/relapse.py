"""Relapse in a time without immunoglobulin, judged for many such times at once (rules, section 4).

A *spell* is a time without infusion: after one infusion day and before another, or open. The same
judgement serves the relapse off treatment, the proof of dependency and the remission curve.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from outcomes.derivation.columns import Bools, Columns, Floats, Ints, Table, Words
from outcomes.derivation.examinations import (
    MUSCLE_WORDS,
    MUSCLES,
    SIDE_WORDS,
    Examinations,
    reference,
)
from outcomes.derivation.response import lost_muscles
from outcomes.derivation.rules import RULES, Rules
from outcomes.derivation.timeline import (
    Timeline,
    codes,
    dates,
    labels,
    sorted_timeline,
    spread_ranges,
)

VIGORIMETER = "vigorimeter_kpa"
# Grips are decimals: 41.1 is exactly 8 below 49.1, in binary it is a little less or more.
GRIP_DECIMALS = 9
KIND_WORDS = pd.Index(["muscles", "grip"], dtype="str")
_MUSCLE_OR_NONE = pd.Index([*MUSCLE_WORDS, ""], dtype="str")


@dataclass(frozen=True)
class Grips:
    """Vigorimeter grips of a cohort; owner = patient code × 2 + side. [kPa]"""

    timeline: Timeline
    kpa: Floats


@dataclass(frozen=True)
class Spells:
    """Times without infusion: whose, after which infusion day, before which day (inf = open)."""

    patient: Ints
    after_day: Floats
    before_day: Floats

    def __len__(self) -> int:
        return len(self.patient)


@dataclass(frozen=True)
class WeakExaminations:
    """Examinations in a spell that lost points: number of the spell, and both examinations."""

    spell: Ints
    reference: Ints
    examination: Ints


@dataclass(frozen=True)
class WeakGrips:
    """Grips in a spell that fell: number of the spell, and both grips."""

    spell: Ints
    reference: Ints
    grip: Ints


def vigorimeter_grips(grip_strengths: Table, study_ids: pd.Index) -> Grips:
    """Sort the vigorimeter grips of a cohort by patient, side and day; other devices are left out.

    Parameters
    ----------
    grip_strengths : DataFrame or Columns, one row per visit, side and device; ``value`` in its unit
    study_ids : Index of the cohort's study ids

    Returns
    -------
    Grips. [kPa]
    """
    grips = Columns.of(grip_strengths)
    patient = codes(grips.words("study_id"), study_ids)
    is_used = grips.words("device").is_(VIGORIMETER) & (patient >= 0)
    owner = patient * len(SIDE_WORDS) + codes(grips.words("side"), SIDE_WORDS)
    timeline, order = sorted_timeline(owner[is_used], grips.key_days("visited_on")[is_used])
    return Grips(timeline, grips.floats("value")[is_used][order])


def first_relapse_day(
    spells: Spells, exams: Examinations, grips: Grips, rules: Rules = RULES
) -> Floats:
    """First day of a relapse in each spell. [days since 1970-01-01]

    Parameters
    ----------
    spells : Spells
    exams : Examinations
    grips : Grips
    rules : Rules

    Returns
    -------
    One day per spell; NaN where there is no relapse in it.

    Notes
    -----
    The reference examination is the last counting one on or before the spell's first infusion day
    + 28. A relapse is an examination after that day (it need not count) in which at least two of
    the muscles graded in both lost at least one point, or a vigorimeter grip after that day at
    least 8 kPa below the last of that side on or before it.
    """
    by_muscles = weak_examinations(spells, exams, rules)
    by_grip = weak_grips(spells, grips, rules)
    first = np.full(len(spells), np.inf)
    np.minimum.at(first, by_muscles.spell, exams.timeline.day[by_muscles.examination])
    np.minimum.at(first, by_grip.spell, grips.timeline.day[by_grip.grip])
    return np.where(np.isinf(first), np.nan, first)


def weak_examinations(
    spells: Spells, exams: Examinations, rules: Rules = RULES
) -> WeakExaminations:
    """Examinations of the spells that lost a point in two muscles against their reference.

    Parameters
    ----------
    spells : Spells
    exams : Examinations
    rules : Rules

    Returns
    -------
    WeakExaminations, in the order of spells and days.
    """
    references = reference(exams, spells.patient, spells.after_day, rules)
    spell, examination = _inside(spells, exams.timeline, spells.patient, rules)
    has_reference = references[spell] >= 0
    spell, examination = spell[has_reference], examination[has_reference]
    lost = _lost(exams, references[spell], examination, rules)
    is_weak = lost.sum(axis=1) >= rules.relapse_muscles
    return WeakExaminations(spell[is_weak], references[spell][is_weak], examination[is_weak])


def weak_grips(spells: Spells, grips: Grips, rules: Rules = RULES) -> WeakGrips:
    """Vigorimeter grips of the spells that fell by 8 kPa against the last one before, side by side.

    Parameters
    ----------
    spells : Spells
    grips : Grips
    rules : Rules

    Returns
    -------
    WeakGrips.
    """
    sides = np.arange(len(SIDE_WORDS))
    owner = (spells.patient[:, None] * len(sides) + sides).ravel()
    both = np.repeat(np.arange(len(spells)), len(sides))
    one_side = Spells(owner, spells.after_day[both], spells.before_day[both])
    last_before = one_side.after_day + rules.reference_examination_days
    references = grips.timeline.last_until(owner, last_before)
    spell_side, grip = _inside(one_side, grips.timeline, owner, rules)
    has_reference = references[spell_side] >= 0
    spell_side, grip = spell_side[has_reference], grip[has_reference]
    before = references[spell_side]
    is_weak = fell(grips.kpa[before], grips.kpa[grip], rules.relapse_grip_kpa)
    return WeakGrips(both[spell_side][is_weak], before[is_weak], grip[is_weak])


def fell(before_kpa: Floats, after_kpa: Floats, by_kpa: float) -> Bools:
    """Whether a grip is at least so much below another, exact in decimals. [kPa]"""
    return np.round(before_kpa - after_kpa, GRIP_DECIMALS) >= by_kpa


def relapse_evidence(
    spells: Spells, exams: Examinations, grips: Grips, rules: Rules = RULES
) -> pd.DataFrame:
    """What fell in every relapse of these spells, muscle by muscle and grip by grip.

    Parameters
    ----------
    spells : Spells
    exams : Examinations
    grips : Grips
    rules : Rules

    Returns
    -------
    DataFrame sorted by patient and day: ``study_id``, ``visited_on``, ``kind`` (``muscles`` or
    ``grip``), ``muscle`` (empty for a grip), ``side``, ``reference_on``, ``reference_value`` and
    ``value`` [thirds of an MRC point, or kPa].
    """
    return relapse_columns(spells, exams, grips, rules).frame()


def relapse_columns(
    spells: Spells, exams: Examinations, grips: Grips, rules: Rules = RULES
) -> Columns:
    """What `relapse_evidence` returns, as columns."""
    kinds = [
        _fallen_muscles(weak_examinations(spells, exams, rules), exams, rules),
        _fallen_grips(weak_grips(spells, grips, rules), grips),
    ]
    fallen = _Fallen._make(np.concatenate(values) for values in zip(*kinds, strict=True))
    order = np.lexsort((fallen.day, fallen.patient))
    fallen = _Fallen._make(values[order] for values in fallen)
    return Columns.named(
        {
            "study_id": labels(fallen.patient, exams.study_ids),
            "visited_on": dates(fallen.day),
            "kind": Words(fallen.kind, KIND_WORDS, is_categorical=False),
            "muscle": Words(fallen.muscle, _MUSCLE_OR_NONE, is_categorical=False),
            "side": Words(fallen.side, SIDE_WORDS, is_categorical=False),
            "reference_on": dates(fallen.reference_day),
            "reference_value": fallen.reference_value,
            "value": fallen.value,
        }
    )


class _Fallen(NamedTuple):
    """Rows of `relapse_evidence`, words as their places."""

    patient: Ints
    day: Ints
    kind: Ints
    muscle: Ints
    side: Ints
    reference_day: Ints
    reference_value: Floats
    value: Floats


def _fallen_muscles(weak: WeakExaminations, exams: Examinations, rules: Rules) -> _Fallen:
    row, column = np.nonzero(_lost(exams, weak.reference, weak.examination, rules))
    before, after = weak.reference[row], weak.examination[row]
    return _Fallen(
        patient=exams.timeline.owner[after],
        day=exams.timeline.day[after],
        kind=np.zeros(len(row), dtype=np.int64),
        muscle=column // len(SIDE_WORDS),
        side=column % len(SIDE_WORDS),
        reference_day=exams.timeline.day[before],
        reference_value=exams.thirds[before, column].astype(float),
        value=exams.thirds[after, column].astype(float),
    )


def _fallen_grips(weak: WeakGrips, grips: Grips) -> _Fallen:
    owner = grips.timeline.owner[weak.grip]
    return _Fallen(
        patient=owner // len(SIDE_WORDS),
        day=grips.timeline.day[weak.grip],
        kind=np.ones(len(owner), dtype=np.int64),
        muscle=np.full(len(owner), len(MUSCLE_WORDS)),
        side=owner % len(SIDE_WORDS),
        reference_day=grips.timeline.day[weak.reference],
        reference_value=grips.kpa[weak.reference],
        value=grips.kpa[weak.grip],
    )


def _inside(spells: Spells, timeline: Timeline, owner: Ints, rules: Rules) -> tuple[Ints, Ints]:
    """Number of the spell and position of everything after the reference day, before the end."""
    first = spells.after_day + rules.reference_examination_days + 1
    return spread_ranges(*timeline.within(owner, first, spells.before_day - 1))


def _lost(exams: Examinations, before: Ints, after: Ints, rules: Rules) -> npt.NDArray[np.bool_]:
    if not len(before):
        return np.zeros((0, len(MUSCLES)), dtype=bool)
    return lost_muscles(exams.thirds[before], exams.thirds[after], rules)
