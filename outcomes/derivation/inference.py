"""Estimates and tests for small samples: proportions, 2 × 2 tables, two groups of numbers.

SciPy does the work where it has the method. Where it has none (intervals for the Hodges-Lehmann
difference), the method of R's ``wilcox.test`` is written out, so that a statistician finds the
numbers that R prints. What follows from a few counts alone is remembered by these counts.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import optimize, special, stats

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.intp]

LOG_ODDS_RANGE = (-100.0, 100.0)  # wider than any finite limit: odds of 10⁴³
PAIRS_WRITTEN_OUT = 200_000  # differences that are sorted at once [pairs]
COUNTS_REMEMBERED = 16_384  # results of so many different counts: a few megabytes


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


def distribution(values: pd.Series | Floats) -> Distribution:
    """Mean, standard deviation, median and quartiles. [unit of the values]

    Parameters
    ----------
    values : Series or array of numbers, one per patient
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
    numbers = pd.Series(values).to_numpy(np.float64, na_value=np.nan)
    known = numbers[~np.isnan(numbers)]
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
    low = 0.0 if k == 0 else float(special.betaincinv(k, n - k + 1, alpha / 2))
    high = 1.0 if k == n else float(special.betaincinv(k + 1, n - k, 1 - alpha / 2))
    return Interval(low, high)


@lru_cache(COUNTS_REMEMBERED, typed=True)
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


@lru_cache(COUNTS_REMEMBERED, typed=True)
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


@lru_cache(COUNTS_REMEMBERED, typed=True)
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
    p_value = float(stats.fisher_exact(table).pvalue)
    return FisherResult(p_value, *_odds_ratio(k_with, n_with, responders, patients))


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
    group_x, group_y = _Group.of(x), _Group.of(y)
    exact = max(x.size, y.size) <= exact_up_to and _are_all_different(group_x, group_y)
    method: Literal["exact", "asymptotic"] = "exact" if exact else "asymptotic"
    if exact:
        rank, level = _exact_rank(x.size, y.size)
        p_value = float(stats.mannwhitneyu(x, y, method="exact").pvalue)
    else:
        rank, level = _normal_rank(group_x, group_y)
        p_value = _normal_p(group_x, group_y)
    pairs = x.size * y.size
    middle = [(pairs + 1) // 2, pairs // 2 + 1]
    low, below, above, high = _ranked_differences(
        group_x, group_y, [[rank], middle, [pairs + 1 - rank]]
    )
    return MannWhitneyResult(p_value, method, (below + above) / 2, low, high, level)


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


def _odds_ratio(
    found: int, with_it: int, responders: int, patients: int, alpha: float = 0.05
) -> tuple[float, float, float]:
    """The likeliest odds ratio given all margins, and those at which the table lies just inside
    either tail, as R's ``fisher.test``.

    SciPy finds the same with a distribution object per step, which takes seconds for thousands of
    patients.
    """
    support = np.arange(max(0, with_it + responders - patients), min(with_it, responders) + 1)
    log_weight = stats.hypergeom.logpmf(support, patients, with_it, responders)

    def chances(log_odds: float) -> Floats:
        log_chance = log_weight + log_odds * support
        weight = np.exp(log_chance - log_chance.max())
        chance: Floats = weight / weight.sum()
        return chance

    def odds_where_zero(excess: Callable[[float], float]) -> float:
        return math.exp(optimize.brentq(excess, *LOG_ODDS_RANGE, xtol=1e-13))

    def limit(tail: Flags) -> float:
        return odds_where_zero(lambda log_odds: float(chances(log_odds)[tail].sum()) - alpha / 2)

    if found == support[0]:
        return 0.0, 0.0, limit(support <= found)
    if found == support[-1]:
        return math.inf, limit(support >= found), math.inf
    likeliest = odds_where_zero(lambda log_odds: float(chances(log_odds) @ support) - found)
    return likeliest, limit(support >= found), limit(support <= found)


class _Group(NamedTuple):
    """The distinct values of a group in ascending order, and how many patients have each."""

    values: Floats
    counts: Integers

    @classmethod
    def of(cls, values: Floats) -> _Group:
        return cls(*np.unique(values, return_counts=True))

    @property
    def size(self) -> int:
        return int(self.counts.sum())


def _are_all_different(x: _Group, y: _Group) -> bool:
    distinct = np.unique(np.concatenate([x.values, y.values]))
    return distinct.size == x.size + y.size


def _normal_p(x: _Group, y: _Group) -> float:
    """Two-sided p by the normal approximation, as SciPy's ``mannwhitneyu`` and R's.

    From how many have each value, which are few where thousands of patients are ranked.
    """
    before = np.append(0, y.counts.cumsum())
    below = before[np.searchsorted(y.values, x.values, side="left")]
    up_to = before[np.searchsorted(y.values, x.values, side="right")]
    pairs, patients = x.size * y.size, x.size + y.size
    u = float((x.counts * (below + up_to)).sum()) / 2
    values, place = np.unique(np.concatenate([x.values, y.values]), return_inverse=True)
    tied = np.bincount(place, np.concatenate([x.counts, y.counts]), values.size)
    shrinkage = (tied**3 - tied).sum() / (patients * (patients - 1))
    sigma = math.sqrt(pairs / 12 * (patients + 1 - shrinkage))
    distance = max(u, pairs - u) - pairs / 2 - 0.5
    if sigma == 0:
        return 1.0
    return min(1.0, 2 * float(special.ndtr(-distance / sigma)))


def _ranked_differences(x: _Group, y: _Group, ranks: list[list[int]]) -> list[float]:
    """Those of all pairwise differences x − y that have these ranks, 1 being the smallest.

    Ranks in one list lie beside each other.
    """
    if x.values.size * y.values.size <= PAIRS_WRITTEN_OUT:
        return _ranked_together(x, y, [rank for neighbours in ranks for rank in neighbours])
    return [one for neighbours in ranks for one in _ranked_together(x, y, neighbours)]


def _ranked_together(x: _Group, y: _Group, ranks: Sequence[int]) -> list[float]:
    """The same for ranks that lie beside each other, or of few pairs."""
    start, stop = _around_ranks(x, y, ranks)
    pairs = stop - start
    of_x = np.repeat(np.arange(pairs.size), pairs)
    of_y = np.arange(of_x.size) + np.repeat(stop - pairs.cumsum(), pairs)
    differences = x.values[of_x] - y.values[of_y]
    order = np.argsort(differences)
    smaller = x.counts @ _patients_from(y, stop)
    reached = smaller + (x.counts[of_x] * y.counts[of_y])[order].cumsum()
    ranked: list[float] = differences[order][np.searchsorted(reached, ranks)].tolist()
    return ranked


def _around_ranks(x: _Group, y: _Group, ranks: Sequence[int]) -> tuple[Places, Places]:
    """From which to which place in y each value of x makes differences near neighbouring ranks.

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
        up_to_middle = x.counts @ _patients_from(y, place)
        if ranks[-1] <= up_to_middle:
            high = middle
        elif ranks[0] > up_to_middle:
            low = middle
        else:
            break  # the middle parts them
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


def _normal_rank(x: _Group, y: _Group, alpha: float = 0.05) -> tuple[int, float]:
    """Rank of the lower limit by the normal approximation, with continuity correction.

    Between two neighbouring differences a shift of ``x`` makes no ties across the groups, so only
    ties within a group shrink the variance: R's root-finder settles on this very difference.
    """
    pairs, patients = x.size * y.size, x.size + y.size
    within = np.concatenate([x.counts, y.counts])
    shrinkage = (within.astype(np.float64) ** 3 - within).sum() / (patients * (patients - 1))
    sigma = math.sqrt(pairs / 12 * (patients + 1 - shrinkage))
    rank = math.ceil(pairs / 2 - 0.5 + float(special.ndtri(alpha / 2)) * sigma)
    return max(1, rank), 1 - alpha
