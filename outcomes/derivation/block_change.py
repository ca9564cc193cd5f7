"""Change in conduction block between a patient's first and last study (rules, section 5)."""

from enum import StrEnum

import numpy as np
import numpy.typing as npt
import pandas as pd

from outcomes.derivation.block_criteria import NERVE_WORDS, SITE_WORDS, BlockReason
from outcomes.derivation.rules import RULES, Rules
from outcomes.derivation.timeline import (
    Ints,
    codes,
    dates,
    distinct_days,
    key_days,
    labels,
    whole_days,
)
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
    segments: pd.DataFrame, index_on: pd.Series, rules: Rules = RULES
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
    studies = compared_studies(segments, index_on, rules)
    changes = _segment_changes(segments, studies)
    counts = _counts(changes, studies)
    reason = _reason(studies, counts)
    return studies.join(counts).assign(
        block_change=_category(counts, reason), block_change_reason=reason
    ), changes


def compared_studies(
    segments: pd.DataFrame, index_on: pd.Series, rules: Rules = RULES
) -> pd.DataFrame:
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
    patient = codes(segments["study_id"], pd.Index(index_on.index))
    is_ours = patient >= 0
    studies = distinct_days(patient[is_ours], key_days(segments["studied_on"])[is_ours])
    everyone = np.arange(len(index_on))
    by_then = studies.last_until(everyone, whole_days(index_on) + rules.first_study_days)
    always = np.full(len(everyone), np.inf)
    earliest, beyond = studies.within(everyone, -always, always)
    earliest = np.where(earliest < beyond, earliest, -1)
    latest = np.where(earliest >= 0, beyond - 1, -1)
    first = np.where(by_then >= 0, by_then, earliest)
    last = np.where(latest != first, latest, -1)
    return pd.DataFrame(
        {
            "study_first_on": dates(studies.day_at(first)),
            "study_last_on": dates(studies.day_at(last)),
        },
        index=index_on.index,
    )


# What a study says about block in a segment; from CLEAR on it could be assessed.
_ABSENT, _UNASSESSABLE, _TOO_SMALL, _CLEAR, _BLOCKED = range(5)

_SEGMENT_WORDS = {
    "nerve": NERVE_WORDS,
    "side": SIDE_WORDS,
    "distal_site": SITE_WORDS,
    "proximal_site": SITE_WORDS,
}
_CHANGE_WORDS = pd.Index([change.value for change in SegmentChange], dtype="str")


def _segment_changes(segments: pd.DataFrame, studies: pd.DataFrame) -> pd.DataFrame:
    study_ids = pd.Index(studies.index)
    patient = codes(segments["study_id"], study_ids)
    key = _segment_keys(segments, patient)
    pairs = studies.where(studies["study_last_on"].notna())
    at_first = _rows_of_study(segments, patient, pairs["study_first_on"])
    at_last = _rows_of_study(segments, patient, pairs["study_last_on"])
    keys = np.union1d(key[at_first], key[at_last])
    in_first, in_last = _rows_of_keys(keys, key, at_first), _rows_of_keys(keys, key, at_last)
    in_either = np.where(in_first >= 0, in_first, in_last)
    grade = np.append(codes(segments["grade"], GRADE_WORDS), 0)
    state = np.append(_states(segments), _ABSENT)
    change = _changes(state[in_first], state[in_last])
    columns = {column: segments[column].to_numpy()[in_either] for column in _SEGMENT_WORDS}
    return pd.DataFrame(
        {
            "study_id": labels(patient[in_either], study_ids),
            **columns,
            "first_on": pairs["study_first_on"].to_numpy()[patient[in_either]],
            "last_on": pairs["study_last_on"].to_numpy()[patient[in_either]],
            "grade_first": labels(grade[in_first], GRADE_WORDS),
            "grade_last": labels(grade[in_last], GRADE_WORDS),
            "change": pd.Categorical(change, categories=_CHANGE_WORDS),
        }
    )


def _segment_keys(segments: pd.DataFrame, patient: Ints) -> Ints:
    """One integer per patient and segment, ascending in the order of the vocabulary."""
    key = patient
    for column, words in _SEGMENT_WORDS.items():
        key = key * (len(words) + 1) + codes(segments[column], words) + 1
    return key


def _rows_of_study(segments: pd.DataFrame, patient: Ints, studied_on: pd.Series) -> Ints:
    # One more place for the patient -1, who is none of ours and has no study.
    day = np.append(whole_days(studied_on), np.nan)
    return np.flatnonzero(whole_days(segments["studied_on"]) == day[patient])


def _rows_of_keys(keys: Ints, key: Ints, rows: Ints) -> Ints:
    """Which of the rows has each of the keys; -1 where none."""
    found = np.full(len(keys), -1)
    found[np.searchsorted(keys, key[rows])] = rows
    return found


def _states(segments: pd.DataFrame) -> Ints:
    grade = segments["grade"]
    is_blocked = grade.isin([BlockGrade.DEFINITE.value, BlockGrade.PROBABLE.value])
    is_too_small = segments["grade_reason"] == BlockReason.DISTAL_RESPONSE_TOO_SMALL.value
    return np.select(
        [is_blocked, grade == BlockGrade.NONE.value, is_too_small],
        [_BLOCKED, _CLEAR, _TOO_SMALL],
        _UNASSESSABLE,
    )


def _changes(first: Ints, last: Ints) -> npt.NDArray[np.str_]:
    was_blocked, is_blocked = first == _BLOCKED, last == _BLOCKED
    was_clear, is_clear = first == _CLEAR, last == _CLEAR
    return np.select(
        [
            was_blocked & is_blocked,
            was_blocked & is_clear,
            was_blocked & (last == _TOO_SMALL),
            was_blocked,
            was_clear & is_blocked,
            was_clear & is_clear,
            was_clear,
        ],
        [
            SegmentChange.PERSISTENT.value,
            SegmentChange.RESOLVED.value,
            SegmentChange.LOST_TO_AXONAL_LOSS.value,
            SegmentChange.NOT_RETESTED.value,
            SegmentChange.NEW.value,
            SegmentChange.NO_BLOCK.value,
            SegmentChange.NOT_COMPARED.value,
        ],
        SegmentChange.FIRST_SEEN.value,
    )


_BLOCKED_FIRST = (SegmentChange.PERSISTENT.value, SegmentChange.RESOLVED.value)
_BLOCKED_LAST = (SegmentChange.PERSISTENT.value, SegmentChange.NEW.value)
_IN_BOTH = (*_BLOCKED_FIRST, SegmentChange.NEW.value, SegmentChange.NO_BLOCK.value)
_NERVE_KEY = ["study_id", "nerve", "side"]


def _counts(changes: pd.DataFrame, studies: pd.DataFrame) -> pd.DataFrame:
    change = changes["change"]
    blocked_first = changes[change.isin(_BLOCKED_FIRST)]
    blocked_last = changes[change.isin(_BLOCKED_LAST)]
    lost = changes[change == SegmentChange.LOST_TO_AXONAL_LOSS.value]
    has_two = studies["study_last_on"].notna().to_numpy()
    has_common = _rows_per_patient(changes[change.isin(_IN_BOTH)], studies) > 0
    counted = {
        "blocks_first": (blocked_first, has_common),
        "blocks_last": (blocked_last, has_common),
        "nerves_blocked_first": (blocked_first.drop_duplicates(_NERVE_KEY), has_common),
        "nerves_blocked_last": (blocked_last.drop_duplicates(_NERVE_KEY), has_common),
        "blocks_lost_to_axonal_loss": (lost, has_two),
    }
    counts = {
        name: pd.array(_rows_per_patient(rows, studies), dtype="Int64")
        for name, (rows, _) in counted.items()
    }
    for name, (_, is_counted) in counted.items():
        counts[name][~is_counted] = pd.NA
    return pd.DataFrame(counts, index=studies.index)


def _rows_per_patient(rows: pd.DataFrame, studies: pd.DataFrame) -> Ints:
    return np.bincount(codes(rows["study_id"], pd.Index(studies.index)), minlength=len(studies))


def _reason(studies: pd.DataFrame, counts: pd.DataFrame) -> npt.NDArray[np.str_]:
    return np.select(
        [
            studies["study_first_on"].isna(),
            studies["study_last_on"].isna(),
            counts["blocks_lost_to_axonal_loss"].fillna(0) > 0,
            counts["blocks_first"].isna(),
        ],
        [
            BlockChangeReason.NO_STUDY.value,
            BlockChangeReason.FEWER_THAN_2_STUDIES.value,
            BlockChangeReason.AXONAL_LOSS.value,
            BlockChangeReason.NO_COMMON_SEGMENT.value,
        ],
        "",
    )


def _category(counts: pd.DataFrame, reason: npt.NDArray[np.str_]) -> npt.NDArray[np.str_]:
    gained = (counts["blocks_last"] - counts["blocks_first"]).fillna(0).to_numpy(dtype=np.int64)
    return np.select(
        [reason != "", gained < 0, gained == 0],
        [BlockChange.NOT_EVALUABLE.value, BlockChange.DECREASED.value, BlockChange.UNCHANGED.value],
        BlockChange.INCREASED.value,
    )
