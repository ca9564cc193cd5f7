"""Short-term response (rule 3)."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Protocol

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from outcomes.derivation.rules import RULES, Rules
from outcomes.numbers import grade_text
from outcomes.sentences.parts import (
    day_text,
    joined,
    muscle_name,
    no_infusion,
    sentences,
    two_days,
)
from outcomes.sentences.reason import Line, Reason, Values


class MuscleChange(Protocol):
    """A muscle graded at baseline; grades in thirds of a point."""

    @property
    def muscle(self) -> str: ...
    @property
    def side(self) -> str: ...
    @property
    def baseline_thirds(self) -> float: ...
    @property
    def month6_thirds(self) -> float | None: ...
    @property
    def improvable(self) -> bool: ...
    @property
    def change(self) -> str: ...


Changes = Sequence[MuscleChange]


def short_term(outcome: Values, changes: Changes, rules: Rules = RULES) -> Reason:
    """Why responder, non-responder or not evaluable."""
    code = outcome["short_term_reason"]
    return SHORT_TERM[code].reason(code, outcome, changes, rules)


def _no_infusion(*_nothing: Any) -> str:
    return no_infusion()


def _no_baseline(values: Values, _changes: Changes) -> str:
    return _("No examination in the %(days)s days up to the first infusion on %(index)s.") % {
        "days": -values["baseline_days"][0],
        "index": day_text(values["index_on"]),
    }


def _too_few_improvable(values: Values, _changes: Changes) -> str:
    improvable = values["improvable"]
    counted = {"baseline": day_text(values["baseline_on"]), "n": improvable}
    if not improvable:
        return _("At baseline, %(baseline)s, no muscle was graded 4 or less.") % counted
    found = ngettext(
        "At baseline, %(baseline)s, %(n)s muscle was graded 4 or less.",
        "At baseline, %(baseline)s, %(n)s muscles were graded 4 or less.",
        improvable,
    )
    needed = _("Only there can a whole point be gained, and it takes %(needed)s.")
    return sentences(found % counted, needed % {"needed": values["muscles_needed"]})


def _month_6_days(values: Values) -> str:
    first, last = (values["index_on"] + timedelta(days=day) for day in values["month_6_days"])
    return two_days(first, last)


def _stopped_for_inefficacy(values: Values, _changes: Changes) -> str:
    return _(
        "No examination between %(window)s, and a regimen ended for inefficacy on %(ended)s."
    ) % {
        "window": _month_6_days(values),
        "ended": day_text(values["stopped_for_inefficacy_on"]),
    }


def _pending(values: Values, _changes: Changes) -> str:
    return _("No examination of month 6 yet: one between %(window)s would count.") % {
        "window": _month_6_days(values)
    }


def _no_examination(values: Values, _changes: Changes) -> str:
    return _("No examination between %(window)s, 4 to 8 months after the first infusion.") % {
        "window": _month_6_days(values)
    }


def _gains(values: Values, changes: Changes) -> str:
    """How many of the improvable muscles gained a point, and which."""
    gained = [c for c in changes if c.improvable and c.change == "improved"]
    counted = {
        "n": len(gained),
        "improvable": values["improvable"],
        "days": two_days(values["baseline_on"], values["month6_on"]),
    }
    if not gained:
        none = _("None of %(improvable)s improvable muscles gained a point between %(days)s.")
        return none % counted
    found = ngettext(
        "%(n)s of %(improvable)s improvable muscles gained a point between %(days)s: %(muscles)s.",
        "%(n)s of %(improvable)s improvable muscles gained a point between %(days)s: %(muscles)s.",
        len(gained),
    )
    return found % {**counted, "muscles": joined(map(_change_text, gained))}


def _change_text(change: MuscleChange) -> str:
    after = "" if change.month6_thirds is None else grade_text(change.month6_thirds)
    before = grade_text(change.baseline_thirds)
    return f"{muscle_name(change.muscle, change.side)} {before} → {after}"


def _losses(changes: Changes) -> str:
    lost = [c for c in changes if c.change == "worsened"]
    if not lost:
        return _("No muscle lost a point.")
    return _("Lost a point: %(muscles)s.") % {"muscles": joined(map(_change_text, lost))}


def _improved(values: Values, changes: Changes) -> str:
    return sentences(_gains(values, changes), _losses(changes))


def _not_improved(values: Values, changes: Changes) -> str:
    needed = _("It takes %(n)s.") % {"n": values["muscles_needed"]}
    return sentences(_gains(values, changes), needed, _losses(changes))


def _missing_grades(values: Values, changes: Changes) -> str:
    ungraded = [c for c in changes if c.improvable and c.change == "ungraded"]
    missing = _("No grade at month 6: %(muscles)s; it takes %(n)s gains.") % {
        "muscles": joined(muscle_name(c.muscle, c.side) for c in ungraded),
        "n": values["muscles_needed"],
    }
    return sentences(_gains(values, changes), missing)


_COUNTED = ("baseline_on", "month6_on", "improvable", "improved", "worsened")
SHORT_TERM: dict[str, Line] = {
    "NO_INFUSION": Line(_no_infusion),
    "NO_BASELINE": Line(_no_baseline, ("index_on",), ("baseline_days",)),
    "FEWER_THAN_2_IMPROVABLE": Line(
        _too_few_improvable, ("baseline_on", "improvable"), ("muscles_needed",)
    ),
    "STOPPED_FOR_INEFFICACY": Line(
        _stopped_for_inefficacy, ("index_on", "stopped_for_inefficacy_on"), ("month_6_days",)
    ),
    "PENDING": Line(_pending, ("index_on",), ("month_6_days",)),
    "NO_EXAMINATION": Line(_no_examination, ("index_on",), ("month_6_days",)),
    "IMPROVED": Line(_improved, _COUNTED, ("muscles_needed",)),
    "NOT_IMPROVED": Line(_not_improved, _COUNTED, ("muscles_needed",)),
    "MISSING_GRADES": Line(_missing_grades, _COUNTED, ("muscles_needed",)),
}
