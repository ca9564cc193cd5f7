"""The trail as a test reads it: everything, values too; and a session that stands above it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import psycopg
from django.conf import settings
from django.db import connection, connections

from mmn_registry.audit.models import Entry
from mmn_registry.postgres import embedded, roles

READABLE = ", ".join(f"e.{field.column}" for field in Entry._meta.concrete_fields)
ENTRIES = f"""
SELECT {READABLE}, v.old, v.new FROM audit_entry AS e
LEFT JOIN registry_trail_values(ARRAY(SELECT seq FROM audit_entry)) AS v USING (seq)
WHERE e.seq > %s ORDER BY e.seq
"""


def told(since: int = 0) -> list[SimpleNamespace]:
    """All entries after one, as an operator sees them."""
    with connection.cursor() as cursor:
        cursor.execute(ENTRIES, [since])
        names = [column.name for column in cursor.description]
        return [_entry(dict(zip(names, row, strict=True))) for row in cursor.fetchall()]


def _entry(values: dict) -> SimpleNamespace:
    """Django's connection leaves JSON as text."""
    told = {name: values[name] and json.loads(values[name]) for name in ("old", "new")}
    return SimpleNamespace(**values | told)


def last_seq() -> int:
    with connection.cursor() as cursor:
        return cursor.execute("SELECT coalesce(max(seq), 0) FROM audit_entry").fetchone()[0]


def above() -> psycopg.Connection:
    """A session of the superuser or, on a server that is not ours, of the owner."""
    parameters = connections["owner"].get_connection_params()
    if settings.EMBEDDED:
        parameters["user"] = roles.SUPERUSER
        parameters["password"] = embedded.cluster().password(roles.SUPERUSER)
    return psycopg.connect(**parameters, autocommit=True)


@contextmanager
def looking_away(session: psycopg.Connection, *tables: str) -> Iterator[None]:
    """Meanwhile the triggers of some tables do not fire, as who owns them can have it."""
    always = {table: _always_firing(session, table) for table in tables}
    for table in tables:
        session.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    try:
        yield
    finally:
        for table, names in always.items():
            session.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
            for name in names:
                session.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")


def _always_firing(session: psycopg.Connection, table: str) -> list[str]:
    found = session.execute(
        "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND tgenabled = 'A'", [table]
    )
    return [name for (name,) in found.fetchall()]
