"""Examinations: graded muscles of a visit as one row, and which examinations the rules use."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from outcomes.derivation.columns import Bools, Columns, Floats, Ints, Table
from outcomes.derivation.rules import RULES, Rules
from outcomes.derivation.timeline import Timeline, codes, spread_ranges, starts_of_runs
from patients.vocabulary import Muscle, Side

MUSCLE_WORDS = pd.Index([muscle.value for muscle in Muscle], dtype="str")
SIDE_WORDS = pd.Index([side.value for side in Side], dtype="str")
# Each side is its own muscle (rules, section 3): the columns of the grade matrix, in this order.
MUSCLES: tuple[tuple[str, str], ...] = tuple(
    (muscle, side) for muscle in MUSCLE_WORDS for side in SIDE_WORDS
)
NOT_GRADED = -1
NO_EXAMINATION = -1
# So many scores are laid out at a time: what they need in between stays small.
ROWS_AT_ONCE = 1 << 20

Grades = npt.NDArray[np.int8]


@dataclass(frozen=True)
class Examinations:
    """Every examination of a cohort: one row per visit with a graded muscle, by patient and day.

    ``timeline`` holds whose (position in ``study_ids``) and when; ``thirds`` the grades in thirds
    of a point, one column per muscle and side in the order of `MUSCLES`, `NOT_GRADED` where there
    is no grade; ``has_carried_forward`` whether a grade was copied from an earlier visit.
    """

    study_ids: pd.Index
    timeline: Timeline
    thirds: Grades
    has_carried_forward: Bools

    @cached_property
    def graded(self) -> Ints:
        """Number of graded muscles."""
        graded: Ints = np.count_nonzero(self.thirds != NOT_GRADED, axis=1)
        return graded

    def __len__(self) -> int:
        return len(self.timeline.day)


def examinations(muscle_scores: Table, study_ids: pd.Index, rules: Rules = RULES) -> Examinations:
    """Lay the graded muscles of every visit side by side.

    Parameters
    ----------
    muscle_scores : DataFrame or Columns, one row per visit, muscle and side
        ``mrc_thirds`` is the grade. [thirds of an MRC point, 0 to 15; NaN = not tested]
    study_ids : Index of the cohort's study ids
        Scores of others are left out.
    rules : Rules

    Returns
    -------
    Examinations. A muscle flagged *not due to MMN* counts as not graded, a visit without any
    graded muscle is no examination.

    Raises
    ------
    ValueError
        If a muscle or a side is not in the vocabulary.
    """
    muscle_scores = Columns.of(muscle_scores)
    visits, visit_of_score = _visits(muscle_scores, study_ids)
    thirds = np.full((len(visits.day), len(MUSCLES)), NOT_GRADED, dtype=np.int8)
    has_carried = np.zeros(len(visits.day), dtype=bool)
    for first in range(0, len(muscle_scores), ROWS_AT_ONCE):
        rows = slice(first, first + ROWS_AT_ONCE)
        scores, visit = muscle_scores.rows(rows), visit_of_score[rows]
        grade, is_carried = _grades(scores, rules)
        thirds[visit, _muscle_codes(scores)] = grade
        has_carried[visit[is_carried & (grade != NOT_GRADED)]] = True
    is_ours = (visits.owner >= 0) & (thirds != NOT_GRADED).any(axis=1)
    examined = Timeline(visits.owner[is_ours], visits.day[is_ours])
    return Examinations(study_ids, examined, thirds[is_ours], has_carried[is_ours])


def is_counting(
    exams: Examinations, patient: Ints, first: Floats, last: Floats, rules: Rules = RULES
) -> tuple[Ints, Ints, Bools]:
    """Which examinations of a window count (rules, section 2) [choice].

    Parameters
    ----------
    exams : Examinations
    patient : integer codes, one per window
    first, last : days of the windows, both included; NaN for no window. [days since 1970-01-01]
    rules : Rules

    Returns
    -------
    Three arrays, one value per examination in a window: number of the window, position of the
    examination, and whether it grades at least half as many muscles as the window's fullest.
    """
    window, position = spread_ranges(*exams.timeline.within(patient, first, last))
    graded = exams.graded[position]
    fullest = np.zeros(len(patient), dtype=np.int64)
    np.maximum.at(fullest, window, graded)
    return window, position, graded >= rules.counting_share * fullest[window]


def baseline(exams: Examinations, index_day: Floats, rules: Rules = RULES) -> Ints:
    """Last counting examination of days −90…0 from each patient's index day.

    Parameters
    ----------
    exams : Examinations
    index_day : one value per patient of ``exams.study_ids``; NaN without an infusion. [days]
    rules : Rules

    Returns
    -------
    Position in ``exams`` per patient; -1 where there is none.
    """
    window, position, counting = _around_index(exams, index_day, rules.baseline_days, rules)
    chosen = np.full(len(index_day), NO_EXAMINATION)
    # Positions ascend in time, and the last one written stays.
    chosen[window[counting]] = position[counting]
    return chosen


def month_6(exams: Examinations, index_day: Floats, rules: Rules = RULES) -> Ints:
    """Counting examination nearest to day 183 among days 122…243; a tie goes to the later.

    Parameters
    ----------
    exams : Examinations
    index_day : one value per patient of ``exams.study_ids``; NaN without an infusion. [days]
    rules : Rules

    Returns
    -------
    Position in ``exams`` per patient; -1 where there is none.

    References
    ----------
    .. [1] J.-M. Léger et al., "Intravenous immunoglobulin as short- and long-term therapy of
       multifocal motor neuropathy: a retrospective study of response to IVIg and of its
       predictive criteria in 40 patients," J. Neurol. Neurosurg. Psychiatry 79(1):93-96, 2008
       (L08): it gives the time point. The window keeps quarterly 3- and 9-month visits out
       [choice].
    """
    window, position, counting = _around_index(exams, index_day, rules.month_6_days, rules)
    window, position = window[counting], position[counting]
    day = exams.timeline.day[position] - index_day[window].astype(np.int64)
    distance = np.abs(day - rules.month_6_target_day)
    # The nearest comes last within its patient, and of two equally near the later.
    order = np.lexsort((day, -distance, window))
    chosen = np.full(len(index_day), NO_EXAMINATION)
    chosen[window[order]] = position[order]
    return chosen


def last_counting(exams: Examinations, rules: Rules = RULES) -> Ints:
    """For every examination: the last counting one among it and all before it of that patient.

    Parameters
    ----------
    exams : Examinations
    rules : Rules

    Returns
    -------
    Position per examination, at most its own.
    """
    needed = rules.counting_share * _fullest_so_far(exams)
    chosen = np.arange(len(exams))
    is_partial = exams.graded < needed
    # Ends: the fullest examination so far is among those looked back to, and it counts.
    while is_partial.any():
        chosen[is_partial] -= 1
        is_partial[is_partial] = (exams.graded[chosen] < needed)[is_partial]
    return chosen


def reference(
    exams: Examinations, patient: Ints, last_infusion_day: Floats, rules: Rules = RULES
) -> Ints:
    """Last counting examination on or before the last infusion day + 28 (rules, section 4).

    Parameters
    ----------
    exams : Examinations
    patient : integer codes
    last_infusion_day : one day per value of ``patient``; NaN for none. [days since 1970-01-01]
    rules : Rules

    Returns
    -------
    Position in ``exams`` per value of ``patient``; -1 where there is none.
    """
    last = exams.timeline.last_until(patient, last_infusion_day + rules.reference_examination_days)
    if not len(exams):
        return last
    return np.where(last >= 0, last_counting(exams, rules)[last], NO_EXAMINATION)


def cycle_phase(
    days_to_next_course: Floats, days_since_infusion: Floats, rules: Rules = RULES
) -> npt.NDArray[np.str_]:
    """Where in the treatment cycle a day lies: ``trough``, ``peak`` or ``other``.

    Parameters
    ----------
    days_to_next_course : days to the first course that starts on that day or later. [days]
    days_since_infusion : days since the last infusion day on or before it. [days]
        NaN in either: there is none.
    rules : Rules

    Returns
    -------
    Text per value: ``trough`` if the next course starts on that day or at most 3 days later,
    ``peak`` if 7…28 days after the last infusion day, else ``other``.
    """
    trough_first, trough_last = rules.trough_days
    peak_first, peak_last = rules.peak_days
    is_trough = (days_to_next_course >= trough_first) & (days_to_next_course <= trough_last)
    is_peak = (days_since_infusion >= peak_first) & (days_since_infusion <= peak_last)
    return np.select([is_trough, is_peak], ["trough", "peak"], "other")


def _around_index(
    exams: Examinations, index_day: Floats, days: tuple[int, int], rules: Rules
) -> tuple[Ints, Ints, Bools]:
    patient = np.arange(len(index_day))
    return is_counting(exams, patient, index_day + days[0], index_day + days[1], rules)


def _visits(muscle_scores: Columns, study_ids: pd.Index) -> tuple[Timeline, Ints]:
    """The visits that were scored, sorted, and the number of the visit of every score.

    Scores of a visit mostly stand together, so runs are sorted rather than scores.
    """
    patient = codes(muscle_scores.words("study_id"), study_ids)
    day = muscle_scores.key_days("visited_on")
    start = np.flatnonzero(starts_of_runs(patient) | starts_of_runs(day))
    run = Timeline(patient[start], day[start])
    _, first, visit = np.unique(run.key, return_index=True, return_inverse=True)
    scores_in_run = np.diff(np.append(start, len(patient)))
    return Timeline(run.owner[first], run.day[first]), np.repeat(visit, scores_in_run)


def _grades(scores: Columns, rules: Rules) -> tuple[npt.NDArray[np.int8], Bools]:
    """Grade of every score in thirds, `NOT_GRADED` where it counts as none; and was it copied?"""
    thirds = scores.floats("mrc_thirds")
    is_carried = scores.words("origin").is_in(rules.carried_forward_origins)
    is_graded = np.isfinite(thirds) & ~scores.words("not_due_to_mmn").is_("yes")
    if rules.leave_out_carried_forward:
        is_graded &= ~is_carried
    grade = np.full(len(thirds), NOT_GRADED, dtype=np.int8)
    np.copyto(grade, thirds, where=is_graded, casting="unsafe")
    return grade, is_carried


def _muscle_codes(muscle_scores: Columns) -> Ints:
    muscle = codes(muscle_scores.words("muscle"), MUSCLE_WORDS)
    side = codes(muscle_scores.words("side"), SIDE_WORDS)
    is_unknown = (muscle < 0) | (side < 0)
    if is_unknown.any():
        first = np.flatnonzero(is_unknown)[:1]
        words = (muscle_scores.words(column).at(first).texts()[0] for column in ("side", "muscle"))
        raise ValueError(f"No muscle is called {' '.join(words)}.")
    return muscle * len(SIDE_WORDS) + side


def _fullest_so_far(exams: Examinations) -> Ints:
    """Running maximum of the graded muscles within each patient."""
    # A patient's offset exceeds every count before, so one running maximum serves all patients.
    offset = exams.timeline.owner * (len(MUSCLES) + 1)
    return np.maximum.accumulate(exams.graded + offset) - offset
