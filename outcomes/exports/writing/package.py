"""One ZIP on its way to a file: every file in it with its size and checksum."""

import hashlib
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

BLOCK_BYTES = 1 << 20


@dataclass(frozen=True)
class Packed:
    """A file in the ZIP; ``table`` and ``rows`` where it holds rows of one."""

    name: str
    bytes: int
    sha256: str
    table: str = ""
    rows: int | None = None


class _Hashing:
    """A member that is written through."""

    def __init__(self, member: BinaryIO):
        self._member, self._hash, self.bytes = member, hashlib.sha256(), 0

    def write(self, data: bytes) -> int:
        self._hash.update(data)
        self.bytes += len(data)
        return self._member.write(data)

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()


@dataclass
class Part:
    """A file that is being written: how many rows it has is known at its end."""

    write_bytes: _Hashing
    rows: int | None = None

    def write(self, data: bytes) -> int:
        return self.write_bytes.write(data)


@dataclass
class Package:
    """Files are added one after the other, and never held in memory."""

    archive: zipfile.ZipFile
    files: list[Packed] = field(default_factory=list)

    @contextmanager
    def open(self, name: str, table: str = "") -> Iterator[Part]:
        member = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
        member.compress_type = zipfile.ZIP_DEFLATED
        member.create_system = 3  # as on Unix: the bytes do not tell where they were written
        member.external_attr = 0o600 << 16
        with self.archive.open(member, "w", force_zip64=True) as target:
            part = Part(_Hashing(target))
            yield part
        told = part.write_bytes
        self.files.append(Packed(name, told.bytes, told.sha256, table, part.rows))

    def add(self, path: Path, name: str, table: str = "", rows: int | None = None) -> None:
        """A file that was written elsewhere, and is gone afterwards."""
        with path.open("rb") as source, self.open(name, table) as part:
            part.rows = rows
            shutil.copyfileobj(source, part, BLOCK_BYTES)
        path.unlink()
