"""Doses and intervals that are possible, but seldom right: where the questions begin."""

from datetime import date
from decimal import Decimal

import pytest

from infusions.unusual import (
    InfusionFacts,
    OutsideUsual,
    mg_instead_of_g,
    unusual_infusion,
    unusual_plan,
)
from outcomes.derivation.dose_questions import DoseQuestion

DAY = date(2021, 1, 12)


def asked(dose_g=70, *, lots_g=0, given_on=DAY, prior="no", **known):
    """Codes of the questions that a dose of one day raises, all else being usual."""
    facts = InfusionFacts(
        **{"course_on": given_on, "course_days": 1, "course_g": dose_g, "day_g": float(dose_g)}
        | known
    )
    found = unusual_infusion(
        given_on=given_on,
        route="IV",
        dose_g=Decimal(str(dose_g)),
        lots_g=Decimal(str(lots_g)),
        included_on=date(2020, 1, 15),
        prior_immunoglobulin=prior,
        facts=facts,
    )
    return [question.code for question in found]


@pytest.mark.parametrize(
    ("dose_g", "codes"),
    [(105, []), (105.1, ["dose_changed"]), (35, []), (34.9, ["dose_changed"]), (70, [])],
)
def test_a_dose_is_asked_about_beyond_half_of_the_last_one(dose_g, codes):
    assert asked(dose_g, last_day_g=70.0, last_on=date(2020, 12, 15)) == codes


def test_the_first_dose_is_compared_with_nothing():
    assert asked(300) == []


@pytest.mark.parametrize(
    ("days", "codes"),
    [(14, []), (13, ["interval_off_plan"]), (42, []), (43, ["interval_off_plan"])],
)
def test_an_interval_is_compared_with_the_planned_one(days, codes):
    assert asked(interval_days=days, planned_interval_days=28) == codes


def test_without_a_plan_the_rules_say_what_interval_is_usual():
    seldom = (OutsideUsual(DoseQuestion.INTERVAL_DAYS.value, 122, 5, 121),)

    assert asked(interval_days=122, outside_usual=seldom) == ["seldom_interval"]
    # A plan of such an interval explains it.
    assert asked(interval_days=122, planned_interval_days=120, outside_usual=seldom) == []


@pytest.mark.parametrize(
    ("question", "code"),
    [
        (DoseQuestion.COURSE_G, "seldom_course_dose"),
        (DoseQuestion.INFUSION_G_PER_KG, "seldom_dose_per_kg"),
        (DoseQuestion.WEEKLY_G, "seldom_weekly_dose"),
    ],
)
def test_what_the_rules_call_unusual_is_asked_once_and_not_of_the_same_dose_again(question, code):
    seldom = (OutsideUsual(question.value, 1.0, 2.0, 3.0),) * 3

    assert asked(outside_usual=seldom) == [code]
    assert asked(outside_usual=seldom, last_day_g=70.0) == []


def test_every_question_of_the_rules_has_its_words():
    for question in DoseQuestion:
        assert asked(interval_days=3, outside_usual=(OutsideUsual(question.value, 1, 2, 3),))


@pytest.mark.parametrize(
    ("given_on", "prior", "codes"),
    [
        (date(2020, 1, 15), "no", []),
        (date(2020, 1, 14), "no", ["given_before_inclusion"]),
        (date(2020, 1, 14), "yes", []),
        (date(2019, 10, 17), "yes", []),
        (date(2019, 10, 16), "yes", ["long_before_inclusion"]),
        (date(2019, 10, 16), "no", ["long_before_inclusion"]),
    ],
)
def test_a_day_before_inclusion(given_on, prior, codes):
    assert asked(given_on=given_on, prior=prior) == codes


def test_lots_may_add_up_to_the_dose_and_no_more():
    assert asked(70, lots_g=70) == []
    assert asked(70, lots_g=70.1) == ["lots_exceed_dose"]


@pytest.mark.parametrize(
    ("dose", "grams"), [(30000, 30), (400, None), (401, None), (1000, 1), (400_001, None)]
)
def test_milligrams_are_known_by_what_they_would_be_in_grams(dose, grams):
    assert mg_instead_of_g(Decimal(dose), most_g=400) == grams


@pytest.mark.parametrize(
    ("dose", "days", "is_asked"),
    [(16, 28, False), (15.9, 28, True), (114, 7, False), (114.1, 7, True), (1, None, False)],
)
def test_a_plan_is_asked_about_beyond_4_to_114_g_a_week(dose, days, is_asked):
    found = unusual_plan(dose_g=Decimal(str(dose)), interval_days=days, usual_weekly_g=(4.0, 114.0))

    assert bool(list(found)) == is_asked
