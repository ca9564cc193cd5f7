"""Long-term groups, drawn as one whole and as proportions."""

from dataclasses import dataclass

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from outcomes.charts.cohort import Bar, stacked_bar
from outcomes.dashboards.cohort import CohortDashboard
from outcomes.derivation.cohort import Table
from outcomes.derivation.inference import proportion
from outcomes.derivation.masking import Hidden
from outcomes.figures.cohort.counts import Count, count, reasons
from outcomes.figures.cohort.forest import ForestRow, forest_row
from outcomes.figures.cohort.reasons import LONG_TERM_REASON, STATUS
from outcomes.figures.cohort.words import share_and_interval
from outcomes.labels import LONG_TERM_GROUP


@dataclass(frozen=True)
class GroupRow:
    """A group with its mark, and who is in it; a part of a group has a denominator of its own."""

    code: str
    row: ForestRow
    count: Count
    of: int
    is_part: bool = False


@dataclass(frozen=True)
class StatusRow:
    """One status of the finest partition, of all patients."""

    name: str
    group: str
    count: Count
    of: int
    percent: str


@dataclass(frozen=True)
class LongTermPanel:
    title: str
    bar: Bar | None
    rows: tuple[GroupRow, ...]
    not_classified: tuple[Count, ...]
    dependency: str
    statuses: tuple[StatusRow, ...]


def long_term_panel(dashboard: CohortDashboard) -> LongTermPanel:
    table = dashboard.summary["long_term"]
    return LongTermPanel(
        title=_title(table),
        bar=_bar(table),
        rows=_rows(table),
        not_classified=reasons(table["not_classified"], LONG_TERM_REASON, parameter="status"),
        dependency=_dependency(table),
        statuses=_statuses(table["statuses"], dashboard.summary["patients"]),
    )


def _title(table: Table) -> str:
    if not table["classified"]:
        return _("Long-term status: nobody is classified yet")
    return ngettext(
        "%(n)s of %(of)s stays on immunoglobulin",
        "%(n)s of %(of)s stay on immunoglobulin",
        table["dependent"]["n"],
    ) % {"n": table["dependent"]["n"], "of": table["classified"]}


def _bar(table: Table) -> Bar | None:
    dependent, without = table["dependent"]["n"], table["dependent"]["without_response"]
    numbers = (table["remission"]["n"], dependent, without, table["other"]["n"])
    if any(isinstance(n, Hidden) for n in numbers):
        return None  # the lengths of the others would tell what is hidden
    return stacked_bar(
        [
            (_("Remission"), [("remission", table["remission"]["n"])]),
            (
                _("Periodic immunoglobulin"),
                [("dependent", dependent - without), ("dependent-no-response", without)],
            ),
            (_("Other"), [("other", table["other"]["n"])]),
        ]
    )


def _rows(table: Table) -> tuple[GroupRow, ...]:
    def row(code: str, name: str) -> GroupRow:
        own = {**table[code], "of": table["classified"]}
        return GroupRow(
            code=code,
            row=forest_row(name, "", own),
            count=count(own["n"], name, group=code),
            of=own["of"],
        )

    return (
        row("remission", _("Remission")),
        row("dependent", _("Periodic immunoglobulin")),
        _without_response(table["dependent"]),
        row("other", _("Other")),
    )


def _without_response(dependent: Table) -> GroupRow:
    """Always printed apart, of those on periodic immunoglobulin."""
    n, of = dependent["without_response"], dependent["n"]
    name = _("of them without a response")
    return GroupRow(
        code="dependent-no-response",
        row=forest_row(name, "", proportion(n, of)._asdict()),
        count=count(n, name, status="treated_without_response"),
        of=of,
        is_part=True,
    )


def _dependency(table: Table) -> str:
    proven = table["dependency_proven"]
    if not proven["of"]:
        return ""
    return _(
        "Dependency is proven in %(n)s of %(of)s: a failed dose attempt, or a relapse in a long "
        "interval."
    ) % {"n": proven["n"], "of": proven["of"]}


def _statuses(statuses: Table, patients: int) -> tuple[StatusRow, ...]:
    return tuple(
        StatusRow(
            name=capfirst(str(STATUS[code])),
            group=str(LONG_TERM_GROUP[status["group"]]),
            count=count(status["n"], STATUS[code], status=code),
            of=patients,
            percent=share_and_interval(status),
        )
        for code, status in statuses.items()
    )
