"""Declining responsiveness: more immunoglobulin, less strength (rules, section 6)."""

import pandas as pd
import pytest

from outcomes.derivation.examinations import examinations
from outcomes.derivation.responsiveness import declining_responsiveness
from outcomes.derivation.timeline import study_id_index
from tests.derivation.drawn import cohort, patient, timestamp


def declining_of(*patients, trend="escalated", index=0):
    records = cohort(*patients)
    study_ids = study_id_index(records.patients["study_id"])
    index_on = pd.Series(timestamp(index), study_ids)
    return declining_responsiveness(
        pd.Series(trend, study_ids),
        examinations(records.muscle_scores, study_ids),
        records.grip_strengths,
        index_on,
    )


def declining(trend="escalated", **drawn):
    return declining_of(patient(**drawn), trend=trend).iloc[0]


FELL = """
    muscle                | 100 | 700
    ----------------------+-----+----
    right wrist_extension | 4   | 3
    left wrist_extension  | 5   | 4
"""


def test_more_dose_and_2_points_less_are_a_declining_responsiveness():
    assert declining(grades=FELL)


@pytest.mark.parametrize("trend", ["stable", "reduced", "stopped"])
def test_without_an_escalated_dose_nothing_declines(trend):
    assert not declining(trend=trend, grades=FELL)


def test_without_a_trend_there_is_no_answer():
    assert pd.isna(declining(trend="", grades=FELL))


def test_the_sums_run_over_muscles_graded_in_both():
    assert not declining(
        grades="""
            muscle                | 100 | 700
            ----------------------+-----+----
            right wrist_extension | 4   | 3
            left wrist_extension  | 5   | NT
            left elbow_flexion    |     | 1
            left elbow_extension  | 5   | 5
        """
    )


@pytest.mark.parametrize(("last", "has_declined"), [("4-", False), ("3+", False), ("3", True)])
def test_2_points_are_6_thirds(last, has_declined):
    grades = f"""
        muscle                | 100 | 700
        ----------------------+-----+-------
        right wrist_extension | 5   | {last}
    """

    assert declining(grades=grades) == has_declined


@pytest.mark.parametrize(
    ("best_on", "has_declined"), [(-1, False), (0, True), (365, True), (366, False)]
)
def test_the_first_year_is_days_0_to_365(best_on, has_declined):
    grades = f"""
        muscle                | {best_on} | 700
        ----------------------+-----------+----
        right wrist_extension | 5         | 3
    """

    assert declining(grades=grades) == has_declined
    grips = f"side | {best_on} | 700\n-\nright | 50 | 42"
    assert declining(grips=grips) == has_declined


def test_some_examination_of_the_first_year_is_enough():
    assert declining(
        grades="""
            muscle                | 10 | 100 | 200 | 700
            ----------------------+----+-----+-----+----
            right wrist_extension | 3  | 5   | 3   | 3
        """
    )


def test_the_last_examination_must_count():
    # On day 800 one of four muscles was graded: too partial to stand against the first year.
    assert not declining(
        grades="""
            muscle                | 100 | 700 | 800
            ----------------------+-----+-----+----
            right wrist_extension | 5   | 5   | 2
            left wrist_extension  | 5   | 5   |
            right elbow_flexion   | 5   | 5   |
            left elbow_flexion    | 5   | 5   |
        """
    )


@pytest.mark.parametrize(("last", "has_declined"), [("41.1", True), ("41.2", False)])
def test_8_kpa_less_than_the_best_grip_of_that_side_is_a_decline(last, has_declined):
    grips = f"""
        side  | 10 | 100  | 200 | 700
        ------+----+------+-----+-------
        right | 40 | 49.1 | 45  | {last}
        left  | 40 | 40   | 40  | 40
    """

    assert declining(grips=grips) == has_declined


def test_sides_and_devices_are_not_mixed():
    assert not declining(
        grips="""
            side  | device          | 100 | 700
            ------+-----------------+-----+----
            right | vigorimeter_kpa | 60  | 60
            left  | vigorimeter_kpa | 40  | 40
            right | jamar_kg        | 60  | 20
        """
    )


def test_patients_do_not_borrow_each_others_strength():
    answers = declining_of(
        patient("P1", grades=FELL),
        patient("P2", grades="muscle | 700\n-\nright wrist_extension | 1"),
        patient("P3", grips="side | 100 | 700\n-\nleft | 80 | 72"),
        patient("P4"),
    )

    assert answers.to_dict() == {"P1": True, "P2": False, "P3": True, "P4": False}
