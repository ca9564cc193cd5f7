"""The strength map: columns, cells and what they say."""

from datetime import date

from outcomes.charts.strength_map import ROW_GROUPS, Grade, strength_map
from outcomes.labels import MUSCLE
from patients.vocabulary import MRC_THIRDS, Muscle

NAMES = {code: str(name) for code, name in MUSCLE.items()}


def day(month):
    return date(2000 + month // 12, month % 12 + 1, 5)


def grade(month, text, muscle="wrist_extension", side="right", **more):
    return Grade(day(month), muscle, side, text, MRC_THIRDS.get(text), **more)


def drawn(*grades, baseline=0, month_6=6):
    return strength_map(grades, day(baseline), day(month_6), NAMES)


def cells(strength):
    """Text and state of the right side of the first row."""
    return [(cell.text, cell.state) for cell in strength.groups[0].rows[0].right]


def test_every_muscle_has_its_row_once():
    rows = [muscle for muscles in ROW_GROUPS.values() for muscle in muscles]

    assert sorted(rows) == sorted(muscle.value for muscle in Muscle)


def test_a_cell_takes_the_colour_of_its_digit_and_tells_a_whole_point():
    strength = drawn(grade(0, "3"), grade(3, "4-"), grade(6, "4+"), grade(9, "2"))

    assert cells(strength) == [
        ("3", "g3 key"),
        ("4-", "g4"),
        ("4+", "g4 gain key"),
        ("2", "g2 loss key"),
    ]


def test_not_tested_and_blank_have_no_grade_and_no_colour():
    strength = drawn(
        grade(0, "3"),
        grade(3, "NT", note="not tested: pain"),
        grade(6, "4", muscle="elbow_flexion"),
    )
    flexion, extension = strength.groups[0].rows

    assert [cell.state for cell in extension.right] == ["g3 key", "nt", "blank key"]
    assert extension.right[1].note == "not tested: pain"
    assert [cell.text for cell in flexion.left] == ["", "", ""]


def test_a_muscle_weak_for_another_reason_is_printed_apart_and_never_compared():
    strength = drawn(grade(0, "3", not_due_to_mmn=True), grade(6, "5"))

    assert cells(strength) == [("(3)", "nt key"), ("5", "g5 key")]
    assert strength.affected == 0


def test_a_copied_grade_is_marked():
    strength = drawn(grade(0, "3"), grade(6, "3", is_copied=True))

    assert cells(strength)[1] == ("3", "g3 copied key")
    assert strength.has_copied


def test_affected_counts_each_side_and_marks_its_row():
    strength = drawn(grade(0, "4"), grade(0, "5", side="left"), grade(0, "5", muscle="hip_flexion"))

    assert strength.affected == 1
    assert [group.is_affected for group in strength.groups] == [True, False]


def test_of_many_examinations_the_key_ones_and_the_latest_have_room():
    strength = drawn(*(grade(month, "4") for month in range(20)))
    states = [column.state for column in strength.columns]

    assert [n for n, state in enumerate(states) if state == "key"] == [0, 6, 19]
    assert states.count("") == 4
    assert [n for n, state in enumerate(states) if state == "beyond-13"] == [1, 2, 3, 4, 5, 7, 8]
    assert strength.hidden_somewhere == "beyond-key beyond-7 beyond-10 beyond-13"


def test_without_a_baseline_nothing_is_gained_or_lost():
    strength = strength_map([grade(0, "3"), grade(6, "5")], None, None, NAMES)

    assert cells(strength) == [("3", "g3 key"), ("5", "g5 key")]
