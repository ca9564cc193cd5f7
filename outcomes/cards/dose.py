"""Dose now and its trend (rule 6)."""

from django.utils.translation import gettext as _

from outcomes import labels, sentences
from outcomes.cards import facts
from outcomes.cards.card import (
    Fact,
    OutcomeCard,
    Parameter,
    Why,
    applied_rule,
    days_text,
    known_only,
)
from outcomes.cards.dose_courses import course_evidence
from outcomes.dashboards.patient import PatientDashboard
from outcomes.numbers import fixed, rounded
from outcomes.sentences import RecordKind, Result, UsedAs, UsedRecord, day_text

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
        result=Result.WEEKLY_DOSE_G,
        label=_("Dose now and trend"),
        value=value,
        mark=mark,
        qualifier=_dose_qualifier(dashboard),
        rule=applied_rule(dashboard, 6),
        flags=_dose_flags(dashboard),
        why=Why(
            reason=sentences.dose(outcome, dashboard.rules),
            facts=_dose_facts(dashboard),
            evidence=course_evidence(dashboard),
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


def _dose_facts(dashboard: PatientDashboard) -> tuple[Fact, ...]:
    ratio = dashboard.outcome["dose_ratio"]
    return known_only(
        [
            Fact(_("Courses"), str(dashboard.outcome["courses"])),
            facts.last_contact(dashboard),
            _weight(dashboard),
            _per_kg(dashboard),
            None if ratio is None else Fact(_("Ratio to the first year"), fixed(ratio, 2)),
        ]
    )


def _weight(dashboard: PatientDashboard) -> Fact | None:
    weight_kg, day = dashboard.outcome["weight_kg"], dashboard.outcome["weight_on"]
    if weight_kg is None:
        return None
    text = _("%(kg)s kg, %(day)s") % {"kg": rounded(weight_kg), "day": day_text(day)}
    record = UsedRecord(RecordKind.VISITS, UsedAs.WEIGHT, day, value=weight_kg)
    return Fact(_("Weight"), text, record)


def _per_kg(dashboard: PatientDashboard) -> Fact | None:
    per_kg = dashboard.outcome["weekly_dose_g_per_kg"]
    if per_kg is None:
        return None
    text = _("%(week)s g/kg/week = %(month)s g/kg/month") % {
        "week": fixed(per_kg, 2),
        "month": fixed(per_kg * dashboard.rules.weeks_per_month, 2),
    }
    return Fact(_("Per kg"), text)


def _dose_parameters(dashboard: PatientDashboard) -> tuple[Parameter, ...]:
    rules = dashboard.rules
    return (
        Parameter(_("Dose now"), _("the %s days up to the last contact") % rules.maintenance_days),
        Parameter(_("Compared with"), days_text(rules.reference_window_days)),
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
