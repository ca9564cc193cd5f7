"""Curves against those that R 4.2.2 printed (survival 3.5.3); the R call stands beside them."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from outcomes.derivation.survival import (
    Median,
    cumulative_incidence,
    kaplan_meier,
    log_rank,
    median_time,
    read_curve,
)

CURVE, P_VALUE = 1e-6, 1e-9
SPREAD = ("std_error", "ci_low", "ci_high")

# Censored on the first day, ties of events, of events with censorings, and an event at the end.
TIME = pd.Series([5, 5, 8, 8, 8, 12, 12, 15, 20, 20, 0, 31, 31, 40], dtype=float)
EVENT = pd.Series([0, 1, 1, 1, 0, 0, 1, 0, 1, 0, 0, 1, 0, 1]) == 1
KIND = pd.Series([0, 1, 1, 2, 0, 0, 1, 0, 2, 0, 0, 1, 0, 2])  # 1 remission, 2 death
CENTRE = pd.Series(list("abcabcabcabcab"))


def curve_of(times, events):
    return kaplan_meier(pd.Series(times, dtype=float), pd.Series(events) == 1)


def test_the_curve_is_the_one_that_r_draws():
    """survfit(Surv(time, event) ~ 1, conf.type = "log-log"); std.err * surv"""
    printed = pd.DataFrame(
        [
            [0, 14, 0, 1, 1.0, 0.0, np.nan, np.nan],
            [5, 13, 1, 1, 0.92307692, 0.073905302, 0.566359466, 0.988794062],
            [8, 11, 2, 1, 0.755244755, 0.123205113, 0.416090025, 0.914052945],
            [12, 8, 1, 1, 0.660839161, 0.139356266, 0.325138695, 0.858356809],
            [15, 6, 0, 1, 0.660839161, 0.139356266, 0.325138695, 0.858356809],
            [20, 5, 1, 1, 0.528671329, 0.162491774, 0.193963071, 0.780587312],
            [31, 3, 1, 1, 0.352447552, 0.180105902, 0.065563043, 0.670899389],
            [40, 1, 1, 0, 0.0, 0.0, np.nan, np.nan],
        ],
        columns=["time", "at_risk", "events", "censored", "survival", *SPREAD],
    )

    pd.testing.assert_frame_equal(
        kaplan_meier(TIME, EVENT), printed, check_dtype=False, rtol=0, atol=CURVE
    )


def test_numbers_at_risk_and_estimates_are_read_at_chosen_times():
    """summary(survfit(...), times = c(0, 6, 12, 40, 41), extend = TRUE)"""
    read = read_curve(kaplan_meier(TIME, EVENT), [0, 6, 12, 40, 41])

    assert read["at_risk"].tolist() == [14, 11, 8, 1, 0]
    assert read["survival"].tolist() == pytest.approx(
        [1, 0.92307692307692313, 0.66083916083916094, 0, 0], abs=CURVE
    )


def test_an_incidence_is_read_as_none_before_its_first_event():
    read = read_curve(cumulative_incidence(TIME + 1, KIND == 1, KIND == 2), [0, 6])

    assert read["at_risk"].tolist() == [14, 13]
    assert read["incidence"].tolist() == pytest.approx([0, 1 / 13], abs=CURVE)


# survfit(Surv(time, event) ~ 1, conf.type = "log-log"), as printed: median, 0.95LCL, 0.95UCL
MEDIANS = {
    "above a half at the end": ([3, 4, 5], [1, 0, 0], Median(None, 3, None)),
    "crosses a half": (TIME, EVENT, Median(31, 8, None)),
    "rests at a half, then falls": ([1, 2, 3, 4], [1, 1, 1, 1], Median(2.5, 1, None)),
    "rests at a half over censorings": (
        [2, 2, 3, 4, 5, 7],
        [1, 1, 1, 0, 0, 1],
        Median(5, 2, None),
    ),
    "ends at a half": ([2, 2, 3, 4], [1, 1, 0, 0], Median(2, 2, None)),
    "nobody had it": ([3, 4], [0, 0], Median(None, None, None)),
    "nobody there": ([], [], Median(None, None, None)),
}


@pytest.mark.parametrize(("times", "events", "printed"), MEDIANS.values(), ids=MEDIANS)
def test_the_median_time_is_read_as_r_reads_it(times, events, printed):
    assert median_time(curve_of(times, events)) == printed


def test_strata_are_compared_as_r_compares_them():
    """survdiff(Surv(time, event) ~ centre): $chisq, $obs, $exp; pchisq($chisq, 2, lower = FALSE)"""
    result = log_rank(TIME, EVENT, CENTRE)

    assert (result.chi2, result.degrees_of_freedom) == (pytest.approx(0.63760107449193326), 2)
    assert result.p_value == pytest.approx(0.7270205483657175, abs=P_VALUE)
    assert result.strata.index.tolist() == ["a", "b", "c"]
    assert result.strata["n"].tolist() == [5, 5, 4]
    assert result.strata["observed"].tolist() == [2, 2, 3]
    assert result.strata["expected"].tolist() == pytest.approx(
        [2.2202214452214455, 2.6364801864801866, 2.1432983682983684], abs=CURVE
    )


def test_two_strata_are_compared_as_r_and_scipy_compare_them():
    """survdiff(Surv(time, event) ~ (centre == "a"))"""
    in_a = CENTRE == "a"
    result = log_rank(TIME, EVENT, in_a.map({True: "a", False: "others"}))

    groups = [stats.CensoredData.right_censored(TIME[own], ~EVENT[own]) for own in (in_a, ~in_a)]

    assert result.p_value == pytest.approx(0.84966208200044013, abs=P_VALUE)
    assert result.p_value == pytest.approx(stats.logrank(*groups).pvalue, abs=P_VALUE)


def test_a_stratum_that_left_before_the_first_event_takes_no_part():
    """survdiff(Surv(c(4, 6, 7, 9), c(1, 0, 1, 1)) ~ c("b", "c", "b", "c")): chisq 2"""
    result = log_rank(
        pd.Series([1.0, 4, 6, 7, 9]),
        pd.Series([False, True, False, True, True]),
        pd.Series(list("abcbc")),
    )

    assert (result.chi2, result.degrees_of_freedom) == (pytest.approx(2), 1)
    assert result.p_value == pytest.approx(0.15729920705028447, abs=P_VALUE)
    assert result.strata.loc["a"].tolist() == [1, 0, 0]


@pytest.mark.parametrize(
    ("events", "strata"),
    [([1, 1, 0], "aaa"), ([0, 0, 0], "aab"), ([], ""), ([0, 1, 0], "aba")],
    ids=["one stratum", "no event", "nobody", "one is left alone at the only event"],
)
def test_fewer_than_two_strata_with_events_to_expect_compare_nothing(events, strata):
    times = pd.Series(np.arange(len(events), dtype=float))

    result = log_rank(
        times, pd.Series(events, dtype=float) == 1, pd.Series(list(strata), dtype="str")
    )

    comparable = (result.strata["expected"] > 0).sum() >= 2
    assert (result.chi2 is None, result.p_value is None) == (not comparable, not comparable)


def test_a_patient_without_a_stratum_is_left_out_of_the_comparison():
    with_others = pd.concat([CENTRE, pd.Series(["", None])], ignore_index=True)
    result = log_rank(
        pd.concat([TIME, pd.Series([3.0, 4.0])], ignore_index=True),
        pd.concat([EVENT, pd.Series([True, True])], ignore_index=True),
        with_others,
    )

    assert result.p_value == log_rank(TIME, EVENT, CENTRE).p_value


def test_incidence_with_death_competing_is_the_one_that_r_computes():
    """survfit(Surv(time, factor(kind, 0:2, c("censored", "remission", "death"))) ~ 1,
    conf.type = "log-log"): pstate, std.err, lower, upper of "remission"
    """
    printed = pd.DataFrame(
        [
            [0, 14, 0, 0, 1, 0.0, 0.0, np.nan, np.nan],
            [5, 13, 1, 0, 1, 0.076923077, 0.073905302, 0.004773660, 0.292016221],
            [8, 11, 1, 1, 1, 0.160839161, 0.104478610, 0.025532510, 0.402358648],
            [12, 8, 1, 0, 1, 0.255244755, 0.128433926, 0.060107079, 0.515198736],
            [15, 6, 0, 0, 1, 0.255244755, 0.128433926, 0.060107079, 0.515198736],
            [20, 5, 0, 1, 1, 0.255244755, 0.128433926, 0.060107079, 0.515198736],
            [31, 3, 1, 0, 1, 0.431468531, 0.179649472, 0.108689910, 0.727334393],
            [40, 1, 0, 1, 0, 0.431468531, 0.179649472, 0.108689910, 0.727334393],
        ],
        columns=["time", "at_risk", "events", "competing", "censored", "incidence", *SPREAD],
    )

    pd.testing.assert_frame_equal(
        cumulative_incidence(TIME, KIND == 1, KIND == 2),
        printed,
        check_dtype=False,
        rtol=0,
        atol=CURVE,
    )


def test_incidence_of_the_other_event_is_the_one_that_r_computes():
    """The same call: pstate, std.err of "death"."""
    deaths = cumulative_incidence(TIME, KIND == 2, KIND == 1)

    assert deaths["incidence"].tolist() == pytest.approx(
        [0, 0, 0.083916084, 0.083916084, 0.083916084, 0.216083916, 0.216083916, 0.568531469],
        abs=CURVE,
    )
    assert deaths["std_error"].tolist() == pytest.approx(
        [0, 0, 0.080292441, 0.080292441, 0.080292441, 0.139010781, 0.139010781, 0.179649472],
        abs=CURVE,
    )


@pytest.mark.parametrize(
    ("time", "event", "message"),
    [
        ([-1.0, 2], [True, False], "cannot be negative"),
        ([1.0, 2], [True, None], "true or false wherever its time is known"),
    ],
)
def test_times_and_events_that_cannot_be_are_refused(time, event, message):
    with pytest.raises(ValueError, match=message):
        kaplan_meier(pd.Series(time), pd.Series(event, dtype="boolean"))


def test_two_first_events_of_one_patient_are_refused():
    with pytest.raises(ValueError, match="cannot have both"):
        cumulative_incidence(pd.Series([1.0]), pd.Series([True]), pd.Series([True]))


def test_patients_without_a_time_are_left_out():
    time = pd.Series([5.0, np.nan, 8.0])
    event = pd.Series([True, None, False], dtype="boolean")

    assert kaplan_meier(time, event)["at_risk"].tolist() == [2, 1]


def test_nobody_makes_an_empty_curve():
    assert list(curve_of([], []).columns) == list(kaplan_meier(TIME, EVENT).columns)
    assert curve_of([], []).empty
    assert read_curve(curve_of([], []), [0, 5])["at_risk"].tolist() == [0, 0]


observations = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 2)), min_size=1, max_size=60)


@given(observations)
def test_the_curve_agrees_with_scipy(observed):
    time, kind = (pd.Series(column) for column in zip(*observed, strict=True))
    event = kind == 1
    sample = stats.CensoredData.right_censored(time.to_numpy(float), ~event.to_numpy())

    survival = stats.ecdf(sample).sf

    curve = kaplan_meier(time, event)
    assert curve["time"].tolist() == survival.quantiles.tolist()
    assert curve["survival"].tolist() == pytest.approx(survival.probabilities.tolist(), abs=1e-9)


@given(observations)
def test_event_competing_event_and_neither_add_up_to_all(observed):
    time, kind = (pd.Series(column) for column in zip(*observed, strict=True))

    event = cumulative_incidence(time, kind == 1, kind == 2)["incidence"]
    competing = cumulative_incidence(time, kind == 2, kind == 1)["incidence"]
    neither = kaplan_meier(time, kind > 0)["survival"]

    assert (event + competing + neither).tolist() == pytest.approx([1.0] * len(event))


@given(observations)
def test_without_competing_events_incidence_is_one_minus_kaplan_meier(observed):
    time, kind = (pd.Series(column) for column in zip(*observed, strict=True))

    incidence = cumulative_incidence(time, kind == 1, kind == 3)
    curve = kaplan_meier(time, kind == 1)

    assert incidence["incidence"].tolist() == pytest.approx((1 - curve["survival"]).tolist())
    assert incidence["std_error"].tolist() == pytest.approx(curve["std_error"].tolist(), abs=CURVE)
