"""Long-term status (rule 4)."""

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from outcomes import labels, sentences
from outcomes.cards import facts
from outcomes.cards.card import (
    Evidence,
    EvidenceRow,
    Fact,
    OutcomeCard,
    Parameter,
    Why,
    applied_rule,
    known_only,
)
from outcomes.dashboards.patient import Fall, Immunosuppressant, PatientDashboard
from outcomes.numbers import grade_text, rounded
from outcomes.sentences import Reason, RecordKind, Result, UsedAs, UsedRecord, day_text
from patients.vocabulary import GripDevice

_GROUP_MARKS = {
    "remission": "remission",
    "dependent": "dependent",
    "other": "other",
    "not_classified": "",
}


def long_term_card(dashboard: PatientDashboard) -> OutcomeCard:
    outcome = dashboard.outcome
    status, group = outcome["long_term_status"], outcome["long_term_group"]
    value = labels.LONG_TERM_STATUS[status]
    if group == "not_classified":
        value = labels.LONG_TERM_GROUP[group]
    mark = _GROUP_MARKS[group]
    if status == "treated_without_response":
        mark = "dependent-no-response"
    return OutcomeCard(
        key="long-term",
        result=Result.LONG_TERM_STATUS,
        label=_("Long-term status"),
        value=capfirst(value),
        mark=mark,
        qualifier=_long_term_qualifier(dashboard),
        rule=applied_rule(dashboard, 4),
        flags=_long_term_flags(dashboard),
        why=Why(
            reason=_reason(dashboard),
            facts=_long_term_facts(dashboard),
            evidence=_fall_evidence(dashboard),
            parameters=_long_term_parameters(dashboard),
        ),
    )


def _reason(dashboard: PatientDashboard) -> Reason:
    drugs = [drug.drug for drug in _running_drugs(dashboard)]
    return sentences.long_term(dashboard.outcome, dashboard.falls, drugs, dashboard.rules)


def _running_drugs(dashboard: PatientDashboard) -> list[Immunosuppressant]:
    """Immunosuppressants running at the last contact."""
    at = dashboard.outcome["last_contact_on"]
    return [
        drug
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


def _long_term_facts(dashboard: PatientDashboard) -> tuple[Fact, ...]:
    outcome = dashboard.outcome
    interval, reference_on = outcome["expected_interval_days"], outcome["reference_on"]
    return known_only(
        [
            facts.first_infusion(dashboard),
            facts.last_infusion(dashboard),
            facts.last_contact(dashboard),
            Fact(_("Expected interval"), _("%s days") % rounded(interval)) if interval else None,
            _response(dashboard),
            facts.examination(
                dashboard, _("Reference examination"), reference_on, UsedAs.REFERENCE
            ),
            *_regimens(dashboard),
            *_failed_attempts(dashboard),
            *map(_drug, _running_drugs(dashboard)),
        ]
    )


def _response(dashboard: PatientDashboard) -> Fact:
    outcome = dashboard.outcome
    response = str(labels.YES_NO[outcome["response"]])
    if outcome["response_by"] == "rule":
        return Fact(_("Response"), f"{response}, " + _("by the rule of month 6"))
    if outcome["response_by"] == "clinician":
        opinion = dashboard.recorded["clinician_response"]
        record = UsedRecord(RecordKind.PATIENTS, UsedAs.OPINION, None, value=opinion)
        return Fact(_("Response"), f"{response}, " + _("in the clinician's opinion"), record)
    return Fact(_("Response"), response)


def _regimens(dashboard: PatientDashboard) -> list[Fact]:
    """Regimens that decided: one that has not ended, or the last one, which did not work."""
    status, contact_on = (dashboard.outcome[c] for c in ("long_term_status", "last_contact_on"))
    if status not in {"treatment_unconfirmed", "non_responder"}:
        return []
    begun = [regimen for regimen in dashboard.regimens if regimen.started_on <= contact_on]
    if status == "treatment_unconfirmed":
        still_open = [regimen for regimen in begun if regimen.ended_on is None]
        return [facts.regimen(_("Not ended"), r, UsedAs.STILL_OPEN) for r in still_open]
    last_on = max((regimen.started_on for regimen in begun), default=None)
    return [
        facts.regimen(_("Ended for inefficacy"), regimen, UsedAs.STOPPED_FOR_INEFFICACY)
        for regimen in begun
        if regimen.started_on == last_on and regimen.end_reason == "inefficacy"
    ]


def _failed_attempts(dashboard: PatientDashboard) -> list[Fact]:
    """Attempts to give less that failed: they prove dependency."""
    outcome = dashboard.outcome
    if not outcome["dependency_proven"]:
        return []
    return [
        Fact(
            _("Failed attempt"),
            f"{labels.DOSE_ATTEMPT[attempt.kind]}, {day_text(attempt.attempted_on)}",
            UsedRecord(
                RecordKind.DOSE_ATTEMPTS,
                UsedAs.FAILED_ATTEMPT,
                attempt.attempted_on,
                value=attempt.kind,
            ),
        )
        for attempt in dashboard.dose_attempts
        if attempt.outcome == "failed" and attempt.attempted_on <= outcome["last_contact_on"]
    ]


def _drug(drug: Immunosuppressant) -> Fact:
    text = _("%(drug)s, since %(day)s") % {"drug": drug.drug, "day": day_text(drug.started_on)}
    record = UsedRecord(
        RecordKind.IMMUNOSUPPRESSANTS,
        UsedAs.RUNNING,
        drug.started_on,
        until=drug.ended_on,
        key={"drug": drug.drug},
    )
    return Fact(_("Immunosuppressant"), text, record)


def _fall_evidence(dashboard: PatientDashboard) -> Evidence | None:
    if not dashboard.falls:
        return None
    return Evidence(
        _("Relapse off treatment"),
        (_("Visit"), _("What fell"), _("Reference"), _("Then")),
        tuple(EvidenceRow(_fall_cells(fall), _fallen(fall)) for fall in dashboard.falls),
    )


def _fall_cells(fall: Fall) -> tuple[str, ...]:
    if fall.kind == "grip":
        name = _("%s grip") % labels.SIDE[fall.side]
        values = [_("%s kPa") % rounded(kpa) for kpa in (fall.reference_value, fall.value)]
    else:
        name = sentences.muscle_name(fall.muscle, fall.side)
        values = [grade_text(thirds) for thirds in (fall.reference_value, fall.value)]
    return (day_text(fall.visited_on), capfirst(name), *values)


def _fallen(fall: Fall) -> tuple[UsedRecord, ...]:
    before = (UsedAs.REFERENCE, fall.reference_on, fall.reference_value)
    after = (UsedAs.RELAPSE, fall.visited_on, fall.value)
    if fall.kind == "grip":
        key = {"side": fall.side, "device": str(GripDevice.VIGORIMETER_KPA)}
        return tuple(
            UsedRecord(RecordKind.GRIP_STRENGTHS, used_as, day, key=key, value=kpa)
            for used_as, day, kpa in (before, after)
        )
    key = {"muscle": fall.muscle, "side": fall.side}
    return tuple(
        UsedRecord(RecordKind.MUSCLE_SCORES, used_as, day, key=key, value=grade_text(thirds))
        for used_as, day, thirds in (before, after)
    )


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
