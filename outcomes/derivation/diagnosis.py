"""Diagnostic category by the EFNS/PNS guideline of 2010, in three-valued logic (rules, section 9).

A missing answer is taken both ways. If every way ends in the same category, that is the category;
otherwise the result is not evaluable and names the answers that could change it. One truth table
of all combinations of answers serves all patients, so the criteria themselves are written once
and in two-valued logic.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

import numpy as np
import numpy.typing as npt
import pandas as pd

from outcomes.derivation.columns import Bools, Columns, Ints, Table
from outcomes.derivation.diagnostic_answers import (
    UNKNOWN,
    Answers,
    anti_gm1_answers,
    csf_protein_answers,
    finding_answers,
    nerves_with_block,
)
from patients.vocabulary import FindingKind, LaboratoryTest

Levels = npt.NDArray[np.int8]


class DiagnosisCategory(StrEnum):
    """How sure the diagnosis of multifocal motor neuropathy is."""

    DEFINITE = "definite"
    PROBABLE = "probable"
    POSSIBLE = "possible"
    NOT_MET = "not_met"
    NOT_EVALUABLE = "not_evaluable"


class DiagnosisReason(StrEnum):
    """The line of the criteria that decides: the first that applies."""

    DEFINITE_BLOCK = "DEFINITE_BLOCK"
    BLOCK_IN_2_NERVES = "BLOCK_IN_2_NERVES"
    BLOCK_WITH_SUPPORT = "BLOCK_WITH_SUPPORT"
    IMPROVED_AFTER_IMMUNOGLOBULIN = "IMPROVED_AFTER_IMMUNOGLOBULIN"
    BLOCK_IN_WEAK_NERVE = "BLOCK_IN_WEAK_NERVE"
    EXCLUDED = "EXCLUDED"
    CRITERIA_NOT_MET = "CRITERIA_NOT_MET"
    SAME_EITHER_WAY = "SAME_EITHER_WAY"  # answers are missing, but all lines they leave end alike
    MISSING_ANSWERS = "MISSING_ANSWERS"


CATEGORY_OF = {
    DiagnosisReason.DEFINITE_BLOCK: DiagnosisCategory.DEFINITE,
    DiagnosisReason.BLOCK_IN_2_NERVES: DiagnosisCategory.PROBABLE,
    DiagnosisReason.BLOCK_WITH_SUPPORT: DiagnosisCategory.PROBABLE,
    DiagnosisReason.IMPROVED_AFTER_IMMUNOGLOBULIN: DiagnosisCategory.POSSIBLE,
    DiagnosisReason.BLOCK_IN_WEAK_NERVE: DiagnosisCategory.POSSIBLE,
    DiagnosisReason.EXCLUDED: DiagnosisCategory.NOT_MET,
    DiagnosisReason.CRITERIA_NOT_MET: DiagnosisCategory.NOT_MET,
}


@dataclass(frozen=True)
class DiagnosticCriteria:
    """The numbers of a diagnostic criteria set, under its name and version."""

    name: str = "EFNS/PNS 2010"
    version: str = "1"
    supportive_needed: int = 2
    csf_protein_below_g_per_l: float = 1.0


EFNS_PNS_2010 = DiagnosticCriteria()

# Any one present excludes; core criterion 2 is the absence of the first.
EXCLUSIONS = (
    FindingKind.SENSORY_LOSS_BEYOND_VIBRATION.value,
    FindingKind.UPPER_MOTOR_NEURON_SIGNS.value,
    FindingKind.MARKED_BULBAR_INVOLVEMENT.value,
    FindingKind.DIFFUSE_SYMMETRIC_ONSET.value,
)
# Improvement after immunoglobulin is supportive too; it is a question of its own.
SUPPORT = (
    LaboratoryTest.ANTI_GM1_IGM.value,
    LaboratoryTest.CSF_PROTEIN.value,
    FindingKind.PLEXUS_MRI_T2.value,
)
NERVE_CONDUCTION = "nerve_conduction"

# What may be asked of a patient, on the axis of the truth table where it stands: the exclusions
# together are one yes or no, of the supportive answers only their number counts.
_QUESTIONS_OF_AXIS: tuple[tuple[str, ...], ...] = (
    (FindingKind.WEAKNESS_OVER_1_MONTH.value,),
    (FindingKind.WEAKNESS_IN_2_NERVES.value,),
    EXCLUSIONS,
    (NERVE_CONDUCTION,),
    (FindingKind.SENSORY_CONDUCTION_NORMAL.value,),
    (FindingKind.IMPROVED_AFTER_IMMUNOGLOBULIN.value,),
    SUPPORT,
)
QUESTIONS = tuple(question for asked in _QUESTIONS_OF_AXIS for question in asked)
_AXIS_OF_QUESTION = np.repeat(
    np.arange(len(_QUESTIONS_OF_AXIS)), [len(asked) for asked in _QUESTIONS_OF_AXIS]
)

# How far block goes is the one question with more answers than yes and no.
_NO_BLOCK, _IN_1_NERVE, _IN_2_NERVES, _DEFINITE = range(4)
_SHAPE = (2, 2, 2, _DEFINITE + 1, 2, 2, len(SUPPORT) + 1)


def diagnosis(
    findings: Table,
    segments: Table,
    laboratory: Table,
    study_ids: pd.Index,
    criteria: DiagnosticCriteria = EFNS_PNS_2010,
) -> pd.DataFrame:
    """Diagnostic category of each patient, the line that decides it, and what is missing.

    Parameters
    ----------
    findings, laboratory : DataFrames as in `Records`, as known on a day
        The latest answer counts; *not examined* is none.
    segments : DataFrame as `conduction.graded_segments` returns, graded by EFNS/PNS 2010
        A nerve counts by its highest grade in any study. Without an assessable segment nothing is
        known about block.
    study_ids : Index of the cohort's study ids
    criteria : DiagnosticCriteria

    Returns
    -------
    DataFrame by ``study_id``: ``diagnosis_category`` (`DiagnosisCategory`), ``diagnosis_reason``
    (`DiagnosisReason`) and ``diagnosis_missing``, the codes of the missing answers that could
    change the result (of `QUESTIONS`, in that order, separated by blanks); "" unless the result is
    not evaluable.

    References
    ----------
    .. [1] EFNS/PNS Joint Task Force, "Guideline on management of multifocal motor neuropathy,"
       J. Peripher. Nerv. Syst. 15(4):295-301, 2010. doi:10.1111/j.1529-8027.2010.00290.x
    """
    return diagnosis_columns(findings, segments, laboratory, study_ids, criteria).frame(study_ids)


def diagnosis_columns(
    findings: Table,
    segments: Table,
    laboratory: Table,
    study_ids: pd.Index,
    criteria: DiagnosticCriteria = EFNS_PNS_2010,
) -> Columns:
    """What `diagnosis` returns, as columns."""
    answers = _answers(Columns.of(findings), Columns.of(laboratory), study_ids, criteria)
    extent = _extent_of_block(Columns.of(segments), study_ids)
    lowest, highest = _levels(answers, extent, taken=0), _levels(answers, extent, taken=1)
    # Patients who leave the same answers open share a row of the work on the truth table.
    patterns, pattern = np.unique(np.hstack([lowest, highest]), axis=0, return_inverse=True)
    allowed = _allowed_cells(*np.hsplit(patterns, 2))
    reason_table = _reason_table(criteria)
    category_table = _CATEGORY_OF_REASON[reason_table]
    category = _the_only(category_table, _CATEGORIES, allowed, DiagnosisCategory.NOT_EVALUABLE)
    reason = _the_only(reason_table, _REASONS, allowed, DiagnosisReason.SAME_EITHER_WAY)
    is_open = category == DiagnosisCategory.NOT_EVALUABLE.value
    reason[is_open] = DiagnosisReason.MISSING_ANSWERS.value
    could_change = _axes_that_matter(category_table, allowed)[pattern][:, _AXIS_OF_QUESTION]
    return Columns.named(
        {
            "diagnosis_category": category[pattern],
            "diagnosis_reason": reason[pattern],
            "diagnosis_missing": _named(could_change & _is_unknown(answers, extent)),
        }
    )


def _answers(
    findings: Columns,
    laboratory: Columns,
    study_ids: pd.Index,
    criteria: DiagnosticCriteria,
) -> dict[str, Answers]:
    """One array of answers per question; block is not among them."""
    asked = tuple(FindingKind(question) for question in QUESTIONS if question in set(FindingKind))
    found = finding_answers(findings, asked, study_ids)
    limit_g_per_l = criteria.csf_protein_below_g_per_l
    return {
        **{finding.value: found[:, column] for column, finding in enumerate(asked)},
        LaboratoryTest.ANTI_GM1_IGM.value: anti_gm1_answers(laboratory, study_ids),
        LaboratoryTest.CSF_PROTEIN.value: csf_protein_answers(laboratory, limit_g_per_l, study_ids),
    }


def _extent_of_block(segments: Columns, study_ids: pd.Index) -> Ints:
    """Level of block of each patient; UNKNOWN without an assessable segment."""
    is_assessed, blocked, definite = nerves_with_block(segments, study_ids)
    return np.select(
        [~is_assessed, definite >= 1, blocked >= 2, blocked == 1],
        [UNKNOWN, _DEFINITE, _IN_2_NERVES, _IN_1_NERVE],
        _NO_BLOCK,
    )


def _levels(answers: dict[str, Answers], extent: Ints, taken: int) -> Levels:
    """Level on each axis if all unknown answers are taken as no (0) or as yes (1)."""
    levels = []
    for asked, size in zip(_QUESTIONS_OF_AXIS, _SHAPE, strict=True):
        if asked == (NERVE_CONDUCTION,):
            level = np.where(extent == UNKNOWN, taken * (size - 1), extent)
        else:
            said = np.column_stack([answers[question] for question in asked])
            level = np.minimum(np.where(said == UNKNOWN, taken, said).sum(axis=1), size - 1)
        levels.append(level)
    return np.column_stack(levels).astype(np.int8)


def _is_unknown(answers: dict[str, Answers], extent: Ints) -> Bools:
    """Patients × `QUESTIONS`: which answers are missing."""
    return np.column_stack(
        [
            (extent if question == NERVE_CONDUCTION else answers[question]) == UNKNOWN
            for question in QUESTIONS
        ]
    )


def _allowed_cells(lowest: Levels, highest: Levels) -> Bools:
    """Rows × cells of the truth table: which combinations of answers are still possible."""
    allowed = np.ones((len(lowest), *_SHAPE), dtype=np.bool_)
    for axis, size in enumerate(_SHAPE):
        level = np.arange(size)
        is_between = (level >= lowest[:, axis, None]) & (level <= highest[:, axis, None])
        shape = [len(lowest)] + [1] * len(_SHAPE)
        shape[axis + 1] = size
        allowed &= is_between.reshape(shape)
    return allowed


# --- The criteria -------------------------------------------------------------------------------


@cache
def _reason_table(criteria: DiagnosticCriteria) -> Ints:
    """The deciding line for every combination of answers, as its place among `_REASONS`."""
    over_1_month, in_2_nerves, excluded, block, sensory_normal, improved, support = np.indices(
        _SHAPE
    )
    fits = excluded == 0  # core criterion 2 and no exclusion
    weak_in_2 = (over_1_month == 1) & (in_2_nerves == 1)
    weak_in_1 = (over_1_month == 1) & (in_2_nerves == 0)
    has_block = block > _NO_BLOCK
    clinical_ok = fits & weak_in_2 & ((sensory_normal == 1) | ~has_block)
    is_supported = support + improved >= criteria.supportive_needed
    lines = {
        DiagnosisReason.DEFINITE_BLOCK: clinical_ok & (block == _DEFINITE),
        DiagnosisReason.BLOCK_IN_2_NERVES: clinical_ok & (block == _IN_2_NERVES),
        DiagnosisReason.BLOCK_WITH_SUPPORT: clinical_ok & (block == _IN_1_NERVE) & is_supported,
        DiagnosisReason.IMPROVED_AFTER_IMMUNOGLOBULIN: (
            clinical_ok & (sensory_normal == 1) & (improved == 1)
        ),
        DiagnosisReason.BLOCK_IN_WEAK_NERVE: fits & weak_in_1 & has_block,
        DiagnosisReason.EXCLUDED: ~fits,
    }
    deciding = [_REASONS.index(line) for line in lines]
    return np.select(list(lines.values()), deciding, len(lines))


_REASONS = list(CATEGORY_OF)
_CATEGORIES = list(DiagnosisCategory)
_CATEGORY_OF_REASON = np.array([_CATEGORIES.index(category) for category in CATEGORY_OF.values()])


# --- Taking missing answers both ways -----------------------------------------------------------


def _the_only(
    table: Ints, words: Sequence[StrEnum], allowed: Bools, otherwise: StrEnum
) -> npt.NDArray[np.object_]:
    """For each row of ``allowed``: the word that all its cells share, else another."""
    cells = tuple(range(1, allowed.ndim))
    lowest = np.where(allowed, table, len(words)).min(axis=cells)
    highest = np.where(allowed, table, -1).max(axis=cells)
    word = np.array([word.value for word in words], dtype=object)[lowest]
    return np.where(lowest == highest, word, otherwise.value)


def _axes_that_matter(table: Ints, allowed: Bools) -> Bools:
    """Rows × axes: whether a step along the axis, all else equal, can change the result."""
    cells = tuple(range(1, allowed.ndim))
    matters = []
    for axis, size in enumerate(_SHAPE):
        lower, upper = np.arange(size - 1), np.arange(1, size)
        changes = table.take(lower, axis) != table.take(upper, axis)
        both = allowed.take(lower, axis + 1) & allowed.take(upper, axis + 1)
        matters.append((both & changes).any(axis=cells))
    return np.column_stack(matters)


def _named(chosen: Bools) -> npt.NDArray[np.object_]:
    """The chosen questions of each row, separated by blanks."""
    distinct, row = np.unique(chosen, axis=0, return_inverse=True)
    texts = [" ".join(np.array(QUESTIONS)[mask]) for mask in distinct]
    return np.array(texts, dtype=object)[row]
