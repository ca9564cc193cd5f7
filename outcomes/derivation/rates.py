"""Events per exposure: how often something happens in a thousand infusions, with exact limits."""

from __future__ import annotations

from typing import NamedTuple

from scipy import stats

from outcomes.derivation.inference import Interval

PER = 1000.0


class Rate(NamedTuple):
    """Events in some exposure; the numbers per thousand are None without exposure."""

    n: int
    of: int
    per_thousand: float | None
    ci_low: float | None
    ci_high: float | None


def poisson_interval(events: int, confidence: float = 0.95) -> Interval:
    """Exact confidence interval of an expected number of events. [events]

    Parameters
    ----------
    events : int
        Events observed. [count]
    confidence : float
        Coverage that is at least reached. [0–1]

    Returns
    -------
    Interval: quantiles of the χ² distribution, as R's ``poisson.test``; 0 below without an event.

    Raises
    ------
    ValueError
        If ``events`` is negative.

    References
    ----------
    .. [1] F. Garwood, "Fiducial limits for the Poisson distribution," Biometrika 28(3/4):437-442,
       1936. doi:10.2307/2333958
    """
    if events < 0:
        raise ValueError(f"{events} is no number of events: it must not be negative.")
    alpha = 1 - confidence
    low = 0.0 if events == 0 else float(stats.chi2.ppf(alpha / 2, 2 * events)) / 2
    return Interval(low, float(stats.chi2.ppf(1 - alpha / 2, 2 * (events + 1))) / 2)


def rate_per_thousand(events: int, exposure: int) -> Rate:
    """Events per thousand units of exposure with an exact 95 % interval. [1/1000]

    Parameters
    ----------
    events : int
        Events observed; one unit of exposure may have several. [count]
    exposure : int
        Units observed, as infusions. [count]

    Returns
    -------
    Rate: counts kept, the numbers None if ``exposure`` is 0.

    Raises
    ------
    ValueError
        If a count is negative.

    References
    ----------
    .. [1] F. Garwood, Biometrika 28(3/4):437-442, 1936. doi:10.2307/2333958
    """
    if exposure < 0:
        raise ValueError(f"{exposure} is no number of infusions: it must not be negative.")
    limits = poisson_interval(events)
    if not exposure or limits.low is None or limits.high is None:
        return Rate(events, exposure, None, None, None)
    scale = PER / exposure
    return Rate(events, exposure, events * scale, limits.low * scale, limits.high * scale)
