"""Which values are asked about: possible ones, but seldom right."""

from datetime import date
from decimal import Decimal

import pytest

from patients.unusual import (
    Before,
    Reading,
    UnusualCode,
    grip_name,
    plain,
    unusual_at_visit,
    unusual_day,
    unusual_grades,
    unusual_grips,
    unusual_weight,
)

LAST = date(2002, 10, 16)


def weighed(kg):
    return Before(readings={"weight_kg": Reading(Decimal(kg), LAST)})


def gripped(value, device="vigorimeter_kpa"):
    name = grip_name(device, "right")
    return Before(readings={name: Reading(Decimal(value), LAST)})


@pytest.mark.parametrize(
    ("typed", "is_asked"),
    [("72.45", False), ("72.46", True), ("53.55", False), ("53.54", True), ("63", False)],
)
def test_a_weight_is_asked_about_beyond_15_percent_of_the_last(typed, is_asked):
    assert bool([*unusual_weight(Decimal(typed), weighed("63"))]) == is_asked


def test_swapped_digits_are_recognised_and_offered():
    (question,) = unusual_weight(Decimal("36.0"), weighed("63"))

    assert question.sentence == "36 kg is 27 kg less than on 16 Oct 2002. Are the digits swapped?"
    assert question.suggestion == "63"
    assert question.key == "weight_changed:weight_kg:36"


@pytest.mark.parametrize("typed", ["81", "9", "80.5"])
def test_digits_that_do_not_fit_the_other_way_round_are_not_said_to_be_swapped(typed):
    (question,) = unusual_weight(Decimal(typed), weighed("63"))

    assert question.suggestion == ""
    assert question.sentence.endswith("Is that right?")


@pytest.mark.parametrize(
    ("typed", "is_asked"), [("34.9", True), ("35", False), ("180", False), ("180.1", True)]
)
def test_a_first_weight_is_asked_about_where_it_is_seldom_an_adults(typed, is_asked):
    assert [q.code for q in unusual_weight(Decimal(typed), Before())] == (
        [UnusualCode.SELDOM_WEIGHT] if is_asked else []
    )


@pytest.mark.parametrize(
    ("was", "now", "is_asked"),
    [
        ("5", "2", True),
        ("5", "2+", False),
        ("1", "4", True),
        ("2-", "4+", False),
        ("NT", "0", False),
        ("5", "NT", False),
        ("", "0", False),
    ],
)
def test_a_grade_is_asked_about_from_3_points_on(was, now, is_asked):
    place = ("wrist_extension", "right")
    before = Before(examined_on=LAST, grades={place: was} if was else {})

    asked = [*unusual_grades({place: now}, before)]

    assert bool(asked) == is_asked
    if was == "5" and is_asked:
        assert asked[0].sentence == (
            "Right wrist extension is 2 and was 5 on 16 Oct 2002. Is that right?"
        )
        assert asked[0].key == "grade_changed:wrist_extension-right:2"


@pytest.mark.parametrize(
    ("was", "now", "is_asked"),
    [
        ("40", "80", False),
        ("40", "81", True),
        ("40", "20", False),
        ("40", "19", True),
        ("5", "19", False),  # four times a small one is still next to nothing
    ],
)
def test_a_grip_is_asked_about_when_it_more_than_doubled_or_halved(was, now, is_asked):
    place = ("vigorimeter_kpa", "right")

    assert bool([*unusual_grips({place: Decimal(now)}, gripped(was))]) == is_asked


def test_kilograms_are_not_compared_with_kilopascals():
    assert [*unusual_grips({("jamar_kg", "right"): Decimal(90)}, gripped("20"))] == []


def test_a_visit_is_asked_about_more_than_90_days_before_inclusion():
    included_on = date(2010, 5, 1)

    assert [*unusual_day(visited_on=date(2010, 1, 31), included_on=included_on)] == []
    (question,) = unusual_day(visited_on=date(2010, 1, 30), included_on=included_on)
    assert question.sentence == (
        "30 Jan 2010 lies 91 days before this patient was included, on 1 May 2010. "
        "Is the year right?"
    )


def test_a_visit_raises_all_its_questions_at_once():
    asked = unusual_at_visit(
        visited_on=date(2000, 1, 1),
        included_on=date(2010, 5, 1),
        weight_kg=Decimal(20),
        grades={("wrist_extension", "right"): "0"},
        grips={("vigorimeter_kpa", "right"): Decimal(100)},
        before=Before(
            examined_on=LAST,
            grades={("wrist_extension", "right"): "5"},
            readings={grip_name("vigorimeter_kpa", "right"): Reading(Decimal(10), LAST)},
        ),
    )

    assert [question.code for question in asked] == [
        UnusualCode.LONG_BEFORE_INCLUSION,
        UnusualCode.SELDOM_WEIGHT,
        UnusualCode.GRADE_CHANGED,
        UnusualCode.GRIP_CHANGED,
    ]


@pytest.mark.parametrize(
    ("number", "written"), [("62.500", "62.5"), ("60", "60"), ("1E+2", "100"), ("0.0", "0")]
)
def test_numbers_are_written_plainly(number, written):
    assert plain(Decimal(number)) == written
