"""The file of a cut: read back, and written anew without somebody. Pure, bytes in and bytes out."""

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Collection, Iterator

OUTCOMES = "outcomes.csv"
MANIFEST = "manifest.json"
WHO = "study_id"
# A ZIP keeps a time for each part; the same content is the same bytes on every day.
_EPOCH = (1980, 1, 1, 0, 0, 0)

Rows = dict[str, dict[str, str]]


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def outcome_rows(content: bytes) -> Rows:
    """The derived row of each patient, by study id, as texts."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        text = archive.read(OUTCOMES).decode("utf-8-sig")
    return {row[WHO]: row for row in csv.DictReader(io.StringIO(text, newline=""))}


def without_patients(content: bytes, study_ids: Collection[str], *, replaces: str) -> bytes:
    """The same file without some patients: their rows left out of every table, sums renewed.

    ``replaces`` is the SHA-256 of the file it was made from; the manifest names it.
    """
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        new.comment = old.comment
        manifest = json.loads(old.read(MANIFEST))
        told = {file["name"]: file for file in manifest["files"]}
        for name in old.namelist():
            if name == MANIFEST:
                continue
            part = old.read(name)
            if name.endswith(".csv"):
                part, rows = _without(part, study_ids)
                if "table" in told[name]:
                    told[name]["rows"] = manifest["rows"][told[name]["table"]] = rows
            told[name] |= {"bytes": len(part), "sha256": digest(part)}
            _write(new, name, part)
        left = len(outcome_rows(content).keys() - set(study_ids))
        manifest["patients"] |= {"in": left}
        manifest["replaces"] = {"sha256": replaces, "withdrawn": len(set(study_ids))}
        _write(new, MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=2).encode())
    return out.getvalue()


def _write(archive: zipfile.ZipFile, name: str, part: bytes) -> None:
    archive.writestr(zipfile.ZipInfo(name, _EPOCH), part, zipfile.ZIP_DEFLATED)


def _without(part: bytes, study_ids: Collection[str]) -> tuple[bytes, int]:
    """A table without some patients' rows, and how many rows are left; others stay as they are."""
    text = part.decode("utf-8")
    reader = csv.reader(io.StringIO(text, newline=""))
    header = next(reader, [])
    if not header or header[0].removeprefix("\ufeff") != WHO:
        return part, sum(1 for _row in reader)
    kept = list(_rows_kept(reader, study_ids))
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n" if "\r\n" in text else "\n")
    writer.writerows([header, *kept])
    return out.getvalue().encode(), len(kept)


def _rows_kept(reader: Iterator[list[str]], study_ids: Collection[str]) -> Iterator[list[str]]:
    return (row for row in reader if row[0] not in study_ids)
