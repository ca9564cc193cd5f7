"""Dose now of patients on treatment, one dot each, and its trend in everybody."""

import math
from collections import Counter
from dataclasses import dataclass

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from outcomes.charts.cohort import Dots, dot_plot
from outcomes.charts.cohort_drawings import columns
from outcomes.charts.drawing import Figure
from outcomes.dashboards.cohort import CohortDashboard
from outcomes.derivation.criteria import DECLINING
from outcomes.derivation.rules import Rules
from outcomes.figures.cohort.counts import Count, count
from outcomes.figures.cohort.reasons import DOSE_REASON
from outcomes.numbers import fixed


@dataclass(frozen=True)
class TrendRow:
    """Patients with a trend, or with the reason why there is none; `dot` as the plot draws it."""

    name: str
    count: Count
    of: int
    dot: str


@dataclass(frozen=True)
class DosePanel:
    title: str
    note: str
    median: str
    dots: Dots | None
    columns: Figure | None  # instead of the dots, where they are too many
    trends: tuple[TrendRow, ...]
    declining: TrendRow
    no_weight: Count


NO_REFERENCE_DOT = "no-reference"
MOST_DOTS = 400  # more are drawn as columns
BIN = 0.05  # g/kg/week


def dose_histogram(dashboard: CohortDashboard) -> list[tuple[str, int]]:
    """Patients in steps of 0.05 g/kg/week; no dose of a single patient is in it."""
    if not dashboard.doses:
        return []
    places = Counter(math.floor(round(dose.weekly_g_per_kg / BIN, 9)) for dose in dashboard.doses)
    return [(fixed(n * BIN, 2), places[n]) for n in range(min(places), max(places) + 1)]


def dose_columns(dashboard: CohortDashboard) -> Figure | None:
    found = dose_histogram(dashboard)
    says = _("Patients by weekly dose")
    return columns(found, says, _("g/kg/week, up to last contact")) if found else None


def dose_panel(dashboard: CohortDashboard) -> DosePanel:
    spread = dashboard.dose_per_kg
    declining = dashboard.summary["dose"]["declining_responsiveness"]
    no_weight = dashboard.summary["dose"]["incomplete"].get("NO_WEIGHT", 0)
    return DosePanel(
        title=_title(spread.median),
        note=_spread(dashboard),
        median="" if spread.median is None else fixed(spread.median, 2),
        columns=dose_columns(dashboard) if len(dashboard.doses) > MOST_DOTS else None,
        dots=None
        if spread.median is None or len(dashboard.doses) > MOST_DOTS
        else dot_plot(
            [
                (dose.weekly_g_per_kg, dose.trend or NO_REFERENCE_DOT, dose.study_id)
                for dose in dashboard.doses
            ],
            spread.median,
        ),
        trends=_trends(dashboard),
        declining=TrendRow(
            _("Declining responsiveness"),
            count(declining["n"], _("declining responsiveness"), dose=DECLINING),
            declining["of"],
            "",
        ),
        no_weight=count(
            no_weight,
            ngettext("has no dose per kg: no weight", "have no dose per kg: no weight", no_weight),
            dose="NO_WEIGHT",
        ),
    )


def _title(median: float | None) -> str:
    if median is None:
        return _("Dose now: nobody on treatment has a dose per kg yet")
    return _("Dose now, median %(median)s g/kg/week") % {"median": fixed(median, 2)}


def _spread(dashboard: CohortDashboard) -> str:
    """25 of 25 on periodic immunoglobulin, IQR 0.20–0.31: who is drawn, and how they spread."""
    spread = dashboard.dose_per_kg
    if not spread.n:
        return ""
    return _("%(n)s of %(of)s on periodic immunoglobulin, IQR %(q1)s–%(q3)s") % {
        "n": spread.n,
        "of": dashboard.summary["long_term"]["dependent"]["n"],
        "q1": fixed(spread.q1, 2),
        "q3": fixed(spread.q3, 2),
    }


def _trends(dashboard: CohortDashboard) -> tuple[TrendRow, ...]:
    """Trends, then reasons for none: together all patients."""
    table, of = dashboard.summary["dose"], dashboard.summary["patients"]
    trends = [
        TrendRow(words, count(table["trend"].get(code, 0), words, dose=code), of, code)
        for code, words in _trend_words(dashboard.rules)
    ]
    missing = [
        TrendRow(
            capfirst(str(DOSE_REASON[code])),
            count(n, DOSE_REASON[code], dose=code),
            of,
            NO_REFERENCE_DOT if code == "NO_REFERENCE" else "",
        )
        for code, n in table["incomplete"].items()
        if code != "NO_WEIGHT"
    ]
    return (*trends, *missing)


def _trend_words(rules: Rules) -> tuple[tuple[str, str], ...]:
    low, high = fixed(rules.reduced_to_ratio, 2), fixed(rules.escalated_from_ratio, 2)
    return (
        ("stable", _("Stable, ratio %(low)s–%(high)s") % {"low": low, "high": high}),
        ("escalated", _("Escalated, ratio ≥ %(high)s") % {"high": high}),
        ("reduced", _("Reduced, ratio ≤ %(low)s") % {"low": low}),
        ("stopped", _("Stopped, not drawn")),
    )
