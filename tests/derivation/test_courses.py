"""Treatment history, courses, index (rules, section 1)."""

import numpy as np
import pandas as pd
import pytest

from outcomes.derivation.courses import (
    course_starts,
    courses,
    index_dates,
    infusion_days,
    last_contact,
    on_treatment,
    recent_interval_days,
)
from outcomes.derivation.timeline import study_id_index
from tests.derivation.drawn import cohort, days_of, outcome, patient, timestamp


def courses_of(infusions, **tables):
    return courses(infusion_days(cohort(patient(infusions=infusions, **tables))))


def starts(infusions):
    return days_of(courses_of(infusions)["started_on"])


def test_rows_of_one_day_and_route_are_one_infusion_and_grams_add():
    given = infusion_days(
        cohort(
            patient(
                infusions="""
                    given_on | route | product  | dose_g
                    ---------+-------+----------+-------
                    0        | IV    | Kiovig   | 30
                    0        | IV    | Privigen | 12.5
                    0        | SC    | Hizentra | 8
                    1        | IV    | Kiovig   | 30
                """
            )
        )
    )

    assert given["route"].tolist() == ["IV", "IV", "SC"]
    assert given["dose_g"].tolist() == [42.5, 30, 8]
    assert days_of(given["given_on"]) == [0, 1, 0]
    assert not given["from_regimen"].any()


@pytest.mark.parametrize(
    ("infusions", "course_starts_on"),
    [
        ("0 1 2 3 4", [0]),  # 2 g/kg over five days
        ("0 3", [0]),  # 3 days after the course's last day
        ("0 4", [0, 4]),
        ("0 3 6", [0]),  # 6 days after its first day
        ("0 3 6 7", [0, 7]),  # 1 day after the last, but 7 after the first
        ("0 2 4 7 9 11 14 16 18", [0, 7, 14]),  # three times a week
        ("0 7 14 21", [0, 7, 14, 21]),  # weekly by vein
        ("0 1 2 3 4 5 6 7 8 9 10 11 12 13 14", [0, 7, 14]),  # every day
        ("0 3 6 9 12 15 18", [0, 9, 18]),  # the new course begins with the day refused
    ],
)
def test_a_day_joins_within_3_days_of_the_last_and_6_of_the_first(infusions, course_starts_on):
    assert starts(infusions) == course_starts_on


def test_a_course_knows_its_grams_days_end_and_successor():
    first, second = courses_of("0 1 2 28 30").itertuples()

    assert (first.dose_g, first.days, first.ended_on) == (120, 3, timestamp(2))
    assert first.next_started_on == timestamp(28)
    assert (second.dose_g, second.days, second.ended_on) == (80, 2, timestamp(30))
    assert pd.isna(second.next_started_on)


def test_routes_are_grouped_apart_and_counted_together():
    together = courses_of("""
        given_on | route | dose_g
        ---------+-------+-------
        0        | IV    | 40
        1        | SC    | 10
        2        | FSC   | 20
        3        | IV    | 40
    """)

    assert together["route"].tolist() == ["IV", "SC", "FSC"]
    assert days_of(together["started_on"]) == [0, 1, 2]
    assert days_of(together["next_started_on"]) == [None, None, None]


def test_patients_do_not_share_courses():
    both = courses(
        infusion_days(cohort(patient("A", infusions="0 1"), patient("B", infusions="2 3")))
    )

    assert both["study_id"].tolist() == ["A", "B"]
    assert days_of(both["started_on"]) == [0, 2]


def test_the_index_is_the_first_day_of_the_first_course_of_any_route():
    records = cohort(
        patient(
            infusions="""
                given_on | route | dose_g
                ---------+-------+-------
                10       | IV    | 40
                7        | SC    | 10
            """
        )
    )

    assert index_dates(courses(infusion_days(records))).to_dict() == {"P1": timestamp(7)}


def intervals(infusions):
    records = cohort(patient(infusions=infusions))
    grouped = courses(infusion_days(records))
    return recent_interval_days(course_starts(grouped, study_id_index(grouped["study_id"])))


def test_the_expected_interval_is_the_median_of_the_last_four():
    #                        28  10  20  40  30: medians of each and up to three before
    assert intervals("0 28 38 58 98 128").tolist() == [28, 28, 19, 20, 24, 25]


def test_only_distinct_start_dates_of_any_route_make_intervals():
    drawn = """
        given_on | route | dose_g
        ---------+-------+-------
        0        | IV    | 40
        0        | SC    | 10
        20       | SC    | 10
    """

    assert intervals(drawn).tolist() == [28, 20]


def test_patients_do_not_borrow_each_others_intervals():
    records = cohort(patient("A", infusions="0 50"), patient("B", infusions="60 67"))
    grouped = courses(infusion_days(records))

    expected = recent_interval_days(course_starts(grouped, study_id_index(grouped["study_id"])))

    assert expected.tolist() == [28, 50, 28, 7]


def is_on_treatment(infusions, day):
    records = cohort(patient(infusions=infusions))
    given = infusion_days(records)
    at = pd.Series([timestamp(day)], index=["P1"])
    return on_treatment(given, courses(given), at)["P1"]


@pytest.mark.parametrize(
    ("infusions", "last_day_on_treatment"),
    [
        ("0", 45),  # 1.5 × 28 = 42 is less than 45
        ("0 7 14", 14 + 45),
        ("0 31", 31 + 46),  # 46.5 days allowed, and days are whole
        ("0 32", 32 + 48),
        ("0 40 81", 81 + 60),  # 1.5 × 40.5 = 60.75, e not rounded
    ],
)
def test_on_treatment_allows_one_and_a_half_intervals_and_never_less_than_45_days(
    infusions, last_day_on_treatment
):
    assert is_on_treatment(infusions, last_day_on_treatment)
    assert not is_on_treatment(infusions, last_day_on_treatment + 1)


def test_on_treatment_looks_only_at_courses_up_to_the_day():
    # Up to day 60 e is 28 and 45 days pass; the interval of 100 comes later.
    assert not is_on_treatment("0 28 128", 74)
    assert is_on_treatment("0 28 128", 73)


def test_nobody_is_on_treatment_before_the_first_infusion_or_without_a_day():
    assert not is_on_treatment("10", 9)
    given = infusion_days(cohort(patient(infusions="10")))
    never = pd.Series([pd.NaT], index=["P1"], dtype="datetime64[s]")
    assert not on_treatment(given, courses(given), never)["P1"]


HOME = """
    started_on | route | planned_dose_g | planned_interval_days | ended_on
    -----------+-------+----------------+-----------------------+---------
    100        | {}    | 12             | 7                     | {}
"""


def home_days(route="SC", ended_on="", visits="0 121", infusions=""):
    drawn = patient(visits=visits, infusions=infusions, regimens=HOME.format(route, ended_on))
    given = infusion_days(cohort(drawn))
    return days_of(given["given_on"][given["from_regimen"]])


@pytest.mark.parametrize("route", ["SC", "FSC"])
def test_a_home_regimen_stands_for_an_infusion_every_interval_from_its_start(route):
    assert home_days(route) == [100, 107, 114, 121]


def test_a_regimen_by_vein_stands_for_nothing():
    assert home_days("IV") == []


def test_home_treatment_ends_before_the_end_of_its_regimen():
    assert home_days(ended_on="114") == [100, 107]
    assert home_days(ended_on="115") == [100, 107, 114]
    assert home_days(ended_on="100") == []


def test_home_treatment_never_goes_beyond_the_last_visit():
    assert home_days(visits="0 120") == [100, 107, 114]
    assert home_days(visits="99") == []
    assert home_days(visits="") == []


def sc(days):
    rows = "\n".join(f"{day} | SC | 5" for day in days)
    return f"given_on | route | dose_g\n---+---+---\n{rows}"


@pytest.mark.parametrize(
    ("recorded_on", "planned_on"),
    [
        ([99], [100, 107, 114, 121]),  # the day before the regimen is not one of its days
        ([100], [107, 114, 121]),
        ([103], [110, 117]),
        ([103, 109], [116]),
        ([115], []),
        ([130], []),  # one interval after the last of them is beyond the last visit
    ],
)
def test_home_treatment_goes_on_one_interval_after_the_last_recorded_infusion(
    recorded_on, planned_on
):
    assert home_days(infusions=sc(recorded_on)) == planned_on


def test_an_infusion_on_the_regimens_end_is_not_on_its_days():
    assert home_days(ended_on="114", infusions=sc([113])) == []
    assert home_days(ended_on="114", infusions=sc([114])) == [100, 107]


def test_an_infusion_of_another_route_does_not_move_home_treatment():
    assert home_days(infusions="103") == [100, 107, 114, 121]


@pytest.mark.parametrize("lacking", ["planned_dose_g", "planned_interval_days"])
def test_a_regimen_without_dose_or_interval_stands_for_nothing(lacking):
    drawn = patient(visits="0 121", regimens=HOME.format("SC", ""))
    drawn["regimens"] = drawn["regimens"].assign(**{lacking: ""})

    assert infusion_days(cohort(drawn)).empty


def test_home_treatment_has_the_planned_dose_counts_as_index_and_says_so():
    drawn = patient(visits="0 121", regimens=HOME.format("SC", ""))

    given = infusion_days(cohort(drawn))
    grouped = courses(given)
    found = outcome(drawn)

    assert given["dose_g"].tolist() == [12] * 4
    assert grouped["from_regimen"].all()
    assert (found["index_on"], found["courses"]) == (timestamp(100), 4)
    assert (found["first_route"], found["last_infusion_on"]) == ("SC", timestamp(121))


def test_home_treatment_is_not_contact():
    found = outcome(
        patient(visits="0 121", infusions="90", regimens=HOME.format("SC", "")), as_of=1000
    )

    assert found["last_contact_on"] == timestamp(121)


def test_a_regimen_that_will_end_after_the_day_asked_about_still_runs():
    drawn = patient(visits="0 121", regimens=HOME.format("SC", "110"))

    assert outcome(drawn, as_of=109)["courses"] == 0  # the last visit known then is day 0
    assert outcome(drawn, as_of=121)["courses"] == 2


def test_last_contact_is_a_visit_or_a_recorded_infusion():
    records = cohort(
        patient("A", visits="3 50", infusions="40"),
        patient("B", visits="3", infusions="40"),
        patient("C"),
    )

    assert days_of(last_contact(records)) == [50, 40, None]


@pytest.mark.parametrize(
    ("prior", "history"), [("no", "naive"), ("yes", "pretreated"), ("unknown", "unknown")]
)
def test_treatment_history_is_what_was_said_at_inclusion(prior, history):
    recorded = {"prior_immunoglobulin": prior, "included_on": "0"}

    assert outcome(patient(infusions="-300", recorded=recorded))["treatment_history"] == history


@pytest.mark.parametrize(
    ("routes", "first_route", "in_primary_table"),
    [("IV SC", "IV", True), ("SC IV", "IV", True), ("SC", "SC", False), ("", "", True)],
)
def test_iv_wins_if_two_routes_begin_on_the_index_day(routes, first_route, in_primary_table):
    rows = "\n".join(f"0 | {route} | 10" for route in routes.split())
    infusions = f"given_on | route | dose_g\n-+-+-\n{rows}" if routes else ""

    found = outcome(patient(infusions=infusions))

    assert found["first_route"] == first_route
    assert found["in_primary_table"] == in_primary_table


@pytest.mark.parametrize("prior", ["yes", "unknown"])
def test_only_the_naive_are_in_the_primary_table(prior):
    recorded = {"prior_immunoglobulin": prior}

    assert not outcome(patient(infusions="0", recorded=recorded))["in_primary_table"]


def test_without_patients_there_are_no_courses():
    nobody = infusion_days(cohort())

    assert courses(nobody).empty
    assert index_dates(courses(nobody)).empty


def test_courses_do_not_depend_on_the_order_of_rows():
    records = cohort(patient("B", infusions="0 1 2 28"), patient("A", infusions="5 6 40"))
    shuffled = records.infusions.sample(frac=1, random_state=np.random.RandomState(5))
    other = type(records)(**{**vars(records), "infusions": shuffled})

    pd.testing.assert_frame_equal(courses(infusion_days(records)), courses(infusion_days(other)))
