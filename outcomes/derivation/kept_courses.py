"""What became of each patient over the years, in a few letters that a cohort's figures are made of.

Muscles at fixed times, blocks by nerve and criteria set, long-term status at each anniversary of
the first infusion: too many numbers for a column each, and too slow to read again from millions of
scores. Each is kept as one text per patient, a letter per value, and read back here as an array.
"""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from outcomes.derivation.block_change import (
    SIDE_WORDS,
    BlockChange,
    BlockChangeReason,
    SegmentChange,
    block_change_columns,
)
from outcomes.derivation.block_criteria import CRITERIA, NERVE_WORDS
from outcomes.derivation.cohort_facts import CohortFacts
from outcomes.derivation.columns import Bools, Column, Columns, Floats, Ints, Words
from outcomes.derivation.conduction import graded_columns
from outcomes.derivation.courses import ROUTES, allowed_gap_days
from outcomes.derivation.derive import Outcomes
from outcomes.derivation.examinations import (
    MUSCLES,
    NO_EXAMINATION,
    NOT_GRADED,
    Examinations,
    is_counting,
)
from outcomes.derivation.long_term import (
    LongTermStatus,
    is_running,
    last_regimen_failed,
    long_term_status,
    off_days,
    open_regimen,
)
from outcomes.derivation.relapse import Spells, first_relapse_day
from outcomes.derivation.rules import RULES, Rules
from outcomes.derivation.timeline import (
    codes,
    dates,
    distinct_days,
    spread_ranges,
    take_or_nan,
)

Letters = npt.NDArray[np.uint8]
Texts = npt.NDArray[np.str_]
Grades = npt.NDArray[np.int8]

COURSE_COLUMNS = (
    *("strength_course", "block_course", "status_course"),
    *("switched_to_sc_on", "last_route", "infusions_given"),
)

NOTHING = ord(".")
_ZERO, _A = ord("0"), ord("a")

# ── Strength at fixed times ──────────────────────────────────────────────────────────────────

# Baseline and month 6 as the response has them; then the counting examination nearest to a whole
# number of years after the first infusion [choice].
STRENGTH_YEARS = (1, 2, 3, 5, 10)
STRENGTH_TIMES = ("baseline", "month_6", *(f"year_{year}" for year in STRENGTH_YEARS))
# A year's window: a quarter around the first, so that month 6 stays out, half a year around others.
FIRST_YEAR_WITHIN_DAYS = 91
YEAR_WITHIN_DAYS = 182

# ── Blocks by nerve ──────────────────────────────────────────────────────────────────────────

BLOCK_CRITERIA = tuple(CRITERIA)
NERVES: tuple[tuple[str, str], ...] = tuple(
    (nerve, side) for nerve in NERVE_WORDS for side in SIDE_WORDS
)
MOST_BLOCKS = 9  # of one nerve; no nerve has so many segments
# The change of all nerves, before the nerves themselves: a category, or why there is none.
CHANGE_LETTERS = {
    BlockChange.DECREASED.value: "d",
    BlockChange.UNCHANGED.value: "u",
    BlockChange.INCREASED.value: "i",
    BlockChangeReason.NO_STUDY.value: "N",
    BlockChangeReason.FEWER_THAN_2_STUDIES.value: "F",
    BlockChangeReason.AXONAL_LOSS.value: "A",
    BlockChangeReason.NO_COMMON_SEGMENT.value: "C",
}
CHANGE_WORDS = {ord(letter): word for word, letter in CHANGE_LETTERS.items()}
_WIDTH_OF_CRITERIA = 1 + 2 * len(NERVES)

# ── Status at anniversaries ──────────────────────────────────────────────────────────────────

ANNIVERSARIES = 10
STATUS_ORDER = tuple(status.value for status in LongTermStatus)
_STATUSES = pd.Index(STATUS_ORDER, dtype="str")
DIED, NOT_FOLLOWED = ord("+"), NOTHING


def kept_courses(outcomes: Outcomes) -> pd.DataFrame:
    """The courses of every patient, as they are kept.

    Parameters
    ----------
    outcomes : Outcomes

    Returns
    -------
    DataFrame by ``study_id`` with `COURSE_COLUMNS`: ``strength_course``, ``block_course`` and
    ``status_course``, texts that `strength_grades`, `block_counts` and `anniversary_status` read
    ("" where there is nothing in them); ``switched_to_sc_on``, the first day of SC or FSC, home
    treatment included, of a patient whose index course was IV (NaT otherwise); ``last_route``, that
    of the last infusion day ("" without one; IV wins on a day of two); and ``infusions_given``, a
    text that `infusion_counts` reads.
    """
    return course_columns(outcomes).frame(outcomes.facts.study_ids)


def course_columns(outcomes: Outcomes) -> Columns:
    """What `kept_courses` returns, as columns."""
    facts, rules = outcomes.facts, outcomes.rules
    first_route = outcomes.by_patient.words("first_route")
    switched_day, last_route = _routes(facts, first_route, rules)
    return Columns.named(
        {
            "strength_course": _strength_texts(facts),
            "block_course": _block_texts(outcomes),
            "status_course": _status_texts(outcomes),
            "switched_to_sc_on": dates(switched_day),
            "last_route": last_route,
            "infusions_given": _given_texts(facts),
        }
    )


def strength_grades(course: pd.Series) -> Grades:
    """Grades of every muscle at the fixed times, read back. [thirds of an MRC point]

    Parameters
    ----------
    course : Series of text, ``strength_course``

    Returns
    -------
    int8 array (patients, `STRENGTH_TIMES`, `MUSCLES`); -1 where there is no grade, or no
    examination at that time.
    """
    letters = _letters(course, len(STRENGTH_TIMES) * len(MUSCLES))
    grades = letters.astype(np.int16) - _A
    known: Grades = np.where(grades >= 0, grades, NOT_GRADED).astype(np.int8)
    return known.reshape(-1, len(STRENGTH_TIMES), len(MUSCLES))


def block_counts(course: pd.Series, criteria: str) -> tuple[npt.NDArray[np.object_], Grades]:
    """Blocks of every nerve in first and last study by a criteria set, read back. [segments]

    Parameters
    ----------
    course : Series of text, ``block_course``
    criteria : name in `CRITERIA`

    Returns
    -------
    change : one text per patient, `BlockChange`, or `BlockChangeReason` where not evaluable
    counts : int8 array (patients, `NERVES`, 2): segments with definite or probable block in the
        first and the last study, of those assessable in both; -1 for a nerve without one.

    Raises
    ------
    ValueError
        If no criteria set has this name.
    """
    letters = _letters(course, len(BLOCK_CRITERIA) * _WIDTH_OF_CRITERIA)
    own = letters.reshape(-1, len(BLOCK_CRITERIA), _WIDTH_OF_CRITERIA)[
        :, BLOCK_CRITERIA.index(criteria)
    ]
    words = np.full(256, BlockChangeReason.NO_STUDY.value, dtype=object)
    for letter, word in CHANGE_WORDS.items():
        words[letter] = word
    counts = np.where(own[:, 1:] >= _ZERO, own[:, 1:].astype(np.int16) - _ZERO, -1)
    return words[own[:, 0]], counts.astype(np.int8).reshape(-1, len(NERVES), 2)


def anniversary_status(course: pd.Series) -> Letters:
    """Long-term status at each anniversary of the first infusion, read back.

    Parameters
    ----------
    course : Series of text, ``status_course``

    Returns
    -------
    array (patients, `ANNIVERSARIES`): the place of the status in `STATUS_ORDER`, `DIED` or
    `NOT_FOLLOWED` where there was no contact on or after the anniversary.
    """
    letters = _letters(course, ANNIVERSARIES)
    is_status = letters >= _A
    return np.where(is_status, letters - _A, np.where(letters == DIED, DIED, NOT_FOLLOWED)).astype(
        np.uint8
    )


def infusion_counts(given: pd.Series) -> dict[tuple[str, str], int]:
    """Recorded infusions of a cohort by route and product, read back. [count]

    Parameters
    ----------
    given : Series of text, ``infusions_given``, one value per patient

    Returns
    -------
    dict by route and product ("" = not recorded), in the order of routes, then by product. Home
    treatment that nobody recorded is not counted.
    """
    totals: dict[tuple[str, str], int] = {}
    for text, patients in given[given != ""].value_counts(sort=False).items():
        for line in str(text).split("\n"):
            route, product, n = line.split("\t")
            totals[route, product] = totals.get((route, product), 0) + int(n) * int(patients)
    return {key: totals[key] for key in sorted(totals, key=_by_route_and_product)}


def _by_route_and_product(key: tuple[str, str]) -> tuple[int, str]:
    route, product = key
    return int(ROUTES.get_indexer(pd.Index([route]))[0]), product


def _letters(texts: pd.Series, width: int) -> Letters:
    """Texts as rows of letters; what is shorter ends in nothing."""
    packed = np.array(texts.tolist(), dtype=f"S{width}")
    letters: Letters = packed.view(np.uint8).reshape(len(texts), width)
    return np.where(letters == 0, NOTHING, letters).astype(np.uint8)


def _texts(letters: Letters) -> Texts:
    """Rows of letters as texts; nothing at the end is left out."""
    width = letters.shape[1]
    packed = np.ascontiguousarray(letters, dtype=np.uint8).view(f"S{width}").reshape(-1)
    return np.char.rstrip(packed.astype(f"U{width}"), chr(NOTHING))


# ── Strength ─────────────────────────────────────────────────────────────────────────────────


def _strength_texts(facts: CohortFacts) -> Texts:
    exams = facts.exams
    at = [facts.baseline, facts.month_6]
    at += [_nearest(exams, facts.index_day, year) for year in STRENGTH_YEARS]
    ungraded = np.full((1, len(MUSCLES)), NOT_GRADED, dtype=exams.thirds.dtype)
    # A position of -1 means no examination, and reads the row appended last.
    thirds = np.concatenate([exams.thirds, ungraded])[np.stack(at, axis=1)]
    letters = np.where(thirds == NOT_GRADED, NOTHING, thirds + np.int16(_A))
    return _texts(letters.reshape(len(facts.study_ids), len(STRENGTH_TIMES) * len(MUSCLES)))


def _nearest(exams: Examinations, index_day: Floats, year: int) -> Ints:
    """The counting examination nearest to an anniversary; a tie goes to the later."""
    target = index_day + np.round(year * RULES.year_days)
    within = FIRST_YEAR_WITHIN_DAYS if year == 1 else YEAR_WITHIN_DAYS
    everyone = np.arange(len(index_day))
    window, position, counting = is_counting(exams, everyone, target - within, target + within)
    window, position = window[counting], position[counting]
    day = exams.timeline.day[position]
    order = np.lexsort((day, -np.abs(day - target[window]), window))
    chosen = np.full(len(index_day), NO_EXAMINATION)
    chosen[window[order]] = position[order]
    return chosen


# ── Blocks ───────────────────────────────────────────────────────────────────────────────────


def _block_texts(outcomes: Outcomes) -> Texts:
    has_two = ~np.isnan(outcomes.by_patient.days("study_last_on"))
    parts = []
    for criteria in BLOCK_CRITERIA:
        patients, changes = _by_criteria(outcomes, criteria, has_two)
        reason = patients.texts("block_change_reason")
        word = np.where(reason == "", patients.texts("block_change"), reason)
        letter = np.array([ord(CHANGE_LETTERS[one]) for one in word], dtype=np.uint8)
        parts.append(np.column_stack([letter, _by_nerve(changes, outcomes.facts.study_ids)]))
    return _texts(np.concatenate(parts, axis=1))


def _by_criteria(outcomes: Outcomes, criteria: str, has_two: Bools) -> tuple[Columns, Columns]:
    """The change in block by a criteria set: of each patient, and of each segment."""
    if criteria == outcomes.rules.criteria or not has_two.any():
        # Without a second study all sets say the same.
        return outcomes.by_patient, outcomes.segment_change_columns
    facts, known = outcomes.facts, outcomes.facts.records
    rules = replace(outcomes.rules, criteria=criteria)
    segments = graded_columns(
        known.columns("nerve_segments"),
        known.columns("patients"),
        known.columns("lower_limits"),
        rules,
    )
    return block_change_columns(segments, facts.study_ids, facts.index_day, rules)


_BLOCKED_FIRST = (SegmentChange.PERSISTENT.value, SegmentChange.RESOLVED.value)
_BLOCKED_LAST = (SegmentChange.PERSISTENT.value, SegmentChange.NEW.value)
_IN_BOTH = (*_BLOCKED_FIRST, SegmentChange.NEW.value, SegmentChange.NO_BLOCK.value)


def _by_nerve(changes: Columns, study_ids: pd.Index) -> Letters:
    """First and last count of each nerve, as digits; of nerves that cannot be compared nothing."""
    change = changes.words("change")
    patient = codes(changes.words("study_id"), study_ids)
    nerve = codes(changes.words("nerve"), NERVE_WORDS)
    side = codes(changes.words("side"), SIDE_WORDS)
    place = (patient * len(NERVE_WORDS) + nerve) * len(SIDE_WORDS) + side
    size = len(study_ids) * len(NERVES)

    def counted(kinds: tuple[str, ...]) -> Ints:
        return np.bincount(place[change.is_in(kinds)], minlength=size)

    both = np.stack([counted(_BLOCKED_FIRST), counted(_BLOCKED_LAST)], axis=1)
    digits = np.minimum(both, MOST_BLOCKS) + _ZERO
    digits[counted(_IN_BOTH) == 0] = NOTHING
    return digits.reshape(len(study_ids), 2 * len(NERVES)).astype(np.uint8)


# ── Status at anniversaries ──────────────────────────────────────────────────────────────────


def _status_texts(outcomes: Outcomes) -> Texts:
    facts, rules = outcomes.facts, outcomes.rules
    patient, year, day = _cases(facts, rules)
    letters = np.full((len(facts.study_ids), ANNIVERSARIES), NOT_FOLLOWED, dtype=np.uint8)
    died_day = facts.patients.days("deceased_on")
    years = np.arange(1, ANNIVERSARIES + 1)
    anniversaries = facts.index_day[:, None] + np.round(years * rules.year_days)
    letters[died_day[:, None] < anniversaries] = DIED
    if len(patient):
        letters[patient, year - 1] = codes(_status_on(outcomes, patient, day), _STATUSES) + _A
    return _texts(letters)


def _cases(facts: CohortFacts, rules: Rules) -> tuple[Ints, Ints, Ints]:
    """Patients and the anniversaries on or after which they still had contact, by patient."""
    followed = np.nan_to_num(facts.last_contact_day - facts.index_day, nan=-1.0)
    # The nth anniversary is a whole day: year_days times n, rounded.
    years = np.round(np.arange(1, ANNIVERSARIES + 1) * rules.year_days)
    reached = np.searchsorted(years, followed, side="right")
    patient, number = spread_ranges(np.zeros_like(reached), reached)
    day = facts.index_day[patient] + years[number]
    return patient, number + 1, day.astype(np.int64)


def _status_on(outcomes: Outcomes, patient: Ints, day: Ints) -> Words:
    """Long-term status on days of patients, each from what happened up to it."""
    facts, rules = outcomes.facts, outcomes.rules
    contact_day, visit_day, given_day = _last_seen(facts, patient, day)
    expected = take_or_nan(facts.expected_at_start, facts.starts.last_until(patient, given_day))
    is_on = given_day >= contact_day - allowed_gap_days(expected, rules)
    spells = Spells(patient, given_day, (day + 1).astype(np.float64))
    relapse_day = first_relapse_day(spells, facts.exams, facts.grips, rules)
    late = facts.exams.timeline.first_from(patient, given_day + rules.remission_days)
    late_day = facts.exams.timeline.day_at(late)
    drugs = facts.records.columns("immunosuppressants")
    case, row = _rows_of_cases(facts.codes_of(drugs), patient)
    regimens, regimen_case = _regimens_until(facts, patient, day)
    truths: dict[str, Column] = {
        "follow_up_days": contact_day - facts.index_day[patient],
        "off_days": off_days(given_day, visit_day),
        "response": outcomes.by_patient.words("response").at(patient),
        "on_treatment": is_on,
        "immunosuppressant": is_running(
            case, drugs.days("started_on")[row], drugs.days("ended_on")[row], contact_day
        ),
        "open_regimen": open_regimen(regimens, regimen_case, contact_day),
        "relapsed": np.isfinite(relapse_day) & ~is_on,
        "last_regimen_failed": last_regimen_failed(regimens, regimen_case, contact_day),
        "examined_late": late_day <= day,
    }
    return long_term_status(Columns.named(truths), rules).words("long_term_status")


def _last_seen(facts: CohortFacts, patient: Ints, day: Ints) -> tuple[Floats, Floats, Floats]:
    """Last contact, last visit and last infusion day up to a day.

    Home treatment is no contact, and goes no further than the last visit.
    """
    visits, given = facts.records.columns("visits"), facts.infusion_days
    seen = distinct_days(facts.codes_of(visits), visits.key_days("visited_on"))
    visit_day = seen.day_at(seen.last_until(patient, day))
    owner, given_on = facts.codes_of(given), given.key_days("given_on")
    is_home = given.bools("from_regimen")
    recorded = distinct_days(owner[~is_home], given_on[~is_home])
    planned = distinct_days(owner[is_home], given_on[is_home])
    recorded_day = recorded.day_at(recorded.last_until(patient, day))
    planned_day = planned.day_at(planned.last_until(patient, visit_day))
    contact_day = np.fmax(visit_day, recorded_day)
    return contact_day, visit_day, np.fmax(recorded_day, planned_day)


def _rows_of_cases(owner: Ints, patient: Ints) -> tuple[Ints, Ints]:
    """Every pair of a case and a row of its patient; cases lie by patient."""
    first = np.searchsorted(patient, owner, side="left")
    last = np.searchsorted(patient, owner, side="right")
    row, case = spread_ranges(first, last)
    return case, row


def _regimens_until(facts: CohortFacts, patient: Ints, day: Ints) -> tuple[Columns, Ints]:
    """The regimens as they were known on the day of each case: later ends had not come."""
    regimens = facts.records.columns("regimens")
    case, row = _rows_of_cases(facts.codes_of(regimens), patient)
    known = regimens.rows(row)
    is_later = ~(known.days("ended_on") <= day[case])
    ended = np.where(is_later, np.datetime64("NaT", "s"), known.dates("ended_on"))
    return known.assign(
        ended_on=ended, end_reason=known.words("end_reason").with_(is_later, "")
    ), case


# ── Routes ───────────────────────────────────────────────────────────────────────────────────


def _routes(
    facts: CohortFacts, first_route: Words, rules: Rules
) -> tuple[Floats, npt.NDArray[np.object_]]:
    given = facts.infusion_days
    patient, route = facts.codes_of(given), codes(given.words("route"), ROUTES)
    day = given.key_days("given_on")
    is_home_route = np.isin(route, ROUTES.get_indexer(pd.Index(rules.home_routes)))
    first_sc = np.full(len(facts.study_ids), np.inf)
    np.minimum.at(first_sc, patient[is_home_route], day[is_home_route])
    began_iv = first_route.is_(rules.primary_route)
    switched = np.where(began_iv & np.isfinite(first_sc), first_sc, np.nan)
    is_last = day == facts.last_infusion_day[patient]
    last = np.full(len(facts.study_ids), len(ROUTES))
    np.minimum.at(last, patient[is_last], route[is_last])
    return switched, np.append(ROUTES.to_numpy(dtype=object), "")[last]


def _given_texts(facts: CohortFacts) -> npt.NDArray[np.object_]:
    """Recorded infusions by route and product: a line each, with tabs; no name holds either."""
    infusions = facts.records.columns("infusions")
    product = infusions.words("product")
    names = product.words.sort_values()  # the same text, whoever else is derived with a patient
    products = codes(product, names)
    patient = facts.codes_of(infusions)
    key = (patient * len(ROUTES) + codes(infusions.words("route"), ROUTES)) * max(len(names), 1)
    found, counts = np.unique((key + products)[patient >= 0], return_counts=True)
    texts = np.full(len(facts.study_ids), "", dtype=object)
    for place, n in zip(found.tolist(), counts.tolist(), strict=True):
        owner, product = divmod(place, max(len(names), 1))
        who, route = divmod(owner, len(ROUTES))
        line = f"{ROUTES[route]}\t{names[product]}\t{n}"
        texts[who] = f"{texts[who]}\n{line}" if texts[who] else line
    return texts
