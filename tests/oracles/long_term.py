"""Long-term status, dependency, remission and relapse (outcomes.md §4)."""

from datetime import timedelta
from fractions import Fraction

from .examinations import POINT, counting, examinations, vigorimeter_grips
from .response import short_term
from .treatment import (
    course_starts,
    courses,
    days_between,
    expected_interval,
    index_on,
    infusion_days,
    last_contact_on,
    last_infusion_on,
    last_visit_on,
    on_treatment,
    runs_on,
)

HALF_YEAR = timedelta(days=183)
DEPENDENT = {"treated_without_response", "dependent_with_immunosuppressant", "dependent"}
OTHER = {"relapsed_untreated", "non_responder"}
REMISSION = {"remission_on_immunosuppressant", "remission"}


def group_of(status):
    """§4, third column of the table."""
    for group, statuses in (("dependent", DEPENDENT), ("other", OTHER), ("remission", REMISSION)):
        if status in statuses:
            return group
    return "not_classified"


def response_and_source(own, as_of):
    """§4: "section 3's result where evaluable (any treatment history), else the clinician's
    recorded opinion, else unknown". (yes/no/unknown, rule/clinician/"")
    """
    response, _ = short_term(own, as_of)
    if response != "not_evaluable":
        return ("yes" if response == "responder" else "no"), "rule"
    opinion = own["patient"]["clinician_response"]
    return (opinion, "clinician") if opinion in {"yes", "no"} else ("unknown", "")


def reference_on(own, infused_on):
    """§4: "the last counting one among all examinations on or before last infusion day + 28"."""
    exams = examinations(own)
    limit = infused_on + timedelta(days=28)
    days = counting({day: grades for day, grades in exams.items() if day <= limit})
    return days[-1] if days else None


def relapse_days(own, infused_on, before=None):
    """§4 Relapse off treatment: the days that show it, after ``infused_on`` + 28.

    "any examination after that day (it need not count) in which ≥ 2 of the muscles graded in both
    lost ≥ 1 point against the reference examination; or a vigorimeter grip after that day ≥ 8 kPa
    below the last one of that side on or before it". ``before`` closes the search (exclusive).
    """
    limit = infused_on + timedelta(days=28)

    def later(day):
        return day > limit and (before is None or day < before)

    days = set()
    exams = examinations(own)
    reference = exams.get(reference_on(own, infused_on), {})
    for day, grades in exams.items():
        lost = [m for m in reference if m in grades and reference[m] - grades[m] >= POINT]
        if later(day) and len(lost) >= 2:
            days.add(day)
    for grips in vigorimeter_grips(own).values():
        earlier = [value for day, value in grips if day <= limit]
        if earlier:
            days |= {day for day, value in grips if later(day) and earlier[-1] - value >= 8}
    return sorted(days)


def off_days(own):
    """§4: "days from the last infusion day to the last visit (0 if the visit is earlier or there
    is none)".
    """
    infused_on, visited_on = last_infusion_on(own), last_visit_on(own)
    if infused_on is None:
        return None
    return max(0, days_between(infused_on, visited_on)) if visited_on else 0


def last_regimen_failed(own):
    """§4: "the one with the latest start on or before last_contact (of several starting that day,
    any that ended for inefficacy)".
    """
    contact = last_contact_on(own)
    begun = [row for row in own["regimens"] if row["started_on"] <= contact]
    latest = max((row["started_on"] for row in begun), default=None)
    return any(row["started_on"] == latest and row["end_reason"] == "inefficacy" for row in begun)


def status(own, as_of):
    """§4: the table's first rule that applies."""
    index, contact = index_on(own), last_contact_on(own)
    if index is None or days_between(index, contact) <= 183:
        return "unclassifiable"
    response, _ = response_and_source(own, as_of)
    suppressed = any(runs_on(row, contact) for row in own["immunosuppressants"])
    if on_treatment(own, contact):
        if response == "no":
            return "treated_without_response"
        return "dependent_with_immunosuppressant" if suppressed else "dependent"
    return _status_off_treatment(own, contact, response, suppressed)


def _status_off_treatment(own, contact, response, suppressed):
    infused_on = last_infusion_on(own)
    examined_late = any(day >= infused_on + HALF_YEAR for day in examinations(own))
    lines = [
        (
            any(row["started_on"] <= contact and not row["ended_on"] for row in own["regimens"]),
            "treatment_unconfirmed",
        ),
        (bool(relapse_days(own, infused_on)), "relapsed_untreated"),
        (
            response == "no" or (last_regimen_failed(own) and response != "yes"),
            "non_responder",
        ),
        (off_days(own) < 183, "recently_stopped"),
        (response != "yes" or not examined_late, "stopped_unproven"),
        (suppressed, "remission_on_immunosuppressant"),
        (True, "remission"),
    ]
    return next(result for applies, result in lines if applies)


def dependency_proven(own, as_of):
    """§4 flag, for "statuses of the group dependent only"; None for others."""
    if status(own, as_of) not in DEPENDENT:
        return None
    contact = last_contact_on(own)
    failed = any(
        row["outcome"] == "failed" and row["attempted_on"] <= contact
        for row in own["dose_attempts"]
    )
    return failed or _relapsed_in_a_long_interval(own)


def _relapsed_in_a_long_interval(own):
    """§4: "two consecutive course starts ≥ 1.5·e apart — e from the up to 4 intervals before that
    gap, 28 if none — with a relapse strictly before the later course, judged as above from the
    latest last day of the courses that share the earlier start".
    """
    starts = course_starts(own)
    for i in range(len(starts) - 1):
        interval = expected_interval(starts[: i + 1])
        if days_between(starts[i], starts[i + 1]) < Fraction(3, 2) * interval:
            continue
        last_on = max(row["last_on"] for row in courses(own) if row["first_on"] == starts[i])
        if relapse_days(own, last_on, before=starts[i + 1]):
            return True
    return False


def distinct_infusion_days(own):
    return sorted({day for day, _ in infusion_days(own)})


def relapsed_after_remission(own):
    """§4: "≥ 183 days from one infusion day to the next, any route; empty without an infusion"."""
    days = distinct_infusion_days(own)
    if not days:
        return None
    return any(days[i + 1] - days[i] >= HALF_YEAR for i in range(len(days) - 1))


def lost_to_follow_up(own, as_of):
    """§4: "last_contact > 396 days before as_of, alive at as_of; empty without contact"."""
    contact = last_contact_on(own)
    if contact is None:
        return None
    return days_between(contact, as_of) > 396 and own["patient"]["deceased_on"] is None


def first_remission_gap(own, as_of):
    """§4 Kaplan-Meier: "the first gap ≥ 183 days — between consecutive infusion days, or from the
    last to the last visit — without a relapse in it, in patients whose response is yes".
    (first day of the gap, next infusion day or None), or None.
    """
    days = distinct_infusion_days(own)
    if not days or response_and_source(own, as_of)[0] != "yes":
        return None
    for i in range(len(days) - 1):
        long_enough = days[i + 1] - days[i] >= HALF_YEAR
        if long_enough and not relapse_days(own, days[i], before=days[i + 1]):
            return days[i], days[i + 1]
    if off_days(own) >= 183 and not relapse_days(own, days[-1]):
        return days[-1], None
    return None


def survival(own, as_of):
    """§4 Kaplan-Meier: times in days and events, None where the time does not exist."""
    times = dict.fromkeys(("remission_days", "remission_event", "relapse_days", "relapse_event"))
    index, contact = index_on(own), last_contact_on(own)
    if index is None:
        return times
    gap = first_remission_gap(own, as_of)
    if gap is None:
        return times | {"remission_days": days_between(index, contact), "remission_event": False}
    began_on, infused_again_on = gap
    return {
        "remission_days": days_between(index, began_on + HALF_YEAR),
        "remission_event": True,
        "relapse_days": days_between(began_on, infused_again_on or contact),
        "relapse_event": infused_again_on is not None,
    }
