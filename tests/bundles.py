"""Bundles for tests: written from drawings, loaded, and read back."""

from pathlib import Path

import pytest

from mmn_registry.bundle import BundleRefusedError, export_bundle, load_bundle

SMALL_BUNDLE = Path(__file__).parent / "data" / "small_bundle"
SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"

PATIENT = """
    study_id | centre | sex    | included_on | prior_immunoglobulin
    P1       | C1     | female | 2004-01-01  | no
"""
VISIT = """
    study_id | visited_on
    P1       | 2004-01-10
"""
MUSCLE_SCORE = """
    study_id | visited_on | muscle        | side | mrc_grade
    P1       | 2004-01-10 | elbow_flexion | left | 4-
"""


def shared_bundle(name: str) -> Path:
    """A cohort with expected outcomes, where it lies beside the repository."""
    folder = SHARED_DATA / name
    if not folder.is_dir():
        pytest.skip("the shared data are not beside the repository")
    return folder


def bundle(folder: Path, **drawings: str) -> Path:
    """A folder with one CSV per drawing; cells stand between bars and are not quoted."""
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    for table, drawing in drawings.items():
        lines = drawing.strip().splitlines()
        rows = [",".join(cell.strip() for cell in line.split("|")) for line in lines]
        (folder / f"{table}.csv").write_text("\n".join(rows) + "\n")
    return folder


def refusal(path: Path) -> list[str]:
    """The problems of a bundle that is refused, one a line."""
    try:
        load_bundle(path)
    except BundleRefusedError as refused:
        return [str(problem) for problem in refused.problems]
    return []


def counts(report) -> dict[str, tuple[int, int, int]]:
    """New, changed and unchanged rows by file, of the files that have rows."""
    return {
        count.file: (count.new, count.changed, count.unchanged)
        for count in report.tables
        if count.new or count.changed or count.unchanged
    }


def exported(path: Path, **options) -> dict[str, bytes]:
    """Export, and read the bytes of each file."""
    export_bundle(path, **options)
    return contents(path)


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}
