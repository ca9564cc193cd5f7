"""Give the tests a cluster of their own, before pytest-django loads the settings.

Loaded by ``-p`` in pyproject.toml. Its rows survive every kill of a process but not of the
machine, which saves the tests much waiting for the disk; nothing else differs from `make demo`.
"""

import os

from mmn_registry.postgres import places

# At import: every hook of ours would come after the settings. Workers inherit all this.
if "PYTEST_XDIST_WORKER" not in os.environ:
    os.environ["MMN_DATA_DIR"] = str(places.data_dir() / "tests")
    os.environ["MMN_POSTGRES_FSYNC"] = "off"
    os.environ["MMN_STATIC_FROM_SOURCE"] = "1"


def pytest_report_header() -> str:
    if os.environ.get("DATABASE_URL"):
        return "postgres: the one that DATABASE_URL names"
    found = places.cluster().binaries
    return f"postgres: {found.major}, {found.folder}"
