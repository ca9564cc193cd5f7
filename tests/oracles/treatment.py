"""Treatment history, infusion days, courses and the expected interval (outcomes.md §1)."""

from datetime import timedelta
from fractions import Fraction
from statistics import median

from .records import remembered

HISTORY = {"no": "naive", "yes": "pretreated", "unknown": "unknown"}


def days_between(earlier, later):
    return (later - earlier).days


def last_visit_on(own):
    return max((visit["visited_on"] for visit in own["visits"]), default=None)


def recorded_infusion_days(own):
    """§1: "rows of one day and route are one infusion, grams add". {(day, route): grams}."""
    grams = {}
    for row in own["infusions"]:
        key = (row["given_on"], row["route"])
        grams[key] = grams.get(key, Fraction(0)) + row["dose_g"]
    return grams


def home_days(own, regimen):
    """§1 Home treatment: the days for which an SC or FSC regimen stands, without a record of each.

    "from its start or, if infusions of that route are recorded on days of the regimen (from its
    start, before its end), from one interval after the last of them; before its end, and never
    beyond the last visit (≤ as_of)".
    """
    applies = regimen["route"] in {"SC", "FSC"}
    planned = regimen["planned_dose_g"] is not None and regimen["planned_interval_days"] is not None
    last_visit = last_visit_on(own)
    if not (applies and planned and last_visit):
        return []

    def runs(day):
        return regimen["started_on"] <= day and (
            regimen["ended_on"] is None or day < regimen["ended_on"]
        )

    interval = timedelta(days=int(regimen["planned_interval_days"]))
    recorded = [
        row["given_on"]
        for row in own["infusions"]
        if row["route"] == regimen["route"] and runs(row["given_on"])
    ]
    day = max(recorded) + interval if recorded else regimen["started_on"]
    days = []
    while runs(day) and day <= last_visit:
        days.append(day)
        day += interval
    return days


@remembered
def infusion_days(own):
    """Every infusion day, recorded or of home treatment: {(day, route): grams}."""
    grams = recorded_infusion_days(own)
    for regimen in own["regimens"]:
        for day in home_days(own, regimen):
            key = (day, regimen["route"])
            grams[key] = grams.get(key, Fraction(0)) + regimen["planned_dose_g"]
    return grams


@remembered
def courses(own):
    """§1: "a day joins the running course if it is at most 3 days after the course's last day and
    at most 6 days after its first day; otherwise it starts a new one."
    """
    grams = infusion_days(own)
    found = []
    for route in ("IV", "SC", "FSC"):
        running = None
        for day in sorted(day for day, of_route in grams if of_route == route):
            joins = (
                running is not None
                and days_between(running["last_on"], day) <= 3
                and days_between(running["first_on"], day) <= 6
            )
            if not joins:
                running = {"route": route, "first_on": day, "dose_g": Fraction(0), "days": 0}
                found.append(running)
            running["last_on"] = day
            running["dose_g"] += grams[day, route]
            running["days"] += 1
    return found


def index_on(own):
    """§1: "first day of the first course (home treatment included)"."""
    return min((course["first_on"] for course in courses(own)), default=None)


def first_route(own):
    """§3: the route of the index course; "IV wins if two routes begin that day"."""
    index = index_on(own)
    routes = [course["route"] for course in courses(own) if course["first_on"] == index]
    return next((route for route in ("IV", "SC", "FSC") if route in routes), "")


@remembered
def course_starts(own):
    """Distinct start dates of the courses of any route."""
    return sorted({course["first_on"] for course in courses(own)})


def expected_interval(starts):
    """§1: "median of the last 4 start-to-start intervals between distinct course start dates …
    (fewer if fewer exist; 28 days if there is only one)". Exact, not rounded.
    """
    intervals = [Fraction(days_between(starts[i], starts[i + 1])) for i in range(len(starts) - 1)]
    return median(intervals[-4:]) if intervals else Fraction(28)


def last_infusion_on(own):
    return max((day for day, _ in infusion_days(own)), default=None)


def on_treatment(own, day):
    """§1: "last infusion day on or before d is ≥ d − max(1.5·e, 45), e (not rounded) from the
    courses up to d".
    """
    given = [infused for infused, _ in infusion_days(own) if infused <= day]
    if not given:
        return False
    interval = expected_interval([start for start in course_starts(own) if start <= day])
    return days_between(max(given), day) <= max(Fraction(3, 2) * interval, 45)


def last_contact_on(own):
    """§4: "latest of visit and recorded infusion day, ≤ as_of"; home treatment is not contact."""
    days = [visit["visited_on"] for visit in own["visits"]]
    days += [row["given_on"] for row in own["infusions"]]
    return max(days, default=None)


def runs_on(row, day):
    """§4: "Running at a date = started on or before it and not ended, or ended after it"."""
    return row["started_on"] <= day and (row["ended_on"] is None or row["ended_on"] > day)
