"""What loading a bundle did, or why it did nothing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mmn_registry.bundle.unusual import UnusualRow
from mmn_registry.tabular import Problem, quoted

NOTHING_IMPORTED = "Nothing has been imported."
FILES_NAMED = 20
QUESTIONS_LISTED = 1000


@dataclass(frozen=True)
class Change:
    """A stored value that a bundle amends; the empty text is "not recorded"."""

    file: str
    row: int
    key: tuple[str, ...]
    column: str
    old: str
    new: str

    def __str__(self) -> str:
        old, new = (value or "not recorded" for value in (self.old, self.new))
        key = ", ".join(self.key)
        return f"{self.file}, row {self.row} ({key}), {self.column}: {old} → {new}"


@dataclass(frozen=True)
class TableCount:
    """Rows of one file, by what they were to the registry."""

    file: str
    new: int
    changed: int
    unchanged: int


@dataclass(frozen=True)
class LoadReport:
    """What was stored, or in a dry run would have been."""

    dry_run: bool
    tables: tuple[TableCount, ...]
    changes: tuple[Change, ...]
    rows_not_listed: int
    centres_created: tuple[str, ...]
    left_alone: tuple[str, ...]
    unusual: tuple[UnusualRow, ...] = ()
    confirmed: int = 0
    outcomes_wait: bool = False  # stored, but stopped before all outcomes were derived

    def questions(self) -> Iterator[str]:
        """What is possible, but seldom right: beside the report, which the contract fixes."""
        if not self.unusual:
            return
        yield from map(str, self.unusual[:QUESTIONS_LISTED])
        if len(self.unusual) > QUESTIONS_LISTED:
            yield f"… and {len(self.unusual) - QUESTIONS_LISTED:,} more."
        yield f"Unusual values: {len(self.unusual):,}, of them confirmed: {self.confirmed:,}."

    def lines(self) -> Iterator[str]:
        """For people: a count per table, then what else is worth knowing."""
        for change in self.changes:
            yield str(change)
        if self.rows_not_listed:
            yield f"… and {self.rows_not_listed:,} more changed rows."
        yield f"{'table':<24}{'new':>12}{'changed':>12}{'unchanged':>12}"
        for count in self.tables:
            yield f"{count.file:<24}{count.new:>12}{count.changed:>12}{count.unchanged:>12}"
        if self.centres_created:
            yield f"Centres created: {', '.join(self.centres_created)}"
        if self.left_alone:
            yield _left_alone(self.left_alone)
        if self.dry_run:
            yield "This was a dry run: nothing has been stored."
        if self.outcomes_wait:
            yield "Everything is stored. Who reads the outcomes next waits for the rest of them."


class BundleRefusedError(Exception):
    """A bundle with problems, of which nothing was stored."""

    def __init__(self, problems: Sequence[Problem], left_alone: Sequence[str] = ()):
        self.problems = tuple(problems)
        self.left_alone = tuple(left_alone)
        super().__init__(str(self))

    def lines(self) -> Iterator[str]:
        """One problem a line, and what was left alone."""
        yield from map(str, self.problems)
        if self.left_alone:
            yield _left_alone(self.left_alone)

    def __str__(self) -> str:
        return "\n".join([*self.lines(), NOTHING_IMPORTED])


def _left_alone(files: Sequence[str]) -> str:
    named = [file if file.isprintable() else quoted(file) for file in files[:FILES_NAMED]]
    more = f" and {len(files) - FILES_NAMED:,} more" if len(files) > FILES_NAMED else ""
    return f"Left alone: {', '.join(named)}{more}"
