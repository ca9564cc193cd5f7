"""Small cells of a cohort's tables are hidden from who reads patients pseudonymised.

A number of 1 to 4 patients is hidden, and so are as many others as it takes that it cannot be
worked out: not as a total less the others, nor as what a proportion leaves. Whatever was computed
from a hidden number is hidden with it. One implementation, for page, interface and exports.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from outcomes.derivation.cohort import Table

SMALLEST_SHOWN = 5
# Bounds are narrowed sum by sum, which all sums together could do a little further: hence more.
TOLD_BELOW = 7
# How many there are is said whatever else is hidden.
ALWAYS_TOLD: frozenset[tuple[str, ...]] = frozenset({("patients",), ("cohort", "everybody")})
SIGN = "–"

Way = tuple[str, ...]


class Hidden(int):
    """A number that is not told: it holds none, reads as a dash, and hides what is made of it."""

    def __new__(cls, *_anything: object) -> Hidden:
        return super().__new__(cls, 0)

    def __bool__(self) -> bool:
        return True  # there may be somebody

    def __str__(self) -> str:
        return SIGN

    __repr__ = __str__

    def __format__(self, _spec: str) -> str:
        return SIGN

    def _hides(self, *_others: object) -> Hidden:
        return self

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _hides
    __truediv__ = __rtruediv__ = __floordiv__ = __rfloordiv__ = _hides
    __neg__ = __abs__ = __round__ = _hides


HIDDEN = Hidden()


def masked(tables: Table) -> Table:
    """Hide what is small in the tables of a cohort, and what would tell it.

    Parameters
    ----------
    tables : dict as `cohort.summarise` returns it
        ``cohort`` may stand beside, with ``everybody`` and, as ``out``, a list of ``name`` and
        ``patients``.

    Returns
    -------
    dict of the same shape: hidden counts are `HIDDEN`, what was computed from one is None.
    """
    counted = _count(tables)
    hidden = hidden_cells(counted)
    found: Table = _without(tables, (), hidden)
    return found


# ── Which cells are hidden ───────────────────────────────────────────────────────────────────


@dataclass
class Counted:
    """Numbers of patients by their way, and which of them add up to which.

    ``sums`` hold a total and its parts. A way that is in no table stands for who is left over.
    """

    cells: dict[Way, int] = field(default_factory=dict)
    sums: list[tuple[Way, tuple[Way, ...]]] = field(default_factory=list)

    def add(self, total: Way, *parts: Way) -> None:
        """The parts are all of the total; those that nobody has are left out."""
        self.sums.append((total, parts))

    def rest(self, total: Way, *parts: Way) -> Way:
        """The parts are some of the total; the others are a number, too."""
        rest = (*total, "but", *parts[0])
        self.cells[rest] = self.cells[total] - sum(self.cells[part] for part in parts)
        self.sums.append((total, (*parts, rest)))
        return rest


def hidden_cells(counted: Counted) -> set[Way]:
    """Name the cells that are hidden: small ones, and what protects them.

    Parameters
    ----------
    counted : Counted

    Returns
    -------
    set of ways. From what is left and from all sums, no hidden cell of 1 to 4 can be told to be
    below 5: its bounds reach 5 or more, unless nothing is left that could be hidden.
    """
    ways = list(counted.cells)
    place = {way: n for n, way in enumerate(ways)}
    sums = [(place[total], [place[part] for part in parts]) for total, parts in counted.sums]
    told = {place[way] for way in ALWAYS_TOLD & counted.cells.keys()}
    puzzle = _Puzzle([counted.cells[way] for way in ways], sums, told)
    return {ways[cell] for cell in puzzle.hidden()}


@dataclass
class _Puzzle:
    """The same with cells by their place, as somebody sees it who tries to fill in the dashes."""

    numbers: list[int]
    sums: list[tuple[int, list[int]]]
    always_told: set[int]

    def hidden(self) -> set[int]:
        small = {cell for cell, n in enumerate(self.numbers) if 0 < n < SMALLEST_SHOWN}
        hidden = set(small)
        while True:
            highest = self._highest(hidden)
            told = [cell for cell in small if highest[cell] < TOLD_BELOW]
            protecting = {self._protector(hidden, cell) for cell in told} - {None}
            if not protecting:
                return hidden
            hidden |= {cell for cell in protecting if cell is not None}

    def _protector(self, hidden: set[int], told: int) -> int | None:
        """The cheapest cell whose hiding loosens a sum of a cell that would be told.

        Where all cells of its sums are hidden already, one of theirs; a total is the dearest.
        """
        near, seen = {told}, {told}
        while near:
            found: set[int] = set()
            for total, parts in self.sums:
                if total in near or not near.isdisjoint(parts):
                    found |= {total, *parts}
            open_ = found - hidden - self.always_told
            visible = [cell for cell in open_ if self.numbers[cell] > 0]
            if visible:
                totals = {total for total, _parts in self.sums}
                return min(visible, key=lambda c: (c in totals, self.numbers[c], c))
            near = found - seen
            seen |= near
        return None

    def _highest(self, hidden: set[int]) -> list[float]:
        """What each cell is at most, as far as the sums tell whoever sees the others."""
        low = [1.0 if c in hidden else float(n) for c, n in enumerate(self.numbers)]
        high = [math.inf if c in hidden else float(n) for c, n in enumerate(self.numbers)]
        waiting = [(t, p) for t, p in self.sums if t in hidden or not hidden.isdisjoint(p)]
        moved = True
        while moved:
            moved = False
            for total, parts in waiting:
                lows, highs = sum([low[p] for p in parts]), sum([high[p] for p in parts])
                if lows > low[total]:
                    low[total], moved = lows, True
                if highs < high[total]:
                    high[total], moved = highs, True
                for part in parts:
                    most = high[total] - (lows - low[part])
                    if most < high[part]:
                        high[part], moved = most, True
                    if highs < math.inf:
                        least = low[total] - (highs - high[part])
                        if least > low[part]:
                            lows += least - low[part]
                            low[part], moved = least, True
        return high


# ── What adds up to what, in the tables of a cohort ──────────────────────────────────────────

_STOPPED = "stopped_for_inefficacy"
# Numbers that count no patients of a cell of their own.
_NO_CELLS = {"reference", "years"}
_OF_SEGMENTS = {"segments_with_block", "nerves_with_block"}


def _count(tables: Table) -> Counted:
    counted = Counted(dict(_cells(tables, ())))
    _count_everybody(tables, counted)
    _count_responses(tables["short_term"], counted)
    _count_long_term(tables["long_term"], counted)
    _count_blocks(tables["block_change"], counted)
    _count_doses(tables["dose"], counted)
    for name in ("time_to_remission", "time_to_relapse"):
        counted.rest((name, "patients"), (name, "events"))
    counted.rest(("naive",), ("time_to_remission", "patients"))
    counted.rest(("patients",), ("follow_up_years", "n"))
    for line in tables["predictors"]:
        _count_predictor(line, counted)
    return counted


def _cells(node: Any, way: Way) -> Iterator[tuple[Way, int]]:
    for name, inner in _items(node):
        if isinstance(inner, bool) or name in _NO_CELLS:
            continue
        if isinstance(inner, int):
            yield (*way, name), inner
        elif isinstance(inner, dict | list) and name not in _OF_SEGMENTS:
            yield from _cells(inner, (*way, name))


def _items(node: Any) -> list[tuple[str, Any]]:
    """What is in a table, or in a list of them, by name."""
    if isinstance(node, dict):
        return [(str(name), inner) for name, inner in node.items()]
    if isinstance(node, list):
        return [(_called(inner, place), inner) for place, inner in enumerate(node)]
    return []


def _called(line: Any, place: int) -> str:
    return str(line.get("name", line.get("years", place))) if isinstance(line, dict) else str(place)


def _ways(table: Mapping[str, Any], *way: str) -> tuple[Way, ...]:
    return tuple((*way, name) for name in table)


def _count_everybody(tables: Table, counted: Counted) -> None:
    everybody = ("patients",)
    counted.add(everybody, ("naive",), ("pretreated",), ("unknown_history",))
    counted.add(everybody, *_ways(tables["diagnosis"], "diagnosis"))
    if "cohort" in tables:
        out = tuple(("cohort", "out", o["name"], "patients") for o in tables["cohort"]["out"])
        counted.add(("cohort", "everybody"), everybody, *out)


def _count_responses(tables: Table, counted: Counted) -> None:
    at = "short_term"
    for name, table in tables.items():
        if name == "naive_by_centre":
            for centre, own in table.items():
                _count_response(own, (at, name, centre), counted)
        elif name != "naive_variants":
            _count_response(table, (at, name), counted)
    primary = (at, "naive")
    counted.add(("naive",), (*primary, "patients"), (at, "naive_first_subcutaneous", "patients"))
    for name in ("pretreated", "unknown_history"):
        counted.add((name,), (at, name, "patients"))
    centres = [(at, "naive_by_centre", centre) for centre in tables["naive_by_centre"]]
    if centres:
        for number in ("patients", "evaluable", "responders", "provisional", _STOPPED):
            counted.add((*primary, number), *((*centre, number) for centre in centres))
        counted.add(_non_responders(primary), *map(_non_responders, centres))
        for reason in tables["naive"]["not_evaluable"]:
            those = [(*centre, "not_evaluable", reason) for centre in centres]
            own = [way for way in those if way in counted.cells]
            counted.add((*primary, "not_evaluable", reason), *own)
    for number in ("patients", "evaluable", "responders"):
        counted.rest((*primary, number), (at, "naive_without_other_immunotherapy", number))
    again = (at, "naive_without_carried_forward")
    if "naive_without_carried_forward" in tables:
        counted.add((*primary, "patients"), (*again, "patients"))
    for name, variant in tables["naive_variants"].items():
        way = (at, "naive_variants", name)
        counted.rest((*primary, "patients"), (*way, "of"))
        if name == "strict" and variant["of"] == tables["naive"]["evaluable"]:
            counted.rest((*primary, "responders"), (*way, "n"))
        counted.rest((*way, "of"), (*way, "n"))


def _count_response(table: Table, way: Way, counted: Counted) -> None:
    """Patients are evaluable or not, by reason; the evaluable are responders or not."""
    reasons = _ways(table["not_evaluable"], *way, "not_evaluable")
    counted.add((*way, "patients"), (*way, "evaluable"), *reasons)
    others = counted.rest((*way, "evaluable"), (*way, "responders"))
    counted.rest(others, (*way, _STOPPED))
    counted.rest((*way, "patients"), (*way, "provisional"))
    for case in ("worst_case", "best_case"):
        counted.add((*way, "patients"), (*way, case, "of"))
    counted.add((*way, "worst_case", "n"), (*way, "responders"))
    counted.add((*way, "best_case", "n"), (*way, "responders"), *reasons)
    counted.add((*way, "patients"), (*way, "best_case", "n"), others)


def _count_long_term(table: Table, counted: Counted) -> None:
    at, groups = "long_term", ("remission", "dependent", "other")
    without = _ways(table["not_classified"], at, "not_classified")
    counted.add(("patients",), (at, "classified"), *without)
    counted.add((at, "classified"), *((at, group, "n") for group in groups))
    statuses = table["statuses"]
    ways = {status: (at, "statuses", status, "n") for status in statuses}
    counted.add(("patients",), *ways.values())
    for group in groups:
        own = [ways[s] for s, line in statuses.items() if line["group"] == group]
        if own:
            counted.add((at, group, "n"), *own)
    for status in table["not_classified"]:
        counted.add(ways[status], (at, "not_classified", status))
    counted.rest((at, "dependent", "n"), (at, "dependent", "without_response"))
    if "treated_without_response" in ways:
        counted.add(ways["treated_without_response"], (at, "dependent", "without_response"))
    for flag in ("dependency_proven", "relapsed_after_remission", "lost_to_follow_up"):
        counted.rest(("patients",), (at, flag, "of"))
        counted.rest((at, flag, "of"), (at, flag, "n"))


def _count_blocks(tables: Table, counted: Counted) -> None:
    changes = ("decreased", "unchanged", "increased")
    for name, table in tables.items():
        way = ("block_change", name)
        reasons = _ways(table["not_evaluable"], *way, "not_evaluable")
        counted.add((*way, "patients"), (*way, "evaluable"), *reasons)
        counted.add((*way, "evaluable"), *((*way, change) for change in changes))
        merged = (*way, "decreased_or_unchanged")
        counted.add((*merged, "n"), (*way, "decreased"), (*way, "unchanged"))
        counted.add((*way, "evaluable"), (*merged, "of"))
        counted.add((*way, "evaluable"), (*merged, "n"), (*way, "increased"))
    # The others are a table of their own, by difference.
    others = {
        number: counted.rest(("block_change", "all", number), ("block_change", "naive", number))
        for number in ("patients", "evaluable", *changes)
    }
    counted.add(others["evaluable"], *(others[change] for change in changes))
    reasons_of_others = [
        counted.rest(("block_change", "all", *reason), naive)
        if (naive := ("block_change", "naive", *reason)) in counted.cells
        else ("block_change", "all", *reason)
        for reason in _ways(tables["all"]["not_evaluable"], "not_evaluable")
    ]
    counted.add(others["patients"], others["evaluable"], *reasons_of_others)
    counted.add(("patients",), ("block_change", "all", "patients"))
    counted.add(("naive",), ("block_change", "naive", "patients"))


def _count_doses(table: Table, counted: Counted) -> None:
    reasons = [name for name in table["incomplete"] if name != "NO_WEIGHT"]
    counted.add(
        ("patients",),
        *_ways(table["trend"], "dose", "trend"),
        *(("dose", "incomplete", name) for name in reasons),
    )
    if "NO_WEIGHT" in table["incomplete"]:
        counted.rest(("patients",), ("dose", "incomplete", "NO_WEIGHT"))
    for name in ("weekly_dose_g", "weekly_dose_g_per_kg"):
        counted.rest(("patients",), ("dose", name, "n"))
    counted.rest(("patients",), ("dose", "declining_responsiveness", "of"))
    counted.rest(
        ("dose", "declining_responsiveness", "of"), ("dose", "declining_responsiveness", "n")
    )


def _count_predictor(line: Table, counted: Counted) -> None:
    way, primary = ("predictors", line["name"]), ("short_term", "naive")
    counted.add((*primary, "evaluable"), (*way, "n"), (*way, "missing"))
    if "levels" in line:
        levels = [(*way, "levels", level) for level in line["levels"]]
        counted.add((*way, "n"), *((*level, "n") for level in levels))
        without = [counted.rest((*level, "n"), (*level, "responders")) for level in levels]
        missing = (
            counted.rest((*primary, "responders"), *((*level, "responders") for level in levels)),
            counted.rest(_non_responders(primary), *without),
        )
    else:
        groups = [(*way, "groups", group) for group in line["groups"]]
        counted.add((*way, "n"), *((*group, "n") for group in groups))
        missing = (
            counted.rest((*primary, "responders"), (*way, "groups", "responder", "n")),
            counted.rest(_non_responders(primary), (*way, "groups", "non_responder", "n")),
        )
    counted.add((*way, "missing"), *missing)


def _non_responders(way: Way) -> Way:
    """Those who are left of the evaluable, as `Counted.rest` names them."""
    return (*way, "evaluable", "but", *way, "responders")


# ── The tables without them ──────────────────────────────────────────────────────────────────

# What is computed in a table is computed from these of its numbers, if it has them; else from all.
_COMPUTED_FROM = ({"responders", "evaluable"}, {"patients", "events"}, {"at_risk"})


def _without(node: Any, way: Way, hidden: set[Way], *, tells: bool = False) -> Any:
    """The node without its hidden numbers; `tells`: what is computed in it would tell one."""
    if isinstance(node, list):
        return [_without(inner, (*way, name), hidden, tells=tells) for name, inner in _items(node)]
    if not isinstance(node, dict):
        return None if tells and isinstance(node, float) else node
    tells = tells or _tells(node, way, hidden)
    found: dict[str, Any] = {}
    for name, inner in node.items():
        here = (*way, str(name))
        if here in hidden or (tells and name in _OF_SEGMENTS):
            found[name] = dict.fromkeys(inner, HIDDEN) if isinstance(inner, dict) else HIDDEN
        elif name in _NO_CELLS:
            found[name] = inner
        else:
            # Tables within a curve or a comparison are computed from the same numbers.
            goes_on = tells and way[:1] in _WHOLE
            is_table = isinstance(inner, dict | list)
            found[name] = _without(inner, here, hidden, tells=goes_on if is_table else tells)
            if name == "at_years":  # a curve ends where it is of too few
                found[name] = [one for one in found[name] if one["without_event"]["survival"]]
    return found


_WHOLE = (("predictors",), ("time_to_remission",), ("time_to_relapse",))


def _tells(node: Table, way: Way, hidden: set[Way]) -> bool:
    if len(way) == 2 and way[0] == "predictors":  # a test is of all its numbers
        return any(one[:2] == way for one in hidden)
    own = {str(name) for name in node if (*way, str(name)) in hidden}
    for numbers in _COMPUTED_FROM:
        if numbers <= node.keys():
            return bool(own & numbers)
    return bool(own)
