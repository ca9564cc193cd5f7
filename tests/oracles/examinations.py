"""Examinations, their windows, grips and sum scores (outcomes.md §0, §2, §3 variants, §7)."""

from datetime import timedelta
from fractions import Fraction

from .records import remembered
from .treatment import course_starts, days_between, index_on, infusion_days

POINT = 3  # a point of the MRC scale, in thirds
FULL_STRENGTH = 15
SET_60 = [
    "shoulder_abduction",
    "elbow_flexion",
    "wrist_extension",
    "hip_flexion",
    "knee_extension",
    "ankle_dorsiflexion",
]
SET_70 = [*SET_60, "first_dorsal_interosseous"]
SET_140 = [
    *SET_70,
    *("elbow_extension", "wrist_flexion", "finger_extension", "finger_flexion"),
    *("thumb_abduction", "ankle_plantarflexion", "great_toe_extension"),
]
MUSCLE_SETS = {"MRC-60": SET_60, "MRC-70": SET_70, "MRC-140": SET_140}


def thirds(grade):
    """§0: `3-` = 2⅔, `4+` = 4⅓, `5-` = 4⅔, counted in thirds; NT has no grade."""
    if grade == "NT":
        return None
    return 3 * int(grade[0]) + {"": 0, "-": -1, "+": 1}[grade[1:]]


@remembered
def examinations(own):
    """§2: "a visit with at least one graded muscle". {day: {(muscle, side): thirds}}.

    §0: "A muscle flagged not due to MMN … at an examination counts as not graded there."
    """
    found = {}
    for row in own["muscle_scores"]:
        grade = thirds(row["mrc_grade"])
        if grade is not None and row["not_due_to_mmn"] != "yes":
            found.setdefault(row["visited_on"], {})[row["muscle"], row["side"]] = grade
    return found


def counting(window):
    """§2: "among the examinations of a window, those that grade at least half as many muscles as
    the fullest of that window". The days, in order.
    """
    fullest = max((len(grades) for grades in window.values()), default=0)
    return sorted(day for day, grades in window.items() if 2 * len(grades) >= fullest)


def within(exams, first, last):
    return {day: grades for day, grades in exams.items() if first <= day <= last}


def baseline_on(own):
    """§2: "the last counting examination of days −90…0 from index_on"."""
    index = index_on(own)
    if index is None:
        return None
    days = counting(within(examinations(own), index - timedelta(days=90), index))
    return days[-1] if days else None


def month6_on(own):
    """§2: "the counting examination nearest to day 183 among days 122…243; a tie goes to the
    later".
    """
    index = index_on(own)
    if index is None:
        return None
    window = within(examinations(own), index + timedelta(days=122), index + timedelta(days=243))
    nearest = None
    for day in counting(window):  # in order, so that an equal distance later on wins
        distance = abs(days_between(index, day) - 183)
        if nearest is None or distance <= abs(days_between(index, nearest) - 183):
            nearest = day
    return nearest


def days_since_infusion(own, day):
    given = [infused for infused, _ in infusion_days(own) if infused <= day]
    return days_between(max(given), day) if given else None


def cycle_phase(own, day):
    """§2: "trough if the next course starts on that day or at most 3 days later, peak if 7…28 days
    after the last infusion day, else other".
    """
    if any(0 <= days_between(day, start) <= 3 for start in course_starts(own)):
        return "trough"
    since = days_since_infusion(own, day)
    return "peak" if since is not None and 7 <= since <= 28 else "other"


@remembered
def vigorimeter_grips(own):
    """{side: [(day, kPa), …] in order of days}."""
    grips = {"left": [], "right": []}
    for row in own["grip_strengths"]:
        if row["device"] == "vigorimeter_kpa":
            grips[row["side"]].append((row["visited_on"], row["value"]))
    return {side: sorted(values) for side, values in grips.items()}


def sum_score(grades, muscle_set):
    """§7: "it exists only if every muscle of the set has a grade, and otherwise says which are
    missing". (points or None, missing muscles)
    """
    wanted = [(muscle, side) for muscle in MUSCLE_SETS[muscle_set] for side in ("left", "right")]
    missing = [key for key in wanted if key not in grades]
    if missing:
        return None, missing
    return Fraction(sum(grades[key] for key in wanted), POINT), []


def sum_scores(own):
    """Every examination and set: {(day, set): (points or None, number missing)}."""
    scores = {}
    for day, grades in examinations(own).items():
        for muscle_set in MUSCLE_SETS:
            points, missing = sum_score(grades, muscle_set)
            scores[day, muscle_set] = (points, len(missing))
    return scores
