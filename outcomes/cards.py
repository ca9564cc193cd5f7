"""The four outcome cards of a patient, each with all that its "Why" opens."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from outcomes import labels, sentences
from outcomes.dashboards.patient import MuscleChange, PatientDashboard, SegmentChange
from outcomes.derivation.block_criteria import CRITERIA
from outcomes.numbers import fixed, grade_text, rounded
from outcomes.sentences import day_text


@dataclass(frozen=True)
class Parameter:
    """A number of the rule; `is_choice` where the literature is silent and the registry chose."""

    name: str
    value: str
    is_choice: bool = False


@dataclass(frozen=True)
class Evidence:
    """A small table of the records used: one row per muscle, grip or segment."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Why:
    """What a result rests on, for who wants to check it."""

    code: str
    used: tuple[tuple[str, str], ...]
    evidence: Evidence | None
    parameters: tuple[Parameter, ...]


@dataclass(frozen=True)
class OutcomeCard:
    """Label, value with its mark, qualifier, sentence, rule; `mark` is "" where not evaluable."""

    key: str
    label: str
    value: str
    mark: str
    qualifier: str
    sentence: str
    rule: str
    flags: tuple[str, ...]
    why: Why

    @property
    def is_evaluable(self) -> bool:
        return self.mark != ""


def outcome_cards(dashboard: PatientDashboard) -> tuple[OutcomeCard, ...]:
    """Response, status, blocks and dose, in this order."""
    return (
        short_term_card(dashboard),
        long_term_card(dashboard),
        blocks_card(dashboard),
        dose_card(dashboard),
    )


def _rule(dashboard: PatientDashboard, section: int, criteria: str = "") -> str:
    words = _("Rule %(section)s, v%(version)s")
    if criteria:
        words = _("Rule %(section)s, %(criteria)s, v%(version)s")
    return words % {
        "section": section,
        "version": dashboard.rules.version,
        "criteria": criteria,
    }


def _day_of_exam(dashboard: PatientDashboard, day: date) -> str:
    """9 May 1997 (28 muscles, 12 days after an infusion, at peak)."""
    visit = next((v for v in dashboard.visits if v.on == day), None)
    exam = visit and visit.examination
    if not exam:
        return day_text(day)
    parts = [ngettext("%(n)s muscle", "%(n)s muscles", exam.graded) % {"n": exam.graded}]
    if exam.days_since_infusion is not None:
        since = round(exam.days_since_infusion)
        parts.append(
            ngettext("%(n)s day after an infusion", "%(n)s days after an infusion", since)
            % {"n": since}
        )
        parts.append(str(labels.CYCLE_PHASE[exam.cycle_phase or "other"]))
    return f"{day_text(day)} ({', '.join(parts)})"


def _days(window: tuple[int, int]) -> str:
    return _("days %(first)s to %(last)s") % {
        "first": str(window[0]).replace("-", "−"),
        "last": window[1],
    }


def _existing(pairs: Iterable[tuple[str, str | None]]) -> tuple[tuple[str, str], ...]:
    return tuple((term, text) for term, text in pairs if text)


# ---------- Short-term response ----------

_RESPONSE_MARKS = {"responder": "responder", "non_responder": "non-responder", "not_evaluable": ""}


def short_term_card(dashboard: PatientDashboard) -> OutcomeCard:
    outcome, rules = dashboard.outcome, dashboard.rules
    response = outcome["short_term_response"]
    return OutcomeCard(
        key="short-term",
        label=_("Short-term response, month 6"),
        value=capfirst(labels.SHORT_TERM_RESPONSE[response]),
        mark=_RESPONSE_MARKS[response],
        qualifier=_SHORT_TERM_QUALIFIERS[outcome["short_term_reason"]](dashboard),
        sentence=sentences.short_term(outcome, dashboard.muscle_changes, rules),
        rule=_rule(dashboard, 3),
        flags=_short_term_flags(dashboard),
        why=Why(
            code=outcome["short_term_reason"],
            used=_short_term_records(dashboard),
            evidence=_muscle_evidence(dashboard.muscle_changes),
            parameters=_short_term_parameters(dashboard),
        ),
    )


def _of_improvable(dashboard: PatientDashboard) -> str:
    outcome = dashboard.outcome
    return ngettext(
        "%(n)s of %(improvable)s improvable muscle",
        "%(n)s of %(improvable)s improvable muscles",
        outcome["improvable"],
    ) % {"n": outcome["improved"], "improvable": outcome["improvable"]}


_SHORT_TERM_QUALIFIERS: dict[str, Callable[[PatientDashboard], str]] = {
    "NO_INFUSION": lambda _d: _("no infusion"),
    "NO_BASELINE": lambda _d: _("no baseline examination"),
    "FEWER_THAN_2_IMPROVABLE": lambda d: (
        _("fewer than %(n)s improvable muscles") % {"n": d.rules.muscles_needed}
    ),
    "STOPPED_FOR_INEFFICACY": lambda _d: _("stopped for inefficacy"),
    "PENDING": lambda _d: _("month 6 still to come"),
    "NO_EXAMINATION": lambda _d: _("no examination near month 6"),
    "IMPROVED": _of_improvable,
    "NOT_IMPROVED": _of_improvable,
    "MISSING_GRADES": lambda _d: _("grades missing at month 6"),
}


def _short_term_flags(dashboard: PatientDashboard) -> tuple[str, ...]:
    outcome = dashboard.outcome
    is_responder = outcome["short_term_response"] == "responder"
    has_month_6 = outcome["month6_on"] is not None
    flags = {
        _("provisional until month 6 is over"): outcome["provisional"],
        _("strict variant: no, a muscle lost a point"): is_responder
        and outcome["strict_response"] is False,
        _("fewer than 2 courses by day %(day)s") % {"day": dashboard.rules.early_courses_by_day}: (
            outcome["few_courses"]
        ),
        _("another immunotherapy before month 6"): outcome["co_treated"],
        _("examined at trough"): has_month_6 and outcome["month6_at_trough"],
        _("grades carried forward"): has_month_6 and outcome["carried_forward_month6"],
    }
    return tuple(words for words, is_so in flags.items() if is_so)


def _short_term_records(dashboard: PatientDashboard) -> tuple[tuple[str, str], ...]:
    outcome = dashboard.outcome

    def exam(column: str) -> str | None:
        return outcome[column] and _day_of_exam(dashboard, outcome[column])

    return _existing(
        [
            (_("First infusion"), outcome["index_on"] and day_text(outcome["index_on"])),
            (_("Baseline"), exam("baseline_on")),
            (_("Month 6"), exam("month6_on")),
        ]
    )


def _muscle_evidence(changes: tuple[MuscleChange, ...]) -> Evidence | None:
    """The muscles below 5 at baseline, and those that lost a point."""
    shown = [c for c in changes if c.baseline_thirds < 15 or c.change == "worsened"]
    if not shown:
        return None
    return Evidence(
        _("Muscles affected at baseline"),
        (_("Muscle"), _("Baseline"), _("Month 6"), _("Change")),
        tuple(
            (
                capfirst(sentences.muscle_name(c.muscle, c.side)),
                grade_text(c.baseline_thirds),
                "–" if c.month6_thirds is None else grade_text(c.month6_thirds),
                _change_words(c),
            )
            for c in shown
        ),
    )


def _change_words(change: MuscleChange) -> str:
    words = {
        "improved": _("gained a point"),
        "worsened": _("lost a point"),
        "unchanged": _("less than a point"),
        "ungraded": _("no grade at month 6"),
    }
    if change.change == "unchanged" and change.baseline_thirds == change.month6_thirds:
        return _("unchanged")
    return words[change.change]


def _short_term_parameters(dashboard: PatientDashboard) -> tuple[Parameter, ...]:
    rules = dashboard.rules
    return (
        Parameter(_("Gain that counts"), _("1 point (4 → 4+ is not one)")),
        Parameter(_("Muscles that must gain"), str(rules.muscles_needed)),
        Parameter(_("Improvable"), _("grade 4 or less at baseline")),
        Parameter(_("Baseline"), _("last examination of %s") % _days(rules.baseline_days), True),
        Parameter(
            _("Month 6"),
            _("examination nearest to day %(target)s, %(days)s")
            % {"target": rules.month_6_target_day, "days": _days(rules.month_6_days)},
            True,
        ),
        Parameter(
            _("Examinations that count"),
            _("at least %s %% of the muscles of the fullest in the window")
            % rounded(rules.counting_share * 100),
            True,
        ),
        Parameter(_("Stopped for inefficacy, unexamined"), _("counts as non-responder"), True),
    )


# ---------- Long-term status ----------

_GROUP_MARKS = {
    "remission": "remission",
    "dependent": "dependent",
    "other": "other",
    "not_classified": "",
}


def long_term_card(dashboard: PatientDashboard) -> OutcomeCard:
    outcome, rules = dashboard.outcome, dashboard.rules
    status, group = outcome["long_term_status"], outcome["long_term_group"]
    value = labels.LONG_TERM_STATUS[status]
    if group == "not_classified":
        value = labels.LONG_TERM_GROUP[group]
    mark = _GROUP_MARKS[group]
    if status == "treated_without_response":
        mark = "dependent-no-response"
    return OutcomeCard(
        key="long-term",
        label=_("Long-term status"),
        value=capfirst(value),
        mark=mark,
        qualifier=_long_term_qualifier(dashboard),
        sentence=sentences.long_term(outcome, dashboard.falls, running_drugs(dashboard), rules),
        rule=_rule(dashboard, 4),
        flags=_long_term_flags(dashboard),
        why=Why(
            code=status,
            used=_long_term_records(dashboard),
            evidence=_fall_evidence(dashboard),
            parameters=_long_term_parameters(dashboard),
        ),
    )


def running_drugs(dashboard: PatientDashboard) -> list[str]:
    """Immunosuppressants running at the last contact."""
    at = dashboard.outcome["last_contact_on"]
    return [
        drug.drug
        for drug in dashboard.immunosuppressants
        if at and drug.started_on <= at and (drug.ended_on is None or drug.ended_on > at)
    ]


def _long_term_qualifier(dashboard: PatientDashboard) -> str:
    outcome = dashboard.outcome
    status = outcome["long_term_status"]
    off = {"n": outcome["off_days"]}
    on_periodic = _("on periodic immunoglobulin")
    proof = _("proven") if outcome["dependency_proven"] else _("presumed")
    words = {
        "unclassifiable": _("followed for 6 months or less"),
        "treated_without_response": on_periodic,
        "dependent_with_immunosuppressant": f"{on_periodic}, {proof}",
        "dependent": f"{on_periodic}, {proof}",
        "treatment_unconfirmed": _("treatment unconfirmed"),
        "relapsed_untreated": outcome["relapse_on"]
        and _("relapse on %s") % day_text(outcome["relapse_on"]),
        "non_responder": _("off treatment"),
        "recently_stopped": _("%(n)s days off treatment") % off,
        "stopped_unproven": _("stopped, response or follow-up missing"),
        "remission_on_immunosuppressant": _("%(n)s days off immunoglobulin") % off,
        "remission": _("%(n)s days off treatment") % off,
    }
    if outcome["index_on"] is None:
        return _("no infusion")
    return words[status] or ""


def _long_term_flags(dashboard: PatientDashboard) -> tuple[str, ...]:
    outcome = dashboard.outcome
    flags = {
        _("treated again after 6 months or more off"): outcome["relapsed_after_remission"],
    }
    return tuple(words for words, is_so in flags.items() if is_so)


def _long_term_records(dashboard: PatientDashboard) -> tuple[tuple[str, str], ...]:
    outcome = dashboard.outcome
    response = labels.YES_NO[outcome["response"]]
    by = {"rule": _("by the rule of month 6"), "clinician": _("in the clinician's opinion")}
    interval = outcome["expected_interval_days"]
    reference = outcome["reference_on"]
    return _existing(
        [
            (_("First infusion"), outcome["index_on"] and day_text(outcome["index_on"])),
            (
                _("Last infusion"),
                outcome["last_infusion_on"] and day_text(outcome["last_infusion_on"]),
            ),
            (
                _("Last contact"),
                outcome["last_contact_on"] and day_text(outcome["last_contact_on"]),
            ),
            (_("Expected interval"), interval and _("%s days") % rounded(interval)),
            (
                _("Response"),
                f"{response}, {by[outcome['response_by']]}"
                if outcome["response_by"]
                else str(response),
            ),
            (_("Reference examination"), reference and _day_of_exam(dashboard, reference)),
        ]
    )


def _fall_evidence(dashboard: PatientDashboard) -> Evidence | None:
    if not dashboard.falls:
        return None
    return Evidence(
        _("Relapse off treatment"),
        (_("Visit"), _("What fell"), _("Reference"), _("Then")),
        tuple(
            (
                day_text(fall.visited_on),
                _fall_name(fall.kind, fall.muscle, fall.side),
                *_fall_values(fall.kind, fall.reference_value, fall.value),
            )
            for fall in dashboard.falls
        ),
    )


def _fall_name(kind: str, muscle: str, side: str) -> str:
    if kind == "grip":
        return capfirst(_("%s grip") % labels.SIDE[side])
    return capfirst(sentences.muscle_name(muscle, side))


def _fall_values(kind: str, before: float, after: float) -> tuple[str, str]:
    if kind == "grip":
        return _("%s kPa") % rounded(before), _("%s kPa") % rounded(after)
    return grade_text(before), grade_text(after)


def _long_term_parameters(dashboard: PatientDashboard) -> tuple[Parameter, ...]:
    rules = dashboard.rules
    return (
        Parameter(_("Followed for more than"), _("%s days") % rules.short_follow_up_days),
        Parameter(_("Remission from"), _("%s days off treatment") % rules.remission_days),
        Parameter(
            _("On treatment"),
            _("last infusion within %(factor)s × the expected interval, at least %(days)s days")
            % {
                "factor": rounded(rules.treatment_gap_factor),
                "days": rules.treatment_gap_min_days,
            },
            True,
        ),
        Parameter(
            _("Relapse"),
            _("%(n)s muscles lose a point, or a grip falls by %(kpa)s kPa")
            % {"n": rules.relapse_muscles, "kpa": rounded(rules.relapse_grip_kpa)},
        ),
        Parameter(
            _("Reference examination"),
            _("last that counts, up to %s days after the last infusion")
            % rules.reference_examination_days,
        ),
    )


# ---------- Conduction block ----------

_BLOCK_MARKS = {
    "decreased": "fewer",
    "unchanged": "steady",
    "increased": "more",
    "not_evaluable": "",
}


def blocks_card(dashboard: PatientDashboard) -> OutcomeCard:
    outcome = dashboard.outcome
    change = outcome["block_change"]
    value = labels.BLOCK_CHANGE[change]
    if outcome["blocks_first"] is not None:
        value = f"{outcome['blocks_first']} → {outcome['blocks_last']}"
    criteria = CRITERIA[dashboard.rules.criteria]
    return OutcomeCard(
        key="blocks",
        label=_("Conduction blocks"),
        value=capfirst(value),
        mark=_BLOCK_MARKS[change],
        qualifier=_block_qualifier(dashboard),
        sentence=sentences.blocks(outcome, dashboard.segment_changes),
        rule=_rule(dashboard, 5, criteria.name),
        flags=_block_flags(dashboard),
        why=Why(
            code=outcome["block_change_reason"] or change,
            used=_existing(
                (term, outcome[column] and day_text(outcome[column]))
                for term, column in (
                    (_("First study"), "study_first_on"),
                    (_("Last study"), "study_last_on"),
                )
            ),
            evidence=_segment_evidence(dashboard.segment_changes),
            parameters=_block_parameters(dashboard),
        ),
    )


def _block_qualifier(dashboard: PatientDashboard) -> str:
    outcome = dashboard.outcome
    reasons = {
        "NO_STUDY": _("no study"),
        "FEWER_THAN_2_STUDIES": _("one study only"),
        "AXONAL_LOSS": _("not evaluable, axonal loss"),
        "NO_COMMON_SEGMENT": _("no segment in both studies"),
    }
    if outcome["block_change_reason"]:
        return reasons[outcome["block_change_reason"]]
    first, last = outcome["nerves_blocked_first"], outcome["nerves_blocked_last"]
    nerves = ngettext("%(n)s nerve", "%(n)s nerves", last) % {"n": last}
    if first != last:
        nerves = _("nerves %(first)s → %(last)s") % {"first": first, "last": last}
    return f"{labels.BLOCK_CHANGE[outcome['block_change']]}, {nerves}"


def _block_flags(dashboard: PatientDashboard) -> tuple[str, ...]:
    lost = dashboard.outcome["blocks_lost_to_axonal_loss"]
    if not lost:
        return ()
    return (
        ngettext("%(n)s block lost to axonal loss", "%(n)s blocks lost to axonal loss", lost)
        % {"n": lost},
    )


def _segment_evidence(changes: tuple[SegmentChange, ...]) -> Evidence | None:
    told = [c for c in changes if c.change not in {"no_block", "not_compared"}]
    if not told:
        return None
    return Evidence(
        _("Segments with block in either study, or seen in one only"),
        (_("Segment"), _("First"), _("Last"), _("Change")),
        tuple(
            (
                capfirst(sentences.segment_name(c)),
                _grade_word(c.grade_first),
                _grade_word(c.grade_last),
                str(labels.SEGMENT_CHANGE[c.change]),
            )
            for c in told
        ),
    )


def _grade_word(grade: str) -> str:
    return str(labels.BLOCK_GRADE[grade]) if grade else "–"


def _block_parameters(dashboard: PatientDashboard) -> tuple[Parameter, ...]:
    rules = dashboard.rules
    definite = {
        "area": rounded(rules.definite_area_loss * 100),
        "duration": rounded(rules.duration_increase_max * 100),
    }
    return (
        Parameter(_("Criteria"), CRITERIA[rules.criteria].source),
        Parameter(
            _("Definite"),
            _("area loss ≥ %(area)s %%, duration at most +%(duration)s %%") % definite,
        ),
        Parameter(
            _("Probable"),
            _(
                "area loss ≥ %(area)s %% with a longer duration, or ≥ %(less)s %% over a long "
                "segment of an arm"
            )
            % {"area": definite["area"], "less": rounded(rules.probable_area_loss * 100)},
        ),
        Parameter(
            _("First study"),
            _("last up to %s days after the first infusion, else the earliest")
            % rules.first_study_days,
        ),
        Parameter(_("Radial and musculocutaneous"), _("judged as arm nerves"), True),
    )


# ---------- Dose ----------

_TREND_MARKS = {"stopped": "stopped", "escalated": "up", "reduced": "down", "stable": "steady"}


def dose_card(dashboard: PatientDashboard) -> OutcomeCard:
    outcome = dashboard.outcome
    has_dose = outcome["weekly_dose_g"] is not None
    value = _("Not evaluable")
    mark = ""
    if has_dose:
        value = _("%s g/week") % rounded(outcome["weekly_dose_g"])
        mark = _TREND_MARKS.get(outcome["dose_trend"], "dose")
    return OutcomeCard(
        key="dose",
        label=_("Dose now and trend"),
        value=value,
        mark=mark,
        qualifier=_dose_qualifier(dashboard),
        sentence=sentences.dose(outcome, dashboard.rules),
        rule=_rule(dashboard, 6),
        flags=_dose_flags(dashboard),
        why=Why(
            code=outcome["dose_reason"] or outcome["dose_trend"],
            used=_dose_records(dashboard),
            evidence=None,
            parameters=_dose_parameters(dashboard),
        ),
    )


def _dose_qualifier(dashboard: PatientDashboard) -> str:
    outcome = dashboard.outcome
    reasons = {
        "NO_INFUSION": _("no infusion"),
        "TOO_SHORT": _("follow-up too short"),
        "NO_REFERENCE": _("no reference yet"),
    }
    if outcome["dose_reason"] in reasons:
        return reasons[outcome["dose_reason"]]
    words = {"trend": labels.DOSE_TREND[outcome["dose_trend"]]}
    if outcome["dose_trend"] == "stable":
        return _("%(trend)s, %(ratio)s of the first year's") % {
            **words,
            "ratio": fixed(outcome["dose_ratio"], 2),
        }
    was = rounded(outcome["reference_weekly_dose_g"])
    return _("%(trend)s, was %(was)s") % {**words, "was": was}


def _dose_flags(dashboard: PatientDashboard) -> tuple[str, ...]:
    outcome = dashboard.outcome
    flags = {
        _("declining responsiveness"): outcome["declining_responsiveness"],
        _("home treatment as planned, not recorded day by day"): outcome["dose_from_regimen"],
        _("weight older than %s days") % dashboard.rules.stale_weight_days: outcome["stale_weight"]
        and outcome["weekly_dose_g_per_kg"] is not None,
        _("no weight, so no dose per kg"): outcome["weekly_dose_g"] is not None
        and outcome["weight_kg"] is None,
    }
    return tuple(words for words, is_so in flags.items() if is_so)


def _dose_records(dashboard: PatientDashboard) -> tuple[tuple[str, str], ...]:
    outcome = dashboard.outcome
    ratio, weight = outcome["dose_ratio"], outcome["weight_kg"]
    per_kg = outcome["weekly_dose_g_per_kg"]
    return _existing(
        [
            (_("Courses"), str(outcome["courses"])),
            (
                _("Last contact"),
                outcome["last_contact_on"] and day_text(outcome["last_contact_on"]),
            ),
            (
                _("Weight"),
                weight
                and outcome["weight_on"]
                and _("%(kg)s kg, %(day)s")
                % {"kg": rounded(weight), "day": day_text(outcome["weight_on"])},
            ),
            (
                _("Per kg"),
                None
                if per_kg is None
                else _("%(week)s g/kg/week = %(month)s g/kg/month")
                % {
                    "week": fixed(per_kg, 2),
                    "month": fixed(per_kg * dashboard.rules.weeks_per_month, 2),
                },
            ),
            (_("Ratio to the first year"), None if ratio is None else fixed(ratio, 2)),
        ]
    )


def _dose_parameters(dashboard: PatientDashboard) -> tuple[Parameter, ...]:
    rules = dashboard.rules
    return (
        Parameter(_("Dose now"), _("the %s days up to the last contact") % rules.maintenance_days),
        Parameter(_("Compared with"), _days(rules.reference_window_days)),
        Parameter(
            _("Escalated, reduced"),
            _("ratio ≥ %(up)s, ≤ %(down)s")
            % {
                "up": fixed(rules.escalated_from_ratio, 2),
                "down": fixed(rules.reduced_to_ratio, 2),
            },
            True,
        ),
        Parameter(
            _("Pause"),
            _("an interval longer than %(factor)s × the expected one, at least %(days)s days")
            % {"factor": rounded(rules.pause_factor), "days": rules.pause_min_days},
        ),
        Parameter(
            _("Declining responsiveness"),
            _("escalated, and %(points)s points or %(kpa)s kPa below the first year's best")
            % {
                "points": rounded(rules.declining_points),
                "kpa": rounded(rules.declining_grip_kpa),
            },
            True,
        ),
    )
