"""What follows from an infusion as it is typed, in words."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from infusions.unusual import InfusionFacts
from outcomes.derivation.rules import RULES
from outcomes.numbers import rounded
from outcomes.sentences import day_text


@dataclass(frozen=True)
class FactRow:
    name: str
    value: str
    note: str = ""


def fact_rows(facts: InfusionFacts, *, days: int, today: date) -> tuple[FactRow, ...]:
    """Grams per kg, the weekly equivalent, the interval, all grams so far, and what is due next."""
    rows = [*_dose(facts, days), *_weekly(facts), *_interval(facts)]
    recorded = _("%s g") % rounded(facts.recorded_g)
    rows.append(FactRow(_("Recorded so far"), recorded, _("all routes, this one included")))
    return (*rows, *_next_due(facts, today))


def _dose(facts: InfusionFacts, days: int) -> Iterator[FactRow]:
    grams = _("%s g") % rounded(facts.course_g)
    of_days = ngettext("%s infusion day", "%s infusion days", facts.course_days)
    yield FactRow(_("Course"), grams, of_days % facts.course_days)
    if facts.weight_kg is None:
        yield FactRow(_("Per kg"), "–", _("no weight is recorded up to this day"))
        return
    per_kg = _("%s g/kg") % rounded(facts.course_g_per_kg, 2)
    if facts.course_days > 1:
        per_kg += ", " + _("%s a day") % rounded(facts.day_g_per_kg, 2)
    weighed = _("%(kg)s kg on %(day)s") % {
        "kg": rounded(facts.weight_kg),
        "day": day_text(facts.weight_on),
    }
    yield FactRow(_("Per kg"), per_kg, weighed)


def _weekly(facts: InfusionFacts) -> Iterator[FactRow]:
    weekly = _("%s g/week") % rounded(facts.weekly_g)
    if facts.weekly_g_per_kg is not None:
        weekly += ", " + _("%s g/kg/week") % rounded(facts.weekly_g_per_kg, 2)
    rule = _("rule 6, v%s") % RULES.version
    yield FactRow(_("Weekly equivalent"), weekly, rule)


def _interval(facts: InfusionFacts) -> Iterator[FactRow]:
    if facts.last_on is None:
        yield FactRow(_("Since the last course"), "–", _("none by this route before"))
        return
    days = (facts.course_on - facts.last_on).days
    said = ngettext("%s day", "%s days", days) % days
    yield FactRow(_("Since the last course"), said, day_text(facts.last_on))


def _next_due(facts: InfusionFacts, today: date) -> Iterator[FactRow]:
    if facts.next_due_on is None:
        return
    planned = facts.planned_interval_days
    note = (
        _("every %s days, by the regimen") % planned
        if planned
        else _("by the last intervals; no regimen gives one")
    )
    if facts.next_due_on < today:
        note = _("passed already; %s") % note
    yield FactRow(_("Next due"), day_text(facts.next_due_on), note)
