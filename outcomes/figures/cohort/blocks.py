"""Change in conduction blocks of naive patients, first against last study."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from outcomes.charts.cohort import Slopes, slopes
from outcomes.dashboards.cohort import BlockPath, CohortDashboard
from outcomes.derivation.cohort import Table
from outcomes.derivation.masking import Hidden
from outcomes.figures.cohort.counts import Count, count, reasons
from outcomes.figures.cohort.reasons import BLOCK_CHANGE_REASON
from outcomes.figures.cohort.words import share_and_interval

MOST_UNITS = 10  # more patients than that are drawn as a bar, not one by one

CHANGES = (
    ("decreased", gettext_lazy("Decreased"), "fewer"),
    ("unchanged", gettext_lazy("Unchanged"), "steady"),
    ("increased", gettext_lazy("Increased"), "more"),
)


@dataclass(frozen=True)
class ChangeRow:
    """Patients of one kind of change, drawn one by one, or as a bar [% of the longest]."""

    code: str
    mark: str
    name: str
    count: Count
    of: int
    units: range
    percent: float


@dataclass(frozen=True)
class StudyEnd:
    """Segments and nerves with block at the first or the last study, all patients added."""

    segments: str
    nerves: str


@dataclass(frozen=True)
class BlockPanel:
    title: str
    rows: tuple[ChangeRow, ...]
    merged: str
    slopes: Slopes | None
    paths: tuple[BlockPath, ...]
    first: StudyEnd
    last: StudyEnd
    not_evaluable: tuple[Count, ...]


def block_panel(dashboard: CohortDashboard) -> BlockPanel:
    table = dashboard.summary["block_change"]["naive"]
    merged = table["decreased_or_unchanged"]
    return BlockPanel(
        title=_title(merged),
        rows=_rows(table),
        merged=f"{merged['n']}/{merged['of']}, {share_and_interval(merged)} %"
        if merged["of"]
        else "",
        slopes=slopes([(p.first, p.last, p.patients) for p in dashboard.block_paths]),
        paths=dashboard.block_paths,
        first=_study_end(table, "first"),
        last=_study_end(table, "last"),
        not_evaluable=reasons(
            table["not_evaluable"], BLOCK_CHANGE_REASON, parameter="blocks", history="naive"
        ),
    )


def _title(merged: Table) -> str:
    if not merged["of"]:
        return _("Conduction blocks: nobody can be compared yet")
    return _("Blocks decreased or unchanged in %(n)s of %(of)s") % {
        "n": merged["n"],
        "of": merged["of"],
    }


def _rows(table: Table) -> tuple[ChangeRow, ...]:
    shown = {code: 0 if isinstance(table[code], Hidden) else table[code] for code, *_ in CHANGES}
    longest = max(shown.values())
    return tuple(
        ChangeRow(
            code=code,
            mark=mark,
            name=str(words),
            count=count(table[code], words, history="naive", blocks=code),
            of=table["evaluable"],
            units=range(shown[code] if longest <= MOST_UNITS else 0),
            percent=round(shown[code] / longest * 100, 1) if longest > MOST_UNITS else 0,
        )
        for code, words, mark in CHANGES
    )


def _study_end(table: Table, which: str) -> StudyEnd:
    segments = table["segments_with_block"][which]
    nerves = table["nerves_with_block"][which]
    return StudyEnd(
        ngettext("%(n)s segment", "%(n)s segments", segments) % {"n": segments},
        ngettext("in %(n)s nerve", "in %(n)s nerves", nerves) % {"n": nerves},
    )
