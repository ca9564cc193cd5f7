"""Exact statistics by their definitions, in slow and plain Python (outcomes.md §3, §4, §8)."""

import math
from fractions import Fraction

from scipy import stats


def clopper_pearson(k, n):
    """95 % interval by scipy; (None, None) for n = 0."""
    if n == 0:
        return None, None
    interval = stats.binomtest(k, n).proportion_ci(0.95, method="exact")
    return float(interval.low), float(interval.high)


def binomial_p(k, n, reference=Fraction(1, 5)):
    """Exact two-sided: the chance of every count that is no more likely than the one seen."""
    if n == 0:
        return None
    chances = [math.comb(n, i) * reference**i * (1 - reference) ** (n - i) for i in range(n + 1)]
    return float(sum(chance for chance in chances if chance <= chances[k]))


def quantile(values, share):
    """Linear interpolation between the ordered values."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def fisher_p(a, b, c, d):
    """Two-sided exact test of the table a b / c d, from the hypergeometric chances."""
    row, column, total = a + b, a + c, a + b + c + d
    chances = {
        i: Fraction(math.comb(column, i) * math.comb(total - column, row - i))
        for i in range(max(0, row + column - total), min(row, column) + 1)
    }
    as_rare = sum(chance for chance in chances.values() if chance <= chances[a])
    return float(as_rare / math.comb(total, row))


def mann_whitney_p(first, second):
    """§8: "exact if both groups ≤ 25 without ties, else tie-corrected with continuity"."""
    tied = len(set(first) | set(second)) < len(first) + len(second)
    exact = max(len(first), len(second)) <= 25 and not tied
    test = stats.mannwhitneyu(
        [float(value) for value in first],
        [float(value) for value in second],
        method="exact" if exact else "asymptotic",
    )
    return None if math.isnan(test.pvalue) else float(test.pvalue)


def hodges_lehmann(first, second):
    """§8: "the median of all pairwise differences"."""
    return quantile([a - b for a in first for b in second], Fraction(1, 2))


def benjamini_hochberg(p_values):
    """q of each p that is not None: the least p·m/rank over the ranks from its own upwards."""
    ranked = sorted(p for p in p_values if p is not None)
    return [
        None
        if p is None
        else min(
            1.0,
            *(other * len(ranked) / (rank + 1) for rank, other in enumerate(ranked) if other >= p),
        )
        for p in p_values
    ]
