"""How the cohort is treated, and what went wrong with infusions."""

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from outcomes.charts.cohort_drawings import Estimate, Scale, columns, interval_rows
from outcomes.charts.scales import nice_step
from outcomes.dashboards.cohort_panels import ReactionRate, Safety
from outcomes.derivation.cohort import Table
from outcomes.derivation.rates import Rate
from outcomes.figures.cohort.sheets import (
    Cell,
    Column,
    Panel,
    Part,
    distributed,
    named,
    number,
    share,
    shares,
    sheet,
    spread,
    whole,
    words,
)
from outcomes.figures.cohort.words import share_and_interval
from outcomes.labels import REACTION, ROUTE, Words
from outcomes.numbers import rounded

THEN_AND_NOW: Words = {
    "weekly_dose_g": gettext_lazy("Weekly dose, g"),
    "course_g": gettext_lazy("Course, g"),
    "interval_days": gettext_lazy("Interval between courses, days"),
}


def treatment_panel(table: Table) -> Panel:
    switched = table["switch"]["switched"]
    return Panel(
        "treatment",
        _("Dose and intervals then and now, and switches of route"),
        (
            _then_and_now_part(table),
            _escalation_part(table),
            _route_part(table),
            _switch_part(table),
        )
        if table["on_treatment"] or switched["of"]
        else (),
        how=_(
            "Then: the reference window after the first infusion; now: up to last contact. Both "
            "are of the same patients: those on treatment who have both. A switch is the first "
            "day of subcutaneous (SC) or facilitated subcutaneous (FSC) treatment, home treatment "
            "included, after a first course by IV."
        ),
        empty=_("Nobody has been treated yet."),
    )


def _then_and_now_part(table: Table) -> Part:
    title = _("Then and now, patients on treatment")
    rows = [
        (
            words(THEN_AND_NOW[what], what),
            *(distributed(pair[when]) for when in ("then", "now", "change")),
        )
        for what, pair in table["then_and_now"].items()
    ]
    heads = (
        named(_("What"), "what"),
        spread(_("Then, median (IQR), n"), "then"),
        spread(_("Now"), "now"),
        spread(_("Change"), "change"),
    )
    note = _("%(n)s patients are on treatment.") % {"n": table["on_treatment"]}
    return Part("then-and-now", title, sheet(title, heads, rows), note=note, is_wide=True)


TRENDS: Words = {
    "escalated": gettext_lazy("Escalated"),
    "stable": gettext_lazy("Stable"),
    "reduced": gettext_lazy("Reduced"),
    "declining": gettext_lazy("Declining responsiveness"),
}


def _escalation_part(table: Table) -> Part:
    title = _("Escalation among those on treatment")
    drawn = [_share_estimate(str(name), table[code]) for code, name in TRENDS.items()]
    rows = [(words(name, code), share(table[code])) for code, name in TRENDS.items()]
    heads = (named(_("Trend"), "trend"), shares(_("n/N, % (95 % CI)")))
    ratio = table["ratio"]
    note = (
        _("Ratio of weekly doses now to then: median %(median)s (IQR %(q1)s–%(q3)s), n %(n)s.")
        % {"n": ratio["n"], **{k: rounded(ratio[k], 2) for k in ("median", "q1", "q3")}}
        if ratio["n"]
        else _("Nobody on treatment has both doses yet.")
    )
    note = f"{note} " + _("Declining responsiveness is of all with a dose trend.")
    return Part(
        "escalation",
        title,
        sheet(title, heads, rows),
        interval_rows(drawn, PERCENT, title, _("% (95 % CI)"), _("n/N")),
        note,
    )


PERCENT = Scale(((0, "0"), (0.2, "20"), (0.4, "40"), (0.6, "60"), (0.8, "80"), (1, "100")), "%")


def _share_estimate(name: str, table: Table) -> Estimate:
    counts = f"{table['n']}/{table['of']}"
    if table["proportion"] is None:
        return Estimate(name, "–", counts=counts)
    return Estimate(
        name,
        share_and_interval(table),
        table["proportion"],
        table["ci_low"],
        table["ci_high"],
        counts=counts,
    )


def _route_part(table: Table) -> Part:
    title = _("Dose and interval now, by route of the last infusion")
    rows = [
        (
            words(ROUTE[line["route"]], line["route"]),
            whole(line["patients"]),
            distributed(line["weekly_dose_g_per_kg"], 2),
            distributed(line["interval_days"]),
        )
        for line in table["by_route"]
    ]
    heads = (
        named(_("Route"), "route"),
        number(_("Patients"), "patients"),
        spread(_("g/kg/week, median (IQR), n"), "weekly_dose_g_per_kg"),
        spread(_("Interval, days"), "interval_days"),
    )
    return Part("routes", title, sheet(title, heads, rows))


def _switch_part(table: Table) -> Part:
    switch = table["switch"]
    switched = switch["switched"]
    title = ngettext(
        "%(n)s of %(of)s who began by IV switched to SC or FSC",
        "%(n)s of %(of)s who began by IV switched to SC or FSC",
        switched["of"],
    ) % {"n": switched["n"], "of": switched["of"]}
    by_year = _all_years(switch["by_year"])
    rows = [(words(year), whole(n)) for year, n in by_year]
    heads = (named(_("Year of the switch"), "year"), number(_("Patients"), "patients"))
    years = switch["years"]
    note = (
        _(
            "Switched %(switched)s %%; after a median of %(median)s years (IQR %(q1)s–%(q3)s). "
            "Of them %(still)s had SC or FSC last, %(back)s were back on IV."
        )
        % {
            "switched": share_and_interval(switched),
            **{k: rounded(years[k], 1) for k in ("median", "q1", "q3")},
            "still": f"{switch['still']['n']}/{switch['still']['of']}",
            "back": f"{switch['back']['n']}/{switch['back']['of']}",
        }
        if years["n"]
        else _("Nobody has switched yet.")
    )
    figure = columns(by_year, title, _("year of the first SC or FSC day")) if by_year else None
    return Part("switches", title, sheet(title, heads, rows), figure, note)


def _all_years(by_year: dict[int, int]) -> list[tuple[str, int]]:
    """Years without a switch are shown, too."""
    if not by_year:
        return []
    years = range(min(by_year), max(by_year) + 1)
    return [(str(year), by_year.get(year, 0)) for year in years]


# ---------- Safety ----------


def safety_panel(found: Safety) -> Panel:
    return Panel(
        "safety",
        _safety_title(found),
        (_rates_part(found), _kinds_part(found)) if found.infusions or found.kinds else (),
        lead=_safety_lead(found),
        how=_(
            "Recorded reactions over recorded infusions, each day and product one infusion; home "
            "treatment that nobody recorded is in neither. Intervals are exact (Poisson, Garwood): "
            "they take reactions as independent, and one patient may have many. What was not "
            "recorded is not absent: compare routes and products with that in mind, for who gets "
            "which is no accident either."
        ),
        empty=_("No infusion has been recorded yet, so there is nothing to count reactions in."),
    )


def _safety_title(found: Safety) -> str:
    if found.all.per_thousand is None:
        return _("Reactions: no infusion is recorded yet")
    return _("%(rate)s reactions in 1,000 infusions") % {"rate": rounded(found.all.per_thousand, 1)}


def _safety_lead(found: Safety) -> str:
    if found.all.per_thousand is None:
        return ""
    return _(
        "%(n)s reactions in %(of)s infusions (95 %% CI %(low)s to %(high)s in 1,000), %(serious)s "
        "of them serious."
    ) % {
        "n": found.all.n,
        "of": found.infusions,
        "low": rounded(found.all.ci_low or 0, 1),
        "high": rounded(found.all.ci_high or 0, 1),
        "serious": found.serious.n,
    }


def _rates_part(found: Safety) -> Part:
    title = _("Reactions per 1,000 infusions, by route and product")
    lines = [
        *((_route_name(rate.route), rate, "route") for rate in found.by_route),
        *((_product_name(rate), rate, "product") for rate in found.by_product),
    ]
    note = (
        ngettext(
            "%(n)s reaction names no route and product under which infusions are recorded: it is "
            "counted in the total only, or by route where that is named.",
            "%(n)s reactions name no route and product under which infusions are recorded: they "
            "are counted in the total only, or by route where that is named.",
            found.unassigned,
        )
        % {"n": found.unassigned}
        if found.unassigned
        else ""
    )
    return Part(
        "rates",
        title,
        _rates_sheet(title, found, lines),
        interval_rows(*_rate_rows(found, lines), title, _("per 1,000 (95 % CI)"), _("n")),
        note,
        is_wide=True,
    )


def _route_name(route: str) -> str:
    return _("Route %(route)s") % {"route": route} if route else _("Route not recorded")


def _product_name(rate: ReactionRate) -> str:
    product = rate.product or _("product not recorded")
    return f"{product}, {rate.route}"


def _rate_rows(found: Safety, lines) -> tuple[list[Estimate], Scale]:
    rates = [rate.all for _name, rate, _kind in lines] + [found.all]
    highest = max((r.ci_high or 0 for r in rates if r.of >= _LARGE), default=0)
    highest = max(highest, max((r.per_thousand or 0 for r in rates), default=0), 1)
    step = nice_step(highest, 5)
    top = step * -(-highest // step)
    ticks = tuple((step * i / top, f"{step * i:g}") for i in range(round(top / step) + 1))
    scale = Scale(ticks, _("reactions per 1,000 infusions"))
    rows = [_rate_estimate(_("All infusions"), found.all, top, "own")]
    rows += [_rate_estimate(name, rate.all, top, "") for name, rate, _kind in lines]
    return rows, scale


_LARGE = 100  # infusions, from which on a limit says where the axis has to end


def _rate_estimate(name: str, rate: Rate, top: float, css: str) -> Estimate:
    if rate.per_thousand is None:
        return Estimate(name, "–", counts=f"{rate.n}/{rate.of}", css=css)
    return Estimate(
        name,
        _rate_text(rate),
        rate.per_thousand / top,
        (rate.ci_low or 0) / top,
        (rate.ci_high or 0) / top,
        f"{rate.n}/{rate.of}",
        css,
    )


def _rate_text(rate: Rate) -> str:
    if rate.per_thousand is None:
        return "–"
    numbers = (rounded(n or 0, 1) for n in (rate.per_thousand, rate.ci_low, rate.ci_high))
    return "{} ({}–{})".format(*numbers)


_RATE = ("n", "infusions", "per_1000", "ci_low", "ci_high")


def _rate_cell(rate: Rate) -> Cell:
    return Cell(f"{rate.n}/{rate.of}, {_rate_text(rate)}", tuple(rate), (rate.n,))


def _rates_sheet(title: str, found: Safety, lines):
    rows = [
        (
            words(_("All infusions"), "all"),
            words("–", ""),
            _rate_cell(found.all),
            _rate_cell(found.serious),
            words("–", ""),
        )
    ]
    rows += [
        (
            words(_route_name(rate.route) if kind == "route" else rate.route, rate.route),
            words("–" if kind == "route" else (rate.product or _("not recorded")), rate.product),
            _rate_cell(rate.all),
            _rate_cell(rate.serious),
            whole(rate.patients),
        )
        for _name, rate, kind in lines
    ]
    heads = (
        named(_("Route"), "route"),
        named(_("Product"), "product"),
        Column(_("Reactions/infusions, per 1,000 (95 % CI)"), tuple(f"all_{c}" for c in _RATE)),
        Column(_("Serious"), tuple(f"serious_{c}" for c in _RATE)),
        number(_("Patients with one"), "patients"),
    )
    return sheet(title, heads, rows)


def _kinds_part(found: Safety) -> Part:
    title = _("Reactions by kind")
    rows = [
        (
            words(capfirst(str(REACTION[kind.reaction])), kind.reaction),
            whole(kind.n),
            whole(kind.serious),
            whole(kind.patients),
        )
        for kind in found.kinds
    ]
    heads = (
        named(_("Reaction"), "reaction"),
        number(_("Recorded"), "n"),
        number(_("Serious"), "serious"),
        number(_("Patients"), "patients"),
    )
    note = "" if rows else _("No reaction is recorded.")
    return Part("kinds", title, sheet(title, heads, rows), note=note)
