"""Settings from the environment: typed, and loud with advice when one cannot be used.

A secret may be given as a file: ``SECRET_KEY_FILE=/run/secrets/key`` stands for ``SECRET_KEY``.
No message repeats a value, since it may be a secret in the wrong place.
"""

import os
from datetime import time
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.exceptions import ImproperlyConfigured
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

YES = {"1", "true", "yes", "on"}
NO = {"0", "false", "no", "off", ""}


def text(name: str, default: str | None = None, *, advice: str = "") -> str:
    """The variable's text; without a default it must be set."""
    found = os.environ.get(name)
    if not found:
        found = _from_file(name)
    if found:
        return found
    if default is None:
        raise ImproperlyConfigured(f"{name} is not set. {advice}".strip())
    return default


def is_set(name: str) -> bool:
    return bool(os.environ.get(name) or os.environ.get(f"{name}_FILE"))


def choice(name: str, choices: tuple[str, ...], default: str) -> str:
    found = text(name, default)
    if found not in choices:
        raise ImproperlyConfigured(f"{name} must be one of: {', '.join(choices)}.")
    return found


def flag(name: str, *, default: bool = False) -> bool:
    found = os.environ.get(name, "").strip().lower()
    if not found:
        return default
    if found in YES | NO:
        return found in YES
    raise ImproperlyConfigured(f"{name} is neither yes nor no. Write 1 or 0.")


def whole_number(name: str, default: int, *, lowest: int = 0) -> int:
    found = text(name, str(default))
    if not found.isdecimal() or int(found) < lowest:
        raise ImproperlyConfigured(f"{name} must be a whole number, {lowest} or more.")
    return int(found)


def words(name: str, default: str | None = None, *, advice: str = "") -> list[str]:
    """A list, written with commas."""
    return [word.strip() for word in text(name, default, advice=advice).split(",") if word.strip()]


def path(name: str) -> Path | None:
    found = text(name, "")
    return Path(found).expanduser().absolute() if found else None


def clock_time(name: str, default: str) -> time:
    found = text(name, default)
    try:
        return time.fromisoformat(found)
    except ValueError:
        raise ImproperlyConfigured(
            f"{name} is no time of the day. Write one such as 02:00."
        ) from None


def time_zone(name: str, default: str) -> str:
    found = text(name, default)
    try:
        ZoneInfo(found)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ImproperlyConfigured(
            f"{name} names no time zone. Write one such as Europe/Paris."
        ) from None
    return found


def origins(address: str) -> list[str]:
    """Scheme and host of an address, as a browser's rules name them; none of no address."""
    parts = urlsplit(address)
    return [f"{parts.scheme}://{parts.netloc}"] if parts.netloc else []


def database(name: str) -> dict[str, object]:
    """Django's keys for the server that a PostgreSQL URL names.

    The password may stand apart, so that it can be a secret's file: DATABASE_PASSWORD(_FILE)
    beside DATABASE_URL, DATABASE_OWNER_PASSWORD(_FILE) beside DATABASE_OWNER_URL.
    libpq itself takes the URL apart, so that every form it documents works: a socket's folder
    as host, sslmode and other options, percent-encoded passwords.
    """
    url = text(name)
    advice = "Write it as postgres://user:password@host:5432/database."
    try:
        parts = conninfo_to_dict(url)
    except ProgrammingError:
        raise ImproperlyConfigured(f"{name} is no PostgreSQL URL. {advice}") from None
    if not parts.get("dbname"):
        raise ImproperlyConfigured(f"{name} names no database. {advice}")
    keys = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host"}
    found: dict[str, object] = {key: str(parts.pop(part, "")) for key, part in keys.items()}
    found["PASSWORD"] = text(name.removesuffix("URL") + "PASSWORD", str(found["PASSWORD"]))
    found["PORT"] = str(parts.pop("port", ""))
    found["OPTIONS"] = parts
    return found


def _from_file(name: str) -> str:
    path = os.environ.get(f"{name}_FILE")
    if not path:
        return ""
    try:
        return Path(path).read_text().strip()
    except OSError as problem:
        raise ImproperlyConfigured(
            f"{name}_FILE cannot be read: {problem.strerror}. Check its path and its mode."
        ) from None
