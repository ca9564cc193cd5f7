"""``python -m benchmarks`` measures every figure beside its own limit; with a name, only that one.

On a cluster of its own in .data/benchmarks, with the embedded server's usual settings.
"""

import argparse
import os
import sys
from functools import partial
from importlib import import_module
from pathlib import Path

# A benchmark is a module with `figures(patients, rounds)`.
BENCHMARKS = {
    "derivation": "benchmarks.whole_registry",
    "safety": "benchmarks.safety",
    "saving": "benchmarks.saving",
    "live": "benchmarks.cohort_live",
    "panels": "benchmarks.cohort_panels",
    "page": "benchmarks.patient_page",
    "lists": "benchmarks.api_lists",
    "import": "benchmarks.imports",
    "writing": "benchmarks.rest_writing",
}
CHECKOUT = Path(__file__).parents[1]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("only", nargs="*", choices=[*BENCHMARKS, []], help="default: all")
    parser.add_argument("--patients", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true", help="print JSON instead of the table")
    parser.add_argument("--report", type=Path, help="a file for the JSON, beside what is printed")
    asked = parser.parse_args()
    # Before the settings are read, and for the processes that are measured.
    os.environ.setdefault("MMN_DATA_DIR", str(CHECKOUT / ".data" / "benchmarks"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mmn_registry.settings")
    os.environ.setdefault("MMN_STATIC_FROM_SOURCE", "1")  # pages, without collecting their styles
    import django  # noqa: PLC0415

    django.setup()
    from benchmarks.database import kept_patterns  # noqa: PLC0415
    from benchmarks.figures import as_json, as_table, measured  # noqa: PLC0415

    figures = []
    with kept_patterns():
        for name in asked.only or BENCHMARKS:
            measure = import_module(BENCHMARKS[name]).figures
            figures += measured(partial(measure, asked.patients, asked.rounds))
            if asked.report:  # whatever breaks off later, this is known
                asked.report.parent.mkdir(parents=True, exist_ok=True)
                asked.report.write_text(as_json(figures), encoding="utf-8")
    print(as_json(figures) if asked.json else as_table(figures))
    sys.exit(any(figure.held is False for figure in figures))


if __name__ == "__main__":
    main()
