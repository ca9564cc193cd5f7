"""The arithmetic from vein to skin in words, each factor with who reported it."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from outcomes.dashboards.sc_switch import ScSwitch
from outcomes.numbers import rounded
from outcomes.sentences import day_text

OUTCOMES = {
    "kept_strength": gettext_lazy("kept strength"),
    "reported": gettext_lazy("reported"),
    "failed": gettext_lazy("failed"),
}


@dataclass(frozen=True)
class FactorRow:
    factor: str
    weekly: str
    outcome: str
    source: str


@dataclass(frozen=True)
class SwitchFigure:
    by_vein: str
    rows: tuple[FactorRow, ...]
    plan: str


def switch_figure(found: ScSwitch | None) -> SwitchFigure | None:
    if found is None:
        return None
    words = {
        "grams": rounded(found.by_vein.weekly_g),
        "day": day_text(found.by_vein.on),
    }
    planned = _("By vein as planned here: %(grams)s g a week.")
    given = _("By vein in the last course, of %(day)s: %(grams)s g a week.")
    rows = [
        FactorRow(rounded(one.factor, 2), rounded(weekly), str(OUTCOMES[one.outcome]), one.source)
        for one, weekly in found.reported
    ]
    if found.chosen:
        factor, weekly = found.chosen
        rows.append(FactorRow(rounded(factor, 2), rounded(weekly), "", _("typed here")))
    plan = ""
    if found.planned_factor is not None:
        plan = _("This plan is %s times that.") % rounded(found.planned_factor, 2)
    return SwitchFigure((planned if found.by_vein.is_typed else given) % words, tuple(rows), plan)
