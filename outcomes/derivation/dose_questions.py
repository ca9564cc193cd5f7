"""Doses and intervals to ask about: unusual, never refused (rules, section 6)."""

from enum import StrEnum

import pandas as pd

from outcomes.derivation.dose import weights
from outcomes.derivation.rules import RULES, Rules
from outcomes.derivation.timeline import codes, key_days, study_id_index, take_or_nan

# 2.1 g/kg is usual, however its division ends in binary.
EXACT_DECIMALS = 9


class DoseQuestion(StrEnum):
    """An unusual dose or interval. It is asked about, never refused."""

    COURSE_G = "course_g"
    INFUSION_G_PER_KG = "infusion_g_per_kg"
    INTERVAL_DAYS = "interval_days"
    WEEKLY_G = "weekly_g"


def plausibility_questions(
    infusion_days: pd.DataFrame,
    courses: pd.DataFrame,
    steps: pd.DataFrame,
    visits: pd.DataFrame,
    rules: Rules = RULES,
) -> pd.DataFrame:
    """Doses and intervals outside what is usual: to be asked about, never refused.

    Parameters
    ----------
    infusion_days, courses : DataFrames as the functions of these names return
    steps : DataFrame as `dose_steps` returns
    visits : DataFrame with ``study_id``, ``visited_on``, ``weight_kg`` [kg]
    rules : Rules

    Returns
    -------
    DataFrame sorted by ``study_id`` and ``asked_on``: ``route``, ``question`` (`DoseQuestion`),
    ``value`` and the usual ``low`` and ``high``, both of them still usual, in the question's unit:
    grams of a course, grams per kg of one infusion day (by the last weight on or before it; not
    asked without one), days from one course of a route to the next (asked on the later), and
    grams per week of a step.
    """
    asked = [
        _unusual(courses, courses["dose_g"], DoseQuestion.COURSE_G, rules.plausible_course_g),
        _unusual(
            infusion_days,
            _g_per_kg(infusion_days, visits),
            DoseQuestion.INFUSION_G_PER_KG,
            rules.plausible_infusion_g_per_kg,
        ),
        _unusual(
            courses,
            (courses["next_started_on"] - courses["started_on"]).dt.days,
            DoseQuestion.INTERVAL_DAYS,
            rules.plausible_interval_days,
        ),
        _unusual(steps, steps["weekly_dose_g"], DoseQuestion.WEEKLY_G, rules.plausible_weekly_g),
    ]
    return pd.concat(asked, ignore_index=True).sort_values(
        ["study_id", "asked_on", "question"], ignore_index=True
    )


def _g_per_kg(infusion_days: pd.DataFrame, visits: pd.DataFrame) -> pd.Series:
    study_ids = study_id_index(infusion_days["study_id"])
    weighed, weight_kg = weights(visits, study_ids)
    patient = codes(infusion_days["study_id"], study_ids)
    last = weighed.last_until(patient, key_days(infusion_days["given_on"]))
    return infusion_days["dose_g"] / take_or_nan(weight_kg, last)


_ASKED_ON = {
    DoseQuestion.COURSE_G: "started_on",
    DoseQuestion.INFUSION_G_PER_KG: "given_on",
    DoseQuestion.INTERVAL_DAYS: "next_started_on",
    DoseQuestion.WEEKLY_G: "started_on",
}


def _unusual(
    frame: pd.DataFrame, value: pd.Series, question: DoseQuestion, usual: tuple[float, float]
) -> pd.DataFrame:
    low, high = usual
    rounded = value.round(EXACT_DECIMALS)
    is_unusual = (rounded < low) | (rounded > high)
    asked = frame[is_unusual]
    return pd.DataFrame(
        {
            "study_id": asked["study_id"],
            "asked_on": asked[_ASKED_ON[question]],
            "route": asked["route"],
            "question": question.value,
            "value": value[is_unusual].astype(float),
            "low": low,
            "high": high,
        }
    )
