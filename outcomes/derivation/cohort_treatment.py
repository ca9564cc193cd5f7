"""How a cohort is treated: doses and intervals then and now, escalation, switches of route."""

from typing import Any

import numpy as np
import pandas as pd

from outcomes.derivation.dose import DoseTrend
from outcomes.derivation.inference import distribution, proportion
from outcomes.derivation.rules import RULES, Rules
from outcomes.derivation.timeline import whole_days

Table = dict[str, Any]

# What `treatment_table` reads of the kept rows.
TREATMENT_COLUMNS = (
    *("on_treatment", "index_on", "first_route", "last_route"),
    *("switched_to_sc_on", "last_infusion_on", "dose_ratio", "dose_trend"),
    *("weekly_dose_g_per_kg", "declining_responsiveness"),
    *("median_interval_days", "reference_median_interval_days"),
    *("median_course_g", "reference_median_course_g", "weekly_dose_g", "reference_weekly_dose_g"),
)
THEN_AND_NOW = {
    "weekly_dose_g": ("reference_weekly_dose_g", "weekly_dose_g"),
    "course_g": ("reference_median_course_g", "median_course_g"),
    "interval_days": ("reference_median_interval_days", "median_interval_days"),
}


def treatment_table(patients: pd.DataFrame, rules: Rules = RULES) -> Table:
    """Dose, intervals and routes of a cohort.

    Parameters
    ----------
    patients : DataFrame with `TREATMENT_COLUMNS`, one row per patient
    rules : Rules

    Returns
    -------
    dict
        ``then_and_now``: of patients on treatment with both, weekly dose [g/week], course [g] and
        interval [days] in the reference window and now, and their difference (distributions);
        ``escalated``, ``reduced``, ``stable``: of those on treatment with a ratio of weekly doses
        now to then (proportions), ``ratio`` (distribution) [-]; ``declining`` of those with a
        trend (proportion);
        ``by_route``: weekly dose [g/kg/week] and interval [days] now by last route, of patients on
        treatment; ``switch``: of the patients whose first course was IV, who ever had SC or FSC
        (proportion), ``years`` from the first infusion to it (distribution), ``by_year`` (patients
        by calendar year of the first SC or FSC day), ``still`` (of the switched, those whose last
        infusion was SC or FSC) and ``back`` (IV).

    References
    ----------
    .. [1] T. Jovanovich, C. Karam (J16), Degener. Neurol. Neuromuscul. Dis. 6:1-12, 2016.
    """
    on = patients[patients["on_treatment"].astype(bool)]
    return {
        "patients": len(patients),
        "on_treatment": len(on),
        "then_and_now": {what: _paired(on, *names) for what, names in THEN_AND_NOW.items()},
        **_escalation(patients, on),
        "by_route": _by_route(on),
        "switch": _switch(patients, rules),
    }


def _paired(on: pd.DataFrame, then: str, now: str) -> Table:
    known = on[on[then].notna() & on[now].notna()]
    return {
        "then": distribution(known[then])._asdict(),
        "now": distribution(known[now])._asdict(),
        "change": distribution(known[now] - known[then])._asdict(),
    }


def _escalation(patients: pd.DataFrame, on: pd.DataFrame) -> Table:
    trend = on["dose_trend"][on["dose_trend"].isin([one.value for one in _COMPARED])]
    known = patients["declining_responsiveness"].dropna()
    return {
        **{
            one.value: proportion(int((trend == one.value).sum()), len(trend))._asdict()
            for one in _COMPARED
        },
        "ratio": distribution(on.loc[trend.index, "dose_ratio"])._asdict(),
        "declining": proportion(int(known.sum()), len(known))._asdict(),
    }


_COMPARED = (DoseTrend.STABLE, DoseTrend.ESCALATED, DoseTrend.REDUCED)


def _by_route(on: pd.DataFrame) -> list[Table]:
    return [
        {
            "route": route,
            "patients": len(own),
            "weekly_dose_g_per_kg": distribution(own["weekly_dose_g_per_kg"])._asdict(),
            "interval_days": distribution(own["median_interval_days"])._asdict(),
        }
        for route in ("IV", *RULES.home_routes)
        if len(own := on[on["last_route"] == route])
    ]


def _switch(patients: pd.DataFrame, rules: Rules) -> Table:
    began = patients[patients["first_route"] == rules.primary_route]
    switched = began[began["switched_to_sc_on"].notna()]
    days = whole_days(switched["switched_to_sc_on"]) - whole_days(switched["index_on"])
    years, counts = np.unique(switched["switched_to_sc_on"].dt.year, return_counts=True)
    still = int(switched["last_route"].isin(rules.home_routes).sum())
    return {
        "switched": proportion(len(switched), len(began))._asdict(),
        "years": distribution(pd.Series(days) / rules.year_days)._asdict(),
        "by_year": {int(year): int(n) for year, n in zip(years, counts, strict=True)},
        "still": proportion(still, len(switched))._asdict(),
        "back": proportion(len(switched) - still, len(switched))._asdict(),
    }
