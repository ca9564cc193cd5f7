"""Dose as steps, in its windows, its ratio and trend (rules, section 6)."""

import pandas as pd
import pytest

from outcomes.derivation.courses import courses, index_dates, infusion_days, last_contact
from outcomes.derivation.dose import (
    REPORTED_SC_FACTORS,
    dose_outcomes,
    dose_steps,
    monthly_dose_g_per_kg,
    sc_switch,
)
from outcomes.derivation.timeline import study_id_index
from tests.derivation.drawn import cohort, days_of, frame, patient, timestamp

EVERY_28_DAYS = " ".join(str(day) for day in range(0, 477, 28))


def steps_of(infusions, **tables):
    drawn = patient(infusions=infusions, **tables)
    return dose_steps(courses(infusion_days(cohort(drawn))))


def spans(infusions):
    steps = steps_of(infusions)
    return list(zip(days_of(steps["started_on"]), days_of(steps["ended_before"]), strict=True))


def dose_of(*patients):
    """Dose outcomes of drawn patients."""
    records = cohort(*patients)
    study_ids = study_id_index(records.patients["study_id"])
    given = courses(infusion_days(records))
    index_on = index_dates(given).reindex(study_ids)
    return dose_outcomes(dose_steps(given), index_on, last_contact(records), records.visits)


def dose(**drawn):
    return dose_of(patient(**drawn)).iloc[0]


def grams(day_grams):
    """A drawn table of infusions by vein: {day: grams}."""
    rows = "\n".join(f"{day} | {dose_g}" for day, dose_g in day_grams.items())
    return f"given_on | dose_g\n-\n{rows}"


def from_day_280(dose_g, first_g=40):
    """Courses every 28 days to day 476: one dose until day 279, another from day 280."""
    return grams({day: first_g if day < 280 else dose_g for day in range(0, 477, 28)})


# --- Steps --------------------------------------------------------------------------------------


def test_a_course_is_spread_until_the_next_of_its_route_begins():
    steps = steps_of("0 1 28 56")

    assert spans("0 1 28 56") == [(0, 28), (28, 56), (56, 84)]
    assert steps["weekly_dose_g"].tolist() == [80 / 4, 40 / 4, 40 / 4]
    assert steps["dose_g"].tolist() == [80, 40, 40]


def test_the_only_course_lasts_28_days():
    assert spans("0") == [(0, 28)]


@pytest.mark.parametrize(
    ("infusions", "last_step"),
    [
        ("0 20 42", (42, 63)),  # intervals 20, 22
        ("0 20 41", (41, 62)),  # 20.5 days, rounded half up
        ("0 21 43", (43, 65)),  # 21.5, half up and not to even
        ("0 10 40 70 100 130", (130, 160)),  # the last four of five intervals
        ("0 10 20 60 100", (100, 125)),  # 10, 10, 40, 40: the mean of the two in the middle
    ],
)
def test_the_last_course_lasts_the_median_of_the_last_four_intervals(infusions, last_step):
    assert spans(infusions)[-1] == last_step


@pytest.mark.parametrize(
    ("infusions", "second_last_step"),
    [
        ("0 120", (0, 120)),  # 28 days expected: a pause is more than 120
        ("0 121", (0, 28)),
        ("0 70 210", (70, 210)),  # 70 expected: a pause is more than 140
        ("0 70 211", (70, 140)),
        ("0 28 200 350", (200, 350)),  # expected 100 = (28 + 172) / 2: up to 200 is no pause
    ],
)
def test_before_a_pause_a_course_lasts_its_expected_interval(infusions, second_last_step):
    assert spans(infusions)[-2] == second_last_step


def test_the_expected_interval_looks_back_from_the_courses_own_start():
    # Were the interval of 300 days counted, it would be 164, and 300 no pause.
    assert spans("0 28 328") == [(0, 28), (28, 56), (328, 492)]


def test_an_interval_is_kept_with_its_step_and_a_pause_is_none():
    intervals = steps_of("0 28 328")["interval_days"]

    pd.testing.assert_series_equal(intervals, pd.Series([28, None, None]), check_names=False)


def test_routes_are_spread_apart():
    steps = steps_of("""
        given_on | route | dose_g
        ---------+-------+-------
        0        | IV    | 40
        7        | SC    | 10
        14       | SC    | 10
        28       | IV    | 40
    """)

    assert steps["route"].tolist() == ["IV", "IV", "SC", "SC"]
    assert days_of(steps["started_on"]) == [0, 28, 7, 14]
    assert days_of(steps["ended_before"]) == [28, 56, 14, 21]
    assert steps["weekly_dose_g"].tolist() == [10, 10, 10, 10]


def test_patients_do_not_borrow_each_others_intervals():
    two = cohort(patient("P1", infusions="0 20"), patient("P2", infusions="40 100"))
    steps = dose_steps(courses(infusion_days(two)))

    assert days_of(steps["ended_before"]) == [20, 40, 100, 160]


# --- The maintenance window ---------------------------------------------------------------------


def test_guideline_check_2_g_per_kg_every_4_weeks_is_35_g_a_week():
    treated = dose(
        infusions=grams(dict.fromkeys(range(0, 477, 28), 140)),
        visits="visited_on | weight_kg\n-\n476 | 70",
    )

    assert treated["weekly_dose_g"] == 35
    assert treated["weekly_dose_g_per_kg"] == 0.5
    monthly = monthly_dose_g_per_kg(pd.Series([0.5, None]))
    assert monthly.round(2).tolist()[0] == 2.17
    assert pd.isna(monthly[1])


def test_the_window_is_the_182_days_that_end_on_the_last_contact():
    # Day 476 is the last; of the course of day 280, spread over 280…307, days 295…307 count.
    sole = dict.fromkeys(range(0, 477, 28), 0.0001) | {280: 28}

    assert dose(infusions=grams(sole))["weekly_dose_g"] == pytest.approx(13 / 26, abs=1e-4)


def test_the_window_must_begin_91_days_after_the_index_or_later():
    early = dose(infusions="0 28 56", visits="271")
    enough = dose(infusions="0 28 56", visits="272")

    assert early["dose_reason"] == "TOO_SHORT"
    assert pd.isna(early["weekly_dose_g"])
    assert enough["dose_reason"] == "NO_REFERENCE"
    assert enough["weekly_dose_g"] == 0


def test_routes_add_up():
    both = """
        given_on | route | dose_g
        ---------+-------+-------
    """ + "\n".join(f"{day} | {route} | 28" for route in ("IV", "SC") for day in range(0, 281, 28))

    assert dose(infusions=both)["weekly_dose_g"] == 14


def test_no_infusion_leaves_every_dose_empty():
    untreated = dose(visits="visited_on | weight_kg\n-\n0 | 70\n900 | 70")

    assert untreated["dose_reason"] == "NO_INFUSION"
    empty = ["weekly_dose_g", "weekly_dose_g_per_kg", "dose_ratio", "reference_weekly_dose_g"]
    assert untreated[empty].isna().all()
    assert untreated["dose_trend"] == ""
    assert not untreated["dose_from_regimen"]


def test_a_stopped_dose_is_zero_and_not_missing():
    stopped = dose(infusions="0 28 56 84 112", visits="visited_on | weight_kg\n-\n900 | 70")

    assert stopped["weekly_dose_g"] == 0
    assert stopped["weekly_dose_g_per_kg"] == 0
    assert stopped["dose_ratio"] == 0
    assert stopped["dose_trend"] == "stopped"
    assert stopped["dose_reason"] == ""


# --- Weight -------------------------------------------------------------------------------------


def test_the_dose_is_divided_by_the_last_weight_until_the_last_contact():
    treated = dose(
        infusions=EVERY_28_DAYS,
        visits="""
            visited_on | weight_kg
            -----------+----------
            -10        | 60
            460        | 80
            470        |
        """,
    )

    assert treated["weight_kg"] == 80
    assert treated["weight_on"] == timestamp(460)
    assert treated["weekly_dose_g_per_kg"] == 10 / 80


@pytest.mark.parametrize(("weighed_on", "is_stale"), [(476 - 180, False), (476 - 181, True)])
def test_a_weight_older_than_180_days_is_stale(weighed_on, is_stale):
    treated = dose(infusions=EVERY_28_DAYS, visits=f"visited_on | weight_kg\n-\n{weighed_on} | 80")

    assert treated["stale_weight"] == is_stale
    assert treated["weekly_dose_g_per_kg"] == 10 / 80


def test_without_a_weight_only_the_dose_per_kg_is_missing():
    treated = dose(infusions=EVERY_28_DAYS)

    assert treated["dose_reason"] == "NO_WEIGHT"
    assert pd.isna(treated["weekly_dose_g_per_kg"])
    assert pd.isna(treated["stale_weight"])
    assert (treated["weekly_dose_g"], treated["dose_ratio"]) == (10, 1)


def test_the_lack_of_a_reference_is_named_before_the_lack_of_a_weight():
    assert dose(infusions="0 28", visits="272")["dose_reason"] == "NO_REFERENCE"


# --- The reference window -----------------------------------------------------------------------


def test_the_maintenance_window_must_begin_after_the_reference_window():
    overlapping = dose(infusions=EVERY_28_DAYS.replace(" 476", ""), visits="453")
    apart = dose(infusions=EVERY_28_DAYS.replace(" 476", ""), visits="454")

    assert overlapping["dose_reason"] == "NO_REFERENCE"
    assert pd.isna(overlapping["dose_ratio"])
    assert pd.isna(overlapping["reference_weekly_dose_g"])
    assert overlapping["dose_trend"] == ""
    assert apart["dose_ratio"] == 1


def test_a_reference_of_0_is_none():
    restarted = dose(infusions="0 300 328 356 384 412 440 468 496")

    assert restarted["dose_reason"] == "NO_REFERENCE"
    assert restarted["weekly_dose_g"] == 10


def test_the_reference_window_is_days_91_to_272():
    later = dict.fromkeys(range(300, 581, 28), 40)
    # 182 g of day 272 stand for 28 days, of which day 272 lies in the window.
    at_its_end = dose(infusions=grams({0: 1e-6, 272: 182} | later))
    # 90 g of day 90 stand, before a pause, for 90 days, of which day 90 lies before the window.
    at_its_start = dose(infusions=grams({0: 1e-6, 90: 90} | later))

    assert at_its_end["reference_weekly_dose_g"] == pytest.approx(182 / 28 / 26)
    assert at_its_start["reference_weekly_dose_g"] == pytest.approx(89 / 26)


@pytest.mark.parametrize(
    ("dose_g", "trend"),
    [
        (50, "escalated"),  # exactly 1.25
        (49.99, "stable"),
        (40, "stable"),
        (32.01, "stable"),
        (32, "reduced"),  # exactly 0.80
    ],
)
def test_the_trend_compares_the_dose_now_with_the_reference(dose_g, trend):
    assert dose(infusions=from_day_280(dose_g))["dose_trend"] == trend


@pytest.mark.parametrize(
    ("first_g", "now_g", "trend"), [(11.1, 13.875, "escalated"), (4.1, 3.28, "reduced")]
)
def test_a_ratio_is_exact_in_decimals(first_g, now_g, trend):
    # In binary the first ratio is a little less than 1.25, the second a little more than 0.80.
    assert dose(infusions=from_day_280(now_g, first_g))["dose_trend"] == trend


def test_the_ratio_is_explained_by_dose_per_course_and_interval():
    longer = dict.fromkeys(range(0, 281, 28), 40) | dict.fromkeys(range(315, 616, 35), 30)
    treated = dose(infusions=grams(longer))

    assert treated["reference_median_course_g"] == 40
    assert treated["reference_median_interval_days"] == 28
    assert treated["median_course_g"] == 30
    assert treated["median_interval_days"] == 35
    assert treated["dose_ratio"] == pytest.approx((30 / 35) / (40 / 28))


def test_pauses_are_no_intervals_and_no_course_has_no_median():
    paused = dose(infusions="0 28 56 84 112 140 300", visits="700")

    assert paused["reference_median_interval_days"] == 28
    assert pd.isna(paused["median_course_g"])
    assert pd.isna(paused["median_interval_days"])


def test_a_dose_that_rests_on_planned_home_treatment_says_so():
    treated = dose(
        infusions="0",
        visits="600",
        regimens="""
            started_on | route | planned_dose_g | planned_interval_days
            -----------+-------+----------------+----------------------
            28         | SC    | 10             | 7
        """,
    )
    by_vein = dose(infusions=EVERY_28_DAYS)

    assert (treated["weekly_dose_g"], treated["dose_from_regimen"]) == (10, True)
    assert (by_vein["weekly_dose_g"], by_vein["dose_from_regimen"]) == (10, False)


def test_a_cohort_keeps_its_patients_apart():
    together = dose_of(
        patient("P1", infusions=from_day_280(50)),
        patient("P2", visits="0"),
        patient("P3", infusions=from_day_280(32)),
    )

    assert together["dose_trend"].to_dict() == {"P1": "escalated", "P2": "", "P3": "reduced"}
    assert together["weekly_dose_g"].round(4).dropna().to_dict() == {"P1": 12.5, "P3": 8}


# --- From IV to SC ------------------------------------------------------------------------------


def test_sc_arithmetic_multiplies_and_shows_what_was_reported():
    weekly = frame("iv | sc\n-\n20 | 30.6\n | ")

    pd.testing.assert_series_equal(sc_switch(weekly["iv"], 1.53), weekly["sc"], check_names=False)
    assert [(reported.factor, reported.source) for reported in REPORTED_SC_FACTORS] == [
        (1.0, "Harbo 2009"),
        (1.53, "Katzberg 2016"),
        (0.5, "Eftimov 2009"),
    ]


@pytest.mark.parametrize("factor", [0, -1, float("nan")])
def test_sc_arithmetic_refuses_a_factor_that_gives_nothing(factor):
    with pytest.raises(ValueError, match="above 0"):
        sc_switch(pd.Series([20.0]), factor)
