"""A database of its own on the embedded server, filled with a made-up cohort, and dropped again."""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from itertools import count

import psycopg
from django.core.management import call_command
from django.db import connections

from benchmarks.cohorts import fill
from mmn_registry import principal
from mmn_registry.postgres import embedded, roles

_numbers = count(1)
_patterns: "_Patterns | None" = None  # where filled databases are kept for other benchmarks


@contextmanager
def kept_patterns() -> Iterator[None]:
    """Who is made up for one benchmark is copied for the next, in a tenth of the time."""
    global _patterns  # noqa: PLW0603
    with ExitStack() as patterns:
        _patterns = _Patterns(patterns)
        try:
            yield
        finally:
            _patterns = None


class _Patterns(dict[int, str]):
    """Made where they are first asked for, dropped at the end."""

    def __init__(self, kept: ExitStack):
        super().__init__()
        self._kept = kept

    def __missing__(self, patients: int) -> str:
        self[patients] = self._kept.enter_context(_made_up(patients))
        return self[patients]


@contextmanager
def filled_database(patients: int) -> Iterator[str]:
    """Its name. Meanwhile `default` and `owner` connect to it, as in the registry."""
    if _patterns is None:
        with _made_up(patients) as name, connected_to(name):
            yield name
    else:
        with _database(like=_patterns[patients]) as name, connected_to(name):
            yield name


@contextmanager
def _made_up(patients: int) -> Iterator[str]:
    """Nobody is connected to it."""
    with _database() as name:
        with connected_to(name):
            call_command("migrate", verbosity=0)
        with superuser(name) as database:
            database.autocommit = False
            fill(database, patients)
        yield name


@contextmanager
def empty_database() -> Iterator[str]:
    with _database() as name, connected_to(name):
        call_command("migrate", verbosity=0)
        yield name


@contextmanager
def _database(like: str = "template1") -> Iterator[str]:
    name = f"mmn_bench_{os.getpid()}_{next(_numbers)}"
    with superuser() as maintenance:
        maintenance.execute(
            f"CREATE DATABASE {name} TEMPLATE {like} STRATEGY FILE_COPY OWNER {roles.OWNER}"
        )
        try:
            yield name
        finally:
            maintenance.execute(f"DROP DATABASE {name} WITH (FORCE)")


def superuser(name: str = "postgres") -> psycopg.Connection:
    embedded.ensure_running()
    settings = embedded.connection_settings(roles.SUPERUSER)
    return psycopg.connect(
        host=settings["HOST"],
        port=settings["PORT"],
        user=settings["USER"],
        password=settings["PASSWORD"],
        dbname=name,
        autocommit=True,
    )


def as_operator() -> AbstractContextManager[None]:
    """Whoever asks sees every centre, by the policies that hold for everybody."""
    return principal.in_force(principal.operator("benchmarks"))


@contextmanager
def connected_to(name: str) -> Iterator[None]:
    before = {}
    for connection in connections.all():
        before[connection.alias] = connection.settings_dict["NAME"]
        connection.close()
        connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        for connection in connections.all():
            connection.close()
            connection.settings_dict["NAME"] = before[connection.alias]
