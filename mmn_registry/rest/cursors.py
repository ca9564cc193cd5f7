"""A place in a list, written so that it fits into an address.

It is encrypted: a key holds days, which not everybody may read, and one of one's own making would
find them out by asking. The same place is always written alike.
"""

import hmac
from base64 import b64decode, urlsafe_b64encode
from enum import StrEnum
from functools import cache
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from django.conf import settings

LONGEST = 1_000  # characters; the keys of our lists need 200


@cache
def _cipher(secret: str) -> AESSIV:
    return AESSIV(hmac.digest(secret.encode(), b"mmn registry: cursors", "sha256"))


def sealed(told: bytes) -> str:
    return urlsafe_b64encode(_cipher(settings.SECRET_KEY).encrypt(told, None)).decode()


def _opened(written: str) -> bytes:
    try:
        told = b64decode(written, altchars=b"-_", validate=True)
        return _cipher(settings.SECRET_KEY).decrypt(told, None)
    except InvalidTag:
        raise ValueError("This cursor is not of our making.") from None


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
        side, *key = _opened(written).decode().split("\n")
        if not key or any("\x00" in part for part in key):
            raise ValueError("A cursor of ours has a key of readable texts.")
        return cls(Side(side), tuple(key))

    def __str__(self) -> str:
        # No key contains a line break: names are one line, codes and days too.
        return sealed("\n".join([self.side, *self.key]).encode())
