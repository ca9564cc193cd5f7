"""What a load is doing, told to whoever waits for it."""

from collections.abc import Callable

# A step in words, and how much of it is done from 0 to 1, where that is known.
Tell = Callable[[str, float | None], None]


def nobody(step: str, share: float | None) -> None:
    """Where nobody waits."""


def share_of(done: int, of: int) -> float:
    return done / of if of else 1.0


class Line:
    """Steps on a terminal's line, which each next one writes over; elsewhere one line a step."""

    def __init__(self, write: Callable[[str], object], *, on_terminal: bool):
        self._write = write
        self._on_terminal = on_terminal
        self._told = ""

    def tell(self, step: str, share: float | None) -> None:
        told = f"{step} …"
        if self._on_terminal and share is not None:
            told += f" {share:.0%}"
        if told != self._told:
            self._write(f"\r\x1b[K{told}" if self._on_terminal else f"{told}\n")
        self._told = told

    def end(self) -> None:
        """Leave the line empty for what comes."""
        if self._on_terminal and self._told:
            self._write("\r\x1b[K")
