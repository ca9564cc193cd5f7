"""Static files under names that carry their content's hash, collected when they changed."""

import hashlib
from pathlib import Path

from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command

STAMP = "collected-from"


def collect_static_files(root: Path) -> None:
    """Collect into ``root``, unless it holds just these files already."""
    stamp = root / STAMP
    sources = _fingerprint_of_sources()
    if stamp.exists() and stamp.read_text() == sources:
        return
    call_command("collectstatic", interactive=False, clear=root.exists(), verbosity=0)
    stamp.write_text(sources)


def _fingerprint_of_sources() -> str:
    """Changes when a file comes, goes, or is written."""
    lines = []
    for finder in get_finders():
        for name, storage in finder.list(ignore_patterns=None):
            found = Path(storage.path(name)).stat()
            lines.append(f"{name} {found.st_size} {found.st_mtime_ns}")
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()
