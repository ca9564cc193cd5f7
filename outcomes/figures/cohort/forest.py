"""Rows of proportions with their intervals, the registry's own and published ones."""

from dataclasses import dataclass, replace

from outcomes.charts.intervals import Interval, interval
from outcomes.derivation.cohort import Table
from outcomes.figures.cohort.words import share_and_interval
from outcomes.literature import PublishedResult


@dataclass(frozen=True)
class ForestRow:
    """One proportion with its interval; `extremes` is the registry's worst to best case."""

    name: str
    definition: str
    counts: str
    percent: str
    mark: Interval | None
    is_own: bool = False
    is_ours: bool = True  # of patients of the registry, not of a published cohort
    is_repeated: bool = False  # the row above has the same name
    extremes: tuple[float, float] | None = None


def forest_row(name: str, definition: str, table: Table, *, is_own: bool = False) -> ForestRow:
    """A row from a table of the summary: `responders` of `evaluable`, or `n` of `of`."""
    n = table.get("responders", table.get("n"))
    of = table.get("evaluable", table.get("of"))
    is_known = isinstance(table["ci_low"], float)  # neither of nobody nor hidden
    return ForestRow(
        name=name,
        definition=definition,
        counts=f"{n}/{of}",
        percent=share_and_interval(table),
        mark=interval(table["proportion"], table["ci_low"], table["ci_high"], of)
        if is_known
        else None,
        is_own=is_own,
        extremes=_extremes(table) if is_own and is_known else None,
    )


def _extremes(table: Table) -> tuple[float, float] | None:
    """From all not evaluable as no, to all as yes; None where that is no range. [%]"""
    if "worst_case" not in table:
        return None
    shares = [table[case]["proportion"] for case in ("worst_case", "best_case")]
    if None in shares:
        return None
    worst, best = (share * 100 for share in shares)
    return None if worst == best else (round(worst, 2), round(best, 2))


def published_row(result: PublishedResult, definition: str) -> ForestRow:
    """A published result that has counts; the interval is ours."""
    if result.counted is None:
        raise ValueError(f"{result.name} prints no counts for {result.measure}.")
    return replace(forest_row(result.name, definition, result.counted._asdict()), is_ours=False)


def name_once(rows: list[ForestRow]) -> tuple[ForestRow, ...]:
    """Mark rows whose name stands above them already."""
    names = ["", *(row.name for row in rows)]
    return tuple(
        replace(row, is_repeated=row.name == before)
        for row, before in zip(rows, names, strict=False)
    )
