"""What the manifest of an export says to who loads its tables as a bundle.

An export has columns that follow from others, and its texts are inert in a spreadsheet. Its
manifest says so; without it a folder is a bundle, of which nothing is undone.
"""

import json
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from mmn_registry.tabular import Said, Source

MANIFEST = "manifest.json"
LONGEST_BYTES = 4 * 1024 * 1024


def said_of_files(source: Source) -> Mapping[str, Said]:
    """By file name; of a folder without a manifest of ours, nothing."""
    told = _manifest(source)
    files = told.get("files", []) if isinstance(told, dict) else []
    inert = isinstance(told, dict) and told.get("texts") == "inert"
    said: dict[str, Said] = defaultdict(Said)
    for file in files if isinstance(files, list) else []:
        if isinstance(file, dict):
            added = file.get("added", [])
            names = frozenset(map(str, added)) if isinstance(added, list) else frozenset()
            said[str(file.get("name"))] = Said(names, inert)
    return said


def _manifest(source: Source) -> Any:
    if MANIFEST not in source.opens:
        return {}
    try:
        with source.opens[MANIFEST]() as file:
            return json.loads(file.read(LONGEST_BYTES))
    except (OSError, ValueError, EOFError):  # whatever it is, it is not ours
        return {}
