"""A database of its own on the embedded server, filled with a made-up cohort, and dropped again."""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import count

import psycopg
from django.core.management import call_command
from django.db import connections

from benchmarks.cohorts import fill
from mmn_registry import principal
from mmn_registry.postgres import embedded, roles

_numbers = count(1)


@contextmanager
def filled_database(patients: int) -> Iterator[str]:
    """Its name. Meanwhile `default` and `owner` connect to it, as in the registry."""
    with empty_database() as name:
        with superuser(name) as database:
            database.autocommit = False
            fill(database, patients)
        yield name


@contextmanager
def empty_database() -> Iterator[str]:
    name = f"mmn_bench_{os.getpid()}_{next(_numbers)}"
    with superuser() as maintenance:
        maintenance.execute(f"CREATE DATABASE {name} OWNER {roles.OWNER}")
        try:
            with connected_to(name):
                call_command("migrate", verbosity=0)
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
