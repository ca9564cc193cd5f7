"""Examinations used (rules, section 2)."""

import numpy as np
import pandas as pd
import pytest

from outcomes.derivation.examinations import cycle_phase, examinations
from tests.derivation.drawn import cohort, days_of, derived, outcome, patient, timestamp

MUSCLES = (
    "wrist_extension",
    "finger_extension",
    "thumb_abduction",
    "elbow_flexion",
    "hip_flexion",
    "knee_extension",
)


def graded_on(**muscles_by_day):
    """Grades of 3 in so many muscles on each day: ``graded_on(d0=6, d_90=3)``; ``_`` is a minus."""
    days = {name[1:].replace("_", "-"): number for name, number in muscles_by_day.items()}
    header = " | ".join(["muscle", *days])
    rows = [
        " | ".join([f"left {muscle}", *("3" if row < most else "" for most in days.values())])
        for row, muscle in enumerate(MUSCLES)
    ]
    return "\n".join([header, "-+-", *rows])


def used_day(column, infusions="0", **muscles_by_day):
    day = outcome(patient(infusions=infusions, grades=graded_on(**muscles_by_day)))[column]
    return days_of([day])[0]


@pytest.mark.parametrize(
    ("muscles_by_day", "baseline"),
    [
        ({"d_91": 6}, None),
        ({"d_90": 6}, -90),
        ({"d0": 6}, 0),  # the index day counts as before the infusion
        ({"d1": 6}, None),
        ({"d_90": 6, "d_7": 6}, -7),
        ({"d_7": 6, "d0": 3}, 0),  # half as many as the fullest
        ({"d_7": 6, "d0": 2}, -7),  # too partial
        ({"d_7": 5, "d0": 3}, 0),
        ({"d_7": 5, "d0": 2}, -7),
        ({"d_7": 1}, -7),  # the fullest of its window, however little
        ({"d_91": 6, "d_7": 1}, -7),  # a fuller one outside the window does not matter
        ({"d_7": 1, "d1": 6}, -7),
    ],
)
def test_baseline_is_the_last_counting_examination_of_the_90_days_before(muscles_by_day, baseline):
    assert used_day("baseline_on", **muscles_by_day) == baseline


@pytest.mark.parametrize(
    ("muscles_by_day", "month_6"),
    [
        ({"d121": 6}, None),
        ({"d122": 6}, 122),
        ({"d243": 6}, 243),
        ({"d244": 6}, None),
        ({"d122": 6, "d243": 6}, 243),  # 61 days before against 60 after
        ({"d123": 6, "d243": 6}, 243),  # a tie goes to the later
        ({"d124": 6, "d243": 6}, 124),
        ({"d180": 6, "d183": 6, "d185": 6}, 183),
        ({"d183": 2, "d230": 6}, 230),  # nearest, but too partial
        ({"d183": 3, "d230": 6}, 183),
        ({"d121": 6, "d183": 1, "d230": 2}, 183),  # the window's own fullest
    ],
)
def test_month_6_is_the_counting_examination_nearest_to_day_183(muscles_by_day, month_6):
    assert used_day("month6_on", **muscles_by_day) == month_6


def test_windows_count_from_each_patients_own_index():
    both = derived(
        patient("A", infusions="0", grades=graded_on(d0=6, d183=6)),
        patient("B", infusions="100", grades=graded_on(d0=6, d183=6, d283=6)),
    ).patients

    assert days_of(both["baseline_on"]) == [0, None]
    assert days_of(both["month6_on"]) == [183, 283]


def test_nobody_without_an_infusion_has_a_baseline():
    assert used_day("baseline_on", infusions="", d0=6) is None


def reference_of(**muscles_by_day):
    return used_day("reference_on", **muscles_by_day)


@pytest.mark.parametrize(
    ("muscles_by_day", "reference"),
    [
        ({"d28": 6}, 28),
        ({"d29": 6}, None),
        ({"d_3000": 6}, -3000),  # among all examinations, however old
        ({"d_3000": 6, "d28": 3}, 28),
        ({"d_3000": 6, "d28": 2}, -3000),  # too partial against the fullest of all
        ({"d_50": 6, "d_20": 2, "d28": 2}, -50),
        ({"d28": 2, "d40": 6}, 28),  # a fuller one later does not matter
    ],
)
def test_reference_is_the_last_counting_one_until_28_days_after_the_last_infusion(
    muscles_by_day, reference
):
    assert reference_of(**muscles_by_day) == reference


def test_patients_do_not_borrow_each_others_fullest_examination():
    both = derived(
        patient("A", infusions="0", grades=graded_on(d_50=6)),
        patient("B", infusions="0", grades=graded_on(d_50=2, d_10=1)),
    ).patients

    assert days_of(both["reference_on"]) == [-50, -10]


def exams_of(scores):
    drawn = patient(infusions="0")
    records = cohort({**drawn, "muscle_scores": scores.assign(study_id="P1")})
    return examinations(records.muscle_scores, pd.Index(["P1"]))


def scores(*rows):
    columns = ["muscle", "side", "mrc_grade", "not_due_to_mmn", "origin"]
    return pd.DataFrame(rows, columns=columns, dtype="str").assign(visited_on="2020-01-01")


def test_each_side_is_its_own_muscle():
    exams = exams_of(
        scores(
            ("wrist_extension", "left", "3", "", ""), ("wrist_extension", "right", "4-", "no", "")
        )
    )

    assert exams.graded.tolist() == [2]
    assert sorted(exams.thirds[exams.thirds >= 0].tolist()) == [9, 11]


def test_not_tested_is_no_grade_and_zero_is_one():
    exams = exams_of(
        scores(("wrist_extension", "left", "NT", "", ""), ("hip_flexion", "left", "0", "", ""))
    )

    assert exams.graded.tolist() == [1]


def test_a_muscle_not_due_to_mmn_counts_as_not_graded():
    exams = exams_of(
        scores(("wrist_extension", "left", "2", "yes", ""), ("hip_flexion", "left", "4", "no", ""))
    )

    assert exams.thirds[exams.thirds >= 0].tolist() == [12]


@pytest.mark.parametrize(
    "row", [("hip_flexion", "left", "NT", "", ""), ("hip_flexion", "left", "3", "yes", "")]
)
def test_a_visit_without_a_graded_muscle_is_no_examination(row):
    assert len(exams_of(scores(row))) == 0


def test_an_unknown_muscle_is_refused_by_name():
    with pytest.raises(ValueError, match="left eyebrow"):
        exams_of(scores(("eyebrow", "left", "3", "", "")))


@pytest.mark.parametrize(
    ("to_next", "since", "phase"),
    [
        (0, 0, "trough"),
        (3, 20, "trough"),
        (4, 20, "peak"),
        (np.nan, 6, "other"),
        (np.nan, 7, "peak"),
        (np.nan, 28, "peak"),
        (np.nan, 29, "other"),
        (0, np.nan, "trough"),  # the day of the first infusion, before it
        (np.nan, np.nan, "other"),
    ],
)
def test_cycle_phase(to_next, since, phase):
    assert cycle_phase(np.array([to_next], float), np.array([since], float)).tolist() == [phase]


def test_examinations_say_what_counted_and_what_they_were_used_as():
    drawn = patient(
        infusions="0 28 185", grades=graded_on(d_100=6, d_20=6, d0=2, d30=3, d182=6, d190=2)
    )

    used = derived(drawn).examinations

    assert days_of(used["visited_on"]) == [-100, -20, 0, 30, 182, 190]
    assert used["graded"].tolist() == [6, 6, 2, 3, 6, 2]
    assert used["is_baseline"].tolist() == [False, True, False, False, False, False]
    assert used["is_month_6"].tolist() == [False, False, False, False, True, False]
    assert used["is_reference"].tolist() == [False, False, False, False, True, False]
    outside = pd.NA
    assert used["counting_baseline"].tolist() == [outside, True, False, outside, outside, outside]
    assert used["counting_month_6"].tolist() == [outside] * 4 + [True, False]
    assert used["counting_reference"].tolist() == [True, True, False, True, True, False]
    assert used["days_since_infusion"].fillna(-1).tolist() == [-1, -1, 0, 2, 154, 5]
    assert used["cycle_phase"].tolist() == ["other", "other", "trough", "other", "trough", "other"]


def test_the_phase_of_month_6_is_flagged_at_trough():
    grades = graded_on(d0=6, d183=6)

    assert outcome(patient(infusions="0 186", grades=grades))["month6_at_trough"]
    assert not outcome(patient(infusions="0 187", grades=grades))["month6_at_trough"]
    assert not outcome(patient(infusions="0 186", grades=graded_on(d0=6)))["month6_at_trough"]


def test_a_visit_later_than_the_day_asked_about_is_not_known():
    drawn = patient(infusions="0", grades=graded_on(d0=6, d183=6))

    assert pd.isna(outcome(drawn, as_of=182)["month6_on"])
    assert outcome(drawn, as_of=183)["month6_on"] == timestamp(183)
