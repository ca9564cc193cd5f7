"""Who is counted: from all included to the responders, and to the long-term groups."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from outcomes.dashboards.cohort import CohortDashboard
from outcomes.derivation.cohort import Table
from outcomes.derivation.criteria import CLASSIFIED, EVALUABLE, NAIVE_SC, PRIMARY, SECONDARY
from outcomes.figures.cohort.counts import Count, count, reasons
from outcomes.figures.cohort.reasons import LONG_TERM_REASON, SHORT_TERM_REASON


@dataclass(frozen=True)
class Leaving:
    """Who leaves the flow at a step, and why."""

    count: Count
    reasons: tuple[Count, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Step:
    count: Count
    leaving: Leaving | None = None


@dataclass(frozen=True)
class Flow:
    steps: tuple[Step, ...]
    responders: Count
    non_responders: Count
    stopped_for_inefficacy: Count
    long_term: tuple[Step, ...]
    groups: tuple[Count, ...]


def flow(dashboard: CohortDashboard) -> Flow:
    """Included → primary table → evaluable → responders; beside it the long-term groups."""
    summary = dashboard.summary
    primary, long_term = summary["short_term"]["naive"], summary["long_term"]
    return Flow(
        steps=_steps(summary),
        responders=_of_primary(primary["responders"], _("responders"), "responder"),
        non_responders=_of_primary(
            primary["evaluable"] - primary["responders"], _("non-responders"), "non_responder"
        ),
        stopped_for_inefficacy=_stopped(primary["stopped_for_inefficacy"]),
        long_term=_long_term(summary),
        groups=tuple(
            count(long_term[code]["n"], words, group=code)
            for code, words in (
                ("remission", _("remission")),
                ("dependent", _("periodic Ig")),
                ("other", _("other")),
            )
        ),
    )


def _of_primary(n: int, words: str, response: str) -> Count:
    return count(n, words, history=PRIMARY, response=response)


def _steps(summary: Table) -> tuple[Step, ...]:
    primary = summary["short_term"]["naive"]
    included = ngettext("patient included", "patients included", summary["patients"])
    return (
        Step(Count(summary["patients"], included), _outside_primary(summary)),
        Step(
            count(primary["patients"], _("naive, first by IV"), history=PRIMARY),
            _not_evaluable(primary),
        ),
        Step(_of_primary(primary["evaluable"], _("evaluable at month 6"), EVALUABLE)),
    )


def _outside_primary(summary: Table) -> Leaving | None:
    """Patients with tables of their own; one kind stands by its name alone."""
    kinds = (
        ("pretreated", _("pretreated"), "pretreated"),
        ("unknown_history", _("history unknown"), "unknown"),
        ("naive_first_subcutaneous", _("naive, first by SC"), NAIVE_SC),
    )
    present = tuple(
        count(n, words, history=code)
        for table, words, code in kinds
        if (n := summary["short_term"][table]["patients"])
    )
    if not present:
        return None
    if len(present) == 1:
        return Leaving(present[0], note=_("own table"))
    outside = count(sum(kind.n for kind in present), _("in own tables"), history=SECONDARY)
    return Leaving(outside, present)


def _not_evaluable(primary: Table) -> Leaving | None:
    found = reasons(
        primary["not_evaluable"], SHORT_TERM_REASON, parameter="response", history=PRIMARY
    )
    if not found:
        return None
    n = sum(reason.n for reason in found)
    return Leaving(_of_primary(n, _("not evaluable"), "not_evaluable"), found)


def _long_term(summary: Table) -> tuple[Step, ...]:
    """All of them again, and those who can be classified."""
    table = summary["long_term"]
    everybody = Count(summary["patients"], _("all, long term"))
    classified = Step(count(table["classified"], _("classified"), group=CLASSIFIED))
    found = reasons(table["not_classified"], LONG_TERM_REASON, parameter="status")
    if not found:
        return (Step(everybody), classified)
    n = sum(reason.n for reason in found)
    leaving = Leaving(count(n, _("not classified"), group="not_classified"), found)
    return (Step(everybody, leaving), classified)


def _stopped(n: int) -> Count:
    words = ngettext(
        "of the non-responders was not examined near month 6: treatment was stopped for inefficacy",
        "of the non-responders were not examined near month 6: treatment was stopped for "
        "inefficacy",
        n,
    )
    return _of_primary(n, words, "STOPPED_FOR_INEFFICACY")
