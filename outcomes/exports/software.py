"""Which version of the registry this is."""

import tomllib
from functools import cache

from django.conf import settings


@cache
def software_version() -> str:
    """As the project names itself."""
    with (settings.BASE_DIR / "pyproject.toml").open("rb") as file:
        return tomllib.load(file)["project"]["version"]
