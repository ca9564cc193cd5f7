"""Row-level security for migrations: each table of patients' rows says whose centre it is of.

Policies ask the verified context (``registry_context``) once per statement: hence the
sub-selects. A row that belongs to another row is read and written as that one is.
"""

from itertools import pairwise

from django.db import migrations

from mmn_registry.postgres.roles import DERIVE, if_role


def isolate(table: str, *, centre: str = "centre_id", also_read: str = "") -> migrations.RunSQL:
    """A table that names its centre. ``also_read`` is another condition that opens a row."""
    own = reaches("read", centre)
    read = f"{own} OR ({also_read})" if also_read else own
    return _policies(table, definer_reads(table), read=read, write=reaches("write", centre))


def isolate_part(table: str, *, way: list[tuple[str, str]]) -> migrations.RunSQL:
    """A table of parts: ``way`` leads by (table, column that names it) up to one with a centre.

    Reading leaves the answer to the parent's own policy.
    """
    parent, column = way[0]
    steps = " ".join(
        f"JOIN {above} ON {above}.id = {below}.{key}" for (below, _), (above, key) in pairwise(way)
    )
    writable = reaches("write", f"{way[-1][0]}.centre_id")
    here = f"{parent}.id = {table}.{column}"
    return _policies(
        table,
        read=f"(SELECT registry_everywhere('read')) OR {_exists(parent, here)}",
        write="(SELECT registry_everywhere('write')) OR "
        + _exists(f"{parent} {steps}", f"{here} AND {writable}"),
    )


def _exists(tables: str, condition: str) -> str:
    return f"EXISTS (SELECT FROM {tables} WHERE {condition})"


def reaches(right: str, centre: str) -> str:
    """A condition: the acting principal has a right in the centre of a row."""
    return (
        f"((SELECT registry_everywhere('{right}')) "
        f"OR {centre} = ANY ((SELECT registry_centres('{right}'))::uuid[]))"
    )


def _policies(table: str, *more: str, read: str, write: str) -> migrations.RunSQL:
    """No policy for DELETE: records are voided."""
    create = [
        f"CREATE POLICY reads ON {table} FOR SELECT USING ({read})",
        f"CREATE POLICY records ON {table} FOR INSERT WITH CHECK ({write})",
        f"CREATE POLICY amends ON {table} FOR UPDATE USING ({write}) WITH CHECK ({write})",
        *more,
        # Of a part, too, though its parent would let it through: without asking row by row.
        if_role(DERIVE, f"CREATE POLICY derives ON {table} FOR SELECT TO {DERIVE} USING (true)"),
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
    ]
    drop = [
        f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY",
        *(
            f"DROP POLICY IF EXISTS {name} ON {table}"
            for name in ("reads", "records", "amends", "definer", "derives")
        ),
    ]
    return migrations.RunSQL(create, drop)


def definer_reads(table: str) -> str:
    """The owner's SECURITY DEFINER functions see all rows while they run for others.

    The owner's own sessions do not: there the current user is the session's. Parts follow.
    """
    return f"CREATE POLICY definer ON {table} TO CURRENT_USER USING (current_user <> session_user)"
