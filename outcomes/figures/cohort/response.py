"""Short-term response: the finding, the forest beside the literature, variants, by centre."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from outcomes.dashboards.cohort import CohortDashboard
from outcomes.derivation.cohort import Table
from outcomes.figures.cohort.forest import ForestRow, forest_row, name_once, published_row
from outcomes.figures.cohort.literature import RESPONSES
from outcomes.figures.cohort.words import interval_text, p_sentence, unbroken
from outcomes.literature import PublishedResult
from outcomes.numbers import percent


@dataclass(frozen=True)
class ResponsePanel:
    """`lead` is the proportion in bold, `sentence` what follows it."""

    title: str
    lead: str
    sentence: str
    reference_percent: float
    rows: tuple[ForestRow, ...]
    variants: tuple[ForestRow, ...]
    by_centre: tuple[ForestRow, ...]


def response_panel(dashboard: CohortDashboard) -> ResponsePanel:
    short_term = dashboard.summary["short_term"]
    primary = short_term["naive"]
    own = forest_row(
        _("This registry"),
        _("≥ 1 MRC point in ≥ %(n)s muscles, month 6") % {"n": dashboard.rules.muscles_needed},
        primary,
        is_own=True,
    )
    return ResponsePanel(
        title=_title(primary),
        lead=unbroken(f"{percent(primary['proportion'])} %") if primary["evaluable"] else "",
        sentence=_sentence(primary),
        reference_percent=primary["reference"] * 100,
        rows=(own, *_published_rows(dashboard.literature)),
        variants=_variants(short_term, dashboard),
        by_centre=_by_centre(short_term),
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
    tested = _("(95 %% CI %(ci)s); against %(reference)s %%: %(p)s, exact binomial.") % {
        "ci": interval_text(primary),
        "reference": percent(primary["reference"]),
        "p": p_sentence(primary["p_value"]),
    }
    parts = (tested, _extremes(primary), _provisional(primary))
    return unbroken(" ".join(part for part in parts if part))


def _extremes(primary: Table) -> str:
    unknown = sum(primary["not_evaluable"].values())
    if not unknown:
        return ""
    return ngettext(
        "If the %(n)s not evaluable were no, %(worst)s %%; were it yes, %(best)s %%.",
        "If the %(n)s not evaluable were all no, %(worst)s %%; all yes, %(best)s %%.",
        unknown,
    ) % {
        "n": unknown,
        "worst": percent(primary["worst_case"]["proportion"]),
        "best": percent(primary["best_case"]["proportion"]),
    }


def _provisional(primary: Table) -> str:
    n = primary["provisional"]
    if not n:
        return ""
    return ngettext(
        "%(n)s is provisional: month 6 is not over.",
        "%(n)s are provisional: month 6 is not over.",
        n,
    ) % {"n": n}


def _published_rows(literature: tuple[PublishedResult, ...]) -> tuple[ForestRow, ...]:
    """The cohort that used the same rule first, the others from the newest; each name once."""
    results = [r for r in literature if r.measure in RESPONSES and r.counted]
    ordered = sorted(
        results, key=lambda r: (r.measure != "short_term_response", -int(r.year or 0), r.name)
    )
    return name_once([published_row(r, str(RESPONSES[r.measure])) for r in ordered])


def _variants(short_term: Table, dashboard: CohortDashboard) -> tuple[ForestRow, ...]:
    variants, rules = short_term["naive_variants"], dashboard.rules
    grip = _("gain ≥ %(n)g kPa, weaker hand") % {"n": rules.grip_change_kpa}
    mrc_sum = _("gain ≥ %(n)g points") % {"n": rules.mrc_sum_change_points}
    secondary = _("secondary table")
    named = (
        (_("Strict"), _("no muscle lost a point"), variants["strict"]),
        (_("Grip"), grip, variants["grip"]),
        (_("MRC sum"), mrc_sum, variants["mrc_sum"]),
        (
            _("Without co-treated"),
            _("no other immunotherapy"),
            short_term["naive_without_other_immunotherapy"],
        ),
        (
            _("Without carried forward"),
            _("only grades examined that day"),
            short_term["naive_without_carried_forward"],
        ),
        (_("Naive, first by SC"), secondary, short_term["naive_first_subcutaneous"]),
        (_("Pretreated"), secondary, short_term["pretreated"]),
        (_("History unknown"), secondary, short_term["unknown_history"]),
    )
    return tuple(forest_row(name, definition, table) for name, definition, table in named)


def _by_centre(short_term: Table) -> tuple[ForestRow, ...]:
    """The primary table of each centre, where there are several."""
    centres = short_term["naive_by_centre"]
    if len(centres) < 2:
        return ()
    return tuple(
        forest_row(code, _not_evaluable_of(table), table) for code, table in centres.items()
    )


def _not_evaluable_of(table: Table) -> str:
    n = sum(table["not_evaluable"].values())
    return _("%(n)s of %(of)s") % {"n": n, "of": table["patients"]}
