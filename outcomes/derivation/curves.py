"""Time to remission, and from remission to relapse, of a cohort (rules, section 4)."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from outcomes.derivation.counting import Flags, places
from outcomes.derivation.rules import RULES, Rules
from outcomes.derivation.survival import (
    LogRank,
    Median,
    cumulative_incidence,
    kaplan_meier,
    log_rank,
    median_time,
)


@dataclass(frozen=True)
class EventCurve:
    """One cohort's or stratum's time to an event.

    ``survival`` is the Kaplan-Meier frame, censored at last contact; ``incidence`` the
    Aalen-Johansen frame, in which death ends the time at risk. [days]
    """

    patients: int
    events: int
    deaths: int
    survival: pd.DataFrame
    incidence: pd.DataFrame
    median: Median


def times_to_remission(
    patients: pd.DataFrame, histories: tuple[str, ...] = ("naive",)
) -> pd.DataFrame:
    """Time from index to remission, else to last contact, of each patient with an infusion.

    Parameters
    ----------
    patients : DataFrame as ``Outcomes.patients``
    histories : tuple of str
        Treatment histories to include; naive patients by default, as the rules say.

    Returns
    -------
    DataFrame by ``study_id``, without patients who never had an infusion: ``days`` [days],
    ``event`` (bool), ``death_days`` [days since index], NaN where no death is recorded.

    Raises
    ------
    KeyError
        If a column is missing.

    References
    ----------
    .. [1] J.-M. Léger et al. (L08), J. Neurol. Neurosurg. Psychiatry 79:93-96, 2008.
    """
    columns = ["remission_days", "remission_event", "death_days"]
    chosen = patients.loc[_is_one_of(patients["treatment_history"], histories), columns]
    return _times(chosen["remission_days"], chosen["remission_event"], chosen["death_days"])


def times_to_relapse(
    patients: pd.DataFrame, histories: tuple[str, ...] = ("naive",), rules: Rules = RULES
) -> pd.DataFrame:
    """Time from the last infusion before a remission to relapse or the next infusion.

    Parameters
    ----------
    patients : DataFrame as ``Outcomes.patients``
    histories : tuple of str
        Treatment histories to include.
    rules : Rules
        ``remission_days`` after that infusion a remission counts as reached.

    Returns
    -------
    DataFrame by ``study_id`` of the patients who reached a remission: ``days`` [days], ``event``
    (bool), ``death_days`` [days since that infusion], NaN where no death is recorded.

    Raises
    ------
    KeyError
        If a column is missing.

    References
    ----------
    .. [1] J.-M. Léger et al. (L08), J. Neurol. Neurosurg. Psychiatry 79:93-96, 2008.
    """
    columns = ["remission_days", "relapse_days", "relapse_event", "death_days"]
    chosen = patients.loc[_is_one_of(patients["treatment_history"], histories), columns]
    start = chosen["remission_days"] - rules.remission_days
    return _times(chosen["relapse_days"], chosen["relapse_event"], chosen["death_days"] - start)


def event_curve(times: pd.DataFrame) -> EventCurve:
    """Kaplan-Meier curve, cumulative incidence with death competing, and median of given times.

    Parameters
    ----------
    times : DataFrame as :func:`times_to_remission` returns it
        One row per patient. [days]

    Returns
    -------
    EventCurve: patients, events and deaths counted; a patient who died without the event leaves
    the time at risk at death, not at last contact, in ``incidence`` only.

    Raises
    ------
    ValueError
        If a time is negative.

    References
    ----------
    .. [1] E. L. Kaplan, P. Meier, J. Am. Stat. Assoc. 53(282):457-481, 1958. doi:10.2307/2281868
    .. [2] O. O. Aalen, S. Johansen, Scand. J. Stat. 5(3):141-150, 1978.
    """
    died = times["death_days"].notna() & ~times["event"]
    until = times["days"].mask(died, times["death_days"])
    survival = kaplan_meier(times["days"], times["event"])
    return EventCurve(
        patients=len(times),
        events=int(times["event"].sum()),
        deaths=int(died.sum()),
        survival=survival,
        incidence=cumulative_incidence(until, times["event"], died),
        median=median_time(survival),
    )


def curves_by(times: pd.DataFrame, stratum: pd.Series) -> tuple[dict[str, EventCurve], LogRank]:
    """One curve per stratum, and the log-rank test between them.

    Parameters
    ----------
    times : DataFrame as :func:`times_to_remission` returns it
    stratum : Series of str by ``study_id``
        A column of ``Outcomes.patients``, as ``sex`` or ``centre``; patients whose value is
        missing or empty are left out.

    Returns
    -------
    dict of EventCurve by stratum, in alphabetical order, and LogRank.

    Raises
    ------
    ValueError
        If a time is negative.

    References
    ----------
    .. [1] N. Mantel, Cancer Chemother. Rep. 50(3):163-170, 1966.
    """
    group = stratum.reindex(times.index)
    named = group[group.notna() & (group != "")]
    curves = {str(name): event_curve(times.loc[own.index]) for name, own in named.groupby(named)}
    return curves, log_rank(times["days"], times["event"], group)


def _times(days: pd.Series, event: pd.Series, death_days: pd.Series) -> pd.DataFrame:
    times = pd.DataFrame({"days": days, "event": event, "death_days": death_days})
    known = times[days.notna()]
    return known.assign(event=known["event"].astype(bool))


def _is_one_of(history: pd.Series, histories: tuple[str, ...]) -> Flags:
    return places(history, histories) < len(histories)
