"""Encryption of who patients are, and the keyed hashes by which they are found again.

Each patient has a data key of their own; it is stored wrapped by the registry's master key, which
is not in the database. Whoever destroys the data key has erased the values wherever their
ciphertext went: into the trail, into exports of the database, into backups without the key.
"""

import hashlib
import hmac
import re
import secrets
import unicodedata
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Sequence
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.core.exceptions import ImproperlyConfigured

FORMAT = "1"
KEY_BYTES, NONCE_BYTES = 32, 12
BLOCK_BYTES = 32  # lengths are rounded up to this: how long a name is says something, too
SHORTEST_SECRET = 32
# For the database's own check, that nothing is stored in clear.
CIPHERTEXT = r"^1:[0-9a-f]{32}:[A-Za-z0-9_-]{60,}={0,2}$"
WRAPPED = r"^1:[A-Za-z0-9_-]{60,}={0,2}$"
INDEX = r"^[0-9a-f]{64}$"
# Letters that do not come apart into a letter and its accent.
LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "ı": "i", "þ": "th"}
)


class Undecipherable(Exception):
    """A value that cannot be read with the keys there are."""


class MasterKey:
    """What wraps patients' keys and hashes their values; made from one secret, known by its id."""

    def __init__(self, secret: str) -> None:
        if len(secret) < SHORTEST_SECRET:
            raise ImproperlyConfigured(
                f"MMN_IDENTITY_KEY is too short: use {SHORTEST_SECRET} characters or more, made "
                "by chance."
            )
        # A key for each purpose: the secret may also sign other things.
        self._wraps = hmac.digest(secret.encode(), b"mmn registry: patients' keys", "sha256")
        self._indexes = hmac.digest(secret.encode(), b"mmn registry: blind index", "sha256")
        self.id = hashlib.sha256(b"id of " + self._wraps).hexdigest()[:16]

    def sealed(self, text: str) -> str:
        """A text that waits for a moment where it must not lie in clear: a session."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = AESGCM(self._wraps).encrypt(nonce, text.encode(), b"waiting")
        return urlsafe_b64encode(nonce + sealed).decode()

    def opened(self, sealed: str) -> str:
        try:
            stored = urlsafe_b64decode(sealed)
            nonce, rest = stored[:NONCE_BYTES], stored[NONCE_BYTES:]
            return AESGCM(self._wraps).decrypt(nonce, rest, b"waiting").decode()
        except (InvalidTag, ValueError):
            raise Undecipherable("This was not sealed with the key in use.") from None

    def wrapped(self, data_key: bytes, key_id: UUID) -> str:
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = AESGCM(self._wraps).encrypt(nonce, data_key, key_id.bytes)
        return f"{FORMAT}:{urlsafe_b64encode(nonce + sealed).decode()}"

    def unwrapped(self, wrapped: str, key_id: UUID) -> "DataKey":
        try:
            sealed = urlsafe_b64decode(wrapped.removeprefix(f"{FORMAT}:"))
            nonce, sealed = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
            return DataKey(AESGCM(self._wraps).decrypt(nonce, sealed, key_id.bytes), key_id)
        except (InvalidTag, ValueError):
            raise Undecipherable("A patient's key does not belong to its record.") from None

    def index(self, field: str, value: str) -> str:
        """The keyed hash of a value as people may also write it; nothing of nothing."""
        normal = normalised(value)
        if not normal:
            return ""
        return hmac.digest(self._indexes, f"{field}:{normal}".encode(), "sha256").hex()


class DataKey:
    """The key of one patient."""

    def __init__(self, key: bytes, key_id: UUID) -> None:
        self._key, self._id = key, key_id

    @classmethod
    def made(cls, key_id: UUID) -> "DataKey":
        return cls(secrets.token_bytes(KEY_BYTES), key_id)

    def wrapped_by(self, master: MasterKey) -> str:
        return master.wrapped(self._key, self._id)

    def encrypted(self, field: str, value: str) -> str:
        """Bound to its patient's key and its field: it cannot be moved to another."""
        if not value:
            return ""
        clear = value.encode()
        clear += b"\0" * (-len(clear) % BLOCK_BYTES)
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = AESGCM(self._key).encrypt(nonce, clear, self._bound_to(field))
        return f"{FORMAT}:{self._id.hex}:{urlsafe_b64encode(nonce + sealed).decode()}"

    def decrypted(self, field: str, stored: str) -> str:
        if not stored:
            return ""
        try:
            _format, _key_id, written = stored.split(":")
            sealed = urlsafe_b64decode(written)
            nonce, sealed = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
            clear = AESGCM(self._key).decrypt(nonce, sealed, self._bound_to(field))
        except (InvalidTag, ValueError):
            raise Undecipherable("A value was not written with this patient's key.") from None
        return clear.rstrip(b"\0").decode()

    def encrypted_bytes(self, field: str, clear: bytes) -> bytes:
        """A document, bound like a value; its length is told apart."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + AESGCM(self._key).encrypt(nonce, clear, self._bound_to(field))

    def decrypted_bytes(self, field: str, stored: bytes) -> bytes:
        nonce, sealed = stored[:NONCE_BYTES], stored[NONCE_BYTES:]
        try:
            return AESGCM(self._key).decrypt(nonce, sealed, self._bound_to(field))
        except (InvalidTag, ValueError):
            raise Undecipherable("A document was not written with this patient's key.") from None

    def _bound_to(self, field: str) -> bytes:
        return f"{self._id.hex}:{field}".encode()


class MasterKeys:
    """The key in use, and former ones that may still wrap something."""

    def __init__(self, current: str, former: Iterable[str] = ()) -> None:
        self.current = MasterKey(current)
        self.all: Sequence[MasterKey] = (self.current, *map(MasterKey, former))

    def called(self, key_id: str) -> MasterKey:
        for key in self.all:
            if key.id == key_id:
                return key
        raise Undecipherable(
            f"Identities are encrypted under the master key {key_id}, which is neither "
            "MMN_IDENTITY_KEY nor among MMN_FORMER_IDENTITY_KEYS. Give it back to the registry."
        )


def normalised(value: str) -> str:
    """One spelling of what is the same: without case, accents, hyphens, blanks, apostrophes."""
    folded = value.casefold().translate(LETTERS)
    letters = unicodedata.normalize("NFKD", folded)
    return re.sub(r"[\W_]", "", "".join(c for c in letters if not unicodedata.combining(c)))
