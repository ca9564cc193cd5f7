"""Short-term response, month 6 (rule 3)."""

from collections.abc import Callable, Iterator

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

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
    days_text,
    known_only,
)
from outcomes.dashboards.patient import MuscleChange, PatientDashboard
from outcomes.numbers import grade_text, rounded
from outcomes.sentences import RecordKind, Result, UsedAs, UsedRecord

_RESPONSE_MARKS = {"responder": "responder", "non_responder": "non-responder", "not_evaluable": ""}


def short_term_card(dashboard: PatientDashboard) -> OutcomeCard:
    outcome = dashboard.outcome
    response = outcome["short_term_response"]
    return OutcomeCard(
        key="short-term",
        result=Result.SHORT_TERM_RESPONSE,
        label=_("Short-term response, month 6"),
        value=capfirst(labels.SHORT_TERM_RESPONSE[response]),
        mark=_RESPONSE_MARKS[response],
        qualifier=SHORT_TERM_QUALIFIERS[outcome["short_term_reason"]](dashboard),
        rule=applied_rule(dashboard, 3),
        flags=_short_term_flags(dashboard),
        why=Why(
            reason=sentences.short_term(outcome, dashboard.muscle_changes, dashboard.rules),
            facts=_short_term_facts(dashboard),
            evidence=_muscle_evidence(dashboard),
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


SHORT_TERM_QUALIFIERS: dict[str, Callable[[PatientDashboard], str]] = {
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


def _short_term_facts(dashboard: PatientDashboard) -> tuple[Fact, ...]:
    baseline_on, month6_on = dashboard.outcome["baseline_on"], dashboard.outcome["month6_on"]
    return known_only(
        [
            facts.first_infusion(dashboard),
            facts.examination(dashboard, _("Baseline"), baseline_on, UsedAs.BASELINE),
            facts.examination(dashboard, _("Month 6"), month6_on, UsedAs.MONTH_6),
            *_stopped_regimens(dashboard),
        ]
    )


def _stopped_regimens(dashboard: PatientDashboard) -> list[Fact]:
    """Where nobody examined: the regimens whose end says that it did not work."""
    outcome = dashboard.outcome
    if outcome["short_term_reason"] != "STOPPED_FOR_INEFFICACY":
        return []
    return [
        facts.regimen(_("Ended for inefficacy"), regimen, UsedAs.STOPPED_FOR_INEFFICACY)
        for regimen in dashboard.regimens
        if regimen.end_reason == "inefficacy"
        and regimen.ended_on == outcome["stopped_for_inefficacy_on"]
    ]


def _muscle_evidence(dashboard: PatientDashboard) -> Evidence | None:
    """The muscles below 5 at baseline, and those that lost a point."""
    shown = [
        change
        for change in dashboard.muscle_changes
        if change.baseline_thirds < dashboard.rules.affected_below_thirds
        or change.change == "worsened"
    ]
    if not shown:
        return None
    return Evidence(
        _("Muscles affected at baseline"),
        (_("Muscle"), _("Baseline"), _("Month 6"), _("Change")),
        tuple(EvidenceRow(_cells(c), tuple(_scores(dashboard, c))) for c in shown),
    )


def _cells(change: MuscleChange) -> tuple[str, ...]:
    return (
        capfirst(sentences.muscle_name(change.muscle, change.side)),
        grade_text(change.baseline_thirds),
        "–" if change.month6_thirds is None else grade_text(change.month6_thirds),
        _change_words(change),
    )


def _scores(dashboard: PatientDashboard, change: MuscleChange) -> Iterator[UsedRecord]:
    outcome = dashboard.outcome
    for used_as, day, thirds in (
        (UsedAs.BASELINE, outcome["baseline_on"], change.baseline_thirds),
        (UsedAs.MONTH_6, outcome["month6_on"], change.month6_thirds),
    ):
        if thirds is not None:
            key = {"muscle": change.muscle, "side": change.side}
            grade = grade_text(thirds)
            yield UsedRecord(RecordKind.MUSCLE_SCORES, used_as, day, key=key, value=grade)


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
        Parameter(
            _("Baseline"), _("last examination of %s") % days_text(rules.baseline_days), True
        ),
        Parameter(
            _("Month 6"),
            _("examination nearest to day %(target)s, %(days)s")
            % {"target": rules.month_6_target_day, "days": days_text(rules.month_6_days)},
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
