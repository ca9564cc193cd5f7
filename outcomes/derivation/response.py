"""Short-term response: what six months of immunoglobulin did to the grades (rules, section 3)."""

from enum import StrEnum

import numpy as np
import numpy.typing as npt
import pandas as pd

from outcomes.derivation.columns import Bools, Columns, Floats, Ints, Words, answered, counted
from outcomes.derivation.examinations import (
    MUSCLE_WORDS,
    MUSCLES,
    NO_EXAMINATION,
    NOT_GRADED,
    SIDE_WORDS,
    Examinations,
    Grades,
)
from outcomes.derivation.rules import RULES, Rules
from outcomes.derivation.timeline import labels


class Response(StrEnum):
    RESPONDER = "responder"
    NON_RESPONDER = "non_responder"
    NOT_EVALUABLE = "not_evaluable"


class ResponseReason(StrEnum):
    """Why a response is what it is: the first line of the rule that applies."""

    NO_INFUSION = "NO_INFUSION"
    NO_BASELINE = "NO_BASELINE"
    FEWER_THAN_2_IMPROVABLE = "FEWER_THAN_2_IMPROVABLE"
    STOPPED_FOR_INEFFICACY = "STOPPED_FOR_INEFFICACY"
    PENDING = "PENDING"
    NO_EXAMINATION = "NO_EXAMINATION"
    IMPROVED = "IMPROVED"
    NOT_IMPROVED = "NOT_IMPROVED"
    MISSING_GRADES = "MISSING_GRADES"


class MuscleChange(StrEnum):
    """What became of one muscle between baseline and month 6."""

    IMPROVED = "improved"
    WORSENED = "worsened"
    UNCHANGED = "unchanged"
    UNGRADED = "ungraded"


RESULT_OF = {
    ResponseReason.NO_INFUSION: Response.NOT_EVALUABLE,
    ResponseReason.NO_BASELINE: Response.NOT_EVALUABLE,
    ResponseReason.FEWER_THAN_2_IMPROVABLE: Response.NOT_EVALUABLE,
    ResponseReason.STOPPED_FOR_INEFFICACY: Response.NON_RESPONDER,
    ResponseReason.PENDING: Response.NOT_EVALUABLE,
    ResponseReason.NO_EXAMINATION: Response.NOT_EVALUABLE,
    ResponseReason.IMPROVED: Response.RESPONDER,
    ResponseReason.NOT_IMPROVED: Response.NON_RESPONDER,
    ResponseReason.MISSING_GRADES: Response.NOT_EVALUABLE,
}

_RESPONSES = pd.Index(list(map(str, Response)), dtype="str")
_REASONS = pd.Index(list(map(str, ResponseReason)), dtype="str")
_RESULT_OF_REASON = np.array([list(Response).index(RESULT_OF[one]) for one in ResponseReason])
_MUSCLE_CHANGES = pd.Index(["improved", "worsened", "ungraded", "unchanged"], dtype="str")
_IMPROVED, _WORSENED, _UNGRADED, _UNCHANGED = range(len(MuscleChange))


def muscle_counts(
    exams: Examinations, baseline: Ints, month_6: Ints, rules: Rules = RULES
) -> Columns:
    """Count affected, improvable, improved, ungraded and worsened muscles of each patient.

    Parameters
    ----------
    exams : Examinations
    baseline, month_6 : position in ``exams`` per patient; -1 where there is none
    rules : Rules

    Returns
    -------
    Columns of Int64, one row per patient: ``affected`` (baseline grade < 5) and ``improvable``
    (baseline grade ≤ 4), missing without a baseline; ``improved`` (#I), ``ungraded`` (#U) and
    ``worsened`` (#W), missing unless both examinations exist. [muscles, each side its own]
    """
    before, after = _grades(exams, baseline), _grades(exams, month_6)
    is_graded = before != NOT_GRADED
    is_improvable = is_graded & (before <= rules.improvable_up_to_thirds)
    counts = {
        "affected": is_graded & (before < rules.affected_below_thirds),
        "improvable": is_improvable,
        "improved": is_improvable & _gained(before, after, rules),
        "ungraded": is_improvable & (after == NOT_GRADED),
        "worsened": is_graded & _lost(before, after, rules),
    }
    needs_both = ("improved", "ungraded", "worsened")
    has_baseline, has_both = baseline >= 0, (baseline >= 0) & (month_6 >= 0)
    return Columns.named(
        {
            name: counted(
                muscles.sum(axis=1), is_there=has_both if name in needs_both else has_baseline
            )
            for name, muscles in counts.items()
        }
    )


def short_term_response(
    counts: Columns,
    *,
    index_day: Floats,
    baseline: Ints,
    month_6: Ints,
    is_stopped_for_inefficacy: Bools,
    as_of_day: int,
    rules: Rules = RULES,
) -> Columns:
    """Responder, non-responder or not evaluable, and why.

    Parameters
    ----------
    counts : Columns as `muscle_counts` returns
    index_day : first day of the first course; NaN without an infusion. [days since 1970-01-01]
    baseline, month_6 : position of the examination; -1 where there is none
    is_stopped_for_inefficacy : whether a regimen ended for inefficacy from index to day 243
    as_of_day : the day as of which the question is asked. [days since 1970-01-01]
    rules : Rules

    Returns
    -------
    Columns, one row per patient: ``short_term_response`` (`Response`), ``short_term_reason``
    (`ResponseReason`), ``strict_response`` (boolean: responder without a muscle that lost a point;
    missing when not evaluable) and ``provisional`` (boolean: the window of month 6 is still open;
    missing without an infusion).

    References
    ----------
    .. [1] J.-M. Léger et al., "Intravenous immunoglobulin as short- and long-term therapy of
       multifocal motor neuropathy: a retrospective study of response to IVIg and of its
       predictive criteria in 40 patients," J. Neurol. Neurosurg. Psychiatry 79(1):93-96, 2008
       (L08): "improvement of at least 1 point on the MRC score in at least two affected
       muscles at 6 months".
    """
    number = {name: np.nan_to_num(counts.floats(name)) for name in counts.names}
    has_infusion = np.isfinite(index_day)
    has_month_6 = month_6 >= 0
    is_open = as_of_day <= index_day + rules.month_6_days[1]
    needed = rules.muscles_needed
    still_possible = number["improved"] + number["ungraded"]
    # The lines of the rule by their numbers; the first that applies.
    lines = {
        ResponseReason.NO_INFUSION: ~has_infusion,  # 1
        ResponseReason.NO_BASELINE: baseline < 0,  # 2
        ResponseReason.FEWER_THAN_2_IMPROVABLE: number["improvable"] < needed,  # 3
        ResponseReason.STOPPED_FOR_INEFFICACY: ~has_month_6 & is_stopped_for_inefficacy,  # 4
        ResponseReason.PENDING: ~has_month_6 & is_open,  # 5
        ResponseReason.NO_EXAMINATION: ~has_month_6,  # 6
        ResponseReason.IMPROVED: number["improved"] >= needed,  # 7
        ResponseReason.NOT_IMPROVED: still_possible < needed,  # 8
    }
    otherwise = list(ResponseReason).index(ResponseReason.MISSING_GRADES)  # 9
    deciding = [list(ResponseReason).index(line) for line in lines]
    reason = np.select(list(lines.values()), deciding, otherwise)
    result = Words(_RESULT_OF_REASON[reason], _RESPONSES, is_categorical=False)
    is_strict = result.is_(Response.RESPONDER) & (number["worsened"] == 0)
    return Columns.named(
        {
            "short_term_response": result,
            "short_term_reason": Words(reason, _REASONS, is_categorical=False),
            "strict_response": answered(is_strict, ~result.is_(Response.NOT_EVALUABLE)),
            "provisional": answered(is_open, has_infusion),
        }
    )


def stopped_for_inefficacy_day(
    regimens: Columns, patient: Ints, index_day: Floats, rules: Rules = RULES
) -> Floats:
    """First day from index to day 243 on which a regimen ended for inefficacy (line 4).

    Parameters
    ----------
    regimens : Columns of the regimens as known on the day asked about
    patient : code of each regimen's patient; -1 for nobody of the cohort
    index_day : one value per patient; NaN without an infusion. [days since 1970-01-01]
    rules : Rules

    Returns
    -------
    One day per patient, NaN where no regimen ended so: any route counts, also a regimen begun
    before the index. [days since 1970-01-01]
    """
    ended = regimens.days("ended_on")
    is_ours = (patient >= 0) & regimens.words("end_reason").is_("inefficacy")
    patient, ended = patient[is_ours], ended[is_ours]
    since_index = ended - index_day[patient]
    is_early = (since_index >= 0) & (since_index <= rules.month_6_days[1])
    first = np.full(len(index_day), np.inf)
    np.minimum.at(first, patient[is_early], ended[is_early])
    return np.where(np.isinf(first), np.nan, first)


def muscle_changes(
    exams: Examinations, baseline: Ints, month_6: Ints, rules: Rules = RULES
) -> pd.DataFrame:
    """What became of every muscle graded at baseline: the evidence behind a response.

    Parameters
    ----------
    exams : Examinations
    baseline, month_6 : position in ``exams`` per patient; -1 where there is none
    rules : Rules

    Returns
    -------
    DataFrame, one row per patient with a baseline and muscle graded there: ``study_id``,
    ``muscle``, ``side``, ``baseline_thirds`` and ``month6_thirds`` (NaN where not graded)
    [thirds of an MRC point], ``improvable``, ``change`` (`MuscleChange`).
    """
    return muscle_change_columns(exams, baseline, month_6, rules).frame()


def muscle_change_columns(
    exams: Examinations, baseline: Ints, month_6: Ints, rules: Rules = RULES
) -> Columns:
    """What `muscle_changes` returns, as columns."""
    has_baseline = np.flatnonzero(baseline >= 0)
    before = _grades(exams, baseline[has_baseline])
    row, column = np.nonzero(before != NOT_GRADED)
    patient, before = has_baseline[row], before[row, column]
    after = _grades(exams, month_6[has_baseline])[row, column]
    change = np.select(
        [after == NOT_GRADED, _gained(before, after, rules), _lost(before, after, rules)],
        [_UNGRADED, _IMPROVED, _WORSENED],
        _UNCHANGED,
    )
    return Columns.named(
        {
            "study_id": labels(patient, exams.study_ids),
            "muscle": labels(column // len(SIDE_WORDS), MUSCLE_WORDS),
            "side": labels(column % len(SIDE_WORDS), SIDE_WORDS),
            "baseline_thirds": before.astype(float),
            "month6_thirds": np.where(after == NOT_GRADED, np.nan, after),
            "improvable": before <= rules.improvable_up_to_thirds,
            "change": labels(change, _MUSCLE_CHANGES),
        }
    )


def lost_muscles(before: Grades, after: Grades, rules: Rules = RULES) -> Bools:
    """Muscles graded in both that lost at least one point."""
    lost: Bools = (before != NOT_GRADED) & _lost(before, after, rules)
    return lost


def _grades(exams: Examinations, position: Ints) -> Grades:
    """Grades of the examinations at these positions; nothing graded where there is none."""
    grades = np.full((len(position), len(MUSCLES)), NOT_GRADED, dtype=np.int8)
    is_there = position != NO_EXAMINATION
    grades[is_there] = exams.thirds[position[is_there]]
    return grades


def _gained(before: npt.NDArray[np.int8], after: npt.NDArray[np.int8], rules: Rules) -> Bools:
    gained: Bools = (after != NOT_GRADED) & (after - before >= rules.point_thirds)
    return gained


def _lost(before: npt.NDArray[np.int8], after: npt.NDArray[np.int8], rules: Rules) -> Bools:
    lost: Bools = (after != NOT_GRADED) & (before - after >= rules.point_thirds)
    return lost
