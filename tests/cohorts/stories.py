"""Patients whose story ends on an edge that records drawn without a plan would seldom reach.

A story is a plan: visits as days, infusions as (offset, route, product, grams), rows otherwise.
"""

import math
from itertools import pairwise
from statistics import median

from .measurements import LONG_SITES, OTHER_SITES, segment
from .strength import FULL_SET, GRIPS, MUSCLES, score
from .treatment import ROUTES, regimen

WEAK, STRONG = "2", "4"  # responds to treatment: two points
NOT_GRADED = None


def _plan(infusions, exams, **tables):
    """``exams``: {day: grades of the muscles, in order}."""
    rows = [
        score(*muscle, day, grade)
        for day, grades in exams.items()
        for muscle, grade in zip(MUSCLES, grades, strict=False)
        if grade is not NOT_GRADED
    ]
    empty = {"regimens": [], "grip_strengths": [], "nerve_segments": []}
    visits = sorted(set(exams) | set(tables.pop("visits", ())))
    plan = {"infusions": infusions, "visits": visits, "muscle_scores": rows}
    return empty | plan | tables


def _iv(days, dose="30"):
    return [(day, "IV", "Kiovig", dose) for day in days]


def _grips(values):
    """{(day, side): kPa} as rows."""
    return [
        {"visited_on": day, "side": side, "device": "vigorimeter_kpa", "value": value}
        for (day, side), value in values.items()
    ]


def stopped_for_inefficacy(pick):
    """Weak at the start, never seen in the month-6 window, stopped around its last day."""
    days = [28 * number for number in range(pick.number(1, 6))]
    exams = {pick.one_of([-90, -1, 0]): [WEAK] * 3}
    for day in pick.some_of([121, 244, 300], 2):
        exams[day] = [pick.one_of([WEAK, STRONG])] * 3
    started_on = pick.one_of([-30, 0, 10])
    ended_on = max(started_on, pick.one_of([-1, 0, 120, 242, 243, 244]))
    row = regimen(pick, pick.one_of(ROUTES), started_on, ended_on)
    row["end_reason"] = pick.one_of(["inefficacy", "inefficacy", "inefficacy", "switch"])
    row["planned_dose_g"] = ""
    return _plan(_iv(days), exams, regimens=[row])


def off_treatment(pick):
    """A responder's treatment pauses for a chosen time; strength is seen again around its edges."""
    starts = [0]
    usual = pick.one_of([[21, 27, 28, 28, 29], [28, 29, 30, 31], [30, 31], [42, 43]])
    for _ in range(pick.number(5, 9)):
        starts.append(starts[-1] + pick.one_of(usual))
    interval = median([b - a for a, b in pairwise(starts)][-4:])
    pattern = pick.one_of([(0,), (0,), (0, 1), (0, 1, 2, 3, 4)])
    infusions = _iv([day + extra for day in starts for extra in pattern])
    if pick.once_in(3):  # another route begins with the last course, and ends earlier or later
        other = [starts[-1] + day for day in pick.one_of([(0,), (0, 3, 6), (0, 2)])]
        infusions += [(day, "SC", "Hizentra", "10") for day in other]
    last = max(row[0] for row in infusions)
    edge = pick.one_of([math.floor(1.5 * interval), math.ceil(1.5 * interval)])
    again = starts[-1] + pick.one_of([edge, edge, edge + 1, 100]) if pick.once_in(2) else None
    if again is None and pick.once_in(2):
        again = last + pick.one_of([182, 183, 184, 300])
    if again:
        infusions += _iv([again])
    seen = [last + day for day in (1, 20, 28, 29, 30, 45, 46, edge, edge + 1, 182, 183, 184, 400)]
    seen += [again + day for day in (-1, 0, 1, 45, 60)] if again else []
    days = sorted(set(pick.some_of([day for day in seen if day > last - 40], 5)))
    exams = {0: [WEAK] * 6, 183: [STRONG] * 6, max(184, starts[-1] + 1): [STRONG] * 6}
    for day in days:
        exams[day] = _seen_again(pick)
    values = {}
    if pick.once_in(2):
        values = {(day, "left"): pick.one_of(["30.2", "38.2", "38.2", "46.2"]) for day in days}
    return _plan(
        infusions, exams, grip_strengths=_grips(values), regimens=_late_regimens(pick, last)
    )


def _seen_again(pick):
    """Strength kept, lost in one muscle or in more; sometimes only a few muscles are graded."""
    lost = pick.one_of([0, 0, 1, 2, 2, 6])
    grades = [pick.one_of(["3", "3", "2", "3+"])] * lost + [STRONG] * (6 - lost)
    return grades[: pick.one_of([2, 3, 6, 6, 6])]


def _late_regimens(pick, last):
    """Regimens that begin around a day near the end, of several routes, ended or not."""
    if not pick.once_in(3):
        return []
    started_on = last + pick.one_of([-200, 0, 1, 30, 182, 183, 400])
    rows = []
    for route in pick.some_of(ROUTES, 3):
        ended_on = started_on + pick.one_of([0, 1, 200])
        row = regimen(pick, route, started_on, None if pick.once_in(6) else ended_on)
        rows.append(row | {"planned_dose_g": ""})
    return rows


def stopped_without_a_known_response(pick):
    """Nothing graded early enough to say who responds; regimens end around the last contact."""
    infusions = _iv([28 * number for number in range(9)])
    contact = 224 + pick.one_of([45, 46, 182, 183, 250])
    exams = {contact: [STRONG] * 3}
    return _plan(infusions, exams, regimens=_late_regimens(pick, pick.one_of([224, contact])))


def changed_dose(pick):
    """Even courses whose dose changes between the windows; strength falls by about two points."""
    interval = pick.one_of([7, 14, 13, 30])
    before, after = pick.one_of(
        ["20 25", "20 24.9", "25 20", "25 20.1", "8 10", "0.1 0.125"]
    ).split()
    infusions = [
        (day, "IV", "Kiovig", before if day <= 280 else after) for day in range(0, 640, interval)
    ]
    contact = pick.one_of([454, 455, 600, 620])
    exams = {0: ["4", "4", "4", "4"]}
    if pick.once_in(2):
        exams[183] = ["4"] * 4
    best = pick.one_of([364, 365, 366, -1])
    exams[best] = ["5", "5", "5", "4"]
    exams[contact] = [pick.one_of(["4", "4+", "4"]), "4", pick.one_of(["5", "4+"]), "4"]
    if pick.once_in(3):
        exams[contact + 1] = ["2"]
    values = {(best, "left"): "38.1", (contact, "left"): pick.one_of(["30.1", "30.2", "40.3"])}
    grips = _grips(values) if pick.once_in(2) else []
    return _plan([row for row in infusions if row[0] <= contact], exams, grip_strengths=grips)


def slow_treatment(pick):
    """Courses months apart, with gaps around twice the expected interval and around 120 days."""
    day, days = 0, []
    usual = pick.one_of([[60, 61], [60, 61], [59, 60], [75, 76]])
    for _ in range(pick.number(5, 8)):
        days.append(day)
        day += pick.one_of(usual)
    for _ in range(3):
        days.append(day)
        day += pick.one_of([119, 120, 121, 122, 123, 150, 151, 152, *usual])
    exams = {0: [WEAK] * 3, day + pick.one_of([-20, 0, 60]): [STRONG] * 3}
    return _plan(_iv(days), exams)


def home_treatment(pick):
    """Courses by vein, then a home regimen with records of some infusions, some of another day."""
    route, other = pick.one_of([("SC", "FSC"), ("FSC", "SC")])
    started_on = pick.one_of([0, 56, 84, 200])
    ended_on = pick.one_of([None, None, started_on + 90, started_on + 400])
    row = regimen(pick, route, started_on, ended_on)
    row |= {"planned_dose_g": "10", "planned_interval_days": pick.one_of(["7", "14", "3"])}
    recorded = pick.some_of([-1, 0, 1, 7, 14, 30, 89, 90, 91, 399, 400], 3)
    infusions = _iv(range(0, started_on, 28))
    infusions += [
        (started_on + day, pick.one_of([route, route, other]), "Hizentra", "12.5")
        for day in recorded
    ]
    exams = {day: [pick.one_of([WEAK, STRONG])] * 3 for day in pick.some_of([-10, 0, 183], 3)}
    last = pick.some_of([84, 183, 289, 290, 291, 454, 460, 600, 700], 3)
    return _plan(infusions, exams, regimens=[row], visits=last)


def two_studies(pick):
    """The same one or two segments before treatment, or a month into it, and long after."""
    days = [pick.one_of([-40, 0, 29, 30, 31]), pick.one_of([100, 400])]
    keys = {pick.one_of(LONG_SITES), pick.one_of([*LONG_SITES, *LONG_SITES, *OTHER_SITES])}
    rows = [
        segment(pick, key) | {"studied_on": day, "side": "right", "excluded": ""}
        for day in days
        for key in sorted(keys)
    ]
    return _plan(_iv([0, 28, 56]), {0: [WEAK] * 3}, nerve_segments=rows)


def measured_fully(pick):
    """Every muscle of the fullest set graded twice, and both hands squeezed."""
    begins = pick.one_of([("IV",), ("IV", "SC"), ("SC", "FSC"), ("FSC",)])
    infusions = [(28 * n, route, "Kiovig", "20") for n in range(7) for route in begins]
    others = [(muscle, side) for muscle in FULL_SET for side in ("left", "right")]
    rows = []
    for day in (0, 183):
        grades = [*MUSCLES, *(other for other in others if other not in MUSCLES)]
        drawn = [pick.one_of(["3", "4", "4+", "5"]) for _ in MUSCLES]
        rows += [score(*muscle, day, grade) for muscle, grade in zip(MUSCLES, drawn, strict=True)]
        rows += [score(*other, day, "5") for other in grades[len(MUSCLES) :]]
    if pick.once_in(3):
        rows.pop(pick.number(0, len(rows) - 1))
    squeezed = {(day, side): pick.one_of(GRIPS) for day in (0, 183) for side in ("left", "right")}
    plan = _plan(infusions, {0: [], 183: []}, grip_strengths=_grips(squeezed))
    return plan | {"muscle_scores": rows}


STORIES = [
    stopped_for_inefficacy,
    off_treatment,
    off_treatment,
    stopped_without_a_known_response,
    changed_dose,
    home_treatment,
    slow_treatment,
    two_studies,
    two_studies,
    measured_fully,
]
