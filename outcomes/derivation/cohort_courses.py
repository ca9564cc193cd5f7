"""What became of a cohort over the years: strength by muscle, blocks by nerve, status by year.

Everything is counted from the kept courses of `kept_courses`, whole cohorts at once. Each number
stands beside how many patients it is of.
"""

from typing import Any

import numpy as np
import pandas as pd

from outcomes.derivation.block_change import BlockChange, BlockChangeReason
from outcomes.derivation.examinations import MUSCLES, NOT_GRADED
from outcomes.derivation.inference import distribution, proportion
from outcomes.derivation.kept_courses import (
    ANNIVERSARIES,
    BLOCK_CRITERIA,
    DIED,
    NERVES,
    STATUS_ORDER,
    STRENGTH_TIMES,
    anniversary_status,
    block_counts,
    strength_grades,
)
from outcomes.derivation.long_term import GROUP_OF, LongTermGroup, LongTermStatus
from outcomes.derivation.rules import RULES, Rules
from patients.vocabulary import MUSCLE_SETS, MuscleSet

Table = dict[str, Any]

THIRDS_A_POINT = 3
# Groups in the order in which they are drawn, then who is no longer followed.
GROUPS = tuple(
    group.value
    for group in (
        LongTermGroup.REMISSION,
        LongTermGroup.DEPENDENT,
        LongTermGroup.OTHER,
        LongTermGroup.NOT_CLASSIFIED,
    )
)
LEFT = ("died", "not_followed")
_NOBODY_BLOCKED = 0


def strength_changes(course: pd.Series, rules: Rules = RULES) -> list[Table]:
    """Change of every muscle against baseline at each later time. [MRC points]

    Parameters
    ----------
    course : Series of text, ``strength_course``, one value per patient
    rules : Rules
        Affected: a baseline grade below ``affected_below_thirds``; a point is ``point_thirds``.

    Returns
    -------
    list of dict, one per muscle, side and time after baseline, for muscles that anybody had graded
        at baseline: ``muscle``, ``side``, ``time``; ``graded`` (patients graded at both times),
        ``gained`` and ``lost`` of them (a point or more); ``affected`` (of the graded, those weak
        at baseline) and ``mean_change`` over the affected [points], None without one.

    References
    ----------
    .. [1] J.-M. Léger et al. (L08), J. Neurol. Neurosurg. Psychiatry 79:93-96, 2008 (a muscle is
       affected below grade 5, and improves by a whole point).
    """
    pairs = _grade_pairs(strength_grades(course))
    thirds = np.arange(_GRADES) - 1  # -1 where there is no grade
    before, after = thirds[:, None], thirds[None, :]
    in_both = np.logical_and(before != NOT_GRADED, after != NOT_GRADED)
    gain = np.where(in_both, after - before, 0)
    is_affected = in_both & (before < rules.affected_below_thirds)

    def counted(which: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """Patients by time and muscle, each pair of grades counted so many times."""
        totals: np.ndarray[Any, Any] = (pairs * which).sum(axis=(2, 3))
        return totals

    graded, affected = counted(in_both), counted(is_affected)
    gained, lost = counted(gain >= rules.point_thirds), counted(gain <= -rules.point_thirds)
    total = counted(np.where(is_affected, gain, 0))
    was_graded = np.broadcast_to(before != NOT_GRADED, (_GRADES, _GRADES))
    is_used = counted(was_graded).sum(axis=0) > 0
    return [
        {
            "muscle": muscle,
            "side": side,
            "time": time,
            "graded": int(graded[at, column]),
            "gained": int(gained[at, column]),
            "lost": int(lost[at, column]),
            "affected": int(affected[at, column]),
            "mean_change": float(total[at, column] / affected[at, column] / THIRDS_A_POINT)
            if affected[at, column]
            else None,
        }
        for column, (muscle, side) in enumerate(MUSCLES)
        if is_used[column]
        for at, time in enumerate(STRENGTH_TIMES[1:])
    ]


_GRADES = 17  # 0 to 15 thirds, and none


def _grade_pairs(grades: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Patients by later time, muscle, grade at baseline and grade then, none first."""
    before = (grades[:, 0, :].astype(np.int16) + 1) * _GRADES
    times, muscles = grades.shape[1] - 1, grades.shape[2]
    start = np.arange(muscles, dtype=np.int32) * _GRADES**2
    counts = [
        np.bincount((before + grades[:, at, :] + 1 + start).ravel(), minlength=muscles * _GRADES**2)
        for at in range(1, times + 1)
    ]
    return np.stack(counts).reshape(times, muscles, _GRADES, _GRADES)


def sum_scores_by_time(course: pd.Series) -> dict[str, list[Table]]:
    """Sum scores of the named muscle sets at each time, and their change since baseline. [points]

    Parameters
    ----------
    course : Series of text, ``strength_course``, one value per patient

    Returns
    -------
    dict by name of the muscle set: a list of dict, one per time: ``time``, ``score`` (distribution
    over the patients whose set was graded completely then) and ``change`` (the same of those with
    a complete set at baseline too; of nobody at baseline itself).

    References
    ----------
    .. [1] R. J. Hyndman, Y. Fan, Am. Stat. 50(4):361-365, 1996 (quartiles, type 7).
    """
    grades = strength_grades(course)
    return {name: _sums(grades, muscle_set) for name, muscle_set in MUSCLE_SETS.items()}


def _sums(grades: np.ndarray[Any, Any], muscle_set: MuscleSet) -> list[Table]:
    columns = [n for n, (muscle, _) in enumerate(MUSCLES) if muscle in muscle_set.muscles]
    own = grades[:, :, columns]
    is_complete = (own != NOT_GRADED).all(axis=2)
    points = np.where(is_complete, own.sum(axis=2, dtype=np.int64) / THIRDS_A_POINT, np.nan)
    change = points - points[:, :1]
    change[:, 0] = np.nan
    return [
        {
            "time": time,
            "score": distribution(pd.Series(points[:, at]))._asdict(),
            "change": distribution(pd.Series(change[:, at]))._asdict(),
        }
        for at, time in enumerate(STRENGTH_TIMES)
    ]


def blocks_by_nerve(patients: pd.DataFrame) -> dict[str, Table]:
    """Change in conduction block by criteria set, of patients and of each nerve.

    Parameters
    ----------
    patients : DataFrame with ``block_course``

    Returns
    -------
    dict by name of the criteria set
        ``patients``, ``evaluable``, ``decreased``, ``unchanged``, ``increased``,
        ``not_evaluable`` (by reason), ``decreased_or_unchanged`` (proportion with its interval);
        and ``nerves``, one dict per nerve and side that can be compared in anybody: ``nerve``,
        ``side``, ``compared`` (patients), ``blocked_first`` and ``blocked_last`` (of them, with a
        segment blocked in the first, the last study), ``resolved``, ``new``, and
        ``segments_first``, ``segments_last`` (blocked segments).

    References
    ----------
    .. [1] EFNS/PNS Joint Task Force, J. Peripher. Nerv. Syst. 15(4):295-301, 2010.
    .. [2] R. M. Van den Berg-Vos et al., Ann. Neurol. 48(6):919-926, 2000 (Utrecht).
    """
    return {name: _of_criteria(patients["block_course"], name) for name in BLOCK_CRITERIA}


def _of_criteria(course: pd.Series, criteria: str) -> Table:
    change, counts = block_counts(course, criteria)
    kinds = {
        kind.value: int((change == kind.value).sum())
        for kind in (BlockChange.DECREASED, BlockChange.UNCHANGED, BlockChange.INCREASED)
    }
    reasons = {
        reason.value: int((change == reason.value).sum())
        for reason in BlockChangeReason
        if (change == reason.value).any()
    }
    evaluable = sum(kinds.values())
    better = kinds[BlockChange.DECREASED.value] + kinds[BlockChange.UNCHANGED.value]
    return {
        "patients": len(change),
        "evaluable": evaluable,
        **kinds,
        "not_evaluable": reasons,
        "decreased_or_unchanged": proportion(better, evaluable)._asdict(),
        "nerves": _nerves(counts),
    }


def _nerves(counts: np.ndarray[Any, Any]) -> list[Table]:
    is_compared = counts[:, :, 0] >= 0
    first, last = counts[:, :, 0], counts[:, :, 1]
    was, stays = first > _NOBODY_BLOCKED, last > _NOBODY_BLOCKED
    columns = {
        "compared": is_compared,
        "blocked_first": was,
        "blocked_last": stays,
        "resolved": was & ~stays,
        "new": is_compared & ~was & stays,
        "segments_first": np.where(is_compared, first, 0),
        "segments_last": np.where(is_compared, last, 0),
    }
    totals = {name: values.sum(axis=0, dtype=np.int64) for name, values in columns.items()}
    return [
        {"nerve": nerve, "side": side, **{name: int(n[place]) for name, n in totals.items()}}
        for place, (nerve, side) in enumerate(NERVES)
        if totals["compared"][place]
    ]


def status_by_year(course: pd.Series) -> list[Table]:
    """Long-term status at each anniversary of the first infusion.

    Parameters
    ----------
    course : Series of text, ``status_course``, one value per patient with an infusion

    Returns
    -------
    list of dict, one per year up to the last at which anybody was followed: ``year``,
    ``followed`` (patients with contact on or after the anniversary), ``groups`` and ``statuses``
    (patients of the followed by `LongTermGroup` and `LongTermStatus`; statuses that nobody has are
    left out), ``died`` and ``not_followed``. Each patient's status is derived from what happened up
    to the anniversary, as `long_term.long_term_status` does as of that day.

    References
    ----------
    .. [1] J.-M. Léger et al. (L08), J. Neurol. Neurosurg. Psychiatry 79:93-96, 2008.
    """
    status = anniversary_status(course)
    years = [_year(status[:, place], place + 1) for place in range(ANNIVERSARIES)]
    return [year for year in years if year["followed"]]


def _year(status: np.ndarray[Any, Any], year: int) -> Table:
    counts = np.bincount(status, minlength=256)
    statuses = {word: int(counts[place]) for place, word in enumerate(STATUS_ORDER)}
    return {
        "year": year,
        "followed": sum(statuses.values()),
        "groups": {
            group: sum(n for word, n in statuses.items() if _group_of(word) == group)
            for group in GROUPS
        },
        "statuses": {word: n for word, n in statuses.items() if n},
        "died": int(counts[DIED]),
        "not_followed": int(len(status) - sum(statuses.values()) - counts[DIED]),
    }


def group_transitions(course: pd.Series) -> list[Table]:
    """From which group to which, from one anniversary to the next, all years added.

    Parameters
    ----------
    course : Series of text, ``status_course``, one value per patient

    Returns
    -------
    list of dict, one per group that anybody was in at an anniversary: ``group``, ``patient_years``
    (anniversaries at which somebody was in it and is told of a year later: followed or died) and
    ``to``, how many of them were in each group a year later, or had ``died``. Anniversaries after
    which nobody was seen for another year are ``not_followed``, and in no denominator.

    References
    ----------
    .. [1] J.-M. Léger et al. (L08), J. Neurol. Neurosurg. Psychiatry 79:93-96, 2008.
    """
    state = _states(anniversary_status(course))
    pairs = state[:, :-1].astype(np.int64) * _STATES + state[:, 1:]
    counts = np.bincount(pairs.ravel(), minlength=_STATES**2).reshape(_STATES, _STATES)
    names = (*GROUPS, *LEFT)
    lines = []
    for place, group in enumerate(GROUPS):
        to = {name: int(counts[place, at]) for at, name in enumerate(names)}
        not_followed = to.pop("not_followed")
        if sum(to.values()) or not_followed:
            known = sum(to.values())
            line = {"group": group, "patient_years": known, "to": to, "not_followed": not_followed}
            lines.append(line)
    return lines


_STATES = len(GROUPS) + len(LEFT)


def _states(status: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Each status as the place of its group, then died, then not followed."""
    place = np.full(256, _STATES - 1, dtype=np.uint8)
    for n, word in enumerate(STATUS_ORDER):
        place[n] = GROUPS.index(_group_of(word))
    place[DIED] = len(GROUPS)
    state: np.ndarray[Any, Any] = place[status]
    return state


def _group_of(status: str) -> str:
    return GROUP_OF[LongTermStatus(status)].value
