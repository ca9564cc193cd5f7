"""The cohort over the years: curves by stratum, status at anniversaries."""

import math

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from outcomes.charts.cohort_drawings import Stack, line_of, stacks, step_curves
from outcomes.dashboards.cohort_panels import Curves, StatusOverTime, Strata
from outcomes.derivation.cohort import YEARS_READ, Table
from outcomes.derivation.cohort_courses import GROUPS
from outcomes.derivation.curves import EventCurve
from outcomes.derivation.inference import proportion
from outcomes.derivation.long_term import GROUP_OF, LongTermStatus
from outcomes.derivation.rules import Rules
from outcomes.derivation.survival import read_curve
from outcomes.figures.cohort.reasons import STATUS
from outcomes.figures.cohort.sheets import (
    Cell,
    Column,
    Panel,
    Part,
    Sheet,
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
from outcomes.figures.cohort.words import p_sentence, p_text, years_text
from outcomes.labels import LONG_TERM_GROUP, Words
from outcomes.numbers import fixed, percent

MOST_CURVES = 4  # more are read in the table

EVENTS: Words = {
    "remission": gettext_lazy("Remission"),
    "relapse": gettext_lazy("Relapse or restart after stopping"),
}
STRATUM: Words = {
    "naive": gettext_lazy("naive"),
    "pretreated": gettext_lazy("pretreated"),
    "unknown": gettext_lazy("history unknown"),
    "responder": gettext_lazy("responders at month 6"),
    "non_responder": gettext_lazy("non-responders at month 6"),
}


def curves_panel(curves: Curves, rules: Rules) -> Panel:
    relapse = curves.relapse
    parts = [
        _curve_part("relapse", curves.relapse, rules),
        _incidence_part(curves, rules),
        *(_strata_part(strata, rules) for strata in curves.strata if len(strata.curves) > 1),
    ]
    return Panel(
        "curves",
        _curves_title(relapse),
        tuple(parts) if curves.remission.patients or _anybody(curves) else (),
        how=_(
            "Remission: from the first infusion to day %(days)s off treatment without a relapse, "
            "in patients with a response. Relapse or restart: from the last infusion before a "
            "remission to the first relapse or infusion after it, among those who reached one. "
            "Naive patients, but by history everybody. Kaplan-Meier censors at last contact; "
            "where death competes, the cumulative incidence is that of Aalen and Johansen. Strata "
            "are compared by the log-rank test over all of follow-up, unadjusted."
        )
        % {"days": rules.remission_days},
        empty=_("Curves begin with the first infusion of a patient: nobody has had one yet."),
    )


def _anybody(curves: Curves) -> bool:
    return any(curve.patients for strata in curves.strata for curve in strata.curves.values())


def _curves_title(relapse: EventCurve) -> str:
    if not relapse.patients:
        return _("Remission and relapse: nobody has reached a remission yet")
    return ngettext(
        "%(n)s of %(of)s patient in remission relapsed or began again",
        "%(n)s of %(of)s patients in remission relapsed or began again",
        relapse.patients,
    ) % {"n": relapse.events, "of": relapse.patients}


AT_RISK = gettext_lazy("Number at risk")
AXES: Words = {
    "remission": gettext_lazy("years since the first infusion"),
    "relapse": gettext_lazy("years since the last infusion before remission"),
}


def _curve_part(event: str, curve: EventCurve, rules: Rules) -> Part:
    title = str(EVENTS[event])
    says = _("%(event)s over the years, with 95 %% CI; the numbers are in the table") % {
        "event": title
    }
    return Part(
        event,
        title,
        _read_sheet(title, [("", curve)], rules),
        step_curves([line_of("", curve.survival)], rules.year_days, says, AXES[event], AT_RISK)
        if curve.patients
        else None,
        ngettext(
            "Kaplan-Meier, %(n)s event in %(of)s patients; %(median)s",
            "Kaplan-Meier, %(n)s events in %(of)s patients; %(median)s",
            curve.events,
        )
        % {"n": curve.events, "of": curve.patients, "median": _median(curve, rules)}
        if curve.patients
        else _("Nobody has reached a remission yet, so there is no curve."),
    )


def _incidence_part(curves: Curves, rules: Rules) -> Part:
    """Both events with death competing; they begin at different days."""
    named_curves = [
        (str(EVENTS["remission"]), curves.remission),
        (str(EVENTS["relapse"]), curves.relapse),
    ]
    drawn = [line_of(name, curve.incidence) for name, curve in named_curves if curve.patients]
    title = _("Cumulative incidence, death competing")
    deaths = curves.remission.deaths
    return Part(
        "incidence",
        title,
        _incidence_sheet(title, named_curves, rules),
        step_curves(drawn, rules.year_days, title, _("years since its own beginning"), AT_RISK)
        if drawn
        else None,
        ngettext(
            "%(n)s patient died before remission; who died can have neither any more.",
            "%(n)s patients died before remission; who died can have neither any more.",
            deaths,
        )
        % {"n": deaths},
    )


def _strata_part(strata: Strata, rules: Rules) -> Part:
    by: Words = {
        "history": _("by treatment history"),
        "response": _("by response at month 6"),
        "centre": _("by centre"),
    }
    title = f"{EVENTS[strata.event]}, {by[strata.by]}"
    drawn = [line_of(_stratum(name), curve.survival) for name, curve in strata.curves.items()]
    return Part(
        f"{strata.event}-by-{strata.by}",
        title,
        _strata_sheet(title, strata, rules),
        step_curves(drawn, rules.year_days, title, AXES[strata.event], AT_RISK)
        if len(drawn) <= MOST_CURVES
        else None,
        _test(strata),
    )


def _test(strata: Strata) -> str:
    test, left_out = strata.test, ", ".join(_stratum(name) for name in strata.too_small)
    if test.p_value is None or test.chi2 is None:
        return _("No log-rank test: it needs two strata of three or more, with an event.")
    said = _("Log-rank: χ² %(chi2)s, %(degrees)s df, %(p)s.") % {
        "chi2": fixed(test.chi2, 2),
        "degrees": test.degrees_of_freedom,
        "p": p_sentence(test.p_value),
    }
    if not left_out:
        return said
    return f"{said} " + _("Too few to be tested: %(strata)s.") % {"strata": left_out}


def _stratum(name: str) -> str:
    return str(STRATUM.get(name, name))


def _median(curve: EventCurve, rules: Rules) -> str:
    median = curve.median
    if median.median is None:
        return _("the median is not reached.")
    low, high = (
        _("not reached") if limit is None else years_text(limit / rules.year_days)
        for limit in (median.ci_low, median.ci_high)
    )
    return _("median %(median)s years (95 %% CI %(low)s to %(high)s).") % {
        "median": years_text(median.median / rules.year_days),
        "low": low,
        "high": high,
    }


_READ = ("share", "ci_low", "ci_high")


def _reads(name: object, prefix: str) -> Column:
    return Column(str(name), tuple(f"{prefix}{code}" for code in _READ))


def _read_sheet(caption: str, curves: list[tuple[str, EventCurve]], rules: Rules) -> Sheet:
    """At whole years: who is at risk, and the share that had the event."""
    ((_name, curve),) = curves
    days = [year * rules.year_days for year in YEARS_READ]
    survival, incidence = read_curve(curve.survival, days), read_curve(curve.incidence, days)
    rows = [
        (
            ordinal(year),
            whole(int(without["at_risk"])),
            _read_cell(1 - without["survival"], 1 - without["ci_high"], 1 - without["ci_low"]),
            _read_cell(after["incidence"], after["ci_low"], after["ci_high"]),
        )
        for year, (_i, without), (_j, after) in zip(
            YEARS_READ, survival.iterrows(), incidence.iterrows(), strict=True
        )
        if without["at_risk"] > 0
    ]
    columns = (
        number(_("Year"), "year"),
        number(_("At risk"), "at_risk"),
        _reads(_("With the event, % (95 % CI)"), ""),
        _reads(_("Death competing"), "competing_"),
    )
    return sheet(caption, columns, rows)


def _incidence_sheet(caption: str, curves: list[tuple[str, EventCurve]], rules: Rules) -> Sheet:
    rows = []
    for name, curve in curves:
        days = [year * rules.year_days for year in YEARS_READ]
        for year, (_i, read) in zip(
            YEARS_READ, read_curve(curve.incidence, days).iterrows(), strict=True
        ):
            if read["at_risk"] > 0:
                rows.append(
                    (
                        words(name),
                        ordinal(year),
                        whole(int(read["at_risk"])),
                        _read_cell(read["incidence"], read["ci_low"], read["ci_high"]),
                    )
                )
    columns = (
        named(_("Event"), "event"),
        number(_("Year"), "year"),
        number(_("At risk"), "at_risk"),
        _reads(_("Cumulative incidence, % (95 % CI)"), ""),
    )
    return sheet(caption, columns, rows)


def _read_cell(happened: float, low: float, high: float) -> Cell:
    limits = [None if math.isnan(limit) else float(limit) for limit in (low, high)]
    text = percent(float(happened))
    if limits[0] is not None and limits[1] is not None:
        text = f"{text} ({percent(limits[0])}–{percent(limits[1])})"
    return Cell(text, (float(happened), *limits))


def _strata_sheet(caption: str, strata: Strata, rules: Rules) -> Sheet:
    tested = strata.test.strata
    rows = [
        (
            words(_stratum(name), name),
            whole(curve.patients),
            whole(curve.events),
            decimal(float(tested["expected"].get(name, 0.0)), 1),
            _years(curve, rules),
            Cell(p_text(strata.test.p_value), (strata.test.p_value,)),
        )
        for name, curve in strata.curves.items()
    ]
    columns = (
        named(_("Stratum"), "stratum"),
        number(_("Patients"), "patients"),
        number(_("Events"), "events"),
        number(_("Expected"), "expected"),
        Column(_("Median, years (95 % CI)"), ("median_years", "ci_low", "ci_high")),
        number(_("Log-rank p"), "log_rank_p"),
    )
    return sheet(caption, columns, rows)


def _years(curve: EventCurve, rules: Rules) -> Cell:
    limits = [None if day is None else day / rules.year_days for day in curve.median]
    if limits[0] is None:
        return Cell(_("not reached"), tuple(limits))
    low, high = (_("n. r.") if v is None else years_text(v) for v in limits[1:])
    return Cell(f"{years_text(limits[0])} ({low}–{high})", tuple(limits))


# ---------- Status at anniversaries ----------


def status_panel(found: StatusOverTime) -> Panel:
    return Panel(
        "status",
        _status_title(found),
        (_groups_part(found), _transitions_part(found), _statuses_part(found))
        if found.years
        else (),
        how=_(
            "Each patient's status is derived at every anniversary of the first infusion, by the "
            "rule of the long-term status, from what had happened by then. A patient counts at an "
            "anniversary if there was contact on it or later; the denominator shrinks from year to "
            "year, and who stays in sight longest is no random part: read the columns beside "
            "their n."
        ),
        empty=_("Nobody has been followed to the first anniversary of the first infusion yet."),
    )


def _status_title(found: StatusOverTime) -> str:
    if not found.years:
        return _("Status over the years")
    year = found.years[-1] if len(found.years) < 5 else found.years[4]
    return _("After %(year)s years, %(n)s of %(of)s stayed on immunoglobulin") % {
        "year": year["year"],
        "n": year["groups"]["dependent"],
        "of": year["followed"],
    }


def _groups_part(found: StatusOverTime) -> Part:
    title = _("Groups at each anniversary")
    names = [(group, capfirst(str(LONG_TERM_GROUP[group]))) for group in GROUPS]
    drawn = [
        Stack(
            str(year["year"]),
            year["followed"],
            tuple((group, year["groups"][group]) for group in GROUPS),
        )
        for year in found.years
    ]
    rows = [
        (
            ordinal(year["year"]),
            whole(year["followed"]),
            *(share(proportion(n, year["followed"])._asdict()) for n in year["groups"].values()),
            whole(year["died"]),
            whole(year["not_followed"]),
        )
        for year in found.years
    ]
    columns = (
        number(_("Year"), "year"),
        number(_("Followed"), "followed"),
        *(shares(name, f"{group}_") for group, name in names),
        number(_("Died before"), "died"),
        number(_("Not followed"), "not_followed"),
    )
    note = _("Of %(n)s treated patients; shares are of those followed to the anniversary.") % {
        "n": found.treated
    }
    says = _("Share of each long-term group by year; the numbers are in the table")
    return Part(
        "groups",
        title,
        sheet(title, columns, rows),
        stacks(drawn, names, says, _("anniversary of the first infusion, years")),
        note,
        is_wide=True,
    )


def _transitions_part(found: StatusOverTime) -> Part:
    title = _("From one anniversary to the next")
    goals = [*GROUPS, "died"]
    heads = {**LONG_TERM_GROUP, "died": _("died")}
    rows = [
        (
            words(capfirst(str(LONG_TERM_GROUP[line["group"]])), line["group"]),
            whole(line["patient_years"]),
            *(
                share(proportion(line["to"][goal], line["patient_years"])._asdict())
                for goal in goals
            ),
            whole(line["not_followed"]),
        )
        for line in found.transitions
    ]
    columns = (
        named(_("In this group"), "group"),
        number(_("Years"), "patient_years"),
        *(shares(_("→ %(group)s") % {"group": heads[goal]}, f"to_{goal}_") for goal in goals),
        number(_("Not followed on"), "not_followed"),
    )
    note = _(
        "Each patient counts once per anniversary: the intervals treat years of one patient as "
        "independent, so they are too narrow; they only show how little some rows rest on."
    )
    return Part("transitions", title, sheet(title, columns, rows), note=note, is_wide=True)


def _statuses_part(found: StatusOverTime) -> Part:
    title = _("Finest statuses at each anniversary")
    present = [s.value for s in LongTermStatus if any(y["statuses"].get(s) for y in found.years)]
    rows = [
        (
            words(capfirst(str(STATUS[status])), status),
            words(
                LONG_TERM_GROUP[GROUP_OF[LongTermStatus(status)]],
                GROUP_OF[LongTermStatus(status)].value,
            ),
            *(_of_followed(year, status) for year in found.years),
        )
        for status in present
    ]
    columns = (
        named(_("Status"), "status"),
        named(_("Group"), "group"),
        *(
            Column(
                pgettext("anniversary", "Year %(n)s") % {"n": year["year"]},
                (f"year_{year['year']}_n", f"year_{year['year']}_of"),
            )
            for year in found.years
        ),
    )
    return Part("statuses", title, sheet(title, columns, rows), is_wide=True)


def _of_followed(year: Table, status: str) -> Cell:
    n, followed = year["statuses"].get(status, 0), year["followed"]
    return n_of(n, followed)
