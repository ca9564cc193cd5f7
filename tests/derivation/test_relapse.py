"""Relapse off treatment (rules, section 4)."""

import pytest

from tests.derivation.drawn import days_of, derived, outcome, patient

# Infusions until day 28: the reference is the last counting examination until day 56, and the
# patient is off treatment from day 28 + 45.
INFUSIONS = "0 28"
VISITS = "400"


def relapse_day(grades="", grips="", infusions=INFUSIONS, visits=VISITS, as_of=4000):
    drawn = patient(infusions=infusions, grades=grades, grips=grips, visits=visits)
    return days_of([outcome(drawn, as_of=as_of)["relapse_on"]])[0]


def grades(days, *muscles):
    names = ("wrist_extension", "finger_extension", "thumb_abduction", "elbow_flexion")
    rows = [
        f"left {name} | {' | '.join(row.split())}"
        for name, row in zip(names, muscles, strict=False)
    ]
    return "\n".join([f"muscle | {' | '.join(days.split())}", "-+-", *rows])


@pytest.mark.parametrize(
    ("before", "after", "is_relapse"),
    [
        (("4", "4"), ("3", "3"), True),
        (("4", "4"), ("3", "3+"), False),  # two thirds of a point are not one
        (("4", "4"), ("3", "4"), False),  # one muscle is not two
        (("4", "4", "4"), ("3", "5", "3"), True),  # gains do not make up for losses
        (("5", "5"), ("4", "4"), True),
        (("4", "4"), ("3", "NT"), False),  # graded in both
        (("4", "NT"), ("3", "3"), False),
    ],
)
def test_a_relapse_loses_a_point_in_two_muscles_graded_in_both(before, after, is_relapse):
    rows = [" ".join(pair) for pair in zip(before, after, strict=True)]

    assert relapse_day(grades("20 200", *rows)) == (200 if is_relapse else None)


@pytest.mark.parametrize(("day", "relapse"), [(56, None), (57, 57)])
def test_a_relapse_comes_more_than_28_days_after_the_last_infusion(day, relapse):
    assert relapse_day(grades(f"20 {day}", "4 3", "4 3")) == relapse


def test_the_reference_is_looked_for_until_28_days_after_the_last_infusion():
    # Weaker already on day 56, which is the reference then: no loss after it.
    assert relapse_day(grades("20 56 200", "4 3 3", "4 3 3")) is None
    # On day 57 it is past that: a loss itself.
    assert relapse_day(grades("20 57 200", "4 3 3", "4 3 3")) == 57


def test_a_partial_examination_is_no_reference_but_may_show_a_relapse():
    # Day 50 grades one of four muscles: too partial, so the reference is day 20.
    days = "20 50 200"
    full = ["4 2 3", "4 NT 3", "4 NT NT", "4 NT NT"]

    assert relapse_day(grades(days, *full)) == 200


def test_the_first_of_several_relapses_counts():
    assert relapse_day(grades("20 100 200 300", "4 4 3 2", "4 4 3 2")) == 200


def test_without_a_reference_there_is_no_relapse_by_muscles():
    assert relapse_day(grades("100 200", "4 3", "4 3")) is None


def grips(days, left="", right=""):
    sides = {"left": left, "right": right}
    rows = [f"{side} | {' | '.join(row.split())}" for side, row in sides.items() if row]
    return "\n".join([f"side | {' | '.join(days.split())}", "-+-", *rows])


@pytest.mark.parametrize(
    ("before", "after", "is_relapse"),
    [
        ("60", "52", True),
        ("60", "52.1", False),
        ("49.1", "41.1", True),  # exactly 8 in decimals, a little less in binary
        ("48.3", "40.3", True),
        ("60", "70", False),
    ],
)
def test_a_grip_8_kpa_below_the_last_of_its_side_is_a_relapse(before, after, is_relapse):
    assert relapse_day(grips=grips("20 200", left=f"{before} {after}")) == (
        200 if is_relapse else None
    )


@pytest.mark.parametrize(("day", "relapse"), [(56, None), (57, 57)])
def test_a_grip_is_asked_for_after_28_days_too(day, relapse):
    assert relapse_day(grips=grips(f"20 {day}", left="60 40")) == relapse


def test_the_last_grip_until_28_days_is_the_reference():
    assert relapse_day(grips=grips("20 56 200", left="60 50 43")) is None
    assert relapse_day(grips=grips("20 56 200", left="60 50 42")) == 200


def test_sides_are_not_compared_with_each_other():
    assert relapse_day(grips=grips("20 200", left="60 60", right="40 40")) is None
    assert relapse_day(grips=grips("20 200", left="60 60", right="40 32")) == 200


def test_kilograms_are_not_kilopascals():
    drawn = """
        side | device   | 20 | 200
        -----+----------+----+----
        left | jamar_kg | 60 | 20
    """

    assert relapse_day(grips=drawn) is None


def test_a_relapse_is_not_known_before_its_day():
    drawn = grades("20 200", "4 3", "4 3")

    assert relapse_day(drawn, as_of=199) is None
    assert relapse_day(drawn, as_of=200) == 200


def test_nobody_relapses_off_treatment_while_on_it():
    # Day 60 lies 32 days after the last infusion, and the last contact within 45 days of it.
    drawn = grades("20 60", "4 3", "4 3")

    assert relapse_day(drawn, visits="73") is None
    assert relapse_day(drawn, visits="74") == 60


def test_patients_do_not_borrow_each_others_references():
    both = derived(
        patient("A", infusions=INFUSIONS, grades=grades("20", "5", "5"), visits=VISITS),
        patient("B", infusions=INFUSIONS, grades=grades("200", "3", "3"), visits=VISITS),
    ).patients

    assert days_of(both["relapse_on"]) == [None, None]


def test_the_evidence_names_every_muscle_and_grip_that_fell():
    drawn = patient(
        infusions=INFUSIONS,
        grades=grades("20 200", "4 3", "4 3-", "4 4"),
        grips=grips("20 150 200", left="60 52 60", right="40 40 31.5"),
    )

    found = derived(drawn).relapses

    assert days_of(found["visited_on"]) == [150, 200, 200, 200]
    assert days_of(found["reference_on"]) == [20, 20, 20, 20]
    assert found["kind"].tolist() == ["grip", "muscles", "muscles", "grip"]
    assert found["muscle"].tolist() == ["", "wrist_extension", "finger_extension", ""]
    assert found["side"].tolist() == ["left", "left", "left", "right"]
    assert found["reference_value"].tolist() == [60, 12, 12, 40]
    assert found["value"].tolist() == [52, 9, 8, 31.5]
