"""What we ship of others is what the vendor table says, byte for byte, and nothing else."""

import hashlib
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "static" / "vendor"
ROW = re.compile(
    r"^\| `(?P<file>[^`]+)` \|.*?\| (?P<version>[\d.]+) \|.*?\| `(?P<sha256>\w{64})` \|"
)


def rows_of_the_readme():
    lines = (VENDOR / "README.md").read_text(encoding="utf-8").splitlines()
    return {found["file"]: found.groupdict() for found in map(ROW.match, lines) if found}


def test_every_vendored_file_has_the_sha256_of_its_row():
    shipped = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.iterdir()
        if path.name != "README.md"
    }

    assert shipped == {name: row["sha256"] for name, row in rows_of_the_readme().items()}


def test_the_file_name_carries_the_version():
    rows = rows_of_the_readme()

    assert {name for name, row in rows.items() if f"-{row['version']}." in name} == set(rows)


def test_every_vendored_file_is_used_by_a_page():
    sources = [*ROOT.glob("templates/**/*.html"), *ROOT.glob("static/css/*.css")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources)

    assert {name for name in rows_of_the_readme() if name in text} == set(rows_of_the_readme())


def test_no_page_and_no_sheet_fetches_from_elsewhere():
    """Links in text may leave the registry; what a page loads may not."""
    ours = [*ROOT.glob("templates/**/*.html"), *ROOT.glob("static/css/*.css")]
    ours += ROOT.glob("static/js/*.js")
    loads = re.compile(r"""(?:src=["']|@import\s+url\(["']?|url\(["']?)(?:https?:)?//""")

    assert [path.name for path in ours if loads.search(path.read_text(encoding="utf-8"))] == []


def test_no_template_has_inline_script_or_style():
    inline = re.compile(r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son[a-z]+=", re.IGNORECASE)
    templates = ROOT.glob("templates/**/*.html")

    assert [path.name for path in templates if inline.search(path.read_text("utf-8"))] == []
