"""Dose of the maintenance window, its trend and declining responsiveness (outcomes.md §6)."""

import math
from datetime import timedelta
from fractions import Fraction

from .examinations import POINT, counting, examinations, vigorimeter_grips, within
from .records import remembered
from .treatment import courses, days_between, expected_interval, index_on, last_contact_on


def rounded_half_up(number):
    return math.floor(number + Fraction(1, 2))


@remembered
def dose_steps(own):
    """§6: "the grams of a course are spread evenly over the days from its first day to the day
    before the next course of that route begins; the last course over e days. An interval longer
    than max(2·e, 120) days is a pause: the course before it is spread over e days". As
    [(route, first day, number of days, grams a day), …].
    """
    steps = []
    for route in ("IV", "SC", "FSC"):
        of_route = [course for course in courses(own) if course["route"] == route]
        starts = [course["first_on"] for course in of_route]
        for i, course in enumerate(of_route):
            interval = rounded_half_up(expected_interval(starts[: i + 1]))
            days = interval
            if i + 1 < len(starts):
                to_next = days_between(starts[i], starts[i + 1])
                days = interval if to_next > max(2 * interval, 120) else to_next
            steps.append((route, starts[i], days, course["dose_g"] / days))
    return steps


def weekly_grams(own, first, last):
    """Grams that fall on the days first…last, both included, divided by 26 weeks."""
    grams = Fraction(0)
    for _, start, days, per_day in dose_steps(own):
        end = start + timedelta(days=days - 1)
        overlap = days_between(max(first, start), min(last, end)) + 1
        grams += per_day * max(0, overlap)
    return grams / 26


def last_weight(own):
    """§6: "the last weight on or before last_contact". (kg, day) or (None, None)"""
    contact = last_contact_on(own)
    weights = sorted(
        (visit["visited_on"], visit["weight_kg"])
        for visit in own["visits"]
        if visit["weight_kg"] is not None and visit["visited_on"] <= contact
    )
    return (weights[-1][1], weights[-1][0]) if weights else (None, None)


def trend(ratio):
    """§6: "(ratio rounded to 9 decimals): stopped if now 0, escalated ≥ 1.25, reduced ≤ 0.80, else
    stable".
    """
    if ratio == 0:
        return "stopped"
    ratio = round(ratio, 9)
    if ratio >= Fraction(5, 4):
        return "escalated"
    return "reduced" if ratio <= Fraction(4, 5) else "stable"


def dose(own):
    """§6: the dose columns, None where empty, and the first reason that applies."""
    result = dict.fromkeys(("weekly_dose_g", "weekly_dose_g_per_kg", "dose_ratio"))
    result |= {"dose_trend": "", "dose_reason": "", "declining_responsiveness": None}
    index = index_on(own)
    if index is None:
        return result | {"dose_reason": "NO_INFUSION"}
    contact = last_contact_on(own)
    window_on = contact - timedelta(days=181)
    if window_on < index + timedelta(days=91):
        return result | {"dose_reason": "TOO_SHORT"}
    weekly = result["weekly_dose_g"] = weekly_grams(own, window_on, contact)
    weight_kg, _ = last_weight(own)
    if weight_kg is None:
        result["dose_reason"] = "NO_WEIGHT"
    else:
        result["weekly_dose_g_per_kg"] = weekly / weight_kg
    reference_end = index + timedelta(days=272)
    reference = weekly_grams(own, index + timedelta(days=91), reference_end)
    if window_on <= reference_end or reference == 0:
        return result | {"dose_reason": "NO_REFERENCE"}
    result["dose_ratio"] = weekly / reference
    result["dose_trend"] = trend(weekly / reference)
    result["declining_responsiveness"] = declining(own, index, result["dose_trend"])
    return result


def declining(own, index, dose_trend):
    """§6: "dose_trend is escalated, and some examination of days 0…365 is ≥ 2 points above the last
    counting examination among all (sum over the muscles graded in both), or the best vigorimeter
    grip of days 0…365 is ≥ 8 kPa above the last of that side".
    """
    if dose_trend != "escalated":
        return False
    year = (index, index + timedelta(days=365))
    exams = examinations(own)
    all_counting = counting(exams)
    if all_counting:
        last = exams[all_counting[-1]]
        for grades in within(exams, *year).values():
            both = grades.keys() & last.keys()
            if sum(grades[key] - last[key] for key in both) >= 2 * POINT:
                return True
    for grips in vigorimeter_grips(own).values():
        early = [value for day, value in grips if year[0] <= day <= year[1]]
        if early and max(early) - grips[-1][1] >= 8:
            return True
    return False
