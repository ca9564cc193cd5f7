"""Dose now and its trend (rule 6)."""

from django.utils.translation import gettext as _

from outcomes import labels, sentences
from outcomes.cards.card import (
    OutcomeCard,
    Parameter,
    Why,
    days_text,
    recorded_only,
    rule_text,
)
from outcomes.dashboards.patient import PatientDashboard
from outcomes.numbers import fixed, rounded
from outcomes.sentences import day_text

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
        rule=rule_text(dashboard, 6),
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
    return recorded_only(
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
