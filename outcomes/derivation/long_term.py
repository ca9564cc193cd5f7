"""Long-term status: dependent on immunoglobulin, in remission, or other (rules, section 4)."""

from enum import StrEnum

import numpy as np
import pandas as pd

from outcomes.derivation.columns import Bools, Columns, Floats, Ints, Words
from outcomes.derivation.relapse import Spells
from outcomes.derivation.response import Response
from outcomes.derivation.rules import RULES, Rules
from outcomes.derivation.timeline import Timeline


class LongTermGroup(StrEnum):
    REMISSION = "remission"
    DEPENDENT = "dependent"
    OTHER = "other"
    NOT_CLASSIFIED = "not_classified"


class LongTermStatus(StrEnum):
    """The finest partition, in the order in which the rule asks."""

    UNCLASSIFIABLE = "unclassifiable"
    TREATED_WITHOUT_RESPONSE = "treated_without_response"
    DEPENDENT_WITH_IMMUNOSUPPRESSANT = "dependent_with_immunosuppressant"
    DEPENDENT = "dependent"
    TREATMENT_UNCONFIRMED = "treatment_unconfirmed"
    RELAPSED_UNTREATED = "relapsed_untreated"
    NON_RESPONDER = "non_responder"
    RECENTLY_STOPPED = "recently_stopped"
    STOPPED_UNPROVEN = "stopped_unproven"
    REMISSION_ON_IMMUNOSUPPRESSANT = "remission_on_immunosuppressant"
    REMISSION = "remission"


# The one place where the finest partition is rolled up into the three groups of L08.
GROUP_OF = {
    LongTermStatus.UNCLASSIFIABLE: LongTermGroup.NOT_CLASSIFIED,
    LongTermStatus.TREATED_WITHOUT_RESPONSE: LongTermGroup.DEPENDENT,
    LongTermStatus.DEPENDENT_WITH_IMMUNOSUPPRESSANT: LongTermGroup.DEPENDENT,
    LongTermStatus.DEPENDENT: LongTermGroup.DEPENDENT,
    LongTermStatus.TREATMENT_UNCONFIRMED: LongTermGroup.NOT_CLASSIFIED,
    LongTermStatus.RELAPSED_UNTREATED: LongTermGroup.OTHER,
    LongTermStatus.NON_RESPONDER: LongTermGroup.OTHER,
    LongTermStatus.RECENTLY_STOPPED: LongTermGroup.NOT_CLASSIFIED,
    LongTermStatus.STOPPED_UNPROVEN: LongTermGroup.NOT_CLASSIFIED,
    LongTermStatus.REMISSION_ON_IMMUNOSUPPRESSANT: LongTermGroup.REMISSION,
    LongTermStatus.REMISSION: LongTermGroup.REMISSION,
}

_STATUSES = pd.Index(list(map(str, LongTermStatus)), dtype="str")
_GROUPS = pd.Index(list(map(str, LongTermGroup)), dtype="str")
_GROUP_OF_STATUS = np.array([list(LongTermGroup).index(GROUP_OF[one]) for one in LongTermStatus])
_REMISSION = list(LongTermStatus).index(LongTermStatus.REMISSION)
_ANSWERS = pd.Index(["yes", "no", "unknown"], dtype="str")
_SOURCES = pd.Index(["rule", "clinician", ""], dtype="str")


def long_term_status(facts: Columns, rules: Rules = RULES) -> Columns:
    """Status and group of each patient.

    Parameters
    ----------
    facts : Columns, one row per patient
        ``follow_up_days`` (last contact − index; NaN without an infusion) and ``off_days`` (last
        infusion day to last visit) [days]; ``response`` (``yes``, ``no``, ``unknown``); and
        booleans: ``on_treatment`` and ``immunosuppressant`` at last contact, ``open_regimen``
        (begun by last contact, not ended), ``relapsed`` (off treatment), ``last_regimen_failed``
        (ended for inefficacy), ``examined_late`` (183 days or more after the last infusion day).
    rules : Rules

    Returns
    -------
    Columns, one row per patient: ``long_term_status`` (`LongTermStatus`) and ``long_term_group``
    (`LongTermGroup`).

    References
    ----------
    .. [1] J.-M. Léger et al., "Intravenous immunoglobulin as short- and long-term therapy of
       multifocal motor neuropathy: a retrospective study of response to IVIg and of its
       predictive criteria in 40 patients," J. Neurol. Neurosurg. Psychiatry 79(1):93-96, 2008
       (L08): groups "according to the dependency or not on periodic IVIg" after more than 6
       months.
    .. [2] J.-M. Léger et al., "Multifocal motor neuropathy: a retrospective study of the response
       to high-dose intravenous immunoglobulin (IVIg) and current perspectives for diagnosis and
       treatment," Bull. Acad. Natl. Med. 191(7):1395-1407, 2007 (L07; in French): four groups.
    """
    on, has_drug = facts.bools("on_treatment"), facts.bools("immunosuppressant")
    is_yes, is_no = facts.words("response").is_("yes"), facts.words("response").is_("no")
    # Short also without an infusion.
    is_short = ~(facts.floats("follow_up_days") > rules.short_follow_up_days)
    is_failed = is_no | (facts.bools("last_regimen_failed") & ~is_yes)
    # The rows of the rule's table by their numbers; the first that applies, else remission (11).
    lines = {
        LongTermStatus.UNCLASSIFIABLE: is_short,  # 1
        LongTermStatus.TREATED_WITHOUT_RESPONSE: on & is_no,  # 2
        LongTermStatus.DEPENDENT_WITH_IMMUNOSUPPRESSANT: on & has_drug,  # 3
        LongTermStatus.DEPENDENT: on,  # 4
        LongTermStatus.TREATMENT_UNCONFIRMED: facts.bools("open_regimen"),  # 5
        LongTermStatus.RELAPSED_UNTREATED: facts.bools("relapsed"),  # 6
        LongTermStatus.NON_RESPONDER: is_failed,  # 7
        LongTermStatus.RECENTLY_STOPPED: facts.floats("off_days") < rules.remission_days,  # 8
        LongTermStatus.STOPPED_UNPROVEN: ~is_yes | ~facts.bools("examined_late"),  # 9
        LongTermStatus.REMISSION_ON_IMMUNOSUPPRESSANT: has_drug,  # 10
    }
    deciding = [list(LongTermStatus).index(line) for line in lines]
    status = np.select(list(lines.values()), deciding, _REMISSION)
    return Columns.named(
        {
            "long_term_status": Words(status, _STATUSES, is_categorical=False),
            "long_term_group": Words(_GROUP_OF_STATUS[status], _GROUPS, is_categorical=False),
        }
    )


def response_known(short_term_response: Words, clinician_response: Words) -> Columns:
    """Whether a patient ever responded: by the rule where evaluable, else the clinician's opinion.

    Parameters
    ----------
    short_term_response : one `Response` per patient
    clinician_response : ``yes``, ``no``, ``unknown`` or ``""`` of each

    Returns
    -------
    Columns, one row per patient: ``response`` (``yes``, ``no``, ``unknown``) and ``response_by``
    (``rule``, ``clinician``, or ``""`` if unknown).
    """
    is_ruled = ~short_term_response.is_(Response.NOT_EVALUABLE)
    is_responder = short_term_response.is_(Response.RESPONDER)
    is_yes = np.where(is_ruled, is_responder, clinician_response.is_("yes"))
    is_no = np.where(is_ruled, ~is_responder, clinician_response.is_("no"))
    response = np.select([is_yes, is_no], [0, 1], 2)
    by = np.select([is_ruled, is_yes | is_no], [0, 1], 2)
    return Columns.named(
        {
            "response": Words(response, _ANSWERS, is_categorical=False),
            "response_by": Words(by, _SOURCES, is_categorical=False),
        }
    )


def off_days(last_infusion_day: Floats, last_visit_day: Floats) -> Floats:
    """Days from the last infusion day to the last visit. [days]

    Parameters
    ----------
    last_infusion_day, last_visit_day : one value per patient; NaN for none. [days since 1970-01-01]

    Returns
    -------
    One value per patient: 0 if the visit is earlier or there is none, NaN without an infusion.
    """
    since = np.fmax(last_visit_day - last_infusion_day, 0.0)
    return np.where(np.isnan(last_infusion_day), np.nan, since)


def is_running(patient: Ints, started: Floats, ended: Floats, at_day: Floats) -> Bools:
    """Whether anything of each patient runs on a day: begun by then, and not ended or ended after.

    Parameters
    ----------
    patient : code of each thing's patient; -1 for nobody of the cohort
    started, ended : first day and end of each thing; NaN for no end. [days since 1970-01-01]
    at_day : the day asked about, one per patient; NaN for none. [days since 1970-01-01]

    Returns
    -------
    One value per patient.
    """
    is_ours = patient >= 0
    patient, started, ended = patient[is_ours], started[is_ours], ended[is_ours]
    runs = (started <= at_day[patient]) & ~(ended <= at_day[patient])
    return np.bincount(patient[runs], minlength=len(at_day)) > 0


def open_regimen(regimens: Columns, patient: Ints, last_contact_day: Floats) -> Bools:
    """Whether a regimen begun on or before last contact has no end known yet.

    Parameters
    ----------
    regimens : Columns of the regimens as known on the day asked about
    patient : code of each regimen's patient; -1 for nobody of the cohort
    last_contact_day : one value per patient; NaN for none. [days since 1970-01-01]

    Returns
    -------
    One value per patient.
    """
    is_open = np.isnan(regimens.days("ended_on")) & (patient >= 0)
    patient, started = patient[is_open], regimens.days("started_on")[is_open]
    is_begun = started <= last_contact_day[patient]
    return np.bincount(patient[is_begun], minlength=len(last_contact_day)) > 0


def last_regimen_failed(regimens: Columns, patient: Ints, last_contact_day: Floats) -> Bools:
    """Whether the last regimen begun on or before last contact ended for inefficacy.

    Parameters
    ----------
    regimens : Columns of the regimens as known on the day asked about
    patient : code of each regimen's patient; -1 for nobody of the cohort
    last_contact_day : one value per patient; NaN for none. [days since 1970-01-01]

    Returns
    -------
    One value per patient: of several regimens starting that day, any that ended so.
    """
    is_ours = patient >= 0
    patient, started = patient[is_ours], regimens.days("started_on")[is_ours]
    is_failure = regimens.words("end_reason").is_("inefficacy")[is_ours]
    is_begun = started <= last_contact_day[patient]
    latest = np.full(len(last_contact_day), -np.inf)
    np.maximum.at(latest, patient[is_begun], started[is_begun])
    is_last = is_begun & (started == latest[patient])
    return np.bincount(patient[is_last & is_failure], minlength=len(latest)) > 0


def failed_attempt(attempts: Columns, patient: Ints, last_contact_day: Floats) -> Bools:
    """Whether lowering the dose was tried, and failed, on or before last contact.

    Parameters
    ----------
    attempts : Columns of dose attempts as known on the day asked about
    patient : code of each attempt's patient; -1 for nobody of the cohort
    last_contact_day : one value per patient; NaN for none. [days since 1970-01-01]

    Returns
    -------
    One value per patient.
    """
    is_failed = attempts.words("outcome").is_("failed") & (patient >= 0)
    patient, attempted = patient[is_failed], attempts.key_days("attempted_on")[is_failed]
    is_known = attempted <= last_contact_day[patient]
    return np.bincount(patient[is_known], minlength=len(last_contact_day)) > 0


def long_gaps(
    courses: Columns,
    patient: Ints,
    starts: Timeline,
    expected_at_start: Floats,
    rules: Rules = RULES,
) -> Spells:
    """Gaps between courses at least 1.5 times as long as expected: a relapse in one proves need.

    Parameters
    ----------
    courses : Columns as `courses.course_columns` returns
    patient : code of each course's patient
    starts : Timeline of the distinct course starts of any route, by patient
    expected_at_start : median of the up to 4 intervals that end at each start, 28 if there is none
        [days]
    rules : Rules

    Returns
    -------
    Spells from the latest last day of the courses that share the earlier start to the day before
    the later course, in which the relapse must lie (rules, section 4).
    """
    is_followed = np.append(starts.owner[1:] == starts.owner[:-1], False)[: len(starts.owner)]
    next_day = np.append(starts.day[1:], 0)[: len(starts.day)]
    is_long = next_day - starts.day >= rules.dependency_gap_factor * expected_at_start
    is_gap = is_followed & is_long
    last_day = _last_day_of_start(courses, patient, starts)
    return Spells(starts.owner[is_gap], last_day[is_gap], next_day[is_gap].astype(float))


def has_long_gap(infusion_days: Timeline, patients: int, rules: Rules = RULES) -> Bools:
    """Whether 183 days or more ever passed from one infusion day to the next, any route.

    Parameters
    ----------
    infusion_days : Timeline of distinct infusion days by patient
    patients : number of patients
    rules : Rules

    Returns
    -------
    One value per patient.
    """
    is_same = infusion_days.owner[1:] == infusion_days.owner[:-1]
    is_long = is_same & (np.diff(infusion_days.day) >= rules.remission_days)
    return np.bincount(infusion_days.owner[1:][is_long], minlength=patients) > 0


def _last_day_of_start(courses: Columns, patient: Ints, starts: Timeline) -> Floats:
    at = starts.last_until(patient, courses.key_days("started_on"))
    last = np.full(len(starts.day), -np.inf)
    np.maximum.at(last, at, courses.key_days("ended_on").astype(float))
    return last
