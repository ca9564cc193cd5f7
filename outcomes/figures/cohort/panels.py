"""Long-term groups, time to remission, blocks, dose, predictors and completeness."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from outcomes.charts import cohort as charts
from outcomes.charts.curve import Curve, event_curve
from outcomes.dashboards.cohort import CohortDashboard, Completeness
from outcomes.derivation.cohort import Table
from outcomes.figures.cohort.reasons import (
    BLOCK_CHANGE_REASON,
    DOSE_REASON,
    LONG_TERM_REASON,
    PREDICTOR,
    SHORT_TERM_REASON,
)
from outcomes.figures.cohort.response import ForestRow, forest_row, reasons_text
from outcomes.figures.cohort.words import number_text, p_text
from outcomes.numbers import fixed

# ---------- Long-term groups ----------


@dataclass(frozen=True)
class LongTermPanel:
    title: str
    parts: tuple[charts.Part, ...]
    rows: tuple[tuple[str, ForestRow], ...]
    not_classified: str
    literature: tuple[ForestRow, ...]
    dependency: str


def long_term_panel(dashboard: CohortDashboard) -> LongTermPanel:
    table = dashboard.summary["long_term"]
    of, dependent = table["classified"], table["dependent"]
    without = dependent["without_response"]
    return LongTermPanel(
        title=_("%(n)s of %(of)s stay on immunoglobulin") % {"n": dependent["n"], "of": of}
        if of
        else _("Nobody is classified yet"),
        parts=charts.stacked_bar(
            [
                ("remission", table["remission"]["n"]),
                ("dependent", dependent["n"] - without),
                ("dependent-no-response", without),
                ("other", table["other"]["n"]),
            ]
        ),
        rows=tuple(
            (code, forest_row(name, "", {**table[code], "of": of}))
            for code, name in (
                ("remission", _("Remission")),
                ("dependent", _("Periodic immunoglobulin")),
                ("other", _("Other")),
            )
        ),
        not_classified=reasons_text(table["not_classified"], LONG_TERM_REASON),
        literature=tuple(
            forest_row(result.name, words, result.counted._asdict())
            for measure, words in (
                ("remission", _("remission")),
                ("dependent", _("still treated")),
                ("still_treated", _("still treated")),
            )
            for result in dashboard.literature
            if result.measure == measure and result.counted
        ),
        dependency=_dependency(table, without),
    )


def _dependency(table: Table, without: int) -> str:
    proven = table["dependency_proven"]
    if not proven["of"]:
        return ""
    return _(
        "%(without)s of the %(n)s on periodic immunoglobulin have no response; dependency is "
        "proven in %(proven)s (a failed dose attempt, or a relapse in a long interval)."
    ) % {"without": without, "n": table["dependent"]["n"], "proven": proven["n"]}


# ---------- Time to remission ----------


@dataclass(frozen=True)
class RemissionPanel:
    curve: Curve | None
    note: str


def remission_panel(dashboard: CohortDashboard) -> RemissionPanel:
    found = dashboard.remission
    drawn = event_curve(found.survival, found.patients, dashboard.rules.year_days)
    events = ngettext("%(n)s event", "%(n)s events", found.events) % {"n": found.events}
    note = _(
        "Kaplan-Meier, share of naive patients in remission, %(events)s in %(patients)s; band: "
        "95 %% CI (log-log); ticks: censored. Event: day %(days)s off treatment without a relapse, "
        "in patients with a response; nobody else can reach it."
    ) % {
        "events": events,
        "patients": found.patients,
        "days": dashboard.rules.remission_days,
    }
    return RemissionPanel(drawn, note)


# ---------- Blocks ----------


@dataclass(frozen=True)
class BlockPanel:
    title: str
    bars: tuple[tuple[str, str, range], ...]
    merged: str
    slopes: charts.Slopes | None
    first_segments: int
    last_segments: int
    not_evaluable: str
    literature: tuple[ForestRow, ...]


def block_panel(dashboard: CohortDashboard) -> BlockPanel:
    table = dashboard.summary["block_change"]["naive"]
    merged = table["decreased_or_unchanged"]
    own = forest_row(_("This registry"), "", merged, is_own=True)
    return BlockPanel(
        title=_("Blocks decreased or unchanged in %(n)s of %(of)s naive patients")
        % {"n": merged["n"], "of": merged["of"]}
        if merged["of"]
        else _("Blocks: nobody can be compared yet"),
        bars=tuple(
            (code, words, range(table[code]))
            for code, words in (
                ("decreased", _("Decreased")),
                ("unchanged", _("Unchanged")),
                ("increased", _("Increased")),
            )
        ),
        merged=f"{merged['n']}/{merged['of']}",
        slopes=charts.slopes([(p.first, p.last, p.patients) for p in dashboard.block_paths]),
        first_segments=table["segments_with_block"]["first"],
        last_segments=table["segments_with_block"]["last"],
        not_evaluable=reasons_text(table["not_evaluable"], BLOCK_CHANGE_REASON),
        literature=(
            own,
            *(
                forest_row(result.name, "", result.counted._asdict())
                for result in dashboard.literature
                if result.measure == "blocks_decreased_or_unchanged" and result.counted
            ),
        ),
    )


# ---------- Dose ----------


@dataclass(frozen=True)
class DosePanel:
    title: str
    dots: charts.Dots | None
    trends: tuple[tuple[str, str, int], ...]
    incomplete: str
    declining: str


TRENDS = (
    ("stable", gettext_lazy("Stable, ratio 0.80–1.25")),
    ("escalated", gettext_lazy("Escalated, ratio ≥ 1.25")),
    ("reduced", gettext_lazy("Reduced, ratio ≤ 0.80")),
    ("no-reference", gettext_lazy("No reference yet")),
    ("stopped", gettext_lazy("Stopped, not drawn")),
)


def dose_panel(dashboard: CohortDashboard) -> DosePanel:
    table = dashboard.summary["dose"]
    declining = table["declining_responsiveness"]
    counts = {**table["trend"], "no-reference": table["incomplete"].get("NO_REFERENCE", 0)}
    median = dashboard.median_dose
    return DosePanel(
        title=_("Dose now: nobody on treatment with a weight")
        if median is None
        else _("Dose now, median %(median)s g/kg/week") % {"median": fixed(median, 2)},
        dots=None
        if median is None
        else charts.dot_plot(
            [(d.weekly_g_per_kg, d.trend or "no-reference", d.study_id) for d in dashboard.doses],
            median,
        ),
        trends=tuple((code, str(words), counts.get(code, 0)) for code, words in TRENDS),
        incomplete=reasons_text(
            {reason: n for reason, n in table["incomplete"].items() if reason != "NO_REFERENCE"},
            DOSE_REASON,
        ),
        declining=f"{declining['n']}/{declining['of']}",
    )


# ---------- Predictors ----------


@dataclass(frozen=True)
class PredictorRow:
    name: str
    groups: str
    n: int
    missing: int
    effect: str
    p: str
    q: str


def predictor_rows(dashboard: CohortDashboard) -> tuple[PredictorRow, ...]:
    return tuple(_predictor_row(line) for line in dashboard.summary["predictors"])


def _predictor_row(line: Table) -> PredictorRow:
    return PredictorRow(
        name=str(PREDICTOR[line["name"]]),
        groups=_levels(line["levels"]) if "levels" in line else _medians(line["groups"]),
        n=line["n"],
        missing=line["missing"],
        effect=_effect(line),
        p=p_text(line["p_value"]),
        q=p_text(line["q_value"]),
    )


def _levels(levels: Table) -> str:
    """Responders by level: yes 6/10, no 8/10."""
    return ", ".join(
        f"{LEVELS.get(name, name)} {level['responders']}/{level['n']}"
        for name, level in levels.items()
    )


LEVELS = {
    "yes": gettext_lazy("yes"),
    "no": gettext_lazy("no"),
    "female": gettext_lazy("women"),
    "male": gettext_lazy("men"),
}


def _medians(groups: Table) -> str:
    return _("median %(yes)s against %(no)s") % {
        "yes": number_text(groups["responder"]["median"]),
        "no": number_text(groups["non_responder"]["median"]),
    }


def _effect(line: Table) -> str:
    """OR 0.35 (0.02 to 6.4); an odds ratio without bound reads as infinite."""
    if line["ci_low"] is None:
        return number_text(line["estimate"])
    name = _("OR") if line["effect"] == "odds_ratio" else _("diff.")
    return _("%(name)s %(estimate)s (%(low)s to %(high)s)") % {
        "name": name,
        "estimate": _or_infinite(line["estimate"]),
        "low": number_text(line["ci_low"]),
        "high": _or_infinite(line["ci_high"]),
    }


def _or_infinite(value: float | None) -> str:
    return "∞" if value is None else number_text(value)


# ---------- Completeness ----------


@dataclass(frozen=True)
class CompletenessRow:
    name: str
    n: int
    of: int
    percent: float
    words: str
    query: str


_COMPLETENESS = {
    "short_term": (gettext_lazy("Short-term response, naive"), SHORT_TERM_REASON),
    "long_term": (gettext_lazy("Long-term status"), LONG_TERM_REASON),
    "blocks": (gettext_lazy("Change in blocks, naive"), BLOCK_CHANGE_REASON),
    "dose": (gettext_lazy("Dose trend"), DOSE_REASON),
    "onls": (gettext_lazy("ONLS, once or more"), {}),
    "anti_gm1": (gettext_lazy("Anti-GM1 IgM"), {}),
    "weight": (gettext_lazy("Weight, of all visits"), {}),
    "grip": (gettext_lazy("Grip strength, once or more"), {}),
    "mmn_rods": (gettext_lazy("MMN-RODS, once or more"), {}),
}
_QUERIES = {
    "short_term": "history=primary&response=not_evaluable",
    "long_term": "group=not_classified",
}


def completeness_rows(dashboard: CohortDashboard) -> tuple[CompletenessRow, ...]:
    return tuple(_completeness_row(entry) for entry in dashboard.completeness)


def _completeness_row(entry: Completeness) -> CompletenessRow:
    name, reasons = _COMPLETENESS[entry.what]
    if entry.of and entry.n == entry.of:
        words = _("complete")
    elif not entry.n and not entry.reasons:
        words = _("never recorded")
    elif entry.reasons:
        words = reasons_text(dict(entry.reasons), reasons)
    else:
        missing = entry.of - entry.n
        words = ngettext("%(n)s missing", "%(n)s missing", missing) % {"n": missing}
    return CompletenessRow(
        name=str(name),
        n=entry.n,
        of=entry.of,
        percent=round(entry.n / entry.of * 100, 1) if entry.of else 0,
        words=words,
        query=_QUERIES.get(entry.what, "") if entry.n < entry.of else "",
    )
