"""Strength of every muscle over the years, and blocks of every nerve by both criteria sets."""

from collections.abc import Mapping
from dataclasses import replace

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from outcomes.charts.cohort_drawings import Bar, HeatRow, Spread, bars, heat_map, spreads
from outcomes.charts.strength_map import ROW_GROUPS, SIDES
from outcomes.dashboards.cohort_panels import Strength
from outcomes.derivation.cohort import Table
from outcomes.derivation.inference import proportion
from outcomes.derivation.kept_courses import STRENGTH_TIMES
from outcomes.figures.cohort.reasons import BLOCK_CHANGE_REASON
from outcomes.figures.cohort.sheets import (
    Column,
    Panel,
    Part,
    decimal,
    distributed,
    n_of,
    named,
    number,
    share,
    shares,
    sheet,
    spread,
    whole,
    words,
)
from outcomes.labels import BLOCK_CHANGE, MUSCLE, NERVE, SIDE, Words
from outcomes.numbers import fixed

TIMES: Words = {
    "baseline": gettext_lazy("baseline"),
    "month_6": gettext_lazy("month 6"),
    "year_1": gettext_lazy("year 1"),
    "year_2": gettext_lazy("year 2"),
    "year_3": gettext_lazy("year 3"),
    "year_5": gettext_lazy("year 5"),
    "year_10": gettext_lazy("year 10"),
}
SHORT_TIMES: Words = {
    "baseline": gettext_lazy("base"),
    "month_6": gettext_lazy("m 6"),
    "year_1": gettext_lazy("y 1"),
    "year_2": gettext_lazy("y 2"),
    "year_3": gettext_lazy("y 3"),
    "year_5": gettext_lazy("y 5"),
    "year_10": gettext_lazy("y 10"),
}
# Mean changes from here on have the darker colour, from there the lighter one. [MRC points]
STRONG_CHANGE, SLIGHT_CHANGE = 1.0, 0.25
FEWEST_SHOWN = 3  # a mean of fewer says little: it stands in the table only


def strength_panel(found: Strength) -> Panel:
    graded = any(line["graded"] for line in found.changes)
    return Panel(
        "strength",
        _("Strength of each muscle against baseline"),
        (_map_part(found), *_sum_parts(found)) if graded else (),
        how=_(
            "Baseline and month 6 are the examinations of the short-term response; a year's is the "
            "counting examination nearest to the anniversary (within 91 days of the first, within "
            "182 of later ones, a choice of this registry). A muscle that is weak at baseline can "
            "hardly lose and one of grade 5 cannot gain: the map shows muscles weak at baseline, "
            "the table also how many of all graded muscles gained or lost a point."
        ),
        empty=_("No muscle has been graded both at baseline and later yet."),
    )


def _map_part(found: Strength) -> Part:
    lines = {(line["muscle"], line["side"], line["time"]): line for line in found.changes}
    times = [
        t for t in STRENGTH_TIMES[1:] if any(n["graded"] for n in found.changes if n["time"] == t)
    ]
    title = _("Mean change of muscles weak at baseline, MRC points")
    return Part(
        "map",
        title,
        _map_sheet(title, found, times),
        heat_map(
            _heat_rows(lines, times),
            [str(SHORT_TIMES[time]) for time in times],
            [capfirst(str(SIDE[side])) for side in SIDES],
            _("Mean change of each muscle over time, right and left; the numbers are in the table"),
        ),
        _(
            "Printed: mean change in points of the patients in whom this muscle was below grade 5 "
            "at baseline and graded again; empty where they are fewer than %(n)s. Darker: a point "
            "or more; hatched edge: loss."
        )
        % {"n": FEWEST_SHOWN},
        is_wide=True,
    )


def _heat_rows(lines: Mapping[tuple, Table], times: list[str]) -> list[HeatRow]:
    rows = []
    for muscles in ROW_GROUPS.values():
        first = bool(rows)
        for muscle in muscles:
            if not any((muscle, side, time) in lines for side in SIDES for time in times):
                continue
            sides = tuple(
                tuple(_heat_cell(lines.get((muscle, side, time))) for time in times)
                for side in SIDES
            )
            rows.append(HeatRow(capfirst(str(MUSCLE[muscle])), sides, begins_group=first))
            first = False
    return rows


def _heat_cell(line: Table | None) -> tuple[str, str]:
    if line is None or line["affected"] < FEWEST_SHOWN:
        return "", "d-none"
    change = round(line["mean_change"], 1)  # what is printed decides the colour
    text = fixed(change, 1)
    text = {"0.0": "0", "-0.0": "0"}.get(text, text)
    size = "strong" if abs(change) >= STRONG_CHANGE else "slight"
    if abs(change) < SLIGHT_CHANGE:
        return text.replace("-", "−"), "d-steady"
    return (
        (f"+{text}", f"d-gain-{size}")
        if change > 0
        else (
            text.replace("-", "−"),
            f"d-loss-{size}",
        )
    )


def _map_sheet(title: str, found: Strength, times: list[str]):
    rows = [
        (
            words(capfirst(str(MUSCLE[line["muscle"]])), line["muscle"]),
            words(SIDE[line["side"]], line["side"]),
            words(TIMES[line["time"]], line["time"]),
            whole(line["affected"]),
            decimal(line["mean_change"]),
            whole(line["graded"]),
            share(proportion(line["gained"], line["graded"])._asdict()),
            share(proportion(line["lost"], line["graded"])._asdict()),
        )
        for line in found.changes
        if line["time"] in times
    ]
    columns = (
        named(_("Muscle"), "muscle"),
        named(_("Side"), "side"),
        named(_("Time"), "time"),
        number(_("Weak at baseline, n"), "affected"),
        number(_("Mean change, points"), "mean_change_points"),
        number(_("Graded both times"), "graded"),
        shares(_("Gained ≥ 1 point"), "gained_"),
        shares(_("Lost ≥ 1 point"), "lost_"),
    )
    return sheet(title, columns, rows)


def _sum_parts(found: Strength) -> list[Part]:
    return [_sum_part(name, lines) for name, lines in found.sums.items()]


def _sum_part(name: str, lines: list[Table]) -> Part:
    title = _("Sum score %(set)s") % {"set": name}
    lines = lines[: 1 + max((n for n, one in enumerate(lines) if one["score"]["n"]), default=0)]
    points = [
        Spread(
            str(SHORT_TIMES[line["time"]]),
            line["score"]["n"],
            *(line["score"][code] for code in ("median", "q1", "q3")),
        )
        for line in lines
    ]
    rows = [
        (
            words(TIMES[line["time"]], line["time"]),
            distributed(line["score"]),
            distributed(line["change"]),
        )
        for line in lines
    ]
    columns = (
        named(_("Time"), "time"),
        spread(_("Points, median (IQR), n"), "points"),
        spread(_("Change since baseline"), "change"),
    )
    has_any = any(point.n for point in points)
    return Part(
        name.lower(),
        title,
        sheet(title, columns, rows),
        spreads(
            points,
            _("Median and quartiles of %(set)s over time; the numbers are in the table")
            % {"set": name},
            _("points, median and quartiles"),
        )
        if has_any
        else None,
        _(
            "Only complete sums; the patients differ from time to time: the change is of those "
            "with a complete sum at both."
        )
        if has_any
        else _("Nobody had every muscle of this set graded in one examination."),
    )


# ---------- Nerves ----------


def nerves_panel(tables: Mapping[str, Table]) -> Panel:
    compared = any(table["nerves"] for table in tables.values())
    parts = [_criteria_part(tables), *(_nerve_part(n, table) for n, table in tables.items())]
    return Panel(
        "nerves",
        _("Conduction blocks by nerve and by criteria set"),
        tuple(parts) if compared else (),
        how=_(
            "Naive patients. First against last study, over the segments that could be assessed "
            "in both. A nerve is blocked if one of its segments has a definite or probable block. "
            "The same studies are judged by both criteria sets."
        ),
        empty=_("No naive patient has two studies that share an assessable segment yet."),
    )


def _criteria_part(tables: Mapping[str, Table]) -> Part:
    title = _("Change in blocked segments by criteria set")
    kinds = ("decreased", "unchanged", "increased")
    rows = [
        (
            words(name),
            whole(table["patients"]),
            whole(table["evaluable"]),
            *(share(proportion(table[kind], table["evaluable"])._asdict()) for kind in kinds),
            share(table["decreased_or_unchanged"]),
            words(_reasons(table["not_evaluable"]) or "–"),
        )
        for name, table in tables.items()
    ]
    columns = (
        named(_("Criteria"), "criteria"),
        number(_("Patients"), "patients"),
        number(_("Evaluable"), "evaluable"),
        *(shares(capfirst(str(BLOCK_CHANGE[kind])), f"{kind}_") for kind in kinds),
        shares(_("Decreased or unchanged"), "decreased_or_unchanged_"),
        named(_("Not evaluable"), "not_evaluable"),
    )
    return Part("criteria", title, sheet(title, columns, rows), is_wide=True)


def _reasons(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{n} {BLOCK_CHANGE_REASON[code]}" for code, n in counts.items())


def _nerve_part(criteria: str, table: Table) -> Part:
    title = _("Nerves with a block, %(criteria)s") % {"criteria": criteria}
    drawn = []
    for line in table["nerves"]:
        name = _nerve(line)
        for which, css in (("blocked_first", "d-first"), ("blocked_last", "d-last")):
            n, of = line[which], line["compared"]
            printed = f"{n}/{of}"
            drawn.append(Bar(name, n / of, printed, css, is_second=which == "blocked_last"))
    rows = [
        (
            words(capfirst(str(NERVE[line["nerve"]])), line["nerve"]),
            words(SIDE[line["side"]], line["side"]),
            whole(line["compared"]),
            *(
                replace(n_of(line[which], line["compared"]), values=(line[which],))
                for which in ("blocked_first", "blocked_last", "resolved", "new")
            ),
            whole(line["segments_first"]),
            whole(line["segments_last"]),
        )
        for line in table["nerves"]
    ]
    columns = (
        named(_("Nerve"), "nerve"),
        named(_("Side"), "side"),
        number(_("Patients compared"), "compared"),
        number(_("Blocked at first"), "blocked_first"),
        number(_("At last"), "blocked_last"),
        number(_("Resolved"), "resolved"),
        number(_("New"), "new"),
        number(_("Segments, first"), "segments_first"),
        Column(_("Last"), ("segments_last",)),
    )
    note = _("Upper bar: first study; lower bar: last study; patients of those compared.")
    figure = bars(drawn, title) if drawn else None
    key = "efns-pns" if criteria.startswith("EFNS") else criteria.lower()
    return Part(key, title, sheet(title, columns, rows), figure, note)


def _nerve(line: Table) -> str:
    return capfirst(f"{NERVE[line['nerve']]}, {SIDE[line['side']]}")
