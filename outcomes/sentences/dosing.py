"""The dose now, and what it is compared with (rule 6)."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from outcomes.derivation.dose import DoseTrend
from outcomes.derivation.rules import RULES, Rules
from outcomes.numbers import rounded
from outcomes.sentences.parts import day_text, no_infusion, sentences
from outcomes.sentences.reason import Line, Reason, Values


def dose(outcome: Values, rules: Rules = RULES) -> Reason:
    """What the dose now is, or why there is none."""
    code = outcome["dose_reason"] or outcome["dose_trend"]
    return DOSE[code].reason(code, outcome, (), rules)


def _no_infusion(*_nothing: Any) -> str:
    return no_infusion()


def _too_short(values: Values, _records: Sequence[Any]) -> str:
    needed = values["maintenance_from_day"] + values["maintenance_days"] - 1
    return _(
        "Followed for %(n)s days; a dose over %(window)s days that begins on day %(from)s or "
        "later takes %(needed)s."
    ) % {
        "n": values["follow_up_days"],
        "window": values["maintenance_days"],
        "from": values["maintenance_from_day"],
        "needed": needed,
    }


def _dose_now(values: Values, _records: Sequence[Any]) -> str:
    now = _("%(dose)s in the %(days)s days up to %(contact)s.") % {
        "dose": weekly_dose(values),
        "days": values["maintenance_days"],
        "contact": day_text(values["last_contact_on"]),
    }
    given = _course_pattern(values["median_course_g"], values["median_interval_days"])
    return sentences(now, given, _reference_dose(values), _weight(values))


def weekly_dose(values: Values) -> str:
    """16.3 g/week (0.26 g/kg/week); the part per kg needs a weight."""
    dose = _("%(grams)s g/week") % {"grams": rounded(values["weekly_dose_g"])}
    per_kg = values["weekly_dose_g_per_kg"]
    if not per_kg:
        return dose
    return _("%(dose)s (%(per_kg)s g/kg/week)") % {"dose": dose, "per_kg": rounded(per_kg, 2)}


def _course_pattern(grams: float | None, interval_days: float | None) -> str:
    if grams is None or interval_days is None:
        return ""
    return _("A course of %(grams)s g every %(days)s days.") % {
        "grams": rounded(grams),
        "days": rounded(interval_days),
    }


def _reference_dose(values: Values) -> str:
    first, last = values["reference_window_days"]
    days = {"first": first, "last": last}
    if values["dose_ratio"] is None:
        begins_on_day = values["follow_up_days"] - values["maintenance_days"] + 1
        if begins_on_day > last:
            return _("Nothing to compare with: no dose in days %(first)s–%(last)s.") % days
        too_early = _("Nothing to compare with yet: these days begin before day %(last)s is over.")
        return too_early % days
    before = _("Before, in days %(first)s–%(last)s: %(grams)s g/week.") % {
        **days,
        "grams": rounded(values["reference_weekly_dose_g"]),
    }
    pattern = _course_pattern(
        values["reference_median_course_g"], values["reference_median_interval_days"]
    )
    return sentences(before, pattern)


def _weight(values: Values) -> str:
    if values["weight_kg"] is None:
        return _("No weight is recorded.")
    if values["stale_weight"]:
        return _("Weight %(kg)s kg, of %(day)s.") % {
            "kg": rounded(values["weight_kg"]),
            "day": day_text(values["weight_on"]),
        }
    return ""


_DOSE_NOW = Line(
    _dose_now,
    (
        "last_contact_on",
        "follow_up_days",
        "weekly_dose_g",
        "weekly_dose_g_per_kg",
        "median_course_g",
        "median_interval_days",
        "dose_ratio",
        "reference_weekly_dose_g",
        "reference_median_course_g",
        "reference_median_interval_days",
        "weight_kg",
        "weight_on",
        "stale_weight",
    ),
    ("maintenance_days", "reference_window_days"),
)
DOSE: dict[str, Line] = {
    "NO_INFUSION": Line(_no_infusion),
    "TOO_SHORT": Line(
        _too_short, ("follow_up_days",), ("maintenance_days", "maintenance_from_day")
    ),
    # Here only a part is missing: the dose itself is told.
    "NO_REFERENCE": _DOSE_NOW,
    "NO_WEIGHT": _DOSE_NOW,
    **dict.fromkeys(map(str, DoseTrend), _DOSE_NOW),
}
