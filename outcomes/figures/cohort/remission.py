"""Time to remission of naive patients, as a curve and in numbers."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from outcomes.charts.curve import Curve, event_curve
from outcomes.dashboards.cohort import CohortDashboard
from outcomes.derivation.cohort import Table
from outcomes.derivation.rules import Rules
from outcomes.figures.cohort.words import unbroken, years_text
from outcomes.numbers import percent


@dataclass(frozen=True)
class YearRow:
    """The curve read at a whole year; `competing` counts death as the end of the time at risk."""

    years: int
    at_risk: int
    percent: str
    competing: str


@dataclass(frozen=True)
class RemissionPanel:
    title: str
    curve: Curve | None
    median: str
    rows: tuple[YearRow, ...]


def remission_panel(dashboard: CohortDashboard) -> RemissionPanel:
    table = dashboard.summary["time_to_remission"]
    return RemissionPanel(
        title=_title(table),
        curve=event_curve(dashboard.remission.survival, dashboard.rules.year_days),
        median=_median(table, dashboard.rules),
        rows=tuple(_year_row(read) for read in table["at_years"]),
    )


def _title(table: Table) -> str:
    if not table["patients"]:
        return _("Time to remission: no naive patient has been treated yet")
    return ngettext(
        "%(n)s of %(of)s naive patient reached remission",
        "%(n)s of %(of)s naive patients reached remission",
        table["patients"],
    ) % {"n": table["events"], "of": table["patients"]}


def _median(table: Table, rules: Rules) -> str:
    if table["median_days"] is None:
        return _("Median time to remission: not reached.")
    low, high = table["ci_low"], table["ci_high"]
    words = _("Median time to remission %(median)s years (95 %% CI %(low)s to %(high)s).") % {
        "median": years_text(table["median_days"] / rules.year_days),
        "low": years_text(None if low is None else low / rules.year_days),
        "high": _("not reached") if high is None else years_text(high / rules.year_days),
    }
    return unbroken(words)


def _year_row(read: Table) -> YearRow:
    without, competing = read["without_event"], read["incidence"]
    return YearRow(
        years=read["years"],
        at_risk=read["at_risk"],
        percent=_read_text(
            1 - without["survival"],
            _complement(without["ci_high"]),
            _complement(without["ci_low"]),
        ),
        competing=_read_text(competing["incidence"], competing["ci_low"], competing["ci_high"]),
    )


def _complement(share: float | None) -> float | None:
    return None if share is None else 1 - share


def _read_text(share: float, low: float | None, high: float | None) -> str:
    """21 (8–53), in per cent; no interval where the estimate has none."""
    if low is None or high is None:
        return percent(share)
    return f"{percent(share)} ({percent(low)}–{percent(high)})"
