"""Files of a backup: compressed, in authenticated chunks, encrypted when there is a key.

A file is a header and chunks of AES-256-GCM. The number of a chunk and whether it is the last are
part of its nonce, the header and the name of the file are part of what is authenticated: a changed
bit, a chunk left out or put elsewhere, a file cut short, lengthened or given another's name does
not open. Without a key everybody can open the files, and damage is found all the same.
"""

import io
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from . import BackupProblem

SUFFIX = ".mmnb"
MAGIC = b"MMNB\x01"
OPEN, KEYED = b"o", b"k"
SALT_BYTES, TAG_BYTES = 32, 16
HEADER_BYTES = len(MAGIC) + 1 + SALT_BYTES
CHUNK_BYTES = 1024 * 1024
UNSQUEEZED_AT_ONCE_BYTES = 4 * CHUNK_BYTES
FAST = 1  # of zlib's levels: a backup is mostly waiting for it
SHORTEST_KEY = 32
WHOEVER = b"this registry's backups are not encrypted"


class Damaged(BackupProblem):
    """A file of a backup is not what was written, or was written with another key."""


def check_key(key: str) -> str:
    """A key that can be guessed protects nothing."""
    if key and len(key) < SHORTEST_KEY:
        raise BackupProblem(
            f"MMN_BACKUP_KEY has {len(key)} characters; it needs {SHORTEST_KEY} or more. "
            "Make one with: python -c 'import secrets; print(secrets.token_urlsafe(48))'."
        )
    return key


class SealedWriter(io.RawIOBase):
    """Takes bytes as they come; the file is whole once it is closed."""

    def __init__(self, file: BinaryIO, name: str, key: str) -> None:
        super().__init__()
        self._file = file
        self._header = MAGIC + (KEYED if key else OPEN) + os.urandom(SALT_BYTES)
        self._cipher = _cipher(self._header, name, key)
        self._squeezed = zlib.compressobj(FAST)
        self._waiting = bytearray()
        self._number = 0
        file.write(self._header)

    def writable(self) -> bool:
        return True

    def write(self, data) -> int:  # type: ignore[no-untyped-def]
        self._waiting += self._squeezed.compress(data)
        while len(self._waiting) > CHUNK_BYTES:  # the last one is written by close()
            self._write_chunk(CHUNK_BYTES, is_last=False)
        return len(data)

    def close(self) -> None:
        if self.closed:
            return
        self._waiting += self._squeezed.flush()
        while len(self._waiting) > CHUNK_BYTES:
            self._write_chunk(CHUNK_BYTES, is_last=False)
        self._write_chunk(len(self._waiting), is_last=True)
        super().close()

    def _write_chunk(self, length: int, *, is_last: bool) -> None:
        chunk = bytes(self._waiting[:length])
        del self._waiting[:length]
        nonce = _nonce(self._number, is_last=is_last)
        self._file.write(self._cipher.encrypt(nonce, chunk, self._header))
        self._number += 1


class SealedReader(io.RawIOBase):
    """Gives out what was written, and `Damaged` rather than a byte that was not."""

    def __init__(self, file: BinaryIO, name: str, key: str) -> None:
        super().__init__()
        self._file, self._name = file, name
        header = file.read(HEADER_BYTES)
        self._header = header
        if len(header) < HEADER_BYTES or not header.startswith(MAGIC):
            raise Damaged(f"{name} is damaged: it does not begin as a file of a backup.")
        kind = header[len(MAGIC) : len(MAGIC) + 1]
        if kind == KEYED and not key:
            raise Damaged(f"{name} is encrypted: set MMN_BACKUP_KEY to the key it was made with.")
        self._cipher = _cipher(header, name, key if kind == KEYED else "")
        self._unsqueezed = zlib.decompressobj()
        self._ready, self._squeezed = memoryview(b""), b""
        self._next: bytes | None = file.read(CHUNK_BYTES + TAG_BYTES)
        self._number = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:  # type: ignore[no-untyped-def]
        while not self._ready and (self._squeezed or self._next is not None):
            if not self._squeezed:
                self._squeezed = self._open_chunk()
            # Some at a time: a megabyte may hold a thousand of zeros.
            self._ready = memoryview(
                self._unsqueezed.decompress(self._squeezed, UNSQUEEZED_AT_ONCE_BYTES)
            )
            self._squeezed = self._unsqueezed.unconsumed_tail
        length = min(len(buffer), len(self._ready))
        buffer[:length] = self._ready[:length]
        self._ready = self._ready[length:]
        return length

    def _open_chunk(self) -> bytes:
        chunk, self._next = self._next, self._file.read(CHUNK_BYTES + TAG_BYTES) or None
        is_last = self._next is None
        try:
            opened = self._cipher.decrypt(
                _nonce(self._number, is_last=is_last), chunk, self._header
            )
        except InvalidTag:
            raise Damaged(
                f"{self._name} is damaged in its part {self._number + 1}, was cut short, or was "
                "made with another MMN_BACKUP_KEY. Use another backup."
            ) from None
        self._number += 1
        return opened


def _cipher(header: bytes, name: str, key: str) -> AESGCM:
    """A key of this file's own: nonces may begin at 0 in each."""
    derived = HKDF(SHA256(), 32, header, b"mmn-registry backup, file " + name.encode())
    return AESGCM(derived.derive(key.encode() or WHOEVER))


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([is_last])


@contextmanager
def written(path: Path, name: str, key: str) -> Iterator[SealedWriter]:
    """A file that gets its name when it is whole and on the disk; one that is there stays."""
    if path.exists():
        raise BackupProblem(f"{path} is there already, and nothing of a backup is overwritten.")
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    partial.unlink(missing_ok=True)  # of somebody who was killed
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            writer = SealedWriter(file, name, key)
            yield writer
            writer.close()
            file.flush()
            os.fsync(file.fileno())
        partial.rename(path)
    finally:
        partial.unlink(missing_ok=True)
    fsync_folder(path.parent)


@contextmanager
def opened(path: Path, name: str, key: str) -> Iterator[io.BufferedReader]:
    try:
        file = path.open("rb")
    except FileNotFoundError:
        raise Damaged(f"{path} is missing.") from None
    with file, io.BufferedReader(SealedReader(file, name, key), CHUNK_BYTES) as reader:
        yield reader


def fsync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
