"""Sum scores of named muscle sets, and the response variants on them (rules, section 7)."""

import numpy as np
import pandas as pd
import pytest

from outcomes.derivation.examinations import examinations
from outcomes.derivation.relapse import vigorimeter_grips
from outcomes.derivation.strength import (
    MUSCLE_SETS,
    grip_response,
    missing_muscles,
    mrc_sum_response,
    personal_sums,
    sum_scores,
)
from outcomes.derivation.timeline import study_id_index
from tests.derivation.drawn import cohort, days_of, patient, timestamp


def examined(*patients):
    records = cohort(*patients)
    return examinations(records.muscle_scores, study_id_index(records.patients["study_id"]))


def set_grades(muscle_set, *grades, days=(0,), but=None):
    """A drawing with one grade a day for every muscle of a set; `but` says which have others."""
    other = but or {}
    rows = [
        " | ".join([f"{side} {muscle}", *other.get(f"{side} {muscle}", grades)])
        for muscle in MUSCLE_SETS[muscle_set].muscles
        for side in ("right", "left")
    ]
    return "\n".join([" | ".join(["muscle", *map(str, days)]), "-", *rows])


def sums_of(grades):
    sums = sum_scores(examined(patient(grades=grades)))
    return sums.set_index("muscle_set")[["points", "missing"]].to_dict("index")


def test_sets_are_named_and_versioned_and_reach_their_name_in_points():
    assert {name: muscle_set.version for name, muscle_set in MUSCLE_SETS.items()} == {
        "MRC-60": "1",
        "MRC-70": "1",
        "MRC-140": "1",
    }
    for name in MUSCLE_SETS:
        assert sums_of(set_grades(name, "5"))[name] == {"points": float(name[4:]), "missing": 0}


def test_mrc_60_is_the_six_pairs_of_the_rule():
    muscles = MUSCLE_SETS["MRC-60"].muscles

    assert [str(muscle) for muscle in muscles] == [
        "shoulder_abduction",
        "elbow_flexion",
        "wrist_extension",
        "hip_flexion",
        "knee_extension",
        "ankle_dorsiflexion",
    ]
    assert MUSCLE_SETS["MRC-70"].muscles == (*muscles, "first_dorsal_interosseous")
    assert set(MUSCLE_SETS["MRC-140"].muscles) - set(MUSCLE_SETS["MRC-70"].muscles) == {
        "elbow_extension",
        "wrist_flexion",
        "finger_extension",
        "finger_flexion",
        "thumb_abduction",
        "ankle_plantarflexion",
        "great_toe_extension",
    }


def test_signed_grades_count_by_their_value():
    signed = {"left wrist_extension": ["4-"], "right wrist_extension": ["3+"]}

    points = sums_of(set_grades("MRC-60", "5", but=signed))["MRC-60"]["points"]

    assert points == pytest.approx(50 + 3 + 2 / 3 + 3 + 1 / 3)
    assert points == 57  # thirds add up to whole points exactly


@pytest.mark.parametrize("grade", ["NT", ""])
def test_a_missing_grade_leaves_no_sum_and_is_named(grade):
    grades = set_grades("MRC-70", "5", but={"left hip_flexion": [grade]})
    exams = examined(patient(grades=grades))

    assert sums_of(grades)["MRC-60"]["missing"] == 1
    assert np.isnan(sums_of(grades)["MRC-60"]["points"])
    missing = missing_muscles(exams, "MRC-60")
    assert missing[["study_id", "muscle", "side"]].to_numpy().tolist() == [
        ["P1", "hip_flexion", "left"]
    ]
    assert days_of(missing["visited_on"]) == [0]
    assert len(missing_muscles(exams, "MRC-140")) == 1 + 14


def test_a_muscle_outside_the_set_changes_nothing():
    grades = set_grades("MRC-60", "5") + "\nright knee_flexion | 0"

    assert sums_of(grades)["MRC-60"]["points"] == 60


def test_a_muscle_not_due_to_mmn_counts_as_not_graded():
    drawn = patient(grades=set_grades("MRC-60", "5"))
    drawn["muscle_scores"].loc[0, "not_due_to_mmn"] = "yes"

    sums = sum_scores(examined(drawn)).set_index("muscle_set")

    assert sums.loc["MRC-60", "missing"] == 1
    assert np.isnan(sums.loc["MRC-60", "points"])


def test_every_examination_has_its_own_sums():
    sums = sum_scores(
        examined(
            patient("P1", grades=set_grades("MRC-60", "5", "4", days=(0, 100))),
            patient("P2", grades=set_grades("MRC-60", "3")),
        )
    )
    sums = sums[sums["muscle_set"] == "MRC-60"]

    assert sums["study_id"].tolist() == ["P1", "P1", "P2"]
    assert days_of(sums["visited_on"]) == [0, 100, 0]
    assert sums["points"].tolist() == [60, 48, 36]


def test_an_unknown_muscle_set_is_refused_by_name():
    exams = examined(patient(grades=set_grades("MRC-60", "5")))

    with pytest.raises(ValueError, match="No muscle set is named 'MRC-80'; there are MRC-60"):
        missing_muscles(exams, "MRC-80")


def test_personal_sums_run_over_the_muscles_graded_in_both():
    exams = examined(
        patient(
            grades="""
                muscle                | 0  | 100 | 200
                ----------------------+----+-----+----
                right wrist_extension | 3  | 4   |
                left wrist_extension  | 4- | 4   |
                left elbow_flexion    | 5  | NT  |
                left elbow_extension  |    | 1   |
                left knee_flexion     |    |     | 5
            """
        )
    )

    sums = personal_sums(exams, np.array([0, 0, -1]), np.array([1, 2, 0]))

    expected = pd.DataFrame(
        {
            "muscles": [2, 0, 0],
            "points_first": [6 + 2 / 3, np.nan, np.nan],
            "points_last": [8, np.nan, np.nan],
            "change": [1 + 1 / 3, np.nan, np.nan],
        }
    )
    pd.testing.assert_frame_equal(sums, expected)


# --- MRC sum response ---------------------------------------------------------------------------


def sum_response(baseline, month_6, *, muscle_set="MRC-60", but=None):
    drawing = set_grades("MRC-60", baseline, month_6, days=(0, 183), but=but)
    found = mrc_sum_response(
        examined(patient(grades=drawing)), np.array([0]), np.array([1]), muscle_set
    )
    return found.iloc[0]


@pytest.mark.parametrize(
    ("gained", "response"),
    [(["3", "5"], "responder"), (["3", "5-"], "non_responder"), (["3", "2"], "non_responder")],
)
def test_a_sum_response_is_a_gain_of_2_points(gained, response):
    found = sum_response("4", "4", but={"left hip_flexion": gained})

    assert found["mrc_sum_response"] == response
    assert found["mrc_sum_baseline"] == 47


def test_the_sum_gains_over_several_muscles():
    thirds = {f"left {muscle}": ["4", "4+"] for muscle in MUSCLE_SETS["MRC-60"].muscles}

    found = sum_response("4", "4", but=thirds)

    assert (found["mrc_sum_response"], found["mrc_sum_reason"]) == ("responder", "IMPROVED")
    assert (found["mrc_sum_baseline"], found["mrc_sum_month6"]) == (48, 50)


@pytest.mark.parametrize("grades", [["NT", "5"], ["5", "NT"]])
def test_a_sum_missing_a_grade_gives_no_response(grades):
    found = sum_response("3", "5", but={"left hip_flexion": grades})

    assert found["mrc_sum_response"] == "not_evaluable"
    assert found["mrc_sum_reason"] == "INCOMPLETE_SUM"


def test_a_response_names_its_set():
    assert sum_response("3", "5")["mrc_sum_response"] == "responder"
    assert sum_response("3", "5", muscle_set="MRC-140")["mrc_sum_reason"] == "INCOMPLETE_SUM"


def test_a_sum_response_needs_both_examinations():
    exams = examined(*(patient(name, grades=set_grades("MRC-60", "4")) for name in ("P1", "P2")))

    found = mrc_sum_response(exams, np.array([-1, 1]), np.array([0, -1]), "MRC-60")

    assert found["mrc_sum_reason"].to_dict() == {"P1": "NO_BASELINE", "P2": "NO_EXAMINATION"}
    assert (found["mrc_sum_response"] == "not_evaluable").all()


# --- Grip response ------------------------------------------------------------------------------


def grip(drawing, baseline=0, month_6=183):
    records = cohort(patient(grips=drawing))
    study_ids = study_id_index(records.patients["study_id"])
    days = [
        pd.Series([pd.NaT if day is None else timestamp(day)], study_ids, dtype="datetime64[s]")
        for day in (baseline, month_6)
    ]
    found = grip_response(vigorimeter_grips(records.grip_strengths, study_ids), *days).iloc[0]
    return found["grip_response"], found["grip_reason"]


@pytest.mark.parametrize(
    ("right", "left", "response"),
    [
        (("41.1", "49.1"), ("60", "60"), ("responder", "IMPROVED")),
        (("41.1", "49"), ("60", "60"), ("non_responder", "NOT_IMPROVED")),
        (("60", "60"), ("41.1", "49.1"), ("responder", "IMPROVED")),
        (("41", "41"), ("60", "80"), ("non_responder", "NOT_IMPROVED")),  # the stronger gained
        (("41", "50"), ("60", ""), ("responder", "IMPROVED")),  # the weaker was measured again
        (("41", ""), ("60", "70"), ("not_evaluable", "MISSING_GRIP")),
        (("41", "50"), ("", "70"), ("not_evaluable", "MISSING_GRIP")),  # which hand was weaker?
        (("41", "50"), ("41", "49"), ("responder", "IMPROVED")),
        (("41", "45"), ("41", "42"), ("non_responder", "NOT_IMPROVED")),
        (("41", "50"), ("41", "42"), ("not_evaluable", "NO_WEAKER_HAND")),
        (("41", "50"), ("41", ""), ("not_evaluable", "MISSING_GRIP")),
    ],
)
def test_a_grip_response_is_a_gain_of_8_kpa_in_the_weaker_hand(right, left, response):
    drawing = f"""
        side  | 0          | 183
        ------+------------+-----------
        right | {right[0]} | {right[1]}
        left  | {left[0]}  | {left[1]}
    """

    assert grip(drawing) == response


def test_grips_of_other_days_and_devices_do_not_count():
    drawing = """
        side  | device          | 0  | 183 | 190
        ------+-----------------+----+-----+----
        right | vigorimeter_kpa | 41 |     | 60
        left  | vigorimeter_kpa | 60 | 60  | 60
        right | jamar_kg        | 20 | 40  | 40
    """

    assert grip(drawing) == ("not_evaluable", "MISSING_GRIP")


def test_a_grip_response_needs_both_examinations():
    drawing = "side | 0 | 183\n-\nright | 40 | 60\nleft | 50 | 60"

    assert grip(drawing) == ("responder", "IMPROVED")
    assert grip(drawing, baseline=None) == ("not_evaluable", "NO_BASELINE")
    assert grip(drawing, month_6=None) == ("not_evaluable", "NO_EXAMINATION")
