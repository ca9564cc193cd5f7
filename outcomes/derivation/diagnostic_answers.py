"""Answers to the questions that the diagnostic criteria ask: yes, no or unknown (section 9)."""

from functools import cache

import numpy as np
import numpy.typing as npt
import pandas as pd

from outcomes.derivation.block_change import SIDE_WORDS
from outcomes.derivation.block_criteria import NERVE_WORDS
from outcomes.derivation.columns import Bools, Columns, Floats, Ints, Words
from outcomes.derivation.timeline import codes, sorted_timeline
from patients.vocabulary import (
    BlockGrade,
    FindingKind,
    FindingState,
    LaboratoryInterpretation,
    LaboratoryTest,
)

# One row per patient, one column per question. NO and YES also count as 0 and 1.
Answers = npt.NDArray[np.int8]
UNKNOWN, NO, YES = np.int8(-1), np.int8(0), np.int8(1)

_STATE_WORDS = pd.Index([FindingState.ABSENT.value, FindingState.PRESENT.value], dtype="str")
_RAISED = (LaboratoryInterpretation.POSITIVE.value, LaboratoryInterpretation.HIGH.value)
# From the least block to the most, so that the highest place is the most.
_GRADE_WORDS = pd.Index(
    [BlockGrade.NONE.value, BlockGrade.PROBABLE.value, BlockGrade.DEFINITE.value], dtype="str"
)
_PROBABLE, _DEFINITE = 1, 2


def finding_answers(
    findings: Columns, asked: tuple[FindingKind, ...], study_ids: pd.Index
) -> Answers:
    """Latest answer to each clinical question.

    Parameters
    ----------
    findings : Columns as in `Records`
    asked : findings, one column each
    study_ids : Index of the cohort's study ids

    Returns
    -------
    Array, patients × ``asked``: `YES` for present, `NO` for absent, `UNKNOWN` if never answered;
    *not examined* is no answer and takes none back.
    """
    words = _index_of(asked)
    patient = codes(findings.words("study_id"), study_ids)
    question = codes(findings.words("finding"), words)
    state = codes(findings.words("state"), _STATE_WORDS)
    is_answer = (patient >= 0) & (question >= 0) & (state >= 0)
    flat = _latest(
        (patient * len(words) + question)[is_answer],
        findings.key_days("observed_on")[is_answer],
        state[is_answer].astype(np.int8),
        len(study_ids) * len(words),
    )
    return flat.reshape(len(study_ids), len(words))


def anti_gm1_answers(laboratory: Columns, study_ids: pd.Index) -> Answers:
    """Whether anti-GM1 IgM is raised, by the latest sample that has an interpretation.

    Parameters
    ----------
    laboratory : Columns as in `Records`
    study_ids : Index of the cohort's study ids

    Returns
    -------
    One answer per patient: positive or high `YES`, negative `NO`, borderline or none `UNKNOWN`.
    """
    is_read = laboratory.words("test").is_(LaboratoryTest.ANTI_GM1_IGM)
    is_read &= ~laboratory.words("interpretation").is_("")
    samples = laboratory.where(is_read)
    return _latest_sample(samples, _interpreted(samples), study_ids)


def csf_protein_answers(laboratory: Columns, below_g_per_l: float, study_ids: pd.Index) -> Answers:
    """Whether CSF protein is raised, yet below a limit, by the latest sample that tells.

    Parameters
    ----------
    laboratory : Columns as in `Records`
        ``value`` and ``cutoff`` count where ``unit`` is g/L.
    below_g_per_l : float [g/L]
    study_ids : Index of the cohort's study ids

    Returns
    -------
    One answer per patient. Raised is what the laboratory interprets as positive or high, or, where
    it does not interpret, a value above its cutoff. `NO` if it is not raised or not below the
    limit, `UNKNOWN` if no sample tells.
    """
    samples = laboratory.where(laboratory.words("test").is_(LaboratoryTest.CSF_PROTEIN))
    value = np.where(samples.words("unit").is_("g/L"), samples.floats("value"), np.nan)
    cutoff = _numbers(samples.words("cutoff"))
    by_cutoff = np.select([value > cutoff, value <= cutoff], [YES, NO], UNKNOWN)
    is_interpreted = ~samples.words("interpretation").is_("")
    raised = np.where(is_interpreted, _interpreted(samples), by_cutoff)
    answer = np.select(
        [(raised == NO) | (value >= below_g_per_l), (raised == YES) & (value < below_g_per_l)],
        [NO, YES],
        UNKNOWN,
    ).astype(np.int8)
    tells = answer != UNKNOWN
    return _latest_sample(samples.where(tells), answer[tells], study_ids)


def nerves_with_block(segments: Columns, study_ids: pd.Index) -> tuple[Bools, Ints, Ints]:
    """Nerves with block in any study until now; a nerve counts by its highest grade.

    Parameters
    ----------
    segments : Columns as `conduction.graded_columns` returns
    study_ids : Index of the cohort's study ids

    Returns
    -------
    Three arrays, one value per patient: whether any segment could be assessed; number of nerves
    with definite or probable block; number with definite block. [nerves, left and right apart]
    """
    patient = codes(segments.words("study_id"), study_ids)
    grade = codes(segments.words("grade"), _GRADE_WORDS)
    nerve = codes(segments.words("nerve"), NERVE_WORDS)
    side = codes(segments.words("side"), SIDE_WORDS)
    counts = (patient >= 0) & (grade >= 0)
    nerves = len(NERVE_WORDS) * len(SIDE_WORDS)
    highest = np.full((len(study_ids), nerves), -1)
    np.maximum.at(
        highest, (patient[counts], (nerve * len(SIDE_WORDS) + side)[counts]), grade[counts]
    )
    is_assessed: Bools = highest.max(axis=1, initial=-1) >= 0
    blocked: Ints = (highest >= _PROBABLE).sum(axis=1)
    definite: Ints = (highest >= _DEFINITE).sum(axis=1)
    return is_assessed, blocked, definite


def _interpreted(samples: Columns) -> Answers:
    interpretation = samples.words("interpretation")
    is_negative = interpretation.is_(LaboratoryInterpretation.NEGATIVE)
    answer = np.select([interpretation.is_in(_RAISED), is_negative], [YES, NO], UNKNOWN)
    return answer.astype(np.int8)


def _latest_sample(samples: Columns, answer: Answers, study_ids: pd.Index) -> Answers:
    patient = codes(samples.words("study_id"), study_ids)
    ours = patient >= 0
    day = samples.key_days("taken_on")
    return _latest(patient[ours], day[ours], answer[ours], len(study_ids))


def _latest(owner: Ints, day: Ints, answer: Answers, owners: int) -> Answers:
    timeline, order = sorted_timeline(owner, day)
    latest = np.full(owners, UNKNOWN, dtype=np.int8)
    latest[timeline.owner] = answer[order]  # ascending in time: the last one written stays
    return latest


def _numbers(written: Words) -> Floats:
    """Numbers as somebody wrote them; NaN where it is none."""
    numbers = pd.to_numeric(pd.Series(written.words.to_numpy(dtype=object)), errors="coerce")
    found: Floats = np.append(numbers.to_numpy(dtype=float), np.nan)[written.code]
    return found


@cache
def _index_of(asked: tuple[FindingKind, ...]) -> pd.Index:
    return pd.Index([finding.value for finding in asked], dtype="str")
