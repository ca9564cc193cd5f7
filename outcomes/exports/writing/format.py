"""What every format does: take tables one after the other, and end."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol

from outcomes.exports.columns import Chunk, Column
from outcomes.exports.writing.package import Package


class Writer(Protocol):
    """Writes into a package, by way of a folder of its own where a format cannot stream."""

    def __init__(self, package: Package, folder: Path, banner: str): ...

    def table(self, name: str, columns: Sequence[Column], chunks: Iterable[Chunk]) -> int:
        """Write all rows of a table; how many there were."""
        ...

    def end(self) -> None:
        """What can be written only after the last table; nothing is read from the database."""
        ...
