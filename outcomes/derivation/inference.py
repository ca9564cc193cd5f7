"""Estimates and tests for small samples: proportions, 2 × 2 tables, two groups of numbers.

SciPy does the work where it has the method. Where it has none (intervals for the Hodges-Lehmann
difference), the method of R's ``wilcox.test`` is written out, so that a statistician finds the
numbers that R prints.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import optimize, stats

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.intp]

LOG_ODDS_RANGE = (-100.0, 100.0)  # wider than any finite limit: odds of 10⁴³
PAIRS_WRITTEN_OUT = 200_000  # differences that are sorted at once [pairs]


class Interval(NamedTuple):
    """Two-sided confidence interval; a limit is None where there are no observations."""

    low: float | None
    high: float | None


class Proportion(NamedTuple):
    """A count with its denominator, the proportion and its confidence interval. [0–1]"""

    n: int
    of: int
    proportion: float | None
    ci_low: float | None
    ci_high: float | None


class FisherResult(NamedTuple):
    """Fisher's exact test with the conditional odds ratio; None where it is not defined."""

    p_value: float | None
    odds_ratio: float | None
    ci_low: float | None
    ci_high: float | None


class MannWhitneyResult(NamedTuple):
    """Rank test of two groups with the Hodges-Lehmann difference between them."""

    p_value: float | None
    method: str | None
    difference: float | None
    ci_low: float | None
    ci_high: float | None
    ci_level: float | None


class Distribution(NamedTuple):
    """Spread of a number over patients, in its own unit; None where too few have one."""

    n: int
    mean: float | None
    sd: float | None
    median: float | None
    q1: float | None
    q3: float | None


def distribution(values: pd.Series) -> Distribution:
    """Mean, standard deviation, median and quartiles. [unit of the values]

    Parameters
    ----------
    values : Series of numbers, one per patient
        Missing values are left out; ``n`` counts those that remain.

    Returns
    -------
    Distribution: standard deviation with n − 1 (None below two values), quartiles by linear
    interpolation; all None without a value.

    Raises
    ------
    ValueError
        If a value is infinite.

    References
    ----------
    .. [1] R. J. Hyndman, Y. Fan, "Sample quantiles in statistical packages," Am. Stat.
       50(4):361-365, 1996 (type 7, R's default). doi:10.2307/2684934
    """
    known = values.dropna().to_numpy(np.float64)
    if not np.isfinite(known).all():
        raise ValueError("A distribution needs finite numbers: find where one was divided by 0.")
    if known.size == 0:
        return Distribution(0, None, None, None, None, None)
    q1, median, q3 = (float(quartile) for quartile in np.quantile(known, [0.25, 0.5, 0.75]))
    sd = float(known.std(ddof=1)) if known.size > 1 else None
    return Distribution(known.size, float(known.mean()), sd, median, q1, q3)


def clopper_pearson(k: int, n: int, confidence: float = 0.95) -> Interval:
    """Exact confidence interval of a proportion. [0–1]

    Parameters
    ----------
    k : int
        Patients with the property. [count]
    n : int
        Patients observed. [count]
    confidence : float
        Coverage that is at least reached. [0–1]

    Returns
    -------
    Interval: quantiles of the beta distribution; 0 below if ``k`` is 0, 1 above if ``k`` is ``n``.
    Both limits None if ``n`` is 0.

    Raises
    ------
    ValueError
        If ``k`` is negative or above ``n``.

    References
    ----------
    .. [1] C. J. Clopper, E. S. Pearson, "The use of confidence or fiducial limits illustrated in
       the case of the binomial," Biometrika 26(4):404-413, 1934. doi:10.1093/biomet/26.4.404
    """
    _require_count(k, n)
    if n == 0:
        return Interval(None, None)
    alpha = 1 - confidence
    low = 0.0 if k == 0 else float(stats.beta.ppf(alpha / 2, k, n - k + 1))
    high = 1.0 if k == n else float(stats.beta.ppf(1 - alpha / 2, k + 1, n - k))
    return Interval(low, high)


def proportion(k: int, n: int) -> Proportion:
    """A proportion with its denominator and Clopper-Pearson 95 % interval. [0–1]

    Parameters
    ----------
    k, n : int
        Patients with the property, and patients observed. [count]

    Returns
    -------
    Proportion: counts kept, the numbers None if ``n`` is 0.

    Raises
    ------
    ValueError
        If ``k`` is negative or above ``n``.

    References
    ----------
    .. [1] C. J. Clopper, E. S. Pearson, Biometrika 26(4):404-413, 1934.
       doi:10.1093/biomet/26.4.404
    """
    interval = clopper_pearson(k, n)
    return Proportion(k, n, k / n if n else None, interval.low, interval.high)


def binomial_p(k: int, n: int, reference: float) -> float | None:
    """Exact two-sided binomial test of a proportion against a reference. [p-value]

    Parameters
    ----------
    k, n : int
        Patients with the property, and patients observed. [count]
    reference : float
        Proportion under the null hypothesis. [0–1]

    Returns
    -------
    float: probability of all counts that are at most as likely as ``k``, as R's ``binom.test``.
    None if ``n`` is 0.

    Raises
    ------
    ValueError
        If ``k`` is negative or above ``n``, or the reference is not a proportion.

    References
    ----------
    .. [1] C. J. Clopper, E. S. Pearson, Biometrika 26(4):404-413, 1934.
       doi:10.1093/biomet/26.4.404
    """
    _require_count(k, n)
    if not 0 <= reference <= 1:
        raise ValueError(f"A reference proportion lies between 0 and 1, not {reference}.")
    return float(stats.binomtest(k, n, reference).pvalue) if n else None


def fisher(k_with: int, n_with: int, k_without: int, n_without: int) -> FisherResult:
    """Fisher's exact test of two proportions, with the conditional odds ratio.

    Parameters
    ----------
    k_with, n_with : int
        Responders and patients among those with the property (*yes*, *female*). [count]
    k_without, n_without : int
        Responders and patients among those without it. [count]

    Returns
    -------
    FisherResult: two-sided p-value; odds ratio above 1 if those with the property respond more
    often, estimated by conditional maximum likelihood, with its exact 95 % interval. An odds ratio
    or limit without bound is ``inf``. All None if a row or a column of the table is empty.

    Raises
    ------
    ValueError
        If a count is negative or above its denominator.

    References
    ----------
    .. [1] R. A. Fisher, "The logic of inductive inference," J. R. Stat. Soc. 98(1):39-82, 1935.
       doi:10.2307/2342435
    .. [2] J. Cornfield, "A statistical problem arising from retrospective studies," Proc. 3rd
       Berkeley Symp. Math. Stat. Probab. 4:135-148, 1956.
    """
    _require_count(k_with, n_with)
    _require_count(k_without, n_without)
    responders, patients = k_with + k_without, n_with + n_without
    if 0 in {n_with, n_without, responders, patients - responders}:
        return FisherResult(None, None, None, None)
    table = np.array([[k_with, n_with - k_with], [k_without, n_without - k_without]])
    low, high = _odds_ratio_limits(table)
    return FisherResult(
        float(stats.fisher_exact(table).pvalue),
        float(stats.contingency.odds_ratio(table, kind="conditional").statistic),
        low,
        high,
    )


def mann_whitney(
    first: Sequence[float] | Floats, second: Sequence[float] | Floats, exact_up_to: int = 25
) -> MannWhitneyResult:
    """Mann-Whitney U test with the Hodges-Lehmann difference ``first`` − ``second``.

    Parameters
    ----------
    first, second : sequences of numbers, one per patient
        The two groups, in one unit. [any unit]
    exact_up_to : int
        Largest group for which all arrangements are counted. [patients]

    Returns
    -------
    MannWhitneyResult
        p-value, two-sided: ``exact`` if both groups have at most ``exact_up_to`` values and no two
        values are equal, else ``asymptotic`` (corrected for ties and continuity). Difference:
        median of all pairwise differences, with a 95 % interval between two of them. [unit of the
        values]
        ``ci_level`` is the coverage of the exact interval, below 0.95 only where the groups are
        too small for more (3 and 3 reach 0.90); 0.95 for the approximate one. [0–1]
        All None if a group is empty. If all values are equal, every arrangement of the patients
        gives the same U: the p-value is 1 (where R divides 0 by 0).

    Raises
    ------
    ValueError
        If a value is missing or infinite: leave patients without a value out, and count them.

    References
    ----------
    .. [1] H. B. Mann, D. R. Whitney, "On a test of whether one of two random variables is
       stochastically larger than the other," Ann. Math. Stat. 18(1):50-60, 1947.
       doi:10.1214/aoms/1177730491
    .. [2] J. L. Hodges, E. L. Lehmann, "Estimates of location based on rank tests," Ann. Math.
       Stat. 34(2):598-611, 1963. doi:10.1214/aoms/1177704172
    """
    x, y = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise ValueError("A rank test needs finite numbers: leave patients without a value out.")
    if not (x.size and y.size):
        return MannWhitneyResult(None, None, None, None, None, None)
    ties = np.unique(np.concatenate([x, y]), return_counts=True)[1]
    exact = max(x.size, y.size) <= exact_up_to and bool((ties == 1).all())
    rank, level = _exact_rank(x.size, y.size) if exact else _normal_rank(x, y)
    method: Literal["exact", "asymptotic"] = "exact" if exact else "asymptotic"
    pairs = x.size * y.size
    middle = [(pairs + 1) // 2, pairs // 2 + 1]
    low, below, above, high = _ranked_differences(x, y, [rank, *middle, pairs + 1 - rank])
    p_value = stats.mannwhitneyu(x, y, alternative="two-sided", method=method).pvalue
    return MannWhitneyResult(float(p_value), method, (below + above) / 2, low, high, level)


def benjamini_hochberg(p_values: Sequence[float | None]) -> list[float | None]:
    """Benjamini-Hochberg adjusted p-values (q) over those lines that have a p-value.

    Parameters
    ----------
    p_values : sequence of float or None
        Raw p-values; None where no test was made. [0–1]

    Returns
    -------
    list as long as ``p_values``: the q of each line, None where there was no p-value.

    Raises
    ------
    ValueError
        If a p-value lies outside 0 to 1.

    References
    ----------
    .. [1] Y. Benjamini, Y. Hochberg, "Controlling the false discovery rate: a practical and
       powerful approach to multiple testing," J. R. Stat. Soc. B 57(1):289-300, 1995.
       doi:10.1111/j.2517-6161.1995.tb02031.x
    """
    tested = [p for p in p_values if p is not None]
    if not tested:
        return [None] * len(p_values)
    adjusted = iter(stats.false_discovery_control(tested, method="bh").tolist())
    return [None if p is None else next(adjusted) for p in p_values]


def _require_count(k: int, n: int) -> None:
    if not 0 <= k <= n:
        raise ValueError(f"{k} of {n} is not a count: it must lie between 0 and {n}.")


def _odds_ratio_limits(table: Integers, alpha: float = 0.05) -> tuple[float, float]:
    """Odds ratios at which the table lies just inside either tail, as R's ``fisher.test``.

    SciPy finds the same limits with a distribution object per step, which takes seconds for
    thousands of patients.
    """
    patients, with_it, responders = table.sum(), table[0].sum(), table[:, 0].sum()
    support = np.arange(max(0, with_it + responders - patients), min(with_it, responders) + 1)
    log_weight = stats.hypergeom.logpmf(support, patients, with_it, responders)

    def excess(log_odds: float, tail: Flags) -> float:
        log_chance = log_weight + log_odds * support
        chance = np.exp(log_chance - log_chance.max())
        return float(chance[tail].sum() / chance.sum()) - alpha / 2

    def limit(tail: Flags) -> float:
        return math.exp(optimize.brentq(excess, *LOG_ODDS_RANGE, args=(tail,), xtol=1e-13))

    found = table[0, 0]
    low = 0.0 if found == support[0] else limit(support >= found)
    return low, math.inf if found == support[-1] else limit(support <= found)


class _Group(NamedTuple):
    """The distinct values of a group in ascending order, and how many patients have each."""

    values: Floats
    counts: Integers


def _ranked_differences(x: Floats, y: Floats, ranks: Sequence[int]) -> list[float]:
    """Those of all pairwise differences x − y that have these ranks, 1 being the smallest."""
    first, second = (_Group(*np.unique(group, return_counts=True)) for group in (x, y))
    return [_ranked_difference(first, second, rank) for rank in ranks]


def _ranked_difference(x: _Group, y: _Group, rank: int) -> float:
    start, stop = _around_rank(x, y, rank)
    pairs = stop - start
    of_x = np.repeat(np.arange(pairs.size), pairs)
    of_y = np.arange(of_x.size) + np.repeat(stop - pairs.cumsum(), pairs)
    differences = x.values[of_x] - y.values[of_y]
    order = np.argsort(differences, kind="stable")
    smaller = x.counts @ _patients_from(y, stop)
    reached = smaller + (x.counts[of_x] * y.counts[of_y])[order].cumsum()
    return float(differences[order][np.searchsorted(reached, rank)])


def _around_rank(x: _Group, y: _Group, rank: int) -> tuple[Places, Places]:
    """From which to which place in y each value of x makes differences near the rank.

    Thousands of patients make millions of pairs. They are halved by value until few enough are
    left to be written out and sorted; pairs before the window are larger, pairs after it smaller.
    """
    low, high = x.values[0] - y.values[-1], x.values[-1] - y.values[0]
    # Wider than the rounding of a difference, so that rounding leaves no pair on the wrong side.
    margin = 8 * np.finfo(np.float64).eps * max(np.abs(x.values).max(), np.abs(y.values).max())
    start, stop = np.zeros(x.values.size, np.intp), np.full(x.values.size, y.values.size)
    while (stop - start).sum() > PAIRS_WRITTEN_OUT and high - low > 4 * margin:
        middle = (low + high) / 2
        place = np.searchsorted(y.values, x.values - middle, side="right")
        if x.counts @ _patients_from(y, place) >= rank:
            high = middle
        else:
            low = middle
        start = np.searchsorted(y.values, x.values - high - margin, side="left")
        stop = np.searchsorted(y.values, x.values - low + margin, side="right")
    return start, stop


def _patients_from(group: _Group, place: Places) -> Integers:
    """How many patients have the value at each place, or a larger one."""
    before = np.append(0, group.counts.cumsum())
    from_place: Integers = group.counts.sum() - before[place]
    return from_place


def _exact_rank(n_first: int, n_second: int, alpha: float = 0.05) -> tuple[int, float]:
    """Rank of the lower limit among the differences, and the coverage reached, as R chooses it."""
    ways = _mann_whitney_counts(n_first, n_second)
    cumulated, total = np.cumsum(ways), int(ways.sum())
    fuzz = 1 - 1e-12  # a tail of exactly alpha / 2 is within it, as in R's qwilcox
    rank = max(1, int(np.searchsorted(cumulated, alpha / 2 * total * fuzz)))
    return rank, 1 - 2 * int(cumulated[rank - 1]) / total


def _mann_whitney_counts(n_first: int, n_second: int) -> Integers:
    """Number of arrangements of two groups that give each U: the Gaussian binomial coefficients."""
    counts = np.zeros(n_first * n_second + 1, dtype=np.int64)
    counts[0] = 1
    for i in range(1, n_first + 1):
        counts[n_second + i :] -= counts[: -(n_second + i)].copy()  # times 1 − q^(n_second + i)
        for start in range(i):  # divided by 1 − q^i
            counts[start::i] = np.cumsum(counts[start::i])
    return counts


def _normal_rank(x: Floats, y: Floats, alpha: float = 0.05) -> tuple[int, float]:
    """Rank of the lower limit by the normal approximation, with continuity correction.

    Between two neighbouring differences a shift of ``x`` makes no ties across the groups, so only
    ties within a group shrink the variance: R's root-finder settles on this very difference.
    """
    pairs, patients = x.size * y.size, x.size + y.size
    within = np.concatenate([np.unique(group, return_counts=True)[1] for group in (x, y)])
    shrinkage = (within.astype(np.float64) ** 3 - within).sum() / (patients * (patients - 1))
    sigma = math.sqrt(pairs / 12 * (patients + 1 - shrinkage))
    rank = math.ceil(pairs / 2 - 0.5 - float(stats.norm.isf(alpha / 2)) * sigma)
    return max(1, rank), 1 - alpha
