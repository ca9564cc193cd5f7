"""Sum scores of named muscle sets, and the response variants that rest on them (rules, section 7).

A sum score belongs to a named, versioned muscle set, each muscle on both sides. It exists only if
every muscle of the set has a grade; otherwise the missing ones can be named. Kilopascals and
kilograms of grip are never converted into each other.
"""

from collections.abc import Mapping
from enum import StrEnum
from functools import cache

import numpy as np
import numpy.typing as npt
import pandas as pd

from outcomes.derivation.columns import Bools, Column, Columns, Floats, Ints
from outcomes.derivation.examinations import MUSCLES, NOT_GRADED, SIDE_WORDS, Examinations, Grades
from outcomes.derivation.relapse import Grips
from outcomes.derivation.response import Response
from outcomes.derivation.rules import RULES, Rules
from outcomes.derivation.timeline import dates, labels, take_or_nan, whole_days
from patients.vocabulary import MUSCLE_SETS, MuscleSet

# Sums of thirds and differences of decimal readings, exact again.
EXACT_DECIMALS = 9

_SET_WORDS = pd.Index(list(MUSCLE_SETS), dtype="str")


# Muscles graded in both examinations compared: a set of their own for every pair.
PERSONAL = "PERSONAL"


class VariantReason(StrEnum):
    """Why a response variant is what it is, or cannot be told."""

    NO_BASELINE = "NO_BASELINE"
    NO_EXAMINATION = "NO_EXAMINATION"
    INCOMPLETE_SUM = "INCOMPLETE_SUM"
    MISSING_GRIP = "MISSING_GRIP"
    NO_WEAKER_HAND = "NO_WEAKER_HAND"
    IMPROVED = "IMPROVED"
    NOT_IMPROVED = "NOT_IMPROVED"


def sum_scores(exams: Examinations) -> pd.DataFrame:
    """Sum score of every examination in every muscle set. [MRC points]

    Parameters
    ----------
    exams : Examinations

    Returns
    -------
    DataFrame, one row per muscle set and examination: ``study_id``, ``visited_on``, ``muscle_set``
    (its name), ``points`` (a signed grade counts by its value: 4- is 3⅔; missing unless every
    muscle of the set is graded) and ``missing``, the number of muscles without a grade.
    """
    return sum_score_columns(exams).frame()


def sum_score_columns(exams: Examinations) -> Columns:
    """What `sum_scores` returns, as columns."""
    scored = [_scored(exams.thirds, muscle_set) for muscle_set in MUSCLE_SETS.values()]
    sets = np.repeat(np.arange(len(MUSCLE_SETS)), len(exams))
    return Columns.named(
        {
            "study_id": labels(np.tile(exams.timeline.owner, len(MUSCLE_SETS)), exams.study_ids),
            "visited_on": np.tile(dates(exams.timeline.day), len(MUSCLE_SETS)),
            "muscle_set": labels(sets, _SET_WORDS),
            "points": np.concatenate([points for points, _ in scored]),
            "missing": np.concatenate([missing for _, missing in scored]),
        }
    )


def sum_points(thirds: Mapping[tuple[str, str], int], muscle_set: str) -> float | None:
    """Sum score of one examination in one muscle set. [MRC points]

    Parameters
    ----------
    thirds : grade of each muscle and side, in thirds of a point
    muscle_set : name in `MUSCLE_SETS`

    Returns
    -------
    Points; None unless every muscle of the set is graded.

    Raises
    ------
    ValueError
        If no muscle set has this name.
    """
    row = np.array([[thirds.get(muscle, NOT_GRADED) for muscle in MUSCLES]], dtype=np.int8)
    points, missing = _scored(row, _named_set(muscle_set))
    return None if missing[0] else float(points[0])


def missing_muscles(exams: Examinations, muscle_set: str) -> pd.DataFrame:
    """The muscles without a grade that leave an examination without its sum.

    Parameters
    ----------
    exams : Examinations
    muscle_set : name in `MUSCLE_SETS`

    Returns
    -------
    DataFrame, one row per examination and missing muscle: ``study_id``, ``visited_on``,
    ``muscle``, ``side``; empty where every sum is complete.

    Raises
    ------
    ValueError
        If no muscle set has this name.
    """
    columns = _columns(_named_set(muscle_set))
    exam, column = np.nonzero(exams.thirds[:, columns] == NOT_GRADED)
    muscles = np.array(MUSCLES, dtype=object)[columns[column]]
    missing: dict[str, Column] = {
        "study_id": labels(exams.timeline.owner[exam], exams.study_ids),
        "visited_on": dates(exams.timeline.day[exam]),
        "muscle": muscles[:, 0],
        "side": muscles[:, 1],
    }
    return Columns.named(missing).frame()


def personal_sums(exams: Examinations, first: Ints, last: Ints) -> pd.DataFrame:
    """Sum over the muscles graded in both of two examinations (set ``PERSONAL``). [MRC points]

    Parameters
    ----------
    exams : Examinations
    first, last : positions in ``exams``, one pair per comparison; -1 where there is none

    Returns
    -------
    DataFrame, one row per pair: ``muscles`` graded in both (0 where an examination is missing),
    ``points_first``, ``points_last`` and ``change`` (last − first), missing without such a muscle.
    """
    return personal_columns(exams, first, last).frame()


def personal_columns(exams: Examinations, first: Ints, last: Ints) -> Columns:
    """What `personal_sums` returns, as columns."""
    ungraded = np.full((1, len(MUSCLES)), NOT_GRADED, dtype=exams.thirds.dtype)
    thirds = np.concatenate([exams.thirds, ungraded])  # -1 reads the row appended here
    before, after = thirds[first], thirds[last]
    in_both = (before != NOT_GRADED) & (after != NOT_GRADED)
    muscles = in_both.sum(axis=1)
    sums = [np.where(in_both, grades, 0).sum(axis=1) for grades in (before, after)]
    before_points, after_points = (_points(thirds, muscles > 0) for thirds in sums)
    change = _points(sums[1] - sums[0], muscles > 0)
    return Columns.named(
        {
            "muscles": muscles,
            "points_first": before_points,
            "points_last": after_points,
            "change": change,
        }
    )


def mrc_sum_response(
    exams: Examinations,
    baseline: Ints,
    month_6: Ints,
    muscle_set: str = "MRC-140",
    rules: Rules = RULES,
) -> pd.DataFrame:
    """Named variant of the short-term response: a gain of at least 2 points in a sum score.

    Parameters
    ----------
    exams : Examinations
    baseline, month_6 : position in ``exams`` per patient; -1 where there is none
    muscle_set : name in `MUSCLE_SETS`
    rules : Rules

    Returns
    -------
    DataFrame by ``study_id``: ``mrc_sum_response`` (`Response`), ``mrc_sum_reason``
    (`VariantReason`: ``INCOMPLETE_SUM`` if either sum lacks a grade), ``mrc_sum_baseline`` and
    ``mrc_sum_month6`` [points], missing without a complete sum.

    Raises
    ------
    ValueError
        If no muscle set has this name.
    """
    found = mrc_sum_columns(exams, baseline, month_6, muscle_set, rules)
    return found.frame(exams.study_ids)


def mrc_sum_columns(
    exams: Examinations,
    baseline: Ints,
    month_6: Ints,
    muscle_set: str = "MRC-140",
    rules: Rules = RULES,
) -> Columns:
    """What `mrc_sum_response` returns, as columns."""
    points, _ = _scored(exams.thirds, _named_set(muscle_set))
    before, after = take_or_nan(points, baseline), take_or_nan(points, month_6)
    gain = np.round(after - before, EXACT_DECIMALS)
    reason = np.select(
        [baseline < 0, month_6 < 0, np.isnan(gain), gain >= rules.mrc_sum_change_points],
        [
            VariantReason.NO_BASELINE.value,
            VariantReason.NO_EXAMINATION.value,
            VariantReason.INCOMPLETE_SUM.value,
            VariantReason.IMPROVED.value,
        ],
        VariantReason.NOT_IMPROVED.value,
    )
    return Columns.named(
        {
            "mrc_sum_response": _result(reason),
            "mrc_sum_reason": reason,
            "mrc_sum_baseline": before,
            "mrc_sum_month6": after,
        }
    )


def grip_response(
    grips: Grips, baseline_on: pd.Series, month6_on: pd.Series, rules: Rules = RULES
) -> pd.DataFrame:
    """Named variant of the short-term response: the weaker hand gained at least 8 kPa.

    Parameters
    ----------
    grips : Grips
        Martin vigorimeter; patients coded by their place in ``baseline_on``. [kPa]
    baseline_on, month6_on : Series of datetime64[s] by ``study_id``
        Days of the two examinations; NaT where there is none.
    rules : Rules

    Returns
    -------
    DataFrame by ``study_id``: ``grip_response`` (`Response`) and ``grip_reason``
    (`VariantReason`). The weaker hand is that with the lower grip on the day of baseline:
    ``MISSING_GRIP`` without both hands then, or without that hand at month 6. Of two equally weak
    hands both must agree, else ``NO_WEAKER_HAND``.
    """
    found = grip_columns(grips, whole_days(baseline_on), whole_days(month6_on), rules)
    return found.frame(pd.Index(baseline_on.index))


def grip_columns(
    grips: Grips, baseline_day: Floats, month_6_day: Floats, rules: Rules = RULES
) -> Columns:
    """What `grip_response` returns, as columns. Days are counted from 1970-01-01."""
    before, after = _grips_on(grips, baseline_day), _grips_on(grips, month_6_day)
    is_weaker = before == before.min(axis=1, keepdims=True)  # neither hand, if one was not measured
    has_gained = np.round(after - before, EXACT_DECIMALS) >= rules.grip_change_kpa
    is_missing = np.isnan(before).any(axis=1) | (is_weaker & np.isnan(after)).any(axis=1)
    reason = np.select(
        [
            np.isnan(baseline_day),
            np.isnan(month_6_day),
            is_missing,
            (has_gained | ~is_weaker).all(axis=1),
            (has_gained & is_weaker).any(axis=1),
        ],
        [
            VariantReason.NO_BASELINE.value,
            VariantReason.NO_EXAMINATION.value,
            VariantReason.MISSING_GRIP.value,
            VariantReason.IMPROVED.value,
            VariantReason.NO_WEAKER_HAND.value,
        ],
        VariantReason.NOT_IMPROVED.value,
    )
    return Columns.named({"grip_response": _result(reason), "grip_reason": reason})


def _named_set(name: str) -> MuscleSet:
    if name not in MUSCLE_SETS:
        known = ", ".join(MUSCLE_SETS)
        raise ValueError(f"No muscle set is named {name!r}; there are {known}.")
    return MUSCLE_SETS[name]


@cache
def _columns(muscle_set: MuscleSet) -> Ints:
    """Where a set stands among the columns of the grade matrix."""
    return np.array([n for n, (muscle, _) in enumerate(MUSCLES) if muscle in muscle_set.muscles])


def _scored(thirds: Grades, muscle_set: MuscleSet) -> tuple[Floats, Ints]:
    """Points and number of missing muscles of every examination."""
    grades = thirds[:, _columns(muscle_set)]
    missing = (grades == NOT_GRADED).sum(axis=1)
    return _points(grades.sum(axis=1), missing == 0), missing


def _points(thirds: Ints, is_there: Bools) -> Floats:
    return np.where(is_there, np.round(thirds / 3, EXACT_DECIMALS), np.nan)


def _result(reason: npt.NDArray[np.str_]) -> npt.NDArray[np.str_]:
    return np.select(
        [reason == VariantReason.IMPROVED.value, reason == VariantReason.NOT_IMPROVED.value],
        [Response.RESPONDER.value, Response.NON_RESPONDER.value],
        Response.NOT_EVALUABLE.value,
    )


def _grips_on(grips: Grips, day: Floats) -> Floats:
    """Grip of each patient (row) and hand (column) on a day of their own; NaN if not measured."""
    hand = np.arange(len(day) * len(SIDE_WORDS))
    on_day = np.repeat(day, len(SIDE_WORDS))
    last = grips.timeline.last_until(hand, on_day)
    is_that_day = grips.timeline.day_at(last) == on_day
    return take_or_nan(grips.kpa, np.where(is_that_day, last, -1)).reshape(-1, len(SIDE_WORDS))
