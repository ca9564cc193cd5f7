"""Conduction block, and its change between two studies (rule 5)."""

from collections.abc import Sequence
from typing import Any, Protocol

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from outcomes import labels
from outcomes.derivation.rules import RULES, Rules
from outcomes.sentences.parts import day_text, joined, sentences
from outcomes.sentences.reason import Line, Reason, Values

# More segments than these are counted, not named.
MOST_SEGMENTS_NAMED = 2

_CHANGES_TOLD = ("resolved", "new", "persistent")
_ASSESSABLE_IN_BOTH = {*_CHANGES_TOLD, "no_block"}


class SegmentChange(Protocol):
    @property
    def nerve(self) -> str: ...
    @property
    def side(self) -> str: ...
    @property
    def distal_site(self) -> str: ...
    @property
    def proximal_site(self) -> str: ...
    @property
    def grade_first(self) -> str: ...
    @property
    def grade_last(self) -> str: ...
    @property
    def change(self) -> str: ...


Changes = Sequence[SegmentChange]


def segment_name(segment: SegmentChange) -> str:
    return _("%(side)s %(nerve)s %(distal)s–%(proximal)s") % {
        "side": labels.SIDE[segment.side],
        "nerve": labels.NERVE[segment.nerve],
        "distal": labels.SITE[segment.distal_site],
        "proximal": labels.SITE[segment.proximal_site],
    }


def blocks(outcome: Values, changes: Changes, rules: Rules = RULES) -> Reason:
    """Why blocks decreased, stayed or increased, or why nobody can say."""
    code = outcome["block_change_reason"] or outcome["block_change"]
    compared = sum(c.change in _ASSESSABLE_IN_BOTH for c in changes)
    counted = {**outcome, "segments_compared": compared}
    return BLOCKS[code].reason(code, counted, changes, rules)


def _compared(values: Values, changes: Changes) -> str:
    told = [_segments_text(changes, kind) for kind in _CHANGES_TOLD]
    if not any(told):
        told = [_("No segment with block in either study.")]
    compared = ngettext(
        "%(first)s against %(last)s, %(n)s segment assessable in both.",
        "%(first)s against %(last)s, %(n)s segments assessable in both.",
        values["segments_compared"],
    ) % {**_study_days(values), "n": values["segments_compared"]}
    return sentences(*told, _not_retested(changes), compared)


def _study_days(values: Values) -> dict[str, str]:
    return {
        "first": day_text(values["study_first_on"]),
        "last": day_text(values["study_last_on"]),
    }


def _segments_text(changes: Changes, kind: str) -> str:
    """Resolved, new or persistent segments by name, or their number if there are many."""
    of_kind = [c for c in changes if c.change == kind]
    if not of_kind:
        return ""
    if len(of_kind) > MOST_SEGMENTS_NAMED:
        named = ngettext("%(n)s segment", "%(n)s segments", len(of_kind)) % {"n": len(of_kind)}
    else:
        named = joined(f"{segment_name(c)} ({_grades(c)})" for c in of_kind)
    return f"{labels.SEGMENT_CHANGE[kind]}: {named}."


def _grades(change: SegmentChange) -> str:
    first, last = (labels.BLOCK_GRADE[g] for g in (change.grade_first, change.grade_last))
    return f"{first}" if first == last else f"{first} → {last}"


def _not_retested(changes: Changes) -> str:
    n = sum(c.change == "not_retested" for c in changes)
    if not n:
        return ""
    return ngettext(
        "%(n)s segment with block was not tested again.",
        "%(n)s segments with block were not tested again.",
        n,
    ) % {"n": n}


def _no_study(*_nothing: Any) -> str:
    return _("No nerve conduction study is recorded.")


def _one_study(values: Values, _changes: Changes) -> str:
    only = _("Only the study of %(first)s is recorded; a change takes two.")
    return only % {"first": day_text(values["study_first_on"])}


def _axonal_loss(values: Values, changes: Changes) -> str:
    lost = [c for c in changes if c.change == "lost_to_axonal_loss"]
    named = joined(segment_name(c) for c in lost[:MOST_SEGMENTS_NAMED])
    more = len(lost) - MOST_SEGMENTS_NAMED
    if more > 0:
        named = _("%(named)s and %(n)s more") % {"named": named, "n": more}
    gone = _(
        "Block on %(first)s, distal response too small to judge on %(last)s: %(segments)s. "
        "That is not counted as resolved."
    )
    return gone % {**_study_days(values), "segments": named}


def _no_common_segment(values: Values, _changes: Changes) -> str:
    none = _("No segment could be assessed both on %(first)s and on %(last)s.")
    return none % _study_days(values)


_STUDIES = ("study_first_on", "study_last_on")
_COMPARED = Line(_compared, (*_STUDIES, "blocks_first", "blocks_last", "segments_compared"))
BLOCKS_NOT_COMPARED: dict[str, Line] = {
    "NO_STUDY": Line(_no_study),
    "FEWER_THAN_2_STUDIES": Line(_one_study, ("study_first_on",)),
    "AXONAL_LOSS": Line(_axonal_loss, (*_STUDIES, "blocks_lost_to_axonal_loss")),
    "NO_COMMON_SEGMENT": Line(_no_common_segment, _STUDIES),
}
BLOCKS: dict[str, Line] = {
    **BLOCKS_NOT_COMPARED,
    "decreased": _COMPARED,
    "unchanged": _COMPARED,
    "increased": _COMPARED,
}
