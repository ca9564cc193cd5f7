"""From the temporary tables to the permanent ones, in the transaction of the caller."""

from collections.abc import Iterator, Mapping
from itertools import islice

from django.db import models
from django.utils.translation import gettext as _
from psycopg.sql import SQL, Composable, Identifier, Literal

from mmn_registry.bundle.progress import Tell, nobody, share_of
from mmn_registry.bundle.report import Change, TableCount
from mmn_registry.bundle.staging import (
    COMMA,
    Staging,
    found,
    is_new,
    is_versioned,
    join_parent,
    known,
    names_in_parent,
    of,
    own_fields,
    staged,
    stored,
)
from mmn_registry.bundle.tables import parent_of
from mmn_registry.interchange import Column, Table, canonical
from patients.interchange import CENTRES

ROWS_LISTED_PER_TABLE = 1000
ROWS_PER_STATEMENT = 1_000_000


class ChangedMeanwhileError(Exception):
    """Somebody amended or voided a record between our reading and writing it."""

    def __init__(self, file: str):
        self.file = file
        super().__init__(file)


# --- what would be stored -----------------------------------------------------------------------


def new_centres(staging: Staging) -> tuple[str, ...]:
    if CENTRES not in staging.tables:
        return ()
    query = SQL("SELECT s.code FROM {} AS s WHERE {} ORDER BY s.code")
    staging.cursor.execute(query.format(staged(CENTRES), is_new(CENTRES)))
    return tuple(code for (code,) in staging.cursor.fetchall())


def count(staging: Staging, table: Table) -> TableCount:
    """New, changed and unchanged rows of a table."""
    query = SQL(
        "SELECT (SELECT count(*) FROM {}), count(*), count(*) FILTER (WHERE differs) FROM {}"
    )
    staging.cursor.execute(query.format(staged(table), found(table)))
    named, found_rows, changed = staging.cursor.fetchone()
    return TableCount(table.file, named - found_rows, changed, found_rows - changed)


def list_changes(staging: Staging, table: Table) -> Iterator[Change]:
    """What the first changed rows of a table change, value by value."""
    compared = [column for column in table.columns if not column.key]
    values = [of("s", name) for column in table.keys for name in table.stored_names(column)]
    for column in compared:
        values += _stored_values(table, column)
        values += [of("s", name) for name in table.stored_names(column)]
    query = SQL(
        "SELECT s.row, {} FROM {} AS s JOIN {} AS found ON found.row = s.row AND found.differs "
        "JOIN {} AS stored ON stored.id = found.id {} ORDER BY s.row LIMIT {}"
    ).format(
        COMMA.join(values),
        staging.rows(table),
        found(table),
        stored(table),
        _join_stored_parent(table),
        Literal(ROWS_LISTED_PER_TABLE),
    )
    staging.cursor.execute(query)
    for row, *cells in staging.cursor.fetchall():
        texts = iter(cells)
        key = tuple(canonical(next(texts)) for _column in table.keys)
        for column in compared:
            width = len(table.stored_names(column))
            old, new = (canonical(*islice(texts, width)) for _version in range(2))
            if old != new:
                yield Change(table.file, row, key, column.name, old, new)


def _stored_values(table: Table, column: Column) -> list[Composable]:
    if column.is_own:
        return [of("stored", name) for name in table.stored_names(column)]
    return [of("stored_parent", dict(names_in_parent(table))[column.name])]


def _join_stored_parent(table: Table) -> Composable:
    """Where a row may change what it belongs to (a patient, the centre)."""
    if not table.parent or table.keys_of_parent:
        return SQL("")
    join = SQL("LEFT JOIN {} AS stored_parent ON stored_parent.id = {}")
    return join.format(known(parent_of(table)), of("stored", table.parent.column))


# --- storing ------------------------------------------------------------------------------------


def store(staging: Staging, counts: Mapping[Table, TableCount], by, tell: Tell = nobody) -> None:
    """Amend what differs, then add what is new: parents before their rows."""
    for table in staging.tables:
        changed, new = counts[table].changed, counts[table].new
        if changed:
            tell(_step(table, changed), None)
        if changed and _amend(staging, table, by) != changed:
            raise ChangedMeanwhileError(table.file)
        parts = _parts(staging, table) if new else ()
        for done, rows in enumerate(parts):
            tell(_step(table, new), share_of(done, len(parts)))
            _add(staging, table, by, rows)
    tell(_("Checking that rows belong together"), None)
    # Foreign keys are checked at the end of a transaction; here they still can be explained.
    staging.cursor.execute(SQL("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED"))


def _step(table: Table, rows: int) -> str:
    params = {"table": table.name, "rows": f"{rows:,}"}
    return _("Storing %(table)s: %(rows)s rows") % params


def _parts(staging: Staging, table: Table) -> list[Composable]:
    """Conditions on a row ``s``: one for each statement that adds rows.

    A long load shows how far it is, and what triggers keep of a statement's rows stays bounded.
    """
    if not table.has_file:  # few, and not numbered one after another
        return [SQL("true")]
    last = staging.sheets[table].sheet.rows.max(initial=0)
    return [
        SQL("s.row BETWEEN {} AND {}").format(first, first + ROWS_PER_STATEMENT - 1)
        for first in range(0, int(last) + 1, ROWS_PER_STATEMENT)
    ]


def _amend(staging: Staging, table: Table, by) -> int:
    """Write over the versions that were compared, and no other; how many were."""
    written = {field.column: of("s", field.column) for field in own_fields(table)}
    if table.parent and not table.keys_of_parent:
        written[table.parent.column] = SQL("parent.id")
    written |= {
        "version": SQL("stored.version + 1"),
        "recorded_at": SQL("now()"),
        "recorded_by_id": _literal(by),
        "amend_reason": Literal(_("Amended by loading a bundle.")),
    }
    update = SQL(
        "UPDATE {} AS stored SET {} FROM {} AS s {} JOIN {} AS found ON found.row = s.row "
        "WHERE stored.id = found.id AND found.differs AND stored.version = found.version"
    ).format(
        stored(table),
        COMMA.join(SQL("{} = {}").format(Identifier(to), what) for to, what in written.items()),
        staging.rows(table),
        join_parent(table),
        found(table),
    )
    staging.cursor.execute(update)
    return staging.cursor.rowcount


def _add(staging: Staging, table: Table, by, part: Composable) -> None:
    """Rows that others belong to have their id already; the database gives the others theirs."""
    values = {field.column: of("s", field.column) for field in own_fields(table)}
    if table in staging.known:
        rows, with_parent, parent_id = known(table), SQL(""), SQL("s.parent_id")
        values["id"] = SQL("s.id")
    else:
        rows, with_parent = staging.rows(table), join_parent(table)
        parent_id = SQL("parent.id")
    if table.parent:
        values[table.parent.column] = parent_id
    if is_versioned(table):
        values["recorded_by_id"] = _literal(by)
    values |= {
        field.column: Literal(field.get_default())
        for field in table.model._meta.local_concrete_fields
        if field.column not in values and _needs_a_value(field)
    }
    insert = SQL(
        "INSERT INTO {} ({}) SELECT {} FROM {} AS s {} WHERE s.row IS NOT NULL AND {} AND {} "
        "ORDER BY s.row"
    ).format(
        stored(table),
        COMMA.join(map(Identifier, values)),
        COMMA.join(values.values()),
        rows,
        with_parent,
        part,
        is_new(table),
    )
    staging.cursor.execute(insert)


def _literal(by) -> Composable:
    return Literal(by.pk if by else None)


def _needs_a_value(field: models.Field) -> bool:
    """Whether a row cannot do without, and the database has no default of its own."""
    return not (field.null or field.generated or field.has_db_default())
