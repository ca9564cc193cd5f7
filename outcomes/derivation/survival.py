"""Time to an event: Kaplan-Meier, log-rank and, with a competing event, cumulative incidence.

Curves are frames with one row per distinct time, as R's ``survfit`` prints them. All functions
work on whole columns; a patient with a missing time is left out, and ``at_risk`` of the first row
says how many remain.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special, stats

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
_Counts = dict[str, npt.NDArray[Any]]  # the columns of a curve, one value per distinct time

# R calls a curve "at 0.5" within this distance: a product of fractions rarely is exactly a half.
HALF_WITHIN = float(np.sqrt(np.finfo(np.float64).eps))
# A sum of steps that reaches 1 may end this far from it.
ROUNDING = 1e-12


class Median(NamedTuple):
    """Time by which half have had the event; None where the curve never falls so low."""

    median: float | None
    ci_low: float | None
    ci_high: float | None


class LogRank(NamedTuple):
    """Log-rank test; None where fewer than two strata ever had an expected event."""

    chi2: float | None
    degrees_of_freedom: int
    p_value: float | None
    strata: pd.DataFrame


def kaplan_meier(time: pd.Series, event: pd.Series) -> pd.DataFrame:
    """Kaplan-Meier estimate of the proportion still without the event.

    Parameters
    ----------
    time : Series of float, one per patient
        Time from the start to the event or to the last observation. [any unit, here days]
    event : Series of bool, same index
        True if the event happened then, False if observation ended (censored). At one time,
        events come before censorings.

    Returns
    -------
    DataFrame, one row per distinct time in ascending order
        ``time``; ``at_risk``, ``events``, ``censored`` [count]; ``survival`` [0–1];
        ``std_error`` of it (Greenwood) [0–1]; ``ci_low``, ``ci_high`` of the 95 % interval on the
        log(-log) scale [0–1], NaN where the estimate is 1 or 0. Empty without patients.

    Raises
    ------
    ValueError
        If a time is negative, or an event is missing beside a known time.

    References
    ----------
    .. [1] E. L. Kaplan, P. Meier, "Nonparametric estimation from incomplete observations," J. Am.
       Stat. Assoc. 53(282):457-481, 1958. doi:10.2307/2281868
    .. [2] J. D. Kalbfleisch, R. L. Prentice, "The Statistical Analysis of Failure Time Data,"
       Wiley, 1980 (interval on the log(-log) scale).
    """
    days, happened = _known_days(time), _known_flags(time, event)
    counts = _counts(days, {"events": happened}, censored=~happened)
    at_risk, events = counts["at_risk"].astype(float), counts["events"].astype(float)
    remaining = at_risk - events
    survival = np.cumprod(remaining / at_risk)
    with np.errstate(divide="ignore", invalid="ignore"):
        greenwood = np.sqrt(np.cumsum(events / (at_risk * remaining)))
        std_error = survival * greenwood
    return _with_interval(counts, "survival", survival, std_error)


def cumulative_incidence(time: pd.Series, event: pd.Series, competing: pd.Series) -> pd.DataFrame:
    """Aalen-Johansen estimate of the proportion that has had the event, death competing.

    Parameters
    ----------
    time : Series of float, one per patient
        Time from the start to the first of event, competing event, last observation. [days]
    event, competing : Series of bool, same index
        What happened then: the event, or that which makes the event impossible (death). Neither:
        censored. At one time, both come before censorings.

    Returns
    -------
    DataFrame, one row per distinct time in ascending order
        ``time``; ``at_risk``, ``events``, ``competing``, ``censored`` [count]; ``incidence``
        [0–1]; ``std_error`` of it [0–1], which equals the infinitesimal jackknife of R's
        ``survfit``; ``ci_low``, ``ci_high`` of the 95 % interval on the log(-log) scale [0–1], NaN
        where the estimate is 0 or 1. Empty without patients.

    Raises
    ------
    ValueError
        If a time is negative, an event is missing beside a known time, or a patient has both.

    References
    ----------
    .. [1] O. O. Aalen, S. Johansen, "An empirical transition matrix for non-homogeneous Markov
       chains based on censored observations," Scand. J. Stat. 5(3):141-150, 1978.
    .. [2] P. K. Andersen, Ø. Borgan, R. D. Gill, N. Keiding, "Statistical Models Based on Counting
       Processes," Springer, 1993, section IV.4.
    """
    days, happened = _known_days(time), _known_flags(time, event)
    lost = _known_flags(time, competing)
    if (happened & lost).any():
        raise ValueError("A patient cannot have both the event and the competing event first.")
    kinds = {"events": happened, "competing": lost}
    counts = _counts(days, kinds, censored=~(happened | lost))
    at_risk, events = counts["at_risk"].astype(float), counts["events"].astype(float)
    ended = events + counts["competing"].astype(float)
    free_after = np.cumprod((at_risk - ended) / at_risk)
    free_before = np.concatenate([[1.0], free_after[:-1]])
    incidence = np.cumsum(free_before * events / at_risk)
    variance = _incidence_variance(at_risk, events, ended, free_after, incidence)
    return _with_interval(counts, "incidence", incidence, np.sqrt(variance))


def median_time(curve: pd.DataFrame) -> Median:
    """Median time to the event, read from a Kaplan-Meier curve.

    Parameters
    ----------
    curve : DataFrame from :func:`kaplan_meier`

    Returns
    -------
    Median: the first time at which the curve is at most one half; the middle of the plateau where
    it stays at exactly one half, as R prints it. Limits: where the limits of the curve cross one
    half. [unit of ``time``] None where a curve stays above.

    Raises
    ------
    KeyError
        If the frame is no Kaplan-Meier curve.

    References
    ----------
    .. [1] R. Brookmeyer, J. Crowley, "A confidence interval for the median survival time,"
       Biometrics 38(1):29-41, 1982. doi:10.2307/2530286
    """
    time = curve["time"].to_numpy(float)
    low, high = curve["ci_low"].to_numpy(float), curve["ci_high"].to_numpy(float)
    estimate = _first_at_half(time, curve["survival"].to_numpy(float))
    return Median(estimate, _first_at_half(time, low), _first_at_half(time, high))


def read_curve(curve: pd.DataFrame, at: list[float]) -> pd.DataFrame:
    """The curve's estimate and the number at risk at chosen times, for a figure or a table.

    Parameters
    ----------
    curve : DataFrame from :func:`kaplan_meier` or :func:`cumulative_incidence`
    at : list of float
        Times to read, ascending. [unit of ``time``]

    Returns
    -------
    DataFrame, one row per time: ``time``, ``at_risk`` (patients observed up to that time or
    beyond) and the estimate with ``std_error``, ``ci_low``, ``ci_high`` in force then; the interval
    NaN where there is none.

    Raises
    ------
    KeyError
        If the frame is no curve.

    References
    ----------
    .. [1] E. L. Kaplan, P. Meier, J. Am. Stat. Assoc. 53(282):457-481, 1958. doi:10.2307/2281868
    """
    estimate = "survival" if "survival" in curve else "incidence"
    time, moments = curve["time"].to_numpy(float), np.asarray(at, dtype=np.float64)
    at_risk = np.append(curve["at_risk"].to_numpy(np.int64), 0)
    start = {estimate: 1.0 if estimate == "survival" else 0.0, "std_error": 0.0}
    passed = np.searchsorted(time, moments, side="right")
    read = {
        name: np.append(start.get(name, np.nan), curve[name].to_numpy(float))[passed]
        for name in (estimate, "std_error", "ci_low", "ci_high")
    }
    return pd.DataFrame(
        {"time": moments, "at_risk": at_risk[np.searchsorted(time, moments)], **read}
    )


def log_rank(time: pd.Series, event: pd.Series, stratum: pd.Series) -> LogRank:
    """Log-rank test that the event comes equally fast in all strata.

    Parameters
    ----------
    time, event : Series, one per patient
        As in :func:`kaplan_meier`. [days], [bool]
    stratum : Series of str, same index
        The group of each patient; patients with a missing or empty one are left out.

    Returns
    -------
    LogRank: χ² with its degrees of freedom and p-value; ``strata`` is a frame indexed by stratum
    with ``n``, ``observed`` and ``expected`` events. Strata without any expected event count no
    degree of freedom; with fewer than two others χ² and p-value are None.

    Raises
    ------
    ValueError
        If a time is negative, or an event is missing beside a known time.

    References
    ----------
    .. [1] N. Mantel, "Evaluation of survival data and two new rank order statistics arising in its
       consideration," Cancer Chemother. Rep. 50(3):163-170, 1966.
    .. [2] R. Peto, J. Peto, "Asymptotically efficient rank invariant test procedures," J. R. Stat.
       Soc. A 135(2):185-207, 1972. doi:10.2307/2344317
    """
    known = stratum.notna() & (stratum != "") & time.notna()
    days, happened = _known_days(time[known]), _known_flags(time[known], event[known])
    codes, names = pd.factorize(stratum[known], sort=True)
    moments = np.unique(days[happened])
    at_risk, events = _by_stratum(days, happened, codes, len(names), moments)
    total_risk, total_events = at_risk.sum(axis=0), events.sum(axis=0)
    share = at_risk / total_risk
    expected = (share * total_events).sum(axis=1)
    weight = total_events * (total_risk - total_events) / np.maximum(total_risk - 1, 1)
    covariance = np.diag((weight * share).sum(axis=1)) - (weight * share) @ share.T
    strata = pd.DataFrame(
        {
            "n": np.bincount(codes, minlength=len(names)),
            "observed": events.sum(axis=1).astype(np.int64),
            "expected": expected,
        },
        index=pd.Index(names, name="stratum"),
    )
    return _tested(strata, covariance)


def _tested(strata: pd.DataFrame, covariance: Floats) -> LogRank:
    expected = strata["expected"].to_numpy(float)
    excess = strata["observed"].to_numpy(float) - expected
    compared = np.flatnonzero(expected > 0)[:-1]  # the last stratum follows from the others
    within = covariance[np.ix_(compared, compared)]
    if compared.size == 0 or np.linalg.matrix_rank(within) < compared.size:
        return LogRank(None, int(compared.size), None, strata)
    chi2 = float(excess[compared] @ np.linalg.solve(within, excess[compared]))
    degrees = int(compared.size)
    return LogRank(chi2, degrees, float(stats.chi2.sf(chi2, degrees)), strata)


def _by_stratum(
    days: Floats, happened: Flags, codes: npt.NDArray[np.intp], strata: int, moments: Floats
) -> tuple[Floats, Floats]:
    """Patients at risk and events, one row per stratum and one column per event time."""
    at_risk, events = np.zeros((2, strata, moments.size))
    for stratum in range(strata):
        own = codes == stratum
        times, ends = np.sort(days[own]), np.sort(days[own & happened])
        at_risk[stratum] = times.size - np.searchsorted(times, moments, side="left")
        events[stratum] = np.searchsorted(ends, moments, side="right") - np.searchsorted(
            ends, moments, side="left"
        )
    return at_risk, events


def _known_days(time: pd.Series) -> Floats:
    days = time.dropna().to_numpy(np.float64)
    if (days < 0).any():
        raise ValueError("A time cannot be negative: check the dates it was computed from.")
    return days


def _known_flags(time: pd.Series, event: pd.Series) -> Flags:
    flags = event[time.notna()]
    if flags.isna().any():
        raise ValueError("An event must be true or false wherever its time is known.")
    return flags.to_numpy(np.bool_)


def _counts(days: Floats, kinds: dict[str, Flags], censored: Flags) -> _Counts:
    moments, at = np.unique(days, return_inverse=True)
    leaving = np.bincount(at, minlength=moments.size)
    at_risk = days.size - np.concatenate([[0], np.cumsum(leaving)[:-1]])
    counts = {
        name: np.bincount(at[flags], minlength=moments.size)
        for name, flags in {**kinds, "censored": censored}.items()
    }
    return {"time": moments, "at_risk": at_risk[: moments.size], **counts}


def _incidence_variance(
    at_risk: Floats,
    events: Floats,
    ended: Floats,
    free_after: Floats,
    incidence: Floats,
) -> Floats:
    """Sum over event times u ≤ t of the multinomial variance of the steps at u, carried to t.

    A step at u moves the incidence at t by its own share and takes from what comes after u:
    the factor (incidence(t) − incidence(u)) / free(u). Its square is expanded into three running
    sums, so that the cost grows with the number of times and not with its square.
    """
    goes_on = free_after > 0
    free_before = np.concatenate([[1.0], free_after[:-1]])
    own = free_before**2 * events * (at_risk - events) / at_risk**3
    both = np.where(goes_on, free_before * events / at_risk**2, 0.0)
    later = ended / (at_risk * np.where(goes_on, at_risk - ended, np.inf))
    constant = np.cumsum(own + 2 * both * incidence + later * incidence**2)
    linear = np.cumsum(2 * both + 2 * later * incidence)
    square = np.cumsum(later)
    return np.maximum(constant - linear * incidence + square * incidence**2, 0.0)


def _with_interval(counts: _Counts, name: str, estimate: Floats, std_error: Floats) -> pd.DataFrame:
    is_inside = (estimate > ROUNDING) & (estimate < 1 - ROUNDING)
    inside = np.where(is_inside, estimate, np.nan)
    reach = -special.ndtri(0.025) * std_error / (inside * np.log(inside))  # at most 0
    centre = np.log(-np.log(inside))
    return pd.DataFrame(
        {
            **counts,
            name: np.clip(estimate, 0.0, 1.0),
            "std_error": np.where(is_inside, std_error, 0.0),
            "ci_low": np.exp(-np.exp(centre - reach)),
            "ci_high": np.exp(-np.exp(centre + reach)),
        }
    )


def _first_at_half(time: Floats, level: Floats) -> float | None:
    known = ~np.isnan(level)
    time, level = time[known], level[known]
    reached = np.flatnonzero(level < 0.5 + HALF_WITHIN)
    if reached.size == 0:
        return None
    first = reached[0]
    below = np.flatnonzero(level < level[first])
    if abs(level[first] - 0.5) < HALF_WITHIN and below.size:
        return float((time[first] + time[below[0]]) / 2)
    return float(time[first])
