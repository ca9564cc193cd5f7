"""Long-term status (rule 4)."""

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from outcomes import labels, sentences
from outcomes.cards.card import (
    Evidence,
    OutcomeCard,
    Parameter,
    Why,
    day_of_exam,
    recorded_only,
    rule_text,
)
from outcomes.dashboards.patient import PatientDashboard
from outcomes.numbers import grade_text, rounded
from outcomes.sentences import day_text

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
        rule=rule_text(dashboard, 4),
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
    return recorded_only(
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
            (_("Reference examination"), reference and day_of_exam(dashboard, reference)),
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
