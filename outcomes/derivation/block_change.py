"""Change in conduction block between a patient's first and last study (rules, section 5)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

from outcomes.derivation.block_criteria import NERVE_WORDS, SITE_WORDS, BlockReason
from outcomes.derivation.columns import Bools, Column, Columns, Floats, Ints, Table, Words, counted
from outcomes.derivation.rules import RULES, Rules
from outcomes.derivation.timeline import codes, dates, distinct_days, labels, whole_days
from patients.vocabulary import BlockGrade, Side

SIDE_WORDS = pd.Index([side.value for side in Side], dtype="str")
GRADE_WORDS = pd.Index(["", "not_assessable", *(grade.value for grade in BlockGrade)], dtype="str")


class SegmentChange(StrEnum):
    """What became of one segment between the two studies."""

    PERSISTENT = "persistent"
    RESOLVED = "resolved"
    NEW = "new"
    NO_BLOCK = "no_block"  # assessable in both, blocked in neither
    LOST_TO_AXONAL_LOSS = "lost_to_axonal_loss"
    NOT_RETESTED = "not_retested"
    FIRST_SEEN = "first_seen"
    NOT_COMPARED = "not_compared"  # no block at first, not assessable or absent at last


class BlockChange(StrEnum):
    """Change in the number of blocked segments."""

    DECREASED = "decreased"
    UNCHANGED = "unchanged"
    INCREASED = "increased"
    NOT_EVALUABLE = "not_evaluable"


class BlockChangeReason(StrEnum):
    """Why a change is not evaluable: the first that applies, in this order."""

    NO_STUDY = "NO_STUDY"
    FEWER_THAN_2_STUDIES = "FEWER_THAN_2_STUDIES"
    AXONAL_LOSS = "AXONAL_LOSS"
    NO_COMMON_SEGMENT = "NO_COMMON_SEGMENT"


def block_change(
    segments: Table, index_on: pd.Series, rules: Rules = RULES
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Change in conduction block between each patient's first and last study.

    Parameters
    ----------
    segments : DataFrame as `conduction.graded_segments` returns
    index_on : Series of datetime64[s] by ``study_id``, one value per patient of the cohort
        First day of the first course; NaT without an infusion.
    rules : Rules

    Returns
    -------
    patients : DataFrame on the index of ``index_on``
        ``blocks_first``, ``blocks_last`` (segments with definite or probable block) and
        ``nerves_blocked_first``, ``nerves_blocked_last`` (nerves with one, left and right apart),
        counted over segments assessable in both studies, whatever the category; missing without
        such a segment or without a second study. ``blocks_lost_to_axonal_loss`` (segments;
        missing without a second study). ``block_change`` (`BlockChange`) and
        ``block_change_reason`` (`BlockChangeReason`, "" where evaluable). ``study_first_on``,
        NaT without a study, and ``study_last_on``, NaT without a second one.
    segment_changes : DataFrame, one row per patient and segment of the two studies
        The key columns, ``first_on``, ``last_on``, ``grade_first``, ``grade_last`` ("" = absent
        from that study) and ``change`` (`SegmentChange`). Segments are told apart by nerve, side,
        distal and proximal site.

    References
    ----------
    .. [1] J.-M. Léger et al., J. Neurol. Neurosurg. Psychiatry 79:93-96, 2008 (L08): decreased or
       unchanged in 12 patients, increased in 2.
    """
    study_ids = pd.Index(index_on.index)
    counts, changes = block_change_columns(segments, study_ids, whole_days(index_on), rules)
    return counts.frame(study_ids), changes.frame()


def block_change_columns(
    segments: Table, study_ids: pd.Index, index_day: Floats, rules: Rules = RULES
) -> tuple[Columns, Columns]:
    """What `block_change` returns, as columns. Days are counted from 1970-01-01."""
    segments = Columns.of(segments)
    patient = codes(segments.words("study_id"), study_ids)
    studies = _compared(patient, segments.key_days("studied_on"), index_day, rules)
    changes = _segment_changes(segments, patient, studies)
    counts = _counts(changes, studies)
    found: dict[str, Column] = {
        "study_first_on": dates(studies.first_day),
        "study_last_on": dates(studies.last_day),
        **counts,
        **_results(counts, studies),
    }
    return Columns.named(found), _change_columns(segments, changes, studies, study_ids)


def compared_studies(segments: Table, index_on: pd.Series, rules: Rules = RULES) -> pd.DataFrame:
    """The two studies that are compared; a study is all segments of one patient and date.

    Parameters
    ----------
    segments : DataFrame with ``study_id`` and ``studied_on``
    index_on : Series of datetime64[s] by ``study_id``, one value per patient of the cohort
    rules : Rules

    Returns
    -------
    DataFrame on the index of ``index_on``: ``study_first_on``, the last study on or before
    ``index_on`` + 30 days, else (or without an infusion) the earliest, NaT without a study; and
    ``study_last_on``, the latest, NaT unless it is another one.
    """
    segments = Columns.of(segments)
    patient = codes(segments.words("study_id"), pd.Index(index_on.index))
    studies = _compared(patient, segments.key_days("studied_on"), whole_days(index_on), rules)
    return pd.DataFrame(
        {"study_first_on": dates(studies.first_day), "study_last_on": dates(studies.last_day)},
        index=index_on.index,
    )


@dataclass(frozen=True)
class _Studies:
    """The two studies that are compared of each patient; NaN for none. [days since 1970-01-01]"""

    first_day: Floats
    last_day: Floats

    def __len__(self) -> int:
        return len(self.first_day)


def _compared(patient: Ints, studied_day: Ints, index_day: Floats, rules: Rules) -> _Studies:
    is_ours = patient >= 0
    studies = distinct_days(patient[is_ours], studied_day[is_ours])
    everyone = np.arange(len(index_day))
    by_then = studies.last_until(everyone, index_day + rules.first_study_days)
    always = np.full(len(everyone), np.inf)
    earliest, beyond = studies.within(everyone, -always, always)
    earliest = np.where(earliest < beyond, earliest, -1)
    latest = np.where(earliest >= 0, beyond - 1, -1)
    first = np.where(by_then >= 0, by_then, earliest)
    last = np.where(latest != first, latest, -1)
    return _Studies(studies.day_at(first), studies.day_at(last))


# What a study says about block in a segment; from CLEAR on it could be assessed.
_ABSENT, _UNASSESSABLE, _TOO_SMALL, _CLEAR, _BLOCKED = range(5)

_SEGMENT_WORDS = {
    "nerve": NERVE_WORDS,
    "side": SIDE_WORDS,
    "distal_site": SITE_WORDS,
    "proximal_site": SITE_WORDS,
}
_CHANGE_WORDS = pd.Index([change.value for change in SegmentChange], dtype="str")


@dataclass(frozen=True)
class _Changes:
    """Segments of the two studies: whose, which row tells of each, and what became of it."""

    patient: Ints
    row: Ints
    nerve: Ints  # left and right apart
    grade_first: Ints
    grade_last: Ints
    change: Ints


def _segment_changes(segments: Columns, patient: Ints, studies: _Studies) -> _Changes:
    key = _segment_keys(segments, patient)
    has_two = np.isfinite(studies.last_day)
    at_first = _rows_of_study(segments, patient, np.where(has_two, studies.first_day, np.nan))
    at_last = _rows_of_study(segments, patient, studies.last_day)
    keys = np.union1d(key[at_first], key[at_last])
    in_first, in_last = _rows_of_keys(keys, key, at_first), _rows_of_keys(keys, key, at_last)
    row = np.where(in_first >= 0, in_first, in_last)
    grade = np.append(codes(segments.words("grade"), GRADE_WORDS), 0)
    state = np.append(_states(segments), _ABSENT)
    side = codes(segments.words("side"), SIDE_WORDS)
    nerve = codes(segments.words("nerve"), NERVE_WORDS) * len(SIDE_WORDS) + side
    return _Changes(
        patient=patient[row],
        row=row,
        nerve=nerve[row],
        grade_first=grade[in_first],
        grade_last=grade[in_last],
        change=_changes(state[in_first], state[in_last]),
    )


def _change_columns(
    segments: Columns, changes: _Changes, studies: _Studies, study_ids: pd.Index
) -> Columns:
    return Columns.named(
        {
            "study_id": labels(changes.patient, study_ids),
            **{
                column: segments.words(column).at(changes.row).as_texts()
                for column in _SEGMENT_WORDS
            },
            "first_on": dates(studies.first_day[changes.patient]),
            "last_on": dates(studies.last_day[changes.patient]),
            "grade_first": labels(changes.grade_first, GRADE_WORDS),
            "grade_last": labels(changes.grade_last, GRADE_WORDS),
            "change": labels(changes.change, _CHANGE_WORDS),
        }
    )


def _segment_keys(segments: Columns, patient: Ints) -> Ints:
    """One integer per patient and segment, ascending in the order of the vocabulary."""
    key = patient
    for column, words in _SEGMENT_WORDS.items():
        key = key * (len(words) + 1) + codes(segments.words(column), words) + 1
    return key


def _rows_of_study(segments: Columns, patient: Ints, study_day: Floats) -> Ints:
    # One more place for the patient -1, who is none of ours and has no study.
    day = np.append(study_day, np.nan)
    return np.flatnonzero(segments.key_days("studied_on") == day[patient])


def _rows_of_keys(keys: Ints, key: Ints, rows: Ints) -> Ints:
    """Which of the rows has each of the keys; -1 where none."""
    found = np.full(len(keys), -1)
    found[np.searchsorted(keys, key[rows])] = rows
    return found


def _states(segments: Columns) -> Ints:
    grade, reason = segments.words("grade"), segments.words("grade_reason")
    is_blocked = grade.is_in([BlockGrade.DEFINITE, BlockGrade.PROBABLE])
    is_too_small = reason.is_(BlockReason.DISTAL_RESPONSE_TOO_SMALL)
    return np.select(
        [is_blocked, grade.is_(BlockGrade.NONE), is_too_small],
        [_BLOCKED, _CLEAR, _TOO_SMALL],
        _UNASSESSABLE,
    )


def _changes(first: Ints, last: Ints) -> Ints:
    was_blocked, is_blocked = first == _BLOCKED, last == _BLOCKED
    was_clear, is_clear = first == _CLEAR, last == _CLEAR
    lines = {
        SegmentChange.PERSISTENT: was_blocked & is_blocked,
        SegmentChange.RESOLVED: was_blocked & is_clear,
        SegmentChange.LOST_TO_AXONAL_LOSS: was_blocked & (last == _TOO_SMALL),
        SegmentChange.NOT_RETESTED: was_blocked,
        SegmentChange.NEW: was_clear & is_blocked,
        SegmentChange.NO_BLOCK: was_clear & is_clear,
        SegmentChange.NOT_COMPARED: was_clear,
    }
    otherwise = _PLACE_OF[SegmentChange.FIRST_SEEN]
    return np.select(list(lines.values()), [_PLACE_OF[line] for line in lines], otherwise)


_PLACE_OF = {change: place for place, change in enumerate(SegmentChange)}
_BLOCKED_FIRST = (SegmentChange.PERSISTENT, SegmentChange.RESOLVED)
_BLOCKED_LAST = (SegmentChange.PERSISTENT, SegmentChange.NEW)
_IN_BOTH = (*_BLOCKED_FIRST, SegmentChange.NEW, SegmentChange.NO_BLOCK)


def _counts(changes: _Changes, studies: _Studies) -> dict[str, pd.arrays.IntegerArray]:
    def is_one_of(*those: SegmentChange) -> Bools:
        return np.isin(changes.change, [_PLACE_OF[change] for change in those])

    def segments(chosen: Bools) -> Ints:
        return np.bincount(changes.patient[chosen], minlength=len(studies))

    def nerves(chosen: Bools) -> Ints:
        key = changes.patient[chosen] * _NERVES + changes.nerve[chosen]
        return np.bincount(np.unique(key) // _NERVES, minlength=len(studies))

    was_blocked, is_blocked = is_one_of(*_BLOCKED_FIRST), is_one_of(*_BLOCKED_LAST)
    has_common = segments(is_one_of(*_IN_BOTH)) > 0
    has_two = np.isfinite(studies.last_day)
    lost = segments(is_one_of(SegmentChange.LOST_TO_AXONAL_LOSS))
    return {
        "blocks_first": counted(segments(was_blocked), has_common),
        "blocks_last": counted(segments(is_blocked), has_common),
        "nerves_blocked_first": counted(nerves(was_blocked), has_common),
        "nerves_blocked_last": counted(nerves(is_blocked), has_common),
        "blocks_lost_to_axonal_loss": counted(lost, has_two),
    }


_NERVES = len(NERVE_WORDS) * len(SIDE_WORDS)
_REASON_WORDS = pd.Index([*(reason.value for reason in BlockChangeReason), ""], dtype="str")
_CATEGORY_WORDS = pd.Index([category.value for category in BlockChange], dtype="str")
_DECREASED, _UNCHANGED, _INCREASED, _NOT_EVALUABLE = range(len(BlockChange))


def _results(counts: Mapping[str, pd.arrays.IntegerArray], studies: _Studies) -> dict[str, Words]:
    lost = counts["blocks_lost_to_axonal_loss"].to_numpy(dtype=float, na_value=0)
    first, last = (
        counts[name].to_numpy(dtype=float, na_value=np.nan)
        for name in ("blocks_first", "blocks_last")
    )
    # In the order of BlockChangeReason; the first that applies.
    lacking = [np.isnan(studies.first_day), np.isnan(studies.last_day), lost > 0, np.isnan(first)]
    reason = np.select(lacking, range(len(lacking)), len(lacking))
    is_told = reason == len(lacking)
    category = np.select(
        [~is_told, last < first, last == first],
        [_NOT_EVALUABLE, _DECREASED, _UNCHANGED],
        _INCREASED,
    )
    return {
        "block_change": Words(category, _CATEGORY_WORDS, is_categorical=False),
        "block_change_reason": Words(reason, _REASON_WORDS, is_categorical=False),
    }
