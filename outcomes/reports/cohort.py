"""The cohort as a report: whom it is of, how it was counted, and what was found."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from outcomes import labels
from outcomes.asked.cohort import AskedCohort
from outcomes.dashboards.cohort import CohortDashboard
from outcomes.derivation.cohort import Table
from outcomes.derivation.masking import SIGN, SMALLEST_SHOWN
from outcomes.derivation.rules import Rules
from outcomes.exports.software import software_version
from outcomes.figures.cohort.predictors import predictor_panel
from outcomes.figures.cohort.reasons import BLOCK_CHANGE_REASON, SHORT_TERM_REASON, STATUS
from outcomes.figures.cohort.words import (
    follow_up_text,
    interval_text,
    number_text,
    p_text,
    share_and_interval,
)
from outcomes.labels import Words
from outcomes.numbers import percent, points_text
from outcomes.reports.document import (
    PdfCurve,
    PdfIntervals,
    PdfTable,
    Report,
    Section,
    lines,
    said_on_every_page,
)
from outcomes.sentences import day_text

LONGEST_YEARS = 10


@dataclass(frozen=True)
class Whom:
    """How many the report is of, of how many, and who is out in words, as they may be told."""

    patients: int
    everybody: int
    out: Sequence[tuple[str, int]]
    withheld: int = 0
    hides_small: bool = False


def cohort_report(asked: AskedCohort, dashboard: CohortDashboard, whom: Whom) -> Report:
    """Of the asked cohort, with everything that is needed to defend its numbers."""
    summary, rules = dashboard.summary, dashboard.rules
    out = [f"{n} {words}" for words, n in whom.out]
    return Report(
        title=_("Cohort report"),
        subtitle=asked.sentence,
        facts=lines(
            [
                (_("Patients"), _in_of(whom.patients, whom.everybody)),
                (_("Out, each counted once"), "; ".join(out)),
                (_("Left out: consent to research withdrawn"), whom.withheld or ""),
                (_("As of"), day_text(dashboard.as_of)),
                (_("Filter, as in the address"), asked.address or _("none")),
                (_("Rules"), f"{rules.rule_set} {rules.version}, {rules.criteria}"),
                (_("Software"), software_version()),
            ]
        ),
        sections=tuple(_sections(dashboard, whom)) if summary["patients"] else (),
        foot=_("MMN registry, rules %(rules)s, as of %(day)s")
        % {"rules": rules.rule_id, "day": day_text(dashboard.as_of)},
        **said_on_every_page(),
    )


def _in_of(n: int, everybody: int) -> str:
    return str(n) if n == everybody else _("%(n)s of %(of)s") % {"n": n, "of": everybody}


def _sections(dashboard: CohortDashboard, whom: Whom) -> Iterator[Section]:
    yield Section(_("Methods"), texts=tuple(methods(dashboard.rules)))
    yield _patients(dashboard.summary)
    yield _response(dashboard.summary["short_term"])
    yield _long_term(dashboard.summary["long_term"])
    yield _remission(dashboard, hides_small=whom.hides_small)
    yield _blocks(dashboard.summary["block_change"])
    yield _dose(dashboard.summary["dose"])
    yield _predictors(dashboard)


# ── Methods ──────────────────────────────────────────────────────────────────────────────────


def methods(rules: Rules) -> Iterator[str]:
    """Definitions, windows and tests, with the numbers that were applied."""
    baseline, month_6 = rules.baseline_days, rules.month_6_days
    yield _(
        "Outcomes were derived from the recorded examinations and infusions; nothing was imputed, "
        "and “not evaluable” was never counted as “no”. Short-term response: a gain of at least "
        "%(points)s in at least %(muscles)s muscles at grade 4 or less at baseline (the last "
        "examination of days %(from)s to %(to)s from the first infusion), at the examination "
        "nearest to day %(target)s within days %(first)s to %(last)s. The primary table holds "
        "naive patients first treated by IV or not at all. Its proportion was compared with "
        "%(reference)s %% by an exact binomial test."
    ) % {
        "points": _gain(rules),
        "muscles": rules.muscles_needed,
        "from": str(baseline[0]).replace("-", "−"),
        "to": baseline[1],
        "target": rules.month_6_target_day,
        "first": month_6[0],
        "last": month_6[1],
        "reference": percent(rules.reference_proportion),
    }
    yield _(
        "Long-term groups describe patients followed for more than %(short)s days at their last "
        "contact: remission (off treatment for at least %(remission)s days after a good response, "
        "without relapse), periodic immunoglobulin, or other. Conduction block was graded by "
        "%(criteria)s and compared between the first and the last study. Weekly dose at last "
        "contact was compared with that of days %(window_from)s to %(window_to)s."
    ) % {
        "short": rules.short_follow_up_days,
        "remission": rules.remission_days,
        "criteria": rules.criteria,
        "window_from": rules.reference_window_days[0],
        "window_to": rules.reference_window_days[1],
    }
    yield _(
        "Proportions stand with exact 95 % intervals (Clopper-Pearson). Time to remission: "
        "Kaplan-Meier with log-log intervals, censored at last contact; with death competing, "
        "Aalen-Johansen. Predictors: Fisher's exact test with the conditional odds ratio, or "
        "Mann-Whitney with the Hodges-Lehmann difference; q by Benjamini-Hochberg. Intervals are "
        "shown where nothing was found: no evidence of an effect is not evidence of none."
    )


def _gain(rules: Rules) -> str:
    points = points_text(rules.point_thirds / 3)
    return ngettext("%(n)s MRC point", "%(n)s MRC points", 1 if points == "1" else 2) % {
        "n": points
    }


# ── What was found ───────────────────────────────────────────────────────────────────────────


def _patients(summary: Table) -> Section:
    counted = [
        (_("All patients"), summary["patients"]),
        (_("naive"), summary["naive"]),
        (_("pretreated"), summary["pretreated"]),
        (_("treatment history unknown"), summary["unknown_history"]),
    ]
    counted += [(str(labels.DIAGNOSIS[c]), n) for c, n in summary.get("diagnosis", {}).items()]
    follow_up = summary["follow_up_years"]
    texts = ()
    if follow_up["n"]:
        told = {"n": follow_up["n"], "words": follow_up_text(follow_up)}
        texts = (_("Follow-up of %(n)s treated patients: %(words)s.") % told,)
    rows = [(capfirst(name), str(n)) for name, n in counted]
    return Section(
        _("Patients"), texts, (PdfTable(_("Who is counted"), (_("Patients"), _("n")), rows),)
    )


_RESPONSE_TABLES: Words = {
    "naive": gettext_lazy("Primary table: naive, first by IV"),
    "naive_without_other_immunotherapy": gettext_lazy("… without other immunotherapy"),
    "naive_without_carried_forward": gettext_lazy("… without grades carried forward"),
    "naive_first_subcutaneous": gettext_lazy("Naive, first by SC"),
    "pretreated": gettext_lazy("Pretreated"),
    "unknown_history": gettext_lazy("History unknown"),
}
_VARIANTS: Words = {
    "strict": gettext_lazy("Primary, strict: no muscle lost a point"),
    "grip": gettext_lazy("Primary, by grip"),
    "mrc_sum": gettext_lazy("Primary, by MRC sum score"),
}


def _response(short_term: Table) -> Section:
    primary = short_term["naive"]
    named = [(str(name), short_term[key]) for key, name in _RESPONSE_TABLES.items()]
    drawn = [(name, _of_evaluable(t), t) for name, t in named]
    drawn += [
        (str(name), _of(short_term["naive_variants"][key]), short_term["naive_variants"][key])
        for key, name in _VARIANTS.items()
    ]
    centres = short_term["naive_by_centre"]
    if len(centres) > 1:
        drawn += [(_("Primary, %s") % c, _of_evaluable(t), t) for c, t in centres.items()]
    rows = [
        (
            name,
            _of_evaluable(table),
            share_and_interval(table),
            p_text(table["p_value"]),
            _of(table["worst_case"]),
            _of(table["best_case"]),
        )
        for name, table in named
    ]
    reasons = _reasons(primary["not_evaluable"], SHORT_TERM_REASON)
    note = _("Worst and best case: all not evaluable as non-responders, or as responders.")
    if reasons:
        note += " " + _("Primary table, not evaluable: %s.") % reasons
    columns = (_("Patients"), _("n/N"), _("% (95 % CI)"), _("p"), _("worst"), _("best"))
    reference = percent(primary["reference"])
    return Section(
        _("Short-term response"),
        (_headline(primary),),
        (PdfTable(_("Response at month 6"), columns, rows, note=note),),
        intervals=(
            PdfIntervals(
                caption=_("Responders of the evaluable, with 95 % intervals"),
                alt="; ".join(f"{name}: {of}, {share_and_interval(t)} %" for name, of, t in drawn),
                rows=tuple(
                    (name, f"{of}", t["proportion"], t["ci_low"], t["ci_high"])
                    for name, of, t in drawn
                ),
                reference=primary["reference"],
                reference_name=_("reference %s %%") % reference,
            ),
        ),
    )


def _headline(primary: Table) -> str:
    if not primary["evaluable"]:
        return _("No patient of the primary table is evaluable.")
    if primary["proportion"] is None:
        return _("Too few of the primary table are evaluable to be told.")
    return _(
        "%(n)s of %(of)s evaluable patients of the primary table responded: %(percent)s %% "
        "(95 %% CI %(interval)s); against %(reference)s %%: p = %(p)s."
    ) % {
        "n": primary["responders"],
        "of": primary["evaluable"],
        "percent": percent(primary["proportion"]),
        "interval": interval_text(primary),
        "reference": percent(primary["reference"]),
        "p": p_text(primary["p_value"]),
    }


def _of_evaluable(table: Table) -> str:
    return f"{table['responders']}/{table['evaluable']}"


def _of(table: Table) -> str:
    return f"{table['n']}/{table['of']}"


def _reasons(counted: Mapping[str, int], words: Words) -> str:
    return ", ".join(f"{n} {words[code]}" for code, n in counted.items())


def _long_term(table: Table) -> Section:
    of = table["classified"]
    groups = [
        (str(capfirst(labels.LONG_TERM_GROUP[g])), f"{table[g]['n']}/{of}", table[g])
        for g in ("remission", "dependent", "other")
    ]
    rows = [(name, n, share_and_interval(share)) for name, n, share in groups]
    left = _reasons(table["not_classified"], STATUS)
    note = (
        _("Of those on periodic immunoglobulin, %s without a response.")
        % (table["dependent"]["without_response"])
    )
    if left:
        note += " " + _("Not classified: %s.") % left
    statuses = [
        (str(capfirst(labels.LONG_TERM_STATUS[code])), str(share["n"]), share_and_interval(share))
        for code, share in table["statuses"].items()
    ]
    flags = [
        (_("Dependency proven"), table["dependency_proven"]),
        (_("Relapsed after remission"), table["relapsed_after_remission"]),
        (_("Lost to follow-up"), table["lost_to_follow_up"]),
    ]
    flagged = [(name, _of(share), share_and_interval(share)) for name, share in flags]
    with_share = (_("% (95 % CI)"),)
    return Section(
        _("Long-term groups"),
        tables=(
            PdfTable(
                _("Groups, of the classified"),
                (_("Group"), _("n/N"), *with_share),
                rows,
                note=note,
            ),
            PdfTable(_("Finest statuses, of all"), (_("Status"), _("n"), *with_share), statuses),
            PdfTable(_("Flags, of those known"), (_("Flag"), _("n/N"), *with_share), flagged),
        ),
    )


def _remission(dashboard: CohortDashboard, *, hides_small: bool) -> Section:
    table, year_days = dashboard.summary["time_to_remission"], dashboard.rules.year_days
    if not table["patients"]:
        return Section(_("Time to remission"), (_("No naive patient has been treated yet."),))
    survival = dashboard.remission.survival
    rows = [
        (
            str(read["years"]),
            str(read["at_risk"]),
            _share_of(read["incidence"], "incidence"),
            _share_of(read["without_event"], "survival"),
        )
        for read in table["at_years"]
    ]
    columns = (_("Years"), _("At risk"), _("% remission (death competes)"), _("% without"))
    told = {"n": table["events"], "of": table["patients"], "deaths": table["deaths"]}
    text = _("%(n)s of %(of)s naive treated patients reached remission; %(deaths)s died.") % told
    return Section(
        _("Time to remission"),
        (text,),
        (PdfTable(_("Read at whole years, 95 % intervals"), columns, rows),),
        () if survival.empty else (_curve(survival, year_days, text, hides_small=hides_small),),
    )


def _share_of(read: Table, name: str) -> str:
    share, low, high = read[name], read["ci_low"], read["ci_high"]
    if share is None:
        return "–"
    known = low is not None and high is not None
    return f"{percent(share)} ({percent(low)}–{percent(high)})" if known else percent(share)


def _curve(survival: pd.DataFrame, year_days: float, alt: str, *, hides_small: bool) -> PdfCurve:
    years = survival["time"].to_numpy(float) / year_days
    longest = float(min(max(np.ceil(years.max(initial=1.0)), 1), LONGEST_YEARS))
    steps = [(0.0, 1.0), *zip(years, survival["survival"], strict=True)]
    counted = {year: _at_risk(survival, years >= year) for year in range(int(longest) + 1)}
    is_told = {
        year: not hides_small or n >= SMALLEST_SHOWN or n == 0 for year, n in counted.items()
    }
    at_risk = [(year, str(n) if is_told[year] else SIGN) for year, n in counted.items()]
    return PdfCurve(
        caption=_("Still without remission (Kaplan-Meier), with its 95 % interval"),
        alt=alt,
        years=longest,
        steps=_within(steps, longest),
        low=_within(zip(years, survival["ci_low"], strict=True), longest),
        high=_within(zip(years, survival["ci_high"], strict=True), longest),
        at_risk=at_risk,
        labels=(_("years from the first infusion"), _("at risk")),
    )


def _at_risk(survival: pd.DataFrame, later: np.ndarray) -> int:
    return int(survival["at_risk"][later].iloc[0]) if later.any() else 0


def _within(points: Iterable[tuple[float, float]], longest: float) -> list[tuple[float, float]]:
    known = [(float(x), float(y)) for x, y in points if not np.isnan(y)]
    return [(x, y) for x, y in known if x <= longest]


def _blocks(table: Table) -> Section:
    columns = [
        *(_("Patients"), _("compared"), _("decreased"), _("unchanged"), _("increased")),
        _("not increased, % (95 % CI)"),
    ]
    rows, notes = [], []
    for key, name in (("naive", _("Naive")), ("all", _("All"))):
        one = table[key]
        kept = one["decreased_or_unchanged"]
        counted = [one[c] for c in ("evaluable", "decreased", "unchanged", "increased")]
        rows.append((name, *map(str, counted), share_and_interval(kept)))
        if one["not_evaluable"]:
            told = {"who": name, "reasons": _reasons(one["not_evaluable"], BLOCK_CHANGE_REASON)}
            notes.append(_("%(who)s, not compared: %(reasons)s.") % told)
    caption = _("Segments with block, first against last study")
    return Section(
        _("Conduction block"), tables=(PdfTable(caption, columns, rows, note=" ".join(notes)),)
    )


def _dose(table: Table) -> Section:
    measures = (
        (_("Weekly dose [g/week]"), table["weekly_dose_g"], 1),
        (_("Weekly dose per weight [g/kg per week]"), table["weekly_dose_g_per_kg"], 3),
    )
    rows = [
        (name, str(d["n"]), *(number_text(d[k], digits) for k in ("median", "q1", "q3", "mean")))
        for name, d, digits in measures
    ]
    trend = ", ".join(f"{n} {labels.DOSE_TREND[code]}" for code, n in table["trend"].items())
    declining = table["declining_responsiveness"]
    note = _("Trend: %(trend)s. Declining responsiveness: %(of)s.") % {
        "trend": trend or "–",
        "of": _of(declining),
    }
    columns = (_("Dose at last contact"), "n", _("median"), _("Q1"), _("Q3"), _("mean"))
    return Section(_("Dose"), tables=(PdfTable(_("Dose now"), columns, rows, note=note),))


def _predictors(dashboard: CohortDashboard) -> Section:
    panel = predictor_panel(dashboard)
    columns: Sequence[str] = (
        *(_("Predictor"), _("responders; others"), "n", _("missing")),
        *(_("effect (95 % CI)"), "p", "q"),
    )
    rows = [
        tuple(str(v) for v in (r.name, r.groups, r.n, r.missing, r.effect, r.p, r.q))
        for r in panel.rows
    ]
    caption = _("Evaluable patients of the primary table")
    return Section(
        _("Predictors of short-term response"),
        tables=(PdfTable(caption, columns, rows, note=str(panel.note)),),
    )
