"""Rates against the numbers that R 4.2.2 printed; the R call stands beside them."""

import pytest

from outcomes.derivation.rates import poisson_interval, rate_per_thousand

# poisson.test(k)$conf.int
POISSON_TEST = [
    (0, 0, 3.6888794541139354),
    (1, 0.025317807984289897, 5.5716433909388989),
    (5, 1.6234863901184209, 11.668332079322667),
    (46, 33.677781408971875, 61.357553710586011),
    (250, 219.96799563093728, 282.98770504231607),
]


@pytest.mark.parametrize(("events", "low", "high"), POISSON_TEST)
def test_a_number_of_events_has_the_exact_interval_of_r(events, low, high):
    assert poisson_interval(events) == pytest.approx((low, high), abs=1e-9)


def test_a_rate_is_of_a_thousand_infusions_and_keeps_its_counts():
    rate = rate_per_thousand(46, 8000)

    assert (rate.n, rate.of) == (46, 8000)
    assert rate[2:] == pytest.approx((5.75, 33.677781408971875 / 8, 61.357553710586011 / 8))


def test_nothing_given_has_no_rate():
    assert rate_per_thousand(0, 0) == (0, 0, None, None, None)
    assert rate_per_thousand(2, 0)[2:] == (None, None, None)


@pytest.mark.parametrize("counts", [(-1, 10), (1, -10)])
def test_a_negative_count_is_refused(counts):
    with pytest.raises(ValueError, match="must not be negative"):
        rate_per_thousand(*counts)
