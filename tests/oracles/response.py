"""Short-term response at 6 months (outcomes.md §3)."""

from datetime import timedelta

from .examinations import (
    FULL_STRENGTH,
    POINT,
    baseline_on,
    examinations,
    month6_on,
    sum_score,
    vigorimeter_grips,
)
from .treatment import HISTORY, first_route, index_on


def muscle_counts(own):
    """§3: affected, improvable, #I, #U and #W; None where an examination is missing."""
    exams = examinations(own)
    before, after = exams.get(baseline_on(own)), exams.get(month6_on(own))
    counts = dict.fromkeys(("affected", "improvable", "improved", "ungraded", "worsened"))
    if before is None:
        return counts
    improvable = [muscle for muscle, grade in before.items() if grade <= FULL_STRENGTH - POINT]
    counts["affected"] = sum(grade < FULL_STRENGTH for grade in before.values())
    counts["improvable"] = len(improvable)
    if after is None:
        return counts
    counts["improved"] = sum(
        muscle in after and after[muscle] - before[muscle] >= POINT for muscle in improvable
    )
    counts["ungraded"] = sum(muscle not in after for muscle in improvable)
    counts["worsened"] = sum(
        muscle in after and grade - after[muscle] >= POINT for muscle, grade in before.items()
    )
    return counts


def ended_for_inefficacy(own, first, last):
    """§3 line 4: "a regimen (any, also one begun earlier) that ended for inefficacy from index_on
    to day 243, both included".
    """
    return any(
        row["end_reason"] == "inefficacy" and row["ended_on"] and first <= row["ended_on"] <= last
        for row in own["regimens"]
    )


def short_term(own, as_of):
    """§3: "First line that applies" of the nine. (response, reason)"""
    index = index_on(own)
    if index is None:
        return "not_evaluable", "NO_INFUSION"
    counts = muscle_counts(own)
    if counts["affected"] is None:
        return "not_evaluable", "NO_BASELINE"
    if counts["improvable"] < 2:
        return "not_evaluable", "FEWER_THAN_2_IMPROVABLE"
    if counts["improved"] is None:
        return _without_month6(own, index + timedelta(days=243), as_of)
    return _with_both_examinations(counts)


def _without_month6(own, day_243, as_of):
    """Lines 4 to 6."""
    if ended_for_inefficacy(own, index_on(own), day_243):
        return "non_responder", "STOPPED_FOR_INEFFICACY"
    return "not_evaluable", "PENDING" if as_of <= day_243 else "NO_EXAMINATION"


def _with_both_examinations(counts):
    """Lines 7 to 9."""
    if counts["improved"] >= 2:
        return "responder", "IMPROVED"
    if counts["improved"] + counts["ungraded"] < 2:
        return "non_responder", "NOT_IMPROVED"
    return "not_evaluable", "MISSING_GRADES"


def strict_response(own, as_of):
    """§3: "responder and #W = 0"; "no for non-responders, empty when not evaluable"."""
    response, _ = short_term(own, as_of)
    if response == "not_evaluable":
        return None
    return response == "responder" and muscle_counts(own)["worsened"] == 0


def provisional(own, as_of):
    """§3: "while as_of ≤ day 243 (empty without an infusion)"."""
    index = index_on(own)
    return None if index is None else as_of <= index + timedelta(days=243)


def in_primary_table(own):
    """§3: "naive patients whose index course is IV …, and the naive without any infusion"."""
    naive = HISTORY[own["patient"]["prior_immunoglobulin"]] == "naive"
    return naive and first_route(own) in {"IV", ""}


def grip_response(own):
    """§3 variant: "gain ≥ 8 kPa (Martin vigorimeter) in the hand weaker at baseline".

    None unless both hands were measured unequally at baseline and the weaker one at month 6.
    """
    before, after = baseline_on(own), month6_on(own)
    grips = {side: dict(values) for side, values in vigorimeter_grips(own).items()}
    left, right = (grips[side].get(before) for side in ("left", "right"))
    if left is None or right is None or left == right:
        return None
    weaker = grips["left" if left < right else "right"]
    return weaker[after] - weaker[before] >= 8 if after in weaker else None


def mrc_sum_response(own, muscle_set):
    """§3 variant: "gain ≥ 2 on the named muscle set"; None unless both sums exist."""
    exams = examinations(own)
    before, after = (
        sum_score(exams.get(day, {}), muscle_set)[0] for day in (baseline_on(own), month6_on(own))
    )
    return None if before is None or after is None else after - before >= 2
