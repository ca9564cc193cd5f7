"""Reading several tables as of one moment."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections, transaction
from psycopg import IsolationLevel


@contextmanager
def one_snapshot(using: str = "default") -> Iterator[None]:
    """A read-only transaction that sees nothing of what others do meanwhile.

    Inside a transaction that has begun already, what that one sees.
    """
    connection = connections[using]
    if connection.in_atomic_block:
        yield
        return
    connection.ensure_connection()
    driver = connection.connection
    driver.isolation_level, driver.read_only = IsolationLevel.REPEATABLE_READ, True
    try:
        with transaction.atomic(using=using):
            yield
    finally:
        driver.isolation_level = driver.read_only = None  # as the server has them
