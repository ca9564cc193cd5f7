"""An export from beginning to end: read at one moment, written into one ZIP, then noted."""

import json
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from django.utils import timezone
from django.utils.translation import gettext as _

from mmn_registry import principal
from mmn_registry.audit.notes import note, noted_snapshot
from mmn_registry.audit.vocabulary import EntryKind
from mmn_registry.birth import born_as
from mmn_registry.disclosure import withheld_count
from mmn_registry.models import Birth
from outcomes.asked.cohort import AskedCohort, FoundCohort
from outcomes.asked.out import reasons_out
from outcomes.exports.asked import WRITERS, Format, Wanted
from outcomes.exports.codebook import columns_described, write_codebook
from outcomes.exports.columns import (
    Chunk,
    Column,
    days_as_texts,
    rows_with_labels,
    with_labels,
)
from outcomes.exports.derived import READ
from outcomes.exports.people import People
from outcomes.exports.records import Recorded
from outcomes.exports.software import software_version
from outcomes.exports.writing.package import Package

DEMONSTRATION = "DEMONSTRATION DATA"
MANIFEST, R_SCRIPT = "manifest.json", "read_registry.R"
_SCRIPT = Path(__file__).with_name(R_SCRIPT)


@dataclass(frozen=True)
class Exported:
    """A ZIP that is finished, open at its beginning, and gone once it is closed."""

    name: str
    file: BinaryIO
    rows: Mapping[str, int]


def export(asked: AskedCohort, wanted: Wanted, *, coarse: frozenset[str], route: str) -> Exported:
    """Write the cohort that is asked for; ``coarse`` are the centres shown in months and bands.

    It is noted before the first row is read, and again with how many rows left, even if it broke
    off in between. All tables are read as of one moment.
    """
    note(EntryKind.EXPORT, route=route)
    rows: dict[str, int] = {}
    file = tempfile.TemporaryFile()  # noqa: SIM115 — closed by who sends it
    try:
        with _zipped(file) as package:
            _export(asked, wanted, coarse, package, rows)
    except BaseException:
        file.close()
        raise
    finally:
        note(EntryKind.EXPORT, route=route, rows=sum(rows.values()))
    file.seek(0)
    return Exported(file_name(asked, wanted), file, rows)


@contextmanager
def _zipped(file: BinaryIO) -> Iterator[Package]:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.comment = DEMONSTRATION.encode() if is_demonstration() else b""
        yield Package(archive)


def _export(
    asked: AskedCohort,
    wanted: Wanted,
    coarse: frozenset[str],
    package: Package,
    rows: dict[str, int],
) -> None:
    tables = wanted.tables_of(coarse=bool(coarse))
    written = {
        table.name: with_labels(table.columns) if wanted.has_labels else table.columns
        for table in tables
    }
    with tempfile.TemporaryDirectory() as folder:
        writer = WRITERS[wanted.format](package, Path(folder), _banner(asked))
        with principal.exporting(), noted_snapshot():
            found = asked.load(READ)
            people = People(found.cohort.rows, asked.day, asked.centres, coarse)
            withheld = withheld_count(asked.day, list(asked.centres))
            for table in tables:
                chunks = days_as_texts(table.columns, table.chunks(people))
                if wanted.has_labels:
                    chunks = (rows_with_labels(table.columns, chunk) for chunk in chunks)
                counted = _counted(chunks, table.name, rows)
                writer.table(table.name, written[table.name], counted)
        writer.end()
    write_codebook(package, columns_described(tables, written))
    if wanted.format is Format.CSV:
        with package.open(R_SCRIPT) as part:
            part.write(_SCRIPT.read_bytes())
    told = manifest(asked, found, wanted, withheld=withheld, coarse=coarse, rows=rows)
    added = {table.name: _added(table, written[table.name]) for table in tables}
    told["files"] = [
        {
            **({"table": f.table} if f.table else {}),
            "name": f.name,
            **({"rows": f.rows} if f.rows is not None else {}),
            "bytes": f.bytes,
            "sha256": f.sha256,
            **({"added": added[f.table]} if added.get(f.table) else {}),
        }
        for f in package.files
    ]
    with package.open(MANIFEST) as part:
        part.write(json.dumps(told, ensure_ascii=False, indent=2).encode())


def _counted(chunks: Iterable[Chunk], name: str, rows: dict[str, int]) -> Iterator[Chunk]:
    rows[name] = 0
    for chunk in chunks:
        rows[name] += len(chunk)
        yield chunk


def _added(table: Any, written: Sequence[Column]) -> list[str]:
    """Columns of a table of the bundle that no bundle has: who loads it leaves them out."""
    if not isinstance(table, Recorded):
        return []
    return [c.name for c in written if c.name not in table.declared.column_names]


# ── What is said of it ───────────────────────────────────────────────────────────────────────


def manifest(
    asked: AskedCohort,
    found: FoundCohort,
    wanted: Wanted,
    *,
    withheld: int,
    coarse: frozenset[str],
    rows: Mapping[str, int],
) -> dict[str, Any]:
    """What was asked, how many it is of each, and by which rules and software."""
    rules = found.cohort.rules
    return {
        **({"demonstration": DEMONSTRATION} if is_demonstration() else {}),
        "registry": "MMN registry",
        "software_version": software_version(),
        "written_at": _instant(timezone.now()),
        "as_of": asked.day.isoformat(),
        "query": {"words": asked.sentence, "address": asked.address, "centres": [*asked.centres]},
        "rules": {
            "name": rules.rule_set,
            "version": rules.version,
            "criteria": rules.criteria,
        },
        "patients": {
            "in": len(found.cohort.rows),
            "of": found.everybody,
            "out": {because.words: n for because, n in reasons_out(found.out)},
            "withheld": withheld,
        },
        "shape": wanted.shape.value,
        "format": wanted.format.value,
        "rows": dict(rows),
        "pseudonymised_centres": sorted(coarse),
        "intended_use": _("For follow-up and research, not for treatment decisions."),
        # Texts that a spreadsheet would run stand behind an apostrophe, which an import takes off.
        **({"texts": "inert"} if wanted.format is Format.CSV else {}),
        "codebook": "codebook.csv",
    }


def file_name(asked: AskedCohort, wanted: Wanted) -> str:
    name = f"mmn_{wanted.shape}_{wanted.format}_as-of-{asked.day.isoformat()}.zip"
    return f"DEMONSTRATION_DATA_{name}" if is_demonstration() else name


def is_demonstration() -> bool:
    return born_as() == Birth.Kind.DEMO


def _banner(asked: AskedCohort) -> str:
    name = f"MMN registry, as of {asked.day.isoformat()}"
    return f"{DEMONSTRATION}. {name}" if is_demonstration() else name


def _instant(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
