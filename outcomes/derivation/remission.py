"""Times to remission and out of it, as the survival curves read them (rules, section 4)."""

from dataclasses import dataclass

import numpy as np

from outcomes.derivation.columns import Bools, Columns, Floats
from outcomes.derivation.examinations import Examinations
from outcomes.derivation.relapse import Grips, Spells, first_relapse_day
from outcomes.derivation.rules import RULES, Rules
from outcomes.derivation.timeline import Timeline, dates


@dataclass(frozen=True)
class Course:
    """Days since 1970-01-01 that frame each patient's course; NaN where there is none."""

    index_day: Floats
    last_visit_day: Floats
    last_contact_day: Floats


def long_spells(infusion_days: Timeline, last_visit_day: Floats, rules: Rules = RULES) -> Spells:
    """Times of 183 days or more without infusion, in the order of patients and days.

    Parameters
    ----------
    infusion_days : Timeline of distinct infusion days by patient
    last_visit_day : one value per patient; NaN without a visit. [days since 1970-01-01]
    rules : Rules

    Returns
    -------
    Spells between consecutive infusion days, and from the last one to the last visit (open).
    """
    patient, day = infusion_days.owner, infusion_days.day.astype(float)
    is_followed = np.append(patient[1:] == patient[:-1], False)[: len(patient)]
    next_day = np.append(day[1:], np.nan)[: len(day)]
    seen_until = np.where(is_followed, next_day, last_visit_day[patient])
    is_long = seen_until - day >= rules.remission_days
    before = np.where(is_followed, next_day, np.inf)
    return Spells(patient[is_long], day[is_long], before[is_long])


def remission_times(
    course: Course,
    infusion_days: Timeline,
    *,
    has_response: Bools,
    exams: Examinations,
    grips: Grips,
    rules: Rules = RULES,
) -> Columns:
    """Time from index to remission, and from there to relapse or the next infusion. [days]

    Parameters
    ----------
    course : Course of every patient
    infusion_days : Timeline of distinct infusion days by patient
    has_response : whether a patient's response is *yes*
    exams : Examinations
    grips : Grips
    rules : Rules

    Returns
    -------
    Columns, one row per patient: ``remission_on`` (last infusion day + 183 of the first long
    spell without a relapse in it); ``remission_days`` from index to that day, else to last contact
    (NaN without an infusion) and ``remission_event``; ``relapse_days`` from the last infusion day
    before that spell to the next infusion, else to last contact (NaN without a remission), and
    ``relapse_event``.

    Notes
    -----
    The spell taken has no relapse in it by definition, so only the next infusion can end it.
    A patient whose response is not *yes* stays at risk and never has the event.
    """
    spells = long_spells(infusion_days, course.last_visit_day, rules)
    is_quiet = np.isnan(first_relapse_day(spells, exams, grips, rules))
    after, before = _first_quiet(spells, is_quiet & has_response[spells.patient], len(has_response))
    remission_day = after + rules.remission_days
    has_event = np.isfinite(remission_day)
    until = np.where(has_event, remission_day, course.last_contact_day)
    is_ended = np.isfinite(before)
    return Columns.named(
        {
            "remission_on": dates(remission_day),
            "remission_days": until - course.index_day,
            "remission_event": has_event,
            "relapse_days": np.where(is_ended, before, course.last_contact_day) - after,
            "relapse_event": is_ended,
        }
    )


def _first_quiet(spells: Spells, is_chosen: Bools, patients: int) -> tuple[Floats, Floats]:
    after, before = np.full(patients, np.nan), np.full(patients, np.nan)
    # Backwards, so that of several spells the first is the one that stays.
    chosen = np.flatnonzero(is_chosen)[::-1]
    after[spells.patient[chosen]] = spells.after_day[chosen]
    before[spells.patient[chosen]] = spells.before_day[chosen]
    return after, before
