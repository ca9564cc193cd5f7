"""Published results in words: what each measure means, and what stands as printed."""

from dataclasses import dataclass

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from outcomes.dashboards.cohort import CohortDashboard
from outcomes.figures.cohort.forest import ForestRow, forest_row, published_row
from outcomes.figures.cohort.words import share_and_interval
from outcomes.labels import Words
from outcomes.literature import PublishedResult

# What each published cohort called a response, in a few words; the forest shows these.
RESPONSES: Words = {
    "short_term_response": _("the same rule, month 6"),
    "response_with_block": _("with conduction block"),
    "response_without_block": _("without conduction block"),
    "response_definite_or_probable_block": _("definite or probable block"),
    "response_possible_block": _("possible block"),
    "response_to_first_drug_ivig": _("month 4, first drug IVIg"),
    "response_definite_mmn": _("definite MMN"),
    "response_probable_mmn": _("probable MMN"),
    "response_possible_mmn": _("possible MMN"),
    "improvement": _("isometric strength"),
    "response": _("any immunoglobulin response"),
}
OTHER_MEASURES: Words = {
    "remission": _("remission"),
    "dependent": _("on periodic immunoglobulin"),
    "still_treated": _("still treated"),
    "blocks_decreased_or_unchanged": _("blocks decreased or unchanged"),
    "poor_or_absent_response": _("poor or absent response"),
}


@dataclass(frozen=True)
class Comparison:
    """The registry's proportion among published ones; each row's definition is its note."""

    title: str
    rows: tuple[ForestRow, ...]


@dataclass(frozen=True)
class PublishedRow:
    """A result as printed; only `percent`, the interval, is ours."""

    name: str
    measure: str
    counts: str
    percent: str
    printed: str
    ci_printed: str
    p_printed: str
    note: str
    source: str


@dataclass(frozen=True)
class LiteraturePanel:
    comparisons: tuple[Comparison, ...]
    results: tuple[PublishedRow, ...]


def literature_panel(dashboard: CohortDashboard) -> LiteraturePanel:
    return LiteraturePanel(
        _comparisons(dashboard), tuple(_as_printed(result) for result in dashboard.literature)
    )


def _comparisons(dashboard: CohortDashboard) -> tuple[Comparison, ...]:
    long_term = dashboard.summary["long_term"]
    classified = {"of": long_term["classified"]}
    blocks = dashboard.summary["block_change"]["naive"]["decreased_or_unchanged"]
    of_classified = _("of those classified")
    compared = (
        (_("In remission"), long_term["remission"] | classified, of_classified, ("remission",)),
        (
            _("Still on immunoglobulin"),
            long_term["dependent"] | classified,
            of_classified,
            ("dependent", "still_treated"),
        ),
        (
            _("Blocks decreased or unchanged"),
            blocks,
            _("naive patients"),
            ("blocks_decreased_or_unchanged",),
        ),
    )
    return tuple(
        Comparison(
            str(title),
            (
                forest_row(gettext("This registry"), str(whom), own, is_own=True),
                *_published(dashboard.literature, measures),
            ),
        )
        for title, own, whom, measures in compared
    )


def _published(
    results: tuple[PublishedResult, ...], measures: tuple[str, ...]
) -> tuple[ForestRow, ...]:
    return tuple(
        published_row(result, short_note(result.note))
        for measure in measures
        for result in results
        if result.measure == measure and result.counted
    )


def _as_printed(result: PublishedResult) -> PublishedRow:
    counted = result.counted
    return PublishedRow(
        name=result.name,
        measure=_measure_words(result.measure),
        counts=f"{counted.n}/{counted.of}" if counted else "",
        percent=share_and_interval(counted._asdict()) if counted else "",
        printed=result.printed,
        ci_printed=result.ci_printed,
        p_printed=result.p_printed,
        note=result.note,
        source=result.reference,
    )


def _measure_words(measure: str) -> str:
    """Responses say that they are one: "response: definite MMN"."""
    if measure in RESPONSES:
        return gettext("response: %(definition)s") % {"definition": RESPONSES[measure]}
    return str(OTHER_MEASURES[measure])


def short_note(note: str) -> str:
    """The note's first part: "denominator inferred", without the explanation after it."""
    return note.split(";", maxsplit=1)[0].split(":", maxsplit=1)[0].strip()
