"""Predictors of short-term response, a line each."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from outcomes.dashboards.cohort import CohortDashboard
from outcomes.derivation.cohort import Table
from outcomes.figures.cohort.reasons import PREDICTOR
from outcomes.figures.cohort.words import number_text, p_text


@dataclass(frozen=True)
class PredictorRow:
    name: str
    groups: str
    n: int
    missing: int
    effect: str
    p: str
    q: str


@dataclass(frozen=True)
class PredictorPanel:
    """`note` says how many lines could be tested, and the smallest q among them."""

    rows: tuple[PredictorRow, ...]
    note: str


LEVELS = {
    "yes": gettext_lazy("yes"),
    "no": gettext_lazy("no"),
    "female": gettext_lazy("women"),
    "male": gettext_lazy("men"),
}


def predictor_panel(dashboard: CohortDashboard) -> PredictorPanel:
    lines = dashboard.summary["predictors"]
    return PredictorPanel(tuple(_row(line) for line in lines), _note(lines))


def _note(lines: list[Table]) -> str:
    tested = [line["q_value"] for line in lines if line["q_value"] is not None]
    if not tested:
        return _("too few evaluable patients to test any")
    return _("%(n)s of %(of)s tested, smallest q %(q)s") % {
        "n": len(tested),
        "of": len(lines),
        "q": p_text(min(tested)),
    }


def _row(line: Table) -> PredictorRow:
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
        f"{LEVELS[name]} {level['responders']}/{level['n']}" for name, level in levels.items()
    )


def _medians(groups: Table) -> str:
    """Median 41 of 14 against 49.5 of 6: each with how many it is the median of."""
    yes, no = groups["responder"], groups["non_responder"]
    return _("median %(yes)s (n %(yes_n)s) against %(no)s (n %(no_n)s)") % {
        "yes": number_text(yes["median"]),
        "yes_n": yes["n"],
        "no": number_text(no["median"]),
        "no_n": no["n"],
    }


def _effect(line: Table) -> str:
    """OR 0.35 (0.02 to 6.4); a bound that is infinite is said to be."""
    if line["ci_low"] is None:
        return "–"
    name = _("OR") if line["effect"] == "odds_ratio" else _("diff.")
    return _("%(name)s %(estimate)s (%(low)s to %(high)s)") % {
        "name": name,
        "estimate": _or_infinite(line["estimate"]),
        "low": number_text(line["ci_low"]),
        "high": _or_infinite(line["ci_high"]),
    }


def _or_infinite(value: float | None) -> str:
    return "∞" if value is None else number_text(value)
