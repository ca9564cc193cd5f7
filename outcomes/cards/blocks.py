"""Change in conduction block (rule 5)."""

from collections.abc import Iterator

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from outcomes import labels, sentences
from outcomes.cards.card import (
    Evidence,
    EvidenceRow,
    Fact,
    OutcomeCard,
    Parameter,
    Why,
    applied_rule,
)
from outcomes.dashboards.patient import PatientDashboard, SegmentChange
from outcomes.derivation.block_criteria import CRITERIA
from outcomes.numbers import rounded
from outcomes.sentences import RecordKind, Result, UsedAs, UsedRecord, day_text

SEGMENT_KEY = ("nerve", "side", "distal_site", "proximal_site")
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
        result=Result.BLOCK_CHANGE,
        label=_("Conduction blocks"),
        value=capfirst(value),
        mark=_BLOCK_MARKS[change],
        qualifier=_block_qualifier(dashboard),
        rule=applied_rule(dashboard, 5, criteria.name),
        flags=_block_flags(dashboard),
        why=Why(
            reason=sentences.blocks(outcome, dashboard.segment_changes, dashboard.rules),
            facts=_block_facts(dashboard),
            evidence=_segment_evidence(dashboard),
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


def _block_facts(dashboard: PatientDashboard) -> tuple[Fact, ...]:
    """The two studies that are compared, each with all its segments."""
    studies = (
        (_("First study"), dashboard.outcome["study_first_on"], UsedAs.FIRST_STUDY),
        (_("Last study"), dashboard.outcome["study_last_on"], UsedAs.LAST_STUDY),
    )
    return tuple(
        Fact(term, day_text(day), UsedRecord(RecordKind.NERVE_SEGMENTS, used_as, day))
        for term, day, used_as in studies
        if day
    )


def _segment_evidence(dashboard: PatientDashboard) -> Evidence | None:
    told = [c for c in dashboard.segment_changes if c.change not in {"no_block", "not_compared"}]
    if not told:
        return None
    return Evidence(
        _("Segments with block in either study, or seen in one only"),
        (_("Segment"), _("First"), _("Last"), _("Change")),
        tuple(EvidenceRow(_cells(c), tuple(_graded(dashboard, c))) for c in told),
    )


def _cells(change: SegmentChange) -> tuple[str, ...]:
    return (
        capfirst(sentences.segment_name(change)),
        _grade_word(change.grade_first),
        _grade_word(change.grade_last),
        str(labels.SEGMENT_CHANGE[change.change]),
    )


def _graded(dashboard: PatientDashboard, change: SegmentChange) -> Iterator[UsedRecord]:
    """The segment in the studies that have it, with the grade that the rules give it there."""
    outcome = dashboard.outcome
    key = dict(zip(SEGMENT_KEY, change.key, strict=True))
    for used_as, day, grade in (
        (UsedAs.FIRST_STUDY, outcome["study_first_on"], change.grade_first),
        (UsedAs.LAST_STUDY, outcome["study_last_on"], change.grade_last),
    ):
        if grade:
            yield UsedRecord(RecordKind.NERVE_SEGMENTS, used_as, day, key=key, value=grade)


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
