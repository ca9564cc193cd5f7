"""Estimates and tests against the numbers that R 4.2.2 printed; the R call stands beside them."""

import math
from unittest import mock

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from outcomes.derivation import inference
from outcomes.derivation.inference import (
    FisherResult,
    MannWhitneyResult,
    benjamini_hochberg,
    binomial_p,
    clopper_pearson,
    fisher,
    mann_whitney,
    proportion,
)

P_VALUE, INTERVAL, ODDS_RATIO = 1e-9, 1e-6, 1e-3


# binom.test(k, n, 0.2)$conf.int; $p.value
BINOM_TEST = [
    (14, 20, 0.45721081772371086, 0.88106840959427224, 1.845005721272322e-06),
    (0, 5, 0, 0.52182375010498139, 0.59040000000000026),
    (5, 5, 0.47817624989501861, 1, 0.00032000000000000008),
    (1, 1, 0.025000000000000022, 1, 0.20000000000000001),
    (0, 1, 0, 0.97499999999999998, 1),
    (3, 15, 0.043312005105836639, 0.480891133806853, 1),
    (8, 37, 0.098265635835449269, 0.38213649177154951, 0.83686173424458876),
    (25, 37, 0.50214671648660314, 0.81986135194794341, 4.8194584669533983e-10),
    (4, 37, 0.030251965068749619, 0.2541759360774789, 0.216610157478445),
    (250, 1000, 0.22343040626468039, 0.27805000622375553, 0.00012262983509634838),
]


@pytest.mark.parametrize(("k", "n", "low", "high", "p_value"), BINOM_TEST)
def test_a_proportion_has_the_exact_interval_and_test_of_r(k, n, low, high, p_value):
    assert clopper_pearson(k, n) == pytest.approx((low, high), abs=INTERVAL)
    assert binomial_p(k, n, 0.2) == pytest.approx(p_value, abs=P_VALUE)


def test_the_published_response_rate_is_reproduced_to_its_printed_digits():
    responders = proportion(14, 20)

    assert [round(value, 4) for value in responders[2:]] == [0.7, 0.4572, 0.8811]
    assert f"{binomial_p(14, 20, 0.20):.3e}" == "1.845e-06"


def test_another_reference_gives_another_test():
    assert binomial_p(3, 11, 0.35) == pytest.approx(0.75723861096381828, abs=P_VALUE)


def test_nobody_observed_leaves_no_number():
    assert clopper_pearson(0, 0) == (None, None)
    assert proportion(0, 0) == (0, 0, None, None, None)
    assert binomial_p(0, 0, 0.2) is None


@pytest.mark.parametrize(("k", "n"), [(-1, 5), (6, 5), (1, 0)])
def test_a_count_outside_its_denominator_is_refused(k, n):
    for ask in (clopper_pearson, proportion, lambda k, n: binomial_p(k, n, 0.2)):
        with pytest.raises(ValueError, match=f"{k} of {n} is not a count"):
            ask(k, n)


def test_a_reference_that_is_no_proportion_is_refused():
    with pytest.raises(ValueError, match="between 0 and 1, not 20"):
        binomial_p(14, 20, 20)


@given(st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_holds_the_proportion_and_mirrors_its_complement(count):
    k, n = count
    low, high = clopper_pearson(k, n)
    mirrored = clopper_pearson(n - k, n)

    assert low <= k / n <= high
    assert (1 - mirrored.high, 1 - mirrored.low) == pytest.approx((low, high), abs=1e-12)


# fisher.test(matrix(c(k1, n1 - k1, k2, n2 - k2), 2, byrow = TRUE))$p.value; $estimate; $conf.int
FISHER_TEST = [
    ((14, 20, 8, 13), 0.71361093646725027, (1.4414247884631006, 0.2569749482, 7.9759330734)),
    ((12, 14, 4, 6), 0.54922600619195039, (2.8178198342474245, 0.1562839964, 51.8566207098)),
    ((17, 21, 5, 7), 0.62190635451505016, (1.6655246269756674, 0.1177903248, 16.4686271101)),
    ((7, 9, 2, 9), 0.056684491978609593, (10.238123231910039, 0.9526687226, 191.2494769947)),
    ((10, 10, 4, 10), 0.010835913312693499, (math.inf, 1.7666444017, math.inf)),
    ((0, 5, 6, 9), 0.030969030969030951, (0, 0, 1.0532839045)),
    ((12, 12, 0, 8), 7.938398031277296e-06, (math.inf, 10.5927174892, math.inf)),
    ((30, 42, 18, 43), 0.0085429521190048263, (3.4186747887259266, 1.2900191693, 9.4944161456)),
]


@pytest.mark.parametrize(("table", "p_value", "odds_ratio_with_limits"), FISHER_TEST)
def test_two_proportions_are_compared_as_r_compares_them(table, p_value, odds_ratio_with_limits):
    result = fisher(*table)

    assert result.p_value == pytest.approx(p_value, abs=P_VALUE)
    assert result[1:] == pytest.approx(odds_ratio_with_limits, rel=ODDS_RATIO)


def test_the_published_comparisons_have_their_printed_p_values():
    tables = [(14, 20, 8, 13), (12, 14, 4, 6), (17, 21, 5, 7), (7, 9, 2, 9)]

    printed = [float(f"{fisher(*table).p_value:.3g}") for table in tables]

    assert printed == [0.714, 0.549, 0.622, 0.0567]


def test_an_odds_ratio_above_one_means_more_responders_among_those_with_the_property():
    assert fisher(9, 10, 3, 10).odds_ratio > 1
    assert fisher(3, 10, 9, 10).odds_ratio < 1


@given(st.lists(st.integers(0, 30), min_size=4, max_size=4))
def test_the_limits_of_an_odds_ratio_are_those_of_scipy(cells):
    a, b, c, d = cells
    assume(min(a + b, c + d, a + c, b + d) > 0)

    low, high = fisher(a, a + b, c, c + d)[2:]

    expected = stats.contingency.odds_ratio([[a, b], [c, d]]).confidence_interval(0.95)
    assert (low, high) == pytest.approx((expected.low, expected.high), rel=1e-6)


@pytest.mark.parametrize("table", [(0, 0, 3, 9), (3, 9, 0, 0), (0, 5, 0, 5), (5, 5, 5, 5)])
def test_a_table_with_an_empty_row_or_column_compares_nothing(table):
    assert fisher(*table) == FisherResult(None, None, None, None)


def test_a_table_with_more_responders_than_patients_is_refused():
    with pytest.raises(ValueError, match="7 of 6 is not a count"):
        fisher(3, 5, 7, 6)


STEPS = np.arange(1, 27)
CURVED = STEPS**1.3 + 7.1

# w <- wilcox.test(x, y, exact = exact, conf.int = TRUE, tol.root = 1e-9)
# w$p.value; median(outer(x, y, "-")); w$conf.int; attr(w$conf.int, "conf.level")
WILCOX_TEST = {
    "few": (
        [1.1, 2.3, 4.7, 5.2, 6.9],
        [0.4, 3.1, 3.3, 7.7, 8.8, 9.6, 10.1],
        MannWhitneyResult(0.34343434343434348, "exact", -2.5, -6.6, 2.1, None),
    ),
    "25 and 25, the largest exact": (
        STEPS[:25] * 2,
        CURVED[:25],
        MannWhitneyResult(
            0.064952774566754259,
            "exact",
            -10.000566853219951,
            -21.684500550247286,
            0.62938084354176738,
            None,
        ),
    ),
    "26 and 25": (
        STEPS * 2,
        CURVED[:25],
        MannWhitneyResult(
            0.091722731827770534,
            "asymptotic",
            -9.1830746247527024,
            -20.70956336173715,
            1.6107692081699596,
            0.95,
        ),
    ),
    "25 and 26": (
        STEPS[:25] * 2,
        CURVED,
        MannWhitneyResult(
            0.042811986989619112,
            "asymptotic",
            -11.408404937901846,
            -23.44619071956749,
            -0.38923079129111693,
            0.95,
        ),
    ),
    "ties within and across": (
        [4, 4, 5, 6, 6, 6, 8],
        [2, 3, 4, 4, 5, 5, 6, 7, 1],
        MannWhitneyResult(0.14569783005712442, "asymptotic", 1, -1, 3, 0.95),
    ),
    "one tie across": (
        [1, 2, 3, 4, 5, 6],
        [4, 7, 8, 9, 10, 11],
        MannWhitneyResult(0.016122415343300361, "asymptotic", -5, -8, -2, 0.95),
    ),
    "all equal but one": (
        [3, 3, 3, 3],
        [3, 3, 3, 5],
        MannWhitneyResult(0.45325470475373647, "asymptotic", 0, -2, 0, 0.95),
    ),
    "two equal groups": (
        [1, 2, 3],
        [1, 2, 3],
        MannWhitneyResult(1, "asymptotic", 0, -2, 2, 0.95),
    ),
    "40 and 31 with ties": (
        np.arange(1, 41) * 7 % 23,
        np.arange(1, 32) * 5 % 19 + 2.5,
        MannWhitneyResult(0.93069361695105568, "asymptotic", -0.5, -3.5, 2.5, 0.95),
    ),
}


@pytest.mark.parametrize(("first", "second", "printed"), WILCOX_TEST.values(), ids=WILCOX_TEST)
def test_two_groups_of_numbers_are_compared_as_r_compares_them(first, second, printed):
    result = mann_whitney(first, second)

    assert result.method == printed.method
    assert result.p_value == pytest.approx(printed.p_value, abs=P_VALUE)
    assert result[2:5] == pytest.approx(printed[2:5], abs=INTERVAL)
    if printed.method == "asymptotic":
        assert result.ci_level == printed.ci_level
    else:
        assert result.ci_level >= 0.95


def test_groups_too_small_for_95_percent_say_what_their_interval_covers():
    """R prints conf.level 0.9 and warns: three against three have only twenty arrangements."""
    result = mann_whitney([1, 2, 3], [4, 5, 6])

    assert result == pytest.approx(
        MannWhitneyResult(0.1, "exact", -3, -5, -1, 0.9), abs=INTERVAL, nan_ok=False
    )


def test_the_limit_for_exact_counting_can_be_set():
    assert mann_whitney([1, 2, 3], [4, 5, 6], exact_up_to=2).method == "asymptotic"


def test_equal_values_everywhere_are_no_evidence_of_a_difference():
    """Every arrangement of the patients gives the same U; R divides 0 by 0 and prints NaN."""
    assert mann_whitney([2, 2, 2], [2, 2, 2]) == (1, "asymptotic", 0, 0, 0, 0.95)


def test_an_empty_group_cannot_be_compared():
    assert mann_whitney([], [1, 2, 3]) == (None,) * 6
    assert mann_whitney([1, 2, 3], []) == (None,) * 6


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_missing_value_in_a_group_is_refused(value):
    with pytest.raises(ValueError, match="leave patients without a value out"):
        mann_whitney([1, 2, value], [4, 5, 6])


groups = st.lists(st.integers(0, 40), min_size=1, max_size=35)


@given(groups, groups)
def test_the_difference_is_the_median_of_all_pairwise_differences(first, second):
    pairwise = [x - y for x in first for y in second]

    assert mann_whitney(first, second).difference == np.median(pairwise)


@given(groups, groups)
def test_the_approximate_p_value_is_that_of_scipy(first, second):
    ranked = stats.mannwhitneyu(first, second, method="asymptotic").pvalue

    expected = 1 if len({*first, *second}) == 1 else pytest.approx(ranked, rel=1e-12)
    assert mann_whitney(first, second, exact_up_to=0).p_value == expected


@given(groups, groups, st.sampled_from([1, 7, 200]))
def test_many_pairs_are_narrowed_down_to_the_same_limits(first, second, few):
    thirds = [value / 3 for value in first], [value / 7 for value in second]
    expected = mann_whitney(*thirds)

    with mock.patch.object(inference, "PAIRS_WRITTEN_OUT", few):
        assert mann_whitney(*thirds) == expected


@given(groups, groups)
def test_exchanging_the_groups_turns_the_difference_round(first, second):
    there, back = mann_whitney(first, second), mann_whitney(second, first)

    assert back.p_value == pytest.approx(there.p_value, abs=1e-12)
    assert back.difference == -there.difference
    assert (-back.ci_high, -back.ci_low) == (there.ci_low, there.ci_high)


@given(st.integers(1, 12), st.integers(1, 12), st.randoms())
def test_the_exact_interval_excludes_zero_just_when_the_exact_test_rejects(n, m, random):
    values = random.sample(range(1, 1000), n + m)
    result = mann_whitney(values[:n], values[n:])

    excludes_zero = result.ci_low > 0 or result.ci_high < 0

    assert excludes_zero == (result.p_value <= 1 - result.ci_level + 1e-12)


def test_adjusted_p_values_are_those_of_r_over_the_lines_that_have_one():
    """p.adjust(c(0.001, 0.04, 0.03, 0.2, 0.2, 0.9, 0.03), "BH")"""
    raw = [0.001, None, 0.04, 0.03, 0.2, 0.2, None, 0.9, 0.03]

    adjusted = benjamini_hochberg(raw)

    printed = [0.007, None, 0.07, 0.07, 7 / 30, 7 / 30, None, 0.9, 0.07]
    assert adjusted == [None if q is None else pytest.approx(q, abs=P_VALUE) for q in printed]


def test_no_p_value_means_no_adjusted_one():
    assert benjamini_hochberg([]) == []
    assert benjamini_hochberg([None, None]) == [None, None]


def test_a_p_value_outside_zero_to_one_is_refused():
    with pytest.raises(ValueError, match="between 0 and 1"):
        benjamini_hochberg([0.2, 1.2])


@given(st.integers(1, 20), st.integers(1, 20))
def test_two_separated_groups_are_two_of_all_arrangements(n, m):
    result = mann_whitney(range(n), range(100, 100 + m))

    assert result.p_value == pytest.approx(min(1, 2 / math.comb(n + m, n)), abs=P_VALUE)
