"""Telling the database the key with which the registry says who is acting."""

from django.db import connections, transaction

TABLE = "registry_context_key"


def tell_context_key() -> None:
    """As the owner; whatever an older SECRET_KEY signed is worth nothing from then on."""
    owner = connections["owner"]
    with transaction.atomic(using="owner"), owner.cursor() as cursor:
        if cursor.execute("SELECT to_regclass(%s)", [TABLE]).fetchone()[0] is None:
            return  # before the migration that makes it
        inner, outer = owner.context_key.pads
        cursor.execute(
            f"INSERT INTO {TABLE} (id, inner_pad, outer_pad) VALUES (%s, %s, %s) "  # noqa: S608
            "ON CONFLICT (id) DO NOTHING",
            [owner.context_key.id, inner, outer],
        )
        cursor.execute(f"DELETE FROM {TABLE} WHERE id <> %s", [owner.context_key.id])  # noqa: S608
