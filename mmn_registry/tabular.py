"""Read and write tables as CSV, whole columns at a time; every problem keeps its place.

A *sheet* is one file read into columns of distinct texts and codes, so that whatever is asked of
a text is asked once, however many rows say it. Nothing here knows what the tables mean.

Rows are counted as a spreadsheet counts them: the header is row 1, each record one row. This is
the line in the file too, unless a quoted text contains line breaks.
"""

import csv
import io
import math
import os
import re
import tempfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import BinaryIO

import numpy as np

# Enough of one kind to see the pattern; the rest are counted.
PROBLEMS_SHOWN_PER_KIND = 1000
VALUE_SHOWN_CHARACTERS = 60
# Small enough that the garbage collector leaves the records of a chunk alone: tried, 3 x faster.
RECORDS_PER_CHUNK = 1000

# A cohort zips 15 to 25 times smaller; a bomb, 1000 times.
ZIP_MEMBERS_MOST = 1000
ZIP_BYTES_MOST = 4 * 1024**3
ZIP_RATIO_MOST = 200


@dataclass(frozen=True)
class Problem:
    """What is wrong in one place, and what to do."""

    file: str
    message: str
    row: int | None = None
    column: str = ""
    value: str | None = None

    def __str__(self) -> str:
        place = [self.file]
        if self.row is not None:
            place.append(f"row {self.row}")
        if self.column:
            place.append(self.column)
        told = ", ".join(place)
        if self.value is not None:
            told += f" {quoted(self.value)}"
        return f"{told}: {self.message}"


def quoted(text: str) -> str:
    """The text in quotation marks, on one line and of bearable length."""
    shown = text if len(text) <= VALUE_SHOWN_CHARACTERS else text[:VALUE_SHOWN_CHARACTERS] + "…"
    shown = shown.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return '"' + "".join(c if c.isprintable() else ascii(c)[1:-1] for c in shown) + '"'


@dataclass
class Problems:
    """All that is wrong with some files; of each kind the first are kept, the rest counted."""

    shown_per_kind: int = PROBLEMS_SHOWN_PER_KIND
    found: list[Problem] = field(default_factory=list)
    counts: Counter = field(default_factory=Counter)

    def __bool__(self) -> bool:
        return bool(self.found)

    def __len__(self) -> int:
        return sum(self.counts.values())

    def add(
        self,
        file: str,
        message: str,
        *,
        row: int | None = None,
        column: str = "",
        value: str | None = None,
        kind: str = "",
    ) -> None:
        """Note a problem; ``kind`` groups those of one column that tell the same story."""
        key = (file, column, kind or message)
        self.counts[key] += 1
        if self.counts[key] <= self.shown_per_kind:
            self.found.append(Problem(file, message, row, column, value))

    def in_order(self, files: Sequence[str]) -> list[Problem]:
        """By file in the order of ``files``, by row, as found; then how many were left out."""
        order = {name: position for position, name in enumerate(files)}
        placed = [(problem, problem.row or 0) for problem in self.found]
        placed += [(rest, math.inf) for rest in self._left_out()]
        placed.sort(key=lambda p: (order.get(p[0].file, -1), p[0].file, p[1]))
        return [problem for problem, _row in placed]

    def _left_out(self) -> Iterator[Problem]:
        for (file, column, _kind), count in self.counts.items():
            if count > self.shown_per_kind:
                message = f"{count - self.shown_per_kind:,} more rows have this kind of problem."
                yield Problem(file, message, column=column)


@dataclass(frozen=True)
class Cells:
    """One column: ``texts[codes[i]]`` is what the file says in its i-th record."""

    texts: list[str]
    codes: np.ndarray

    def at(self, positions: Iterable[int]) -> list[str]:
        return [self.texts[code] for code in self.codes[positions]]

    def where(self, wanted: Sequence[bool]) -> np.ndarray:
        """Positions of the records whose text is wanted, given an answer per distinct text."""
        return np.flatnonzero(np.asarray(wanted, dtype=bool)[self.codes])


@dataclass(frozen=True)
class Sheet:
    """One file in columns; ``complete`` is false if some of its records could not be read."""

    file: str
    rows: np.ndarray
    columns: dict[str, Cells]
    complete: bool = True

    def __len__(self) -> int:
        return len(self.rows)

    def with_texts_as_they_were(self) -> "Sheet":
        """The same of a file in which texts were made inert."""
        read = {
            name: replace(cells, texts=list(map(as_it_was, cells.texts)))
            for name, cells in self.columns.items()
        }
        return replace(self, columns=read)


@dataclass(frozen=True)
class Said:
    """What is known of a file that this registry wrote: columns it added, texts made inert."""

    added: frozenset[str] = frozenset()
    inert: bool = False


NOTHING_SAID = Said()


class _Codes(dict):
    """Text → code, numbered as the texts appear."""

    def __missing__(self, text: str) -> int:
        code = self[text] = len(self)
        return code


def read_sheet(
    stream: BinaryIO,
    file: str,
    known: Sequence[str],
    required: Sequence[str],
    problems: Problems,
    *,
    said: Said = NOTHING_SAID,
) -> Sheet | None:
    """Read one CSV file into columns, noting what is wrong with its shape; None if unreadable.

    The stream is closed at the end.

    Bytes that are not UTF-8 are a problem of their cell, so that the rest is still checked.
    """
    how = {"encoding": "utf-8-sig", "errors": "surrogateescape", "newline": ""}
    with io.TextIOWrapper(stream, **how) as text:
        reader = csv.reader(text, strict=True)
        header = _header(reader, file, problems)
        if header is None:
            return None
        known_here = (*known, *(name for name in said.added if name not in known))
        wanted = _wanted_columns(header, file, known_here, required, problems)
        wanted = {name: position for name, position in wanted.items() if name in known}
        sheet = _read_records(reader, file, len(header), wanted, problems)
    _note_other_encodings(sheet, problems)
    return sheet.with_texts_as_they_were() if said.inert else sheet


def read_file(
    source: "Source",
    file: str,
    known: Sequence[str],
    required: Sequence[str],
    problems: Problems,
    *,
    said: Said = NOTHING_SAID,
) -> Sheet | None:
    """Read one file of a source; one that is damaged is a problem, not an error."""
    try:
        with source.opens[file]() as stream:
            return read_sheet(stream, file, known, required, problems, said=said)
    except (OSError, EOFError, NotImplementedError, zipfile.BadZipFile, zlib.error) as error:
        problems.add(file, f"This file cannot be read ({error}). Export or zip it again.")
        return None


def is_garbled(text: str) -> bool:
    """Whether the text holds bytes that are not UTF-8 (read as lone surrogates)."""
    return not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text)


def _header(reader: Iterator[list[str]], file: str, problems: Problems) -> list[str] | None:
    try:
        header = next(reader, None)
    except csv.Error as error:
        problems.add(file, _quoting_message(error), row=1)
        return None
    if not header:
        problems.add(file, "This file has no header row. Name its columns in the first row.", row=1)
        return None
    unreadable = [name for name in header if is_garbled(name) or "\0" in name]
    if unreadable:
        problems.add(file, ENCODING_MESSAGE, row=1, column="header", value=unreadable[0])
        return None
    if len(header) == 1 and any(separator in header[0] for separator in ";\t"):
        message = "The cells of this file are not separated by commas. Save it as CSV with commas."
        problems.add(file, message, row=1, column="header", value=header[0])
        return None
    return header


ENCODING_MESSAGE = 'This is not UTF-8 text. Save the file as "CSV UTF-8" and load it again.'


def _quoting_message(error: csv.Error) -> str:
    return (
        f"From here on the file cannot be read ({error}). Close each quotation mark, and write "
        "one inside a quoted text twice."
    )


def _wanted_columns(
    header: list[str],
    file: str,
    known: Sequence[str],
    required: Sequence[str],
    problems: Problems,
) -> dict[str, int]:
    """Position of each known column that the header names; what else it names is refused."""
    for name, times in Counter(header).items():
        place = {"row": 1, "column": name, "value": None if name else ""}
        if name not in known:
            message = f"No column of this name is known here. Use only: {', '.join(known)}."
            problems.add(file, message, kind="unknown column", **place)
        elif times > 1:
            message = f"This column appears {times} times. Keep one."
            problems.add(file, message, kind="duplicate column", **place)
    for name in required:
        if name not in header:
            message = "This required column is missing. Add it, with a value in each row."
            problems.add(file, message, row=1, column=name, kind="missing column")
    return {name: header.index(name) for name in known if name in header}


def _read_records(
    reader: Iterator[list[str]],
    file: str,
    width: int,
    wanted: dict[str, int],
    problems: Problems,
) -> Sheet:
    codes = {name: _Codes() for name in wanted}
    parts = {name: [np.empty(0, np.int32)] for name in wanted}
    row_parts = [np.empty(0, np.int64)]
    records_of = _EvenRecords(file, width, problems)
    for rows, records in records_of.chunks(reader):
        row_parts.append(rows)
        texts = list(zip(*records, strict=True))
        for name, position in wanted.items():
            numbered = map(codes[name].__getitem__, texts[position])
            parts[name].append(np.fromiter(numbered, dtype=np.int32, count=len(records)))
    columns = {name: Cells(list(codes[name]), np.concatenate(parts[name])) for name in wanted}
    return Sheet(file, np.concatenate(row_parts), columns, records_of.complete)


@dataclass
class _EvenRecords:
    """The records of a file that have as many cells as its header; the others are problems."""

    file: str
    width: int
    problems: Problems
    complete: bool = True

    def chunks(self, reader: Iterator[list[str]]) -> Iterator[tuple[np.ndarray, list[list[str]]]]:
        next_row = 2
        while records := self._next_records(reader, next_row):
            rows = np.arange(next_row, next_row + len(records))
            next_row += len(records)
            widths = np.fromiter(map(len, records), dtype=np.int64, count=len(records))
            if (widths != self.width).any():
                self._note_uneven(rows, widths)
                rows = rows[widths == self.width]
                records = [record for record in records if len(record) == self.width]
            if records:
                yield rows, records

    def _next_records(self, reader: Iterator[list[str]], next_row: int) -> list[list[str]]:
        records: list[list[str]] = []
        try:
            for record in islice(reader, RECORDS_PER_CHUNK):
                records.append(record)  # one by one: what was read before an error is kept
        except csv.Error as error:
            self.problems.add(self.file, _quoting_message(error), row=next_row + len(records))
            self.complete = False
        return records

    def _note_uneven(self, rows: np.ndarray, widths: np.ndarray) -> None:
        # An empty line is nobody's record; spreadsheets leave some at the end.
        for position in np.flatnonzero((widths != self.width) & (widths > 0)):
            message = (
                f"This row has {widths[position]} cells, the header {self.width}. Add or remove "
                "commas; put a text that contains a comma in quotation marks."
            )
            self.problems.add(self.file, message, row=int(rows[position]), kind="uneven row")
            self.complete = False


def _note_other_encodings(sheet: Sheet, problems: Problems) -> None:
    garbled = {
        name: cells.where([is_garbled(text) for text in cells.texts])
        for name, cells in sheet.columns.items()
    }
    firsts = [(positions[0], name) for name, positions in garbled.items() if len(positions)]
    if not firsts:
        return
    position, column = min(firsts)
    others = sum(map(len, garbled.values())) - 1
    message = ENCODING_MESSAGE
    if others:
        message += f" {others:,} more cells of this file are affected."
    value = sheet.columns[column].at([position])[0]
    problems.add(sheet.file, message, row=int(sheet.rows[position]), column=column, value=value)


# --- texts that a spreadsheet would run ----------------------------------------------------------

# What begins so is run or swallowed by one spreadsheet or another, behind blanks and in full
# width, too.
_RUN = r"(?:[\t\r\n]|\s*[=+\-@＝＋－＠])"
_IS_RUN = re.compile(_RUN)
_IS_MADE_INERT = re.compile(f"'*{_RUN}")


def is_run_by_spreadsheets(text: str) -> bool:
    return _IS_RUN.match(text) is not None


def inert(text: str) -> str:
    """The text behind an apostrophe, if a spreadsheet would run it; else as it is.

    What has apostrophes before such a text gets one more, so that `as_it_was` undoes it all.
    """
    return f"'{text}" if _IS_MADE_INERT.match(text) else text


def as_it_was(text: str) -> str:
    """The text that was made inert; any other as it is."""
    return text[1:] if text.startswith("'") and _IS_MADE_INERT.match(text, 1) else text


# --- folders and zips ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Source:
    """Where tables are read from: what each file name opens, and what was left alone."""

    opens: dict[str, Callable[[], BinaryIO]]
    left_alone: tuple[str, ...] = ()


@contextmanager
def reading(path: Path, names: Sequence[str], problems: Problems) -> Iterator[Source]:
    """The files of these names in a folder or a .zip; whatever else is there is left alone."""
    if path.is_dir() and os.access(path, os.R_OK | os.X_OK):
        yield _folder(path, names)
    elif path.is_dir():
        problems.add(str(path), "This folder may not be read. Ask for permission, or copy it.")
        yield Source({})
    elif not path.is_file():
        problems.add(str(path), "There is no such folder or file. Check the path.")
        yield Source({})
    else:
        try:
            archive = zipfile.ZipFile(path)
        except (OSError, zipfile.BadZipFile):
            problems.add(str(path), "This is neither a folder nor a readable .zip. Give one.")
            yield Source({})
            return
        with archive:
            yield _zip(archive, path.name, names, problems)


def _folder(path: Path, names: Sequence[str]) -> Source:
    entries = sorted(entry.name for entry in path.iterdir())
    opens = {name: partial((path / name).open, "rb") for name in names if (path / name).is_file()}
    return Source(opens, tuple(name for name in entries if name not in opens))


def _zip(archive: zipfile.ZipFile, file: str, names: Sequence[str], problems: Problems) -> Source:
    members = [member for member in archive.infolist() if not member.is_dir()]
    reason = _why_not_unpacked(members)
    if reason:
        problems.add(file, reason)
        return Source({})
    wanted = [member for member in members if _is_wanted(member, names)]
    folders = sorted({str(PurePosixPath(member.filename).parent) for member in wanted})
    if len(folders) > 1:
        message = f"Tables lie in several folders ({', '.join(folders)}). Zip one folder only."
        problems.add(file, message)
        return Source({})
    named = Counter(PurePosixPath(member.filename).name for member in wanted)
    for name, times in named.items():
        if times > 1:
            problems.add(file, f"{name} appears {times} times. Keep one.")
    opens = {PurePosixPath(m.filename).name: partial(archive.open, m) for m in wanted}
    left_alone = sorted(member.filename for member in members if member not in wanted)
    return Source(opens, tuple(left_alone))


def _is_wanted(member: zipfile.ZipInfo, names: Sequence[str]) -> bool:
    path = PurePosixPath(member.filename)
    # macOS keeps a shadow of each file there.
    return path.name in names and "__MACOSX" not in path.parts


def _why_not_unpacked(members: Sequence[zipfile.ZipInfo]) -> str:
    """Why this archive is not opened; zipfile never yields more than a member declares."""
    if len(members) > ZIP_MEMBERS_MOST:
        return f"This .zip holds {len(members):,} files. Zip only the tables."
    unpacked = sum(member.file_size for member in members)
    swollen = [
        member
        for member in members
        if member.file_size > ZIP_RATIO_MOST * max(member.compress_size, 1)
    ]
    if swollen or unpacked > ZIP_BYTES_MOST:
        return (
            f"This .zip would unpack to {unpacked:,} bytes, more than its size can be trusted "
            "with. Unpack it yourself and load the folder."
        )
    if any(member.flag_bits & _ENCRYPTED for member in members):
        return "This .zip is protected by a password. Zip the folder without one."
    return ""


_ENCRYPTED = 0x1


class TargetRefusedError(Exception):
    """The place to write to holds something else; the message says what to do."""


Opens = Callable[[str], AbstractContextManager[BinaryIO]]


@contextmanager
def writing(path: Path, names: Sequence[str], comment: str = "") -> Iterator[Opens]:
    """Open files by name, in a folder or a .zip that appears when all are written, or not at all.

    Only an earlier copy, holding nothing but files of these names, is replaced. What is written
    is for its owner's eyes (0700, 0600). The bytes of a .zip depend on its files alone, and on
    ``comment``, which only a .zip can carry.
    """
    path = path.resolve()
    _refuse_other_things(path, names)
    # A folder that exists may be a mount: its files can be replaced, itself cannot.
    beside = path if path.is_dir() else path.parent
    beside.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=beside, prefix=".export-") as scratch:
        fresh = Path(scratch, "new")
        if path.suffix.lower() == ".zip":
            with zipfile.ZipFile(fresh, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.comment = comment.encode()
                yield partial(_open_member, archive)
            fresh.chmod(0o600)
        else:
            fresh.mkdir(mode=0o700)
            yield partial(_open_private, fresh)
        _put_in_place(fresh, path)


def _put_in_place(fresh: Path, path: Path) -> None:
    if not path.is_dir():
        fresh.replace(path)
        return
    for file in fresh.iterdir():
        file.replace(path / file.name)


def _refuse_other_things(path: Path, names: Sequence[str]) -> None:
    if path.is_dir():
        held = {entry.name for entry in path.iterdir()}
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            held = set(archive.namelist())
    else:
        held = {path.name} if path.exists() else set()
    others = sorted(held - set(names))
    if others:
        message = f"{path} holds other things ({', '.join(others[:5])}). Choose another place."
        raise TargetRefusedError(message)


def _open_member(archive: zipfile.ZipFile, name: str) -> AbstractContextManager[BinaryIO]:
    member = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    member.compress_type = zipfile.ZIP_DEFLATED
    member.create_system = 3  # as on Unix, so that the bytes do not tell where they were written
    member.external_attr = 0o600 << 16
    return archive.open(member, "w", force_zip64=True)


def _open_private(folder: Path, name: str) -> AbstractContextManager[BinaryIO]:
    descriptor = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    return os.fdopen(descriptor, "wb")
