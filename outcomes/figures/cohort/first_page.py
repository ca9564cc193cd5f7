"""The panels of the cohort's first page as figures and tables to take along."""

import math
from collections.abc import Callable, Mapping
from dataclasses import replace

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from outcomes.charts.cohort_drawings import (
    Bar,
    Estimate,
    FlowStep,
    Scale,
    bars,
    flow_chart,
    interval_rows,
    line_of,
    step_curves,
)
from outcomes.dashboards.cohort import CohortDashboard
from outcomes.derivation.cohort import Table
from outcomes.figures.cohort.blocks import CHANGES, block_panel
from outcomes.figures.cohort.completeness import completeness_rows
from outcomes.figures.cohort.dose import dose_columns, dose_histogram, dose_panel
from outcomes.figures.cohort.flow import flow
from outcomes.figures.cohort.forest import ForestRow
from outcomes.figures.cohort.literature import literature_panel
from outcomes.figures.cohort.long_term import long_term_panel
from outcomes.figures.cohort.predictors import predictor_panel
from outcomes.figures.cohort.reasons import PREDICTOR
from outcomes.figures.cohort.remission import remission_panel
from outcomes.figures.cohort.response import response_panel
from outcomes.figures.cohort.sheets import (
    Cell,
    Column,
    Panel,
    Part,
    decimal,
    n_of,
    named,
    number,
    ordinal,
    share,
    shares,
    sheet,
    whole,
    words,
)
from outcomes.figures.cohort.words import number_text, p_text

PERCENT_TICKS = tuple((share_ / 100, str(share_)) for share_ in range(0, 101, 20))


def flow_part(dashboard: CohortDashboard) -> Part:
    shown = flow(dashboard)
    title = _("Who is counted")
    steps = [*shown.steps, *shown.long_term]
    rows = []
    drawn = []
    for step in steps:
        rows.append((words(step.count.words), whole(step.count.n), words("", "")))
        leaving = step.leaving
        if leaving:
            rows.append(
                (words(leaving.count.words), whole(leaving.count.n), words(_("leaves"), "leaves"))
            )
            rows += [
                (words(part.words), whole(part.n), words(_("of those who leave"), "reason"))
                for part in leaving.reasons
            ]
        reasons = [f"{part.n} {part.words}" for part in leaving.reasons] if leaving else []
        lines = [f"{leaving.count.n} {leaving.count.words}", *reasons] if leaving else []
        drawn.append(FlowStep(step.count.n, step.count.words, tuple(lines)))
    for end in (shown.responders, shown.non_responders, *shown.groups):
        rows.append((words(end.words), whole(end.n), words("", "")))
    heads = (named(_("Step"), "step"), number(_("Patients"), "patients"), named(_("What"), "what"))
    at = len(shown.steps)
    ends = FlowStep(
        shown.responders.n,
        shown.responders.words,
        (f"{shown.non_responders.n} {shown.non_responders.words}",),
    )
    groups = tuple(f"{one.n} {one.words}" for one in shown.groups)
    last = FlowStep(drawn[-1].n, drawn[-1].words, groups) if groups else drawn[-1]
    figure = flow_chart([*drawn[:at], ends, *drawn[at:-1], last], title)
    return Part("chart", title, sheet(title, heads, rows), figure)


def response_parts(dashboard: CohortDashboard) -> tuple[Part, ...]:
    panel = response_panel(dashboard)
    short_term = dashboard.summary["short_term"]
    reference = panel.reference_percent / 100
    forest = (
        ("forest", panel.title, panel.rows),
        ("variants", _("Variants and secondary tables"), panel.variants),
        ("by-centre", _("By centre"), panel.by_centre),
    )
    parts = [
        Part(key, title, _forest_sheet(title, rows), _forest(title, rows, reference))
        for key, title, rows in forest
        if rows
    ]
    return (*parts, _tables_part(short_term))


def _forest_sheet(title: str, rows: tuple[ForestRow, ...]):
    heads = (
        named(_("Cohort"), "cohort"),
        named(_("Definition"), "definition"),
        Column(_("n/N"), ("n", "of")),
        named(_("% (95 % CI)"), "percent"),
        Column(_("Limits"), ("proportion", "ci_low", "ci_high")),
    )
    return sheet(
        title,
        heads,
        [
            (
                words(row.name),
                words(row.definition),
                _counts(row),
                words(row.percent),
                _limits(row),
            )
            for row in rows
        ],
    )


def _counts(row: ForestRow) -> Cell:
    """Of published cohorts everybody may know how few they are."""
    n, total = (int(n) for n in row.counts.split("/"))
    counted = n_of(n, total)
    return counted if row.is_ours else replace(counted, patients=())


def _limits(row: ForestRow) -> Cell:
    if row.mark is None:
        return Cell("–", (None, None, None))
    limits = tuple(round(at / 100, 4) for at in (row.mark.at, row.mark.low, row.mark.high))
    return Cell(" ".join(f"{limit:.4f}" for limit in limits), limits)


def _forest(title: str, rows: tuple[ForestRow, ...], reference: float | None):
    estimates = [
        Estimate(
            f"  – {row.definition}" if row.is_repeated and row.definition else row.name,
            row.percent,
            *(
                (row.mark.at / 100, row.mark.low / 100, row.mark.high / 100)
                if row.mark
                else (None, None, None)
            ),
            counts=row.counts,
            css="own" if row.is_own else "",
        )
        for row in rows
    ]
    scale = Scale(PERCENT_TICKS, "%", reference)
    return interval_rows(estimates, scale, title, _("% (95 % CI)"), _("n/N"))


def _tables_part(short_term: Table) -> Part:
    """Each table of the response in full: counts, reasons, worst and best case."""
    title = _("Tables of the short-term response")
    tables = {
        name: table
        for name, table in short_term.items()
        if name not in ("naive_variants", "naive_by_centre")
    }
    tables |= {f"centre {code}": table for code, table in short_term["naive_by_centre"].items()}
    rows = [
        (
            words(name.replace("_", " "), name),
            whole(table["patients"]),
            share(_evaluable(table)),
            share(table["worst_case"]),
            share(table["best_case"]),
            Cell(p_text(table["p_value"]), (table["p_value"],)),
            whole(table["provisional"]),
            whole(table["stopped_for_inefficacy"]),
            words(", ".join(f"{n} {reason}" for reason, n in table["not_evaluable"].items())),
        )
        for name, table in tables.items()
    ]
    heads = (
        named(_("Table"), "table"),
        number(_("Patients"), "patients"),
        shares(_("Responders of those evaluable")),
        shares(_("All not evaluable as no"), "worst_"),
        shares(_("All as yes"), "best_"),
        number(_("p against the reference"), "p_value"),
        number(_("Provisional"), "provisional"),
        number(_("Stopped for inefficacy"), "stopped_for_inefficacy"),
        named(_("Not evaluable"), "not_evaluable"),
    )
    return Part("tables", title, sheet(title, heads, rows), is_wide=True)


def _evaluable(table: Table) -> Table:
    limits = {code: table[code] for code in ("proportion", "ci_low", "ci_high")}
    return {"n": table["responders"], "of": table["evaluable"], **limits}


def long_term_parts(dashboard: CohortDashboard) -> tuple[Part, ...]:
    panel = long_term_panel(dashboard)
    rows = tuple(group.row for group in panel.rows)
    title = panel.title
    statuses = _("Finest statuses")
    table = dashboard.summary["long_term"]["statuses"]
    of = dashboard.summary["patients"]
    status_rows = [
        (words(row.name), words(row.group), share(table[code] | {"of": of}))
        for row, code in zip(panel.statuses, table, strict=True)
    ]
    heads = (
        named(_("Status"), "status"),
        named(_("Group"), "group"),
        shares(_("n/N, % (95 % CI)")),
    )
    return (
        Part("groups", title, _forest_sheet(title, rows), _forest(title, rows, None)),
        Part("statuses", statuses, sheet(statuses, heads, status_rows)),
    )


def remission_part(dashboard: CohortDashboard) -> Part:
    panel = remission_panel(dashboard)
    curve = dashboard.remission
    figure = (
        step_curves(
            [line_of("", curve.survival)],
            dashboard.rules.year_days,
            panel.title,
            _("years since the first infusion"),
            _("Number at risk"),
        )
        if curve.patients
        else None
    )
    rows = [
        (ordinal(row.years), whole(row.at_risk), words(row.percent), words(row.competing))
        for row in panel.rows
    ]
    heads = (
        number(_("Year"), "year"),
        number(_("At risk"), "at_risk"),
        Column(_("In remission, % (95 % CI)"), ("percent",)),
        Column(_("Death competing"), ("percent_competing",)),
    )
    return Part("curve", panel.title, sheet(panel.title, heads, rows), figure, panel.median)


def blocks_parts(dashboard: CohortDashboard) -> tuple[Part, ...]:
    panel = block_panel(dashboard)
    table = dashboard.summary["block_change"]["naive"]
    of = max(table["evaluable"], 1)
    css = {"decreased": "d-gain", "unchanged": "d-steady-bar", "increased": "d-loss"}
    drawn = [
        Bar(str(name), table[code] / of, f"{table[code]}/{table['evaluable']}", css[code])
        for code, name, _mark in CHANGES
    ]
    rows = [
        (
            words(name, code),
            n_of(table[code], table["evaluable"]),
        )
        for code, name, _mark in CHANGES
    ]
    heads = (named(_("Change"), "change"), Column(_("n/N"), ("n", "of")))
    paths = _("Segments with block, first study to last")
    path_heads = (
        number(_("First study, segments"), "first"),
        number(_("Last study"), "last"),
        number(_("Patients"), "patients"),
    )
    path_rows = [(whole(p.first), whole(p.last), whole(p.patients)) for p in panel.paths]
    return (
        Part("change", panel.title, sheet(panel.title, heads, rows), bars(drawn, panel.title)),
        Part("paths", paths, sheet(paths, path_heads, path_rows)),
    )


def dose_parts(dashboard: CohortDashboard) -> tuple[Part, ...]:
    panel = dose_panel(dashboard)
    histogram = dose_histogram(dashboard)
    title = panel.title
    rows = [(words(name), whole(n)) for name, n in histogram]
    heads = (named(_("g/kg/week, from"), "from_g_per_kg_week"), number(_("Patients"), "patients"))
    trends = _("Trend")
    trend_rows = [
        (words(row.name), n_of(row.count.n, row.of)) for row in (*panel.trends, panel.declining)
    ]
    trend_heads = (named(_("Trend"), "trend"), Column(_("n/N"), ("n", "of")))
    figure = dose_columns(dashboard)
    return (
        Part("distribution", title, sheet(title, heads, rows), figure, panel.note),
        Part("trend", trends, sheet(trends, trend_heads, trend_rows)),
    )


def completeness_part(dashboard: CohortDashboard) -> Part:
    title = _("Completeness")
    found = completeness_rows(dashboard)
    rows = [
        (
            words(row.name),
            n_of(row.n, row.of),
            words(", ".join(f"{c.n} {c.words}" for c in row.missing) or row.words),
        )
        for row in found
    ]
    heads = (
        named(_("What"), "what"),
        Column(_("n/N"), ("n", "of")),
        named(_("Missing"), "missing"),
    )
    drawn = [
        Bar(row.name, row.n / row.of if row.of else 0, f"{row.n}/{row.of}", "d-steady-bar")
        for row in found
    ]
    return Part("fields", title, sheet(title, heads, rows), bars(drawn, title))


# ---------- Predictors ----------


def predictors_part(dashboard: CohortDashboard) -> Part:
    title = _("Predictors of response at month 6")
    lines = dashboard.summary["predictors"]
    rows = [
        (
            words(PREDICTOR[line["name"]], line["name"]),
            words(row.groups if row.n else _("never recorded")),
            whole(line["n"]),
            whole(line["missing"]),
            Cell(row.effect, (line["effect"], line["estimate"], line["ci_low"], line["ci_high"])),
            words(line["test"]),
            Cell(row.p, (line["p_value"],)),
            Cell(row.q, (line["q_value"],)),
        )
        for line, row in zip(lines, predictor_panel(dashboard).rows, strict=True)
    ]
    heads = (
        named(_("At baseline"), "predictor"),
        named(_("Responders against non-responders"), "groups"),
        number(_("n"), "n"),
        number(_("missing"), "missing"),
        Column(_("Effect (95 % CI)"), ("effect", "estimate", "ci_low", "ci_high")),
        named(_("Test"), "test"),
        number(_("p"), "p_value"),
        number(_("q"), "q_value"),
    )
    return Part(
        "forest",
        title,
        sheet(title, heads, rows),
        None,
        is_wide=True,
    )


LOWEST_ODDS, HIGHEST_ODDS = 1 / 32, 32


def odds_part(dashboard: CohortDashboard) -> Part:
    """Two levels: odds ratios on one logarithmic scale."""
    title = _("Odds ratios, above 1 = more responders among yes or women")
    lines = [line for line in dashboard.summary["predictors"] if line["effect"] == "odds_ratio"]
    drawn = [
        Estimate(
            str(PREDICTOR[line["name"]]),
            _effect_text(line),
            _log_place(line["estimate"]) if line["ci_low"] is not None else None,
            _log_place(line["ci_low"]),
            _log_place(line["ci_high"]),
            counts=str(line["n"]),
        )
        for line in lines
    ]
    odds = (1 / 32, 1 / 8, 1 / 2, 1, 2, 8, 32)
    ticks = tuple((_log_place(one) or 0, _odds_text(one)) for one in odds)
    scale = Scale(ticks, _("odds ratio, logarithmic"), 0.5)
    figure = interval_rows(drawn, scale, title, _("OR (95 % CI)"), _("n"))
    return Part("odds", title, _effects_sheet(title, lines), figure)


def differences_part(dashboard: CohortDashboard) -> Part:
    """Numbers: each line on a scale of its own, so that units do not mix; nothing is 0."""
    title = _("Differences, responders minus non-responders")
    lines = [line for line in dashboard.summary["predictors"] if line["effect"] == "difference"]
    drawn = []
    for line in lines:
        limits = (line["ci_low"], line["ci_high"])
        reach = max((abs(limit) for limit in limits if limit is not None), default=0) * 1.15 or 1.0
        places = [
            None if value is None else 0.5 + value / reach / 2
            for value in (line["estimate"], *limits)
        ]
        drawn.append(
            Estimate(
                str(PREDICTOR[line["name"]]), _effect_text(line), *places, counts=str(line["n"])
            )
        )
    scale = Scale(((0.5, "0"),), _("each line on its own scale, in its own unit"), 0.5)
    figure = interval_rows(drawn, scale, title, _("difference (95 % CI)"), _("n"))
    return Part("differences", title, _effects_sheet(title, lines), figure)


def _effects_sheet(title: str, lines: list[Table]):
    rows = [
        (
            words(PREDICTOR[line["name"]], line["name"]),
            whole(line["n"]),
            whole(line["missing"]),
            decimal(line["estimate"]),
            decimal(line["ci_low"]),
            decimal(line["ci_high"]),
            Cell(p_text(line["p_value"]), (line["p_value"],)),
            Cell(p_text(line["q_value"]), (line["q_value"],)),
        )
        for line in lines
    ]
    heads = (
        named(_("At baseline"), "predictor"),
        *(
            number(name, code)
            for name, code in (
                (_("n"), "n"),
                (_("missing"), "missing"),
                (_("estimate"), "estimate"),
                (_("from"), "ci_low"),
                (_("to"), "ci_high"),
                (_("p"), "p_value"),
                (_("q"), "q_value"),
            )
        ),
    )
    return sheet(title, heads, rows)


def _effect_text(line: Table) -> str:
    if line["ci_low"] is None:
        return _("too few")
    estimate, low, high = (
        "∞" if value is None else number_text(value)
        for value in (line["estimate"], line["ci_low"], line["ci_high"])
    )
    return f"{estimate} ({low} – {high})"


def _odds_text(odds: float) -> str:
    return f"1/{round(1 / odds)}" if odds < 1 else f"{odds:g}"


def _log_place(odds: float | None) -> float | None:
    """Where an odds ratio lies between 1/32 and 32; below 0 or above 1 beyond them."""
    if odds is None:
        return None
    if odds <= 0:
        return -0.01
    span = math.log(HIGHEST_ODDS / LOWEST_ODDS)
    return math.log(odds / LOWEST_ODDS) / span


# ---------- Literature ----------


def literature_parts(dashboard: CohortDashboard) -> tuple[Part, ...]:
    panel = literature_panel(dashboard)
    keys = ("remission", "dependent", "blocks")
    compared = [
        Part(key, c.title, _forest_sheet(c.title, c.rows), _forest(c.title, c.rows, None))
        for key, c in zip(keys, panel.comparisons, strict=True)
    ]
    title = _("Published results, as printed")
    fields = (
        "name",
        "measure",
        "counts",
        "percent",
        "printed",
        "ci_printed",
        "p_printed",
        "note",
        "source",
    )
    rows = [tuple(words(getattr(row, field)) for field in fields) for row in panel.results]
    heads = [named(capfirst(field.replace("_", " ")), field) for field in fields]
    return (*compared, Part("printed", title, sheet(title, heads, rows), is_wide=True))


FIRST_PAGE: Mapping[str, Callable[[CohortDashboard], tuple[Part, ...]]] = {
    "flow": lambda d: (flow_part(d),),
    "response": response_parts,
    "long-term": long_term_parts,
    "remission": lambda d: (remission_part(d),),
    "blocks": blocks_parts,
    "dose": dose_parts,
    "completeness": lambda d: (completeness_part(d),),
    "predictors": lambda d: (odds_part(d), differences_part(d), predictors_part(d)),
    "literature": literature_parts,
}


def first_page_panel(key: str, dashboard: CohortDashboard) -> Panel:
    """A panel of the first page as figures and tables alone."""
    parts = FIRST_PAGE[key](dashboard)
    return Panel(key, parts[0].title, parts)
