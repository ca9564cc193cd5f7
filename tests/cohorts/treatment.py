"""Infusions, regimens and what is given beside them, drawn at the edges of sections 1, 4 and 6.

Days are offsets from a patient's day 0; infusions are rows (offset, route, product, grams).
"""

import math

ROUTES = ["IV", "SC", "FSC"]
# Days from one infusion day to the next within a course: 3 and 4, 6 and 7 are the edges.
COURSE_PATTERNS = [(0,), (0,), (0,), (0, 1), (0, 1, 2, 3, 4), (0, 3), (0, 4), (0, 3, 6)]
COURSE_PATTERNS += [(0, 3, 6, 7), (0, 2, 5, 7), (0, 7), (0, 3, 6, 9)]
GAPS = [7, 14, 21, 28, 28, 28, 30, 31, 41, 42, 43, 45, 46, 55, 56, 57, 68]
GAPS += [119, 120, 121, 122, 182, 183, 184, 200, 240, 241, 366]
# A gap as a multiple of the one before it: 1.5·e, 2·e and their neighbours.
STRETCHES = [(1.5, 0), (1.5, -1), (1.5, 1), (2, 0), (2, 1)]
DOSES = ["10", "12.5", "16", "20", "20", "25", "31.25", "33.3", "0.1", "62.5", "70", "1.9", "310"]
DOSE_CHANGES = ["20 25", "20 24.9", "25 20", "25 20.1", "20 16", "0.1 0.125", "30 24"]
DOSE_CHANGES += ["33.3 41.625", "20 20", "7 8.75", "20 5", "20 60", "20 26", "20 40"]
NEAR_THE_END = [-400, -100, -1, 0, 1]
OUTCOMES = ["failed", "failed", "tolerated", "unknown"]


def irregular_treatment(pick, start=0):
    """Courses with every kind of gap, routes mixed; rows (offset, route, product, grams)."""
    rows, day, gap = [], start, 28
    route = pick.one_of(["IV", "IV", "SC"])
    for _ in range(pick.number(1, 8)):
        if pick.once_in(8):
            route = pick.one_of(ROUTES)
        dose = pick.one_of(DOSES)
        for offset in pick.one_of(COURSE_PATTERNS):
            rows.append((day + offset, route, "Kiovig", dose))
        if pick.once_in(10):
            rows.append((day, pick.one_of(ROUTES), pick.one_of(["Other", "Kiovig"]), dose))
        if pick.once_in(2):
            times, more = pick.one_of(STRETCHES)
            gap = min(400, max(7, math.ceil(times * gap) + more))
        else:
            gap = pick.one_of(GAPS)
        day += gap
    return rows


def steady_treatment(pick, start=0, route="IV"):
    """Regular courses long enough for both dose windows; the dose may change once."""
    interval = pick.one_of([7, 14, 21, 28, 28, 30, 35, 42, 60, 61])
    courses = min(60, pick.one_of([183, 270, 460, 480, 640]) // interval)
    first_dose, second_dose = pick.one_of(DOSE_CHANGES).split()
    change = pick.one_of([140, 272, 273, 280, 300]) // interval
    skipped = pick.some_of(range(1, 21), 2) if pick.once_in(2) else []
    pattern = pick.one_of([(0,), (0,), (0, 1), (0, 1, 2, 3, 4)])
    rows = []
    for number in range(courses):
        dose = first_dose if number <= change else second_dose
        if number not in skipped:
            rows += [(start + number * interval + day, route, "Kiovig", dose) for day in pattern]
    return rows


def treatment(pick):
    kind = pick.one_of(["none", *["irregular"] * 4, *["steady"] * 4, *["both"] * 2])
    if kind == "none":
        return []
    rows = steady_treatment(pick) if kind == "steady" else irregular_treatment(pick)
    if kind == "both":
        start = max(row[0] for row in rows) + pick.one_of([-60, 0, 5, 28, 60, 183])
        rows += steady_treatment(pick, start, pick.one_of(ROUTES))
    return list({row[:3]: row for row in rows}.values())


def regimens(pick, infused):
    """Per route one after another, half-open; home treatment begins where it likes."""
    rows = []
    first, last = (min(infused), max(infused)) if infused else (0, 0)
    for route in pick.some_of(ROUTES, 2):
        day = pick.one_of([first, first, first - 30, last, last + 28, 0])
        for _ in range(pick.number(1, 2)):
            length = pick.one_of([0, 1, 28, 90, 183, 243, 244, 300, 700, None, None])
            ended_on = None if length is None else day + length
            rows.append(regimen(pick, route, day, ended_on))
            if ended_on is None:
                break
            day = ended_on + pick.one_of([0, 1, 30]) + (length == 0)
    return rows


def regimen(pick, route, started_on, ended_on):
    planned = not pick.once_in(3)
    reasons = ["inefficacy", "inefficacy", "switch", ""]
    return {
        "started_on": started_on,
        "route": route,
        "product": pick.one_of(["Hizentra", ""]),
        "planned_dose_g": pick.one_of(["10", "12.5", "20"] if planned else ["", "20"]),
        "planned_interval_days": pick.one_of(["7", "14", "3", "28"] if planned else ["", "7"]),
        "ended_on": ended_on,
        "end_reason": "" if ended_on is None else pick.one_of(reasons),
    }


def immunosuppressants(pick, last):
    started_on = last + pick.one_of(NEAR_THE_END)
    ends = [None, started_on, started_on + 1, started_on + 100, last, last + 1]
    ended_on = pick.one_of([day for day in ends if day is None or day >= started_on])
    return [{"drug": "rituximab", "started_on": started_on, "ended_on": ended_on}]
