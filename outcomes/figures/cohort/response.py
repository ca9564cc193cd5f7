"""Short-term response: the flow of patients, the forest beside the literature, the variants."""

from dataclasses import dataclass, replace

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from outcomes.charts.intervals import Interval, interval
from outcomes.dashboards.cohort import CohortDashboard
from outcomes.derivation.cohort import Table
from outcomes.figures.cohort.reasons import LONG_TERM_REASON, SHORT_TERM_REASON
from outcomes.figures.cohort.words import interval_text, p_text, share_text
from outcomes.literature import PublishedResult
from outcomes.numbers import percent
from outcomes.sentences import joined

# What each published cohort called a response, in a few words. A measure that is not here is a
# response by no definition, and stands in the table of results as printed.
DEFINITIONS = {
    "short_term_response": gettext_lazy("the same rule, month 6"),
    "response_with_block": gettext_lazy("with conduction block"),
    "response_without_block": gettext_lazy("without conduction block"),
    "response_definite_or_probable_block": gettext_lazy("definite or probable block"),
    "response_possible_block": gettext_lazy("possible block"),
    "response_to_first_drug_ivig": gettext_lazy("month 4, first drug IVIg"),
    "response_definite_mmn": gettext_lazy("definite MMN"),
    "response_probable_mmn": gettext_lazy("probable MMN"),
    "response_possible_mmn": gettext_lazy("possible MMN"),
    "improvement": gettext_lazy("isometric strength"),
    "response": gettext_lazy("any immunoglobulin response"),
}


@dataclass(frozen=True)
class ForestRow:
    """One proportion with its interval; `extremes` is the registry's worst to best case."""

    name: str
    definition: str
    counts: str
    percent: str
    mark: Interval | None
    is_own: bool = False
    is_repeated: bool = False  # the row above has the same name
    extremes: tuple[float, float] | None = None


@dataclass(frozen=True)
class ResponsePanel:
    title: str
    sentence: str
    reference_percent: float
    rows: tuple[ForestRow, ...]
    variants: tuple[ForestRow, ...]


def response_panel(dashboard: CohortDashboard) -> ResponsePanel:
    short_term = dashboard.summary["short_term"]
    primary = short_term["naive"]
    own = forest_row(
        _("This registry"),
        _("≥ 1 MRC point in ≥ %(n)s muscles, month 6") % {"n": dashboard.rules.muscles_needed},
        primary,
        is_own=True,
    )
    published = [r for r in dashboard.literature if r.measure in DEFINITIONS and r.counted]
    return ResponsePanel(
        title=_title(primary),
        sentence=_sentence(primary),
        reference_percent=primary["reference"] * 100,
        rows=(own, *_published_rows(published)),
        variants=_variants(short_term),
    )


def _title(primary: Table) -> str:
    if not primary["evaluable"]:
        return _("No naive patient is evaluable at month 6 yet")
    return ngettext(
        "%(n)s of %(of)s naive patient responded at month 6",
        "%(n)s of %(of)s naive patients responded at month 6",
        primary["evaluable"],
    ) % {"n": primary["responders"], "of": primary["evaluable"]}


def _sentence(primary: Table) -> str:
    if not primary["evaluable"]:
        return _("A proportion needs patients who are evaluable: see who is not, and why.")
    sentence = _(
        "%(percent)s %% (95 %% CI %(ci)s); against %(reference)s %%: p = %(p)s, exact binomial."
    ) % {
        "percent": percent(primary["proportion"]),
        "ci": interval_text(primary),
        "reference": percent(primary["reference"]),
        "p": p_text(primary["p_value"]),
    }
    unknown = sum(primary["not_evaluable"].values())
    if unknown:
        sentence += " " + ngettext(
            "If the %(n)s not evaluable were no, %(worst)s %%; were it yes, %(best)s %%.",
            "If the %(n)s not evaluable were all no, %(worst)s %%; all yes, %(best)s %%.",
            unknown,
        ) % {
            "n": unknown,
            "worst": percent(primary["worst_case"]["proportion"]),
            "best": percent(primary["best_case"]["proportion"]),
        }
    return sentence


def forest_row(name: str, definition: str, table: Table, *, is_own: bool = False) -> ForestRow:
    """A row from a table of the summary: `responders` of `evaluable`, or `n` of `of`."""
    n = table.get("responders", table.get("n"))
    of = table.get("evaluable", table.get("of"))
    known = table["proportion"] is not None
    worst, best = table.get("worst_case"), table.get("best_case")
    return ForestRow(
        name=name,
        definition=definition,
        counts=f"{n}/{of}",
        percent=f"{share_text(n, of)} ({interval_text(table)})" if known else "–",
        mark=interval(table["proportion"], table["ci_low"], table["ci_high"], of)
        if known
        else None,
        is_own=is_own,
        extremes=(worst["proportion"] * 100, best["proportion"] * 100)
        if known and worst and best
        else None,
    )


def _published_rows(results: list[PublishedResult]) -> tuple[ForestRow, ...]:
    """The cohort that used the same rule first; a name is printed once for its rows."""
    ordered = sorted(results, key=lambda r: r.measure != "short_term_response")
    rows, last = [], ""
    for result in ordered:
        row = forest_row(result.name, str(DEFINITIONS[result.measure]), result.counted._asdict())
        rows.append(replace(row, is_repeated=result.name == last))
        last = result.name
    return tuple(rows)


def _variants(short_term: Table) -> tuple[ForestRow, ...]:
    variants = short_term["naive_variants"]
    named = [
        (_("Strict"), _("no muscle lost a point"), variants["strict"]),
        (_("Grip"), _("gain ≥ 8 kPa, weaker hand"), variants["grip"]),
        (_("MRC sum"), _("gain ≥ 2 points"), variants["mrc_sum"]),
        (
            _("Without co-treated"),
            _("no other immunotherapy"),
            short_term["naive_without_other_immunotherapy"],
        ),
        (
            _("Without carried forward"),
            _("grades examined that day only"),
            short_term["naive_without_carried_forward"],
        ),
        (_("Naive, first by SC"), _("secondary table"), short_term["naive_first_subcutaneous"]),
        (_("Pretreated"), _("secondary table"), short_term["pretreated"]),
        (_("History unknown"), _("secondary table"), short_term["unknown_history"]),
    ]
    return tuple(
        forest_row(name, definition, {k: v for k, v in table.items() if k not in EXTREMES})
        for name, definition, table in named
    )


EXTREMES = ("worst_case", "best_case")


# ---------- Who is counted ----------


@dataclass(frozen=True)
class Aside:
    """Who leaves the flow at a step, and why; `query` lists them."""

    n: int
    what: str
    reasons: str
    query: str = ""


@dataclass(frozen=True)
class Step:
    n: int
    what: str
    aside: Aside | None = None


@dataclass(frozen=True)
class Flow:
    steps: tuple[Step, ...]
    responders: int
    non_responders: int
    stopped_for_inefficacy: int
    classified: Step
    groups: tuple[tuple[str, int, str], ...]


def flow(dashboard: CohortDashboard) -> Flow:
    """Included → primary table → evaluable → responders; beside it the long-term groups."""
    summary = dashboard.summary
    primary, long_term = summary["short_term"]["naive"], summary["long_term"]
    unknown = sum(primary["not_evaluable"].values())
    unclassified = sum(long_term["not_classified"].values())
    return Flow(
        steps=(
            Step(summary["patients"], _("patients included"), _outside_primary(summary)),
            Step(
                primary["patients"],
                _("naive, first by IV"),
                Aside(
                    unknown,
                    _("not evaluable"),
                    reasons_text(primary["not_evaluable"], SHORT_TERM_REASON),
                    "history=primary&response=not_evaluable",
                )
                if unknown
                else None,
            ),
            Step(primary["evaluable"], _("evaluable at month 6")),
        ),
        responders=primary["responders"],
        non_responders=primary["evaluable"] - primary["responders"],
        stopped_for_inefficacy=primary["stopped_for_inefficacy"],
        classified=Step(
            long_term["classified"],
            _("classified"),
            Aside(
                unclassified,
                _("not classified"),
                reasons_text(long_term["not_classified"], LONG_TERM_REASON),
                "group=not_classified",
            )
            if unclassified
            else None,
        ),
        groups=(
            (_("remission"), long_term["remission"]["n"], "remission"),
            (_("periodic Ig"), long_term["dependent"]["n"], "dependent"),
            (_("other"), long_term["other"]["n"], "other"),
        ),
    )


def _outside_primary(summary: Table) -> Aside | None:
    others = {
        "pretreated": _("pretreated"),
        "unknown_history": _("history unknown"),
        "naive_first_subcutaneous": _("first by SC"),
    }
    counts = {words: summary["short_term"][key]["patients"] for key, words in others.items()}
    present = {words: n for words, n in counts.items() if n}
    if not present:
        return None
    if len(present) == 1:
        return Aside(sum(present.values()), next(iter(present)), _("own table"))
    return Aside(
        sum(present.values()),
        _("in own tables"),
        joined([f"{n} {words}" for words, n in present.items()]),
    )


def reasons_text(counts: dict[str, int], words) -> str:
    """2 no visit near month 6, 1 no baseline."""
    return ", ".join(f"{n} {words[reason]}" for reason, n in counts.items())
