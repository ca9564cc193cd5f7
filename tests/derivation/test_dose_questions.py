"""Unusual doses and intervals are asked about, never refused (rules, section 6)."""

import pytest

from outcomes.derivation.courses import courses, infusion_days
from outcomes.derivation.dose import dose_steps
from outcomes.derivation.dose_questions import plausibility_questions
from tests.derivation.drawn import cohort, days_of, patient


def questions_of(*patients):
    records = cohort(*patients)
    given = infusion_days(records)
    grouped = courses(given)
    return plausibility_questions(given, grouped, dose_steps(grouped), records.visits)


def asked(question, infusions, visits=""):
    """Days and values of one kind of question."""
    questions = questions_of(patient(infusions=infusions, visits=visits))
    chosen = questions[questions["question"] == question]
    return list(zip(days_of(chosen["asked_on"]), chosen["value"], strict=True))


def grams(*day_grams):
    rows = "\n".join(f"{day} | {dose_g}" for day, dose_g in day_grams)
    return f"given_on | dose_g\n-\n{rows}"


def test_a_course_of_less_than_2_or_more_than_300_g_is_asked_about():
    infusions = grams((0, 1.9), (28, 2), (56, 300), (84, 150), (85, 150.5))

    assert asked("course_g", infusions) == [(0, 1.9), (84, 300.5)]


def test_an_infusion_outside_0_2_to_2_1_g_per_kg_is_asked_about():
    weighed = "visited_on | weight_kg\n-\n0 | 50\n50 | 100"
    infusions = grams((-28, 500), (0, 9.9), (28, 10), (40, 105), (48, 105.5), (56, 210), (84, 19))

    # Nobody had weighed the patient by day -28.
    assert asked("infusion_g_per_kg", infusions, weighed) == [
        (0, pytest.approx(0.198)),
        (48, pytest.approx(2.11)),
        (84, pytest.approx(0.19)),
    ]


def test_an_interval_outside_5_to_121_days_is_asked_about_on_its_later_course():
    assert asked("interval_days", "0 4 9 130 252") == [(4, 4), (252, 122)]


def test_a_weekly_dose_outside_4_to_114_g_is_asked_about():
    infusions = grams((0, 15.9), (28, 16), (56, 456), (84, 456.4), (112, 40))

    assert asked("weekly_g", infusions) == [
        (0, pytest.approx(3.975)),
        (84, pytest.approx(114.1)),
    ]


def test_a_question_names_whose_what_and_the_usual_range():
    first, second = questions_of(
        patient("P1", infusions="0 28"),
        patient("P2", infusions="given_on | route | dose_g\n-\n0 | SC | 1.5"),
    ).itertuples()

    assert (first.study_id, first.route, first.question) == ("P2", "SC", "course_g")
    assert (first.value, first.low, first.high) == (1.5, 2, 300)
    assert (second.question, second.low, second.high) == ("weekly_g", 4, 114)


def test_usual_treatment_raises_no_question():
    usual = patient(infusions="0 28 56", visits="visited_on | weight_kg\n-\n0 | 70")

    assert questions_of(usual).empty
