"""Visits, muscle grades and grips, drawn at the edges of sections 2, 3 and 4."""

FROM_FIRST = [-200, -91, -90, -89, -45, -7, -1, 0, 0, 1, 30, 60, 90, 91, 121, 122, 123, 150, 182]
FROM_FIRST += [183, 184, 200, 243, 244, 272, 273, 274, 364, 365, 366, 400, 453, 454, 455, 600]
FROM_LAST = [-30, -3, -1, 0, 1, 27, 28, 29, 30, 41, 42, 43, 44, 45, 46, 56, 90, 182, 183, 184]
FROM_LAST += [185, 250, 366, 500]
MONTH_6_WINDOW = range(122, 244)

MUSCLES = [
    ("wrist_extension", "right"),
    ("wrist_extension", "left"),
    ("finger_extension", "right"),
    ("thumb_abduction", "left"),
    ("ankle_dorsiflexion", "right"),
    ("elbow_flexion", "left"),
]
FULL_SET = [
    *("shoulder_abduction", "elbow_flexion", "wrist_extension", "hip_flexion", "knee_extension"),
    *("ankle_dorsiflexion", "first_dorsal_interosseous", "elbow_extension", "wrist_flexion"),
    *("finger_extension", "finger_flexion", "thumb_abduction", "ankle_plantarflexion"),
    "great_toe_extension",
]
GRADES = ["0", "1", "2-", "2", "2+", "3-", "3", "3+", "4-", "4", "4+", "5-", "5"]
# What a visit says of one muscle: mostly grades a point apart, sometimes nothing or no grade.
CELLS = ["2", "2", "3", "3", "4", "4", "5", "3-", "4-", "4+", "5-", "0", "NT", "", "not due"]
# Pairs lie exactly 8 kPa apart in decimals and not in binary.
GRIPS = ["22.1", "22.2", "30", "30.1", "30.2", "38", "38.1", "38.2", "40.3", "46.1", "48.3", "56.3"]


def visit_days(pick, infused):
    first, last = min(infused), max(infused)
    days = set()
    if not pick.once_in(4):
        days.add(first + pick.one_of([-90, -10, -1, 0]))
    if not pick.once_in(4):
        days.add(first + pick.one_of([122, 150, 182, 183, 184, 216, 243]))
    if pick.once_in(2):
        days |= {last + day for day in pick.some_of(FROM_LAST, 4)}
    days |= {first + day for day in pick.some_of(FROM_FIRST, 4)}
    for _ in range(pick.number(0, 2)):
        days.add(pick.one_of(sorted(infused)) + pick.one_of(FROM_LAST))
    if pick.once_in(6):
        days = {day for day in days if day - first not in MONTH_6_WINDOW}
    return sorted(days)


def score(muscle, side, day, cell):
    return {
        "visited_on": day,
        "muscle": muscle,
        "side": side,
        "mrc_grade": "3" if cell == "not due" else cell,
        "not_due_to_mmn": "yes" if cell == "not due" else "",
    }


def scores(pick, days):
    """Grades of a few muscles; sometimes all others of the fullest set with them."""
    rows = []
    muscles = MUSCLES[: pick.one_of([1, 2, 3, 4, 5, 6, 6, 6])]
    is_full = pick.once_in(8)
    style = pick.one_of(["any", "any", "falling", "rising", "level", "noisy"])
    for place, day in enumerate(days):
        is_partial, is_full_here = pick.once_in(8), is_full and not pick.once_in(4)
        for number, (muscle, side) in enumerate(muscles):
            cell = _cell(pick, style, place, number)
            if cell and not (is_partial and number > place % 3):
                rows.append(score(muscle, side, day, cell))
        if is_full_here:
            others = [(muscle, side) for muscle in FULL_SET for side in ("left", "right")]
            rows += [score(*other, day, "5") for other in others if other not in muscles]
    for row in rows[:2]:
        row["origin"] = pick.one_of(["", "graded", "carried_forward", "rest_normal"])
    return rows


def _cell(pick, style, place, number):
    if style == "any" or pick.once_in(6):
        return pick.one_of(CELLS)
    level = {"falling": 12 - place, "rising": 3 * place, "level": 7, "noisy": 6 + place % 2 * 3}
    return GRADES[min(12, max(0, level[style] - number % 3))]


def grips(pick, days):
    both = ("vigorimeter_kpa", "jamar_kg")
    rows = []
    for day in days:
        for side in pick.one_of([(), ("left",), ("right",), ("left", "right"), ("left", "right")]):
            for device in pick.one_of([both[:1], both[:1], both[:1], both[1:], both]):
                value = pick.one_of(GRIPS)
                rows.append({"visited_on": day, "side": side, "device": device, "value": value})
    return rows
