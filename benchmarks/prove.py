"""`make prove`: every figure and drill, and a report of them in docs/.

A new benchmark is a module with ``DRILLS``, named below.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from dataclasses import asdict
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import django

from benchmarks.figures import Figure, measured
from mmn_registry.postgres.places import cluster

BENCHMARKS = (
    "installation",
    "derivation",
    "against_r",
    "freshness",
    "safety",
    "trail",
    "typing_drills",
    "backups",
    "kills",
    "half_way",
    "upgrades",
    "clients",
    "rest_writing",
    "full_disk",
)
DOCS = Path(__file__).parents[1] / "docs"
KIBIBYTES_PER_GIBIBYTE = 1024**2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("only", nargs="*", choices=[*BENCHMARKS, []], help="default: all")
    asked = parser.parse_args().only or list(BENCHMARKS)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mmn_registry.settings")
    os.environ.setdefault("MMN_STATIC_FROM_SOURCE", "1")  # pages, without collecting their styles
    django.setup()
    began = time.monotonic()
    results = {name: _run(name) for name in asked}
    report = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _commit(),
        "machine": _machine(),
        "seconds": round(time.monotonic() - began, 1),
        "figures": {
            name: [asdict(figure) | {"held": figure.held} for figure in figures]
            for name, figures in results.items()
        },
    }
    if asked == list(BENCHMARKS):  # a part of it is not the report
        (DOCS / "prove.json").write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n")
        (DOCS / "prove.md").write_text(_as_markdown(report, results))
    broken = [f.name for figures in results.values() for f in figures if f.held is False]
    if broken:
        sys.exit(f"Not held: {'; '.join(broken)}.")


def _run(name: str) -> list[Figure]:
    figures = []
    for drill in import_module(f"benchmarks.{name}").DRILLS:
        for figure in measured(drill):
            print(_line(figure), flush=True)
            figures.append(figure)
    return figures


def _line(figure: Figure) -> str:
    verdict = {True: "held", False: "NOT HELD", None: ""}[figure.held]
    return f"{figure.name}: {_value(figure)} {verdict} {figure.note}".rstrip()


def _value(figure: Figure) -> str:
    if figure.value is None:
        return "not measured"
    return f"{figure.value:.3g} {figure.unit}"


def _as_markdown(report: dict, results: dict[str, list[Figure]]) -> str:
    lines = [
        "# Proved",
        "",
        f"By `make prove` on {report['at']}, commit {report['commit']}, in "
        f"{report['seconds']:.0f} s, on {report['machine']}. The same numbers stand in "
        "`prove.json`.",
    ]
    for name, figures in results.items():
        lines += [
            "",
            f"## {name.capitalize()}",
            "",
            "| figure | value | limit | |",
            "|---|--:|--:|---|",
        ]
        for figure in figures:
            limit = "" if figure.limit is None else f"{figure.limit:g} {figure.unit}"
            verdict = {True: "held", False: "**not held**", None: ""}[figure.held]
            note = f"{verdict} {figure.note}".strip()
            lines.append(f"| {figure.name} | {_value(figure)} | {limit} | {note} |")
    return "\n".join(lines) + "\n"


def _commit() -> str:
    command = ["git", "describe", "--always", "--dirty"]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    return said.stdout.strip() or "none yet"


def _machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024
    return (
        f"{os.cpu_count()} cores, {memory / KIBIBYTES_PER_GIBIBYTE:.0f} GiB, "
        f"{platform.system()} {platform.machine()}, Python {platform.python_version()}, "
        f"PostgreSQL {cluster().binaries.major}"
    )


if __name__ == "__main__":
    main()
