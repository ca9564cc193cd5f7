"""Where the derivation's frames of records used and the oracle's lists disagree.

Each frame becomes a multiset of plain tuples, and so does what the oracle says.
"""

from collections import Counter
from dataclasses import replace

import pandas as pd

from outcomes.derivation.conduction import graded_segments
from outcomes.derivation.derive import Outcomes
from outcomes.derivation.frames import Records, known_on
from tests.oracles import conduction, examinations, long_term, treatment
from tests.oracles.dose import dose_steps
from tests.oracles.more import NAMED_CHANGES

SEGMENT = ["study_id", "studied_on", *conduction.KEY]


def frame_disagreements(records: Records, outcomes: Outcomes, patients) -> list[tuple]:
    """(frame, row, "derived" or "oracle") for every row that only one of them has."""
    utrecht = _graded_by(records, outcomes, "Utrecht")
    grades = [*SEGMENT, "grade", "grade_reason"]
    changes = outcomes.segment_changes
    changes = changes[changes["change"].isin(NAMED_CHANGES)]
    muscles = outcomes.relapses[["study_id", "visited_on"]].drop_duplicates()
    pairs = {
        "courses": (_course_rows(outcomes.courses), _courses(patients)),
        "dose_steps": (_step_rows(outcomes.dose_steps), _steps(patients)),
        "examinations": (_rows(outcomes.examinations, EXAMINATION), _examinations(patients)),
        "segments": (_rows(outcomes.segments, grades), _graded(patients, conduction.grade_efns)),
        "utrecht": (_rows(utrecht, grades), _graded(patients, conduction.grade_utrecht)),
        "changes": (_rows(changes, ["study_id", *conduction.KEY, "change"]), _changes(patients)),
        "relapses": (_rows(muscles, list(muscles)), _relapses(patients)),
        "sums": (_sum_rows(outcomes.sum_scores), _sums(patients)),
    }
    apart = []
    for name, (derived, ours) in pairs.items():
        derived, ours = Counter(derived), Counter(ours)  # noqa: PLW2901
        apart += [(name, row, "derived") for row in derived - ours]
        apart += [(name, row, "oracle") for row in ours - derived]
    return apart


EXAMINATION = ["study_id", "visited_on", "graded", "days_since_infusion", "cycle_phase"]


def _graded_by(records: Records, outcomes: Outcomes, criteria: str) -> pd.DataFrame:
    known = known_on(records, outcomes.as_of)
    rules = replace(outcomes.rules, criteria=criteria)
    return graded_segments(known.nerve_segments, known.patients, known.lower_limits, rules)


def _plain(value):
    if value is None or value is pd.NaT or pd.isna(value):
        return None
    if isinstance(value, pd.Timestamp):
        return value.date()
    return value


def _ten_digits(number):
    return None if number is None else float(f"{float(number):.10g}")


def _rows(frame: pd.DataFrame, columns) -> list[tuple]:
    values = frame[columns].astype(object).to_numpy().tolist()
    return [tuple(_plain(value) for value in row) for row in values]


def _course_rows(courses: pd.DataFrame) -> list[tuple]:
    rounded = courses.assign(dose_g=courses["dose_g"].map(_ten_digits))
    return _rows(rounded, ["study_id", "route", "started_on", "ended_on", "days", "dose_g"])


def _step_rows(steps: pd.DataFrame) -> list[tuple]:
    rounded = steps.assign(weekly_dose_g=steps["weekly_dose_g"].map(_ten_digits))
    days = (steps["ended_before"] - steps["started_on"]).dt.days
    return _rows(
        rounded.assign(days=days), ["study_id", "route", "started_on", "days", "weekly_dose_g"]
    )


def _sum_rows(sums: pd.DataFrame) -> list[tuple]:
    rounded = sums.assign(points=sums["points"].map(_ten_digits))
    return _rows(rounded, ["study_id", "visited_on", "muscle_set", "points", "missing"])


def _id(own):
    return own["patient"]["study_id"]


def _courses(patients) -> list[tuple]:
    names = ("route", "first_on", "last_on", "days")
    return [
        (_id(own), *(course[name] for name in names), _ten_digits(course["dose_g"]))
        for own in patients
        for course in treatment.courses(own)
    ]


def _steps(patients) -> list[tuple]:
    return [
        (_id(own), route, first_on, days, _ten_digits(7 * grams))
        for own in patients
        for route, first_on, days, grams in dose_steps(own)
    ]


def _examinations(patients) -> list[tuple]:
    return [
        (
            _id(own),
            day,
            len(grades),
            examinations.days_since_infusion(own, day),
            examinations.cycle_phase(own, day),
        )
        for own in patients
        for day, grades in examinations.examinations(own).items()
    ]


def _graded(patients, grade) -> list[tuple]:
    return [
        (*(row[column] for column in SEGMENT), *grade(own, row))
        for own in patients
        for row in own["nerve_segments"]
    ]


def _changes(patients) -> list[tuple]:
    rows = []
    for own in patients:
        first_on, last_on = conduction.first_and_last_study_on(own)
        if first_on == last_on:
            continue
        studies = conduction.studies(own)
        changes = conduction.key_changes(studies[first_on], studies[last_on])
        rows += [
            (_id(own), *key, change) for key, change in changes.items() if change in NAMED_CHANGES
        ]
    return rows


def _relapses(patients) -> list[tuple]:
    rows = []
    for own in patients:
        infused_on = treatment.last_infusion_on(own)
        if infused_on and not treatment.on_treatment(own, treatment.last_contact_on(own)):
            rows += [(_id(own), day) for day in long_term.relapse_days(own, infused_on)]
    return rows


def _sums(patients) -> list[tuple]:
    return [
        (_id(own), day, name, _ten_digits(points), missing)
        for own in patients
        for (day, name), (points, missing) in examinations.sum_scores(own).items()
    ]
