"""What the results rest on, patient by patient: examinations used, and relapses."""

import numpy as np
import pandas as pd

from outcomes.derivation.cohort_facts import CohortFacts
from outcomes.derivation.columns import Columns, Floats, Ints
from outcomes.derivation.examinations import Examinations, cycle_phase, is_counting
from outcomes.derivation.rules import RULES, Rules
from outcomes.derivation.timeline import dates, labels

PHASES = pd.Index(["trough", "peak", "other"], dtype="str")


def examinations_used(facts: CohortFacts, rules: Rules = RULES) -> pd.DataFrame:
    """Every examination, whether it counts in the windows of the rules, and what it was used as.

    Parameters
    ----------
    facts : CohortFacts
    rules : Rules

    Returns
    -------
    DataFrame sorted by patient and day: ``study_id``, ``visited_on``, ``graded`` (muscles);
    ``counting_baseline``, ``counting_month_6``, ``counting_reference`` (boolean: False is *too
    partial*, missing is outside that window); ``days_since_infusion`` (NaN before the first one)
    [days], ``cycle_phase``; ``is_baseline``, ``is_month_6``, ``is_reference``.
    """
    return examination_columns(facts, rules).frame()


def examination_columns(facts: CohortFacts, rules: Rules = RULES) -> Columns:
    """What `examinations_used` returns, as columns."""
    exams, index_day = facts.exams, facts.index_day
    windows = {
        "counting_baseline": (
            index_day + rules.baseline_days[0],
            index_day + rules.baseline_days[1],
        ),
        "counting_month_6": (index_day + rules.month_6_days[0], index_day + rules.month_6_days[1]),
        "counting_reference": (
            np.where(np.isnan(facts.last_infusion_day), np.nan, -np.inf),
            facts.last_infusion_day + rules.reference_examination_days,
        ),
    }
    counting = {
        name: _counting(facts, first, last, rules) for name, (first, last) in windows.items()
    }
    to_next, since = days_around(facts, exams.timeline.owner, exams.timeline.day.astype(float))
    used = {
        "is_baseline": _is_used(exams, facts.baseline),
        "is_month_6": _is_used(exams, facts.month_6),
        "is_reference": _is_used(exams, facts.reference),
    }
    phase = PHASES.get_indexer(pd.Index(cycle_phase(to_next, since, rules)))
    return Columns.named(
        {
            "study_id": labels(exams.timeline.owner, exams.study_ids),
            "visited_on": dates(exams.timeline.day),
            "graded": exams.graded,
            **counting,
            "days_since_infusion": since,
            "cycle_phase": labels(phase, PHASES),
            **used,
        }
    )


def days_around(facts: CohortFacts, patient: Ints, day: Floats) -> tuple[Floats, Floats]:
    """Days from a day to the next course start, and to it from the last infusion day. [days]

    Parameters
    ----------
    facts : CohortFacts
    patient : integer codes
    day : one day per value of ``patient``; NaN for none. [days since 1970-01-01]

    Returns
    -------
    Two arrays; 0 where a course starts or an infusion is given on the day, NaN where there is none.
    """
    to_next = facts.starts.day_at(facts.starts.first_from(patient, day)) - day
    since = day - facts.given.day_at(facts.given.last_until(patient, day))
    return to_next, since


def _counting(
    facts: CohortFacts, first: Floats, last: Floats, rules: Rules
) -> pd.api.extensions.ExtensionArray:
    _, position, counting = is_counting(facts.exams, facts.everyone, first, last, rules)
    is_outside = np.ones(len(facts.exams), dtype=bool)
    is_outside[position] = False
    counts = np.zeros(len(facts.exams), dtype=bool)
    counts[position] = counting
    return pd.arrays.BooleanArray(counts, is_outside)


def _is_used(exams: Examinations, position: Ints) -> np.ndarray:
    used = np.zeros(len(exams), dtype=bool)
    used[position[position >= 0]] = True
    return used
