"""A place in a list, written so that it fits into an address."""

from base64 import b64decode, urlsafe_b64encode
from enum import StrEnum
from typing import NamedTuple

LONGEST = 1_000  # characters; the keys of our lists need 200


class Side(StrEnum):
    AFTER = "after"
    BEFORE = "before"


class Cursor(NamedTuple):
    """After or before the row with this key: what is recorded meanwhile moves nothing."""

    side: Side
    key: tuple[str, ...]

    @classmethod
    def read(cls, written: str) -> "Cursor":
        """The cursor that ``str()`` wrote; ValueError if it wrote no such thing."""
        if len(written) > LONGEST:
            raise ValueError("A cursor of ours is shorter.")
        side, *key = b64decode(written, altchars=b"-_", validate=True).decode().split("\n")
        if not key or any("\x00" in part for part in key):
            raise ValueError("A cursor of ours has a key of readable texts.")
        return cls(Side(side), tuple(key))

    def __str__(self) -> str:
        # No key contains a line break: names are one line, codes and days too.
        return urlsafe_b64encode("\n".join([self.side, *self.key]).encode()).decode()
