"""A bundle beside what is stored, in temporary tables, where both can be asked as sets.

For each table, all gone when the transaction ends:

- ``staged_…`` what the file says; null where a cell was a problem, so that rules say nothing.
- ``found_…`` which of these rows are stored already, and whether they differ.
- ``known_…`` the rows that would stand after loading, of the patients whom the bundle names;
  only of tables that others belong to, or that have a rule over several rows.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal

import numpy as np
from django.db import models
from django.utils.translation import gettext as _
from psycopg.sql import SQL, Composable, Identifier, Literal

from mmn_registry.bundle.progress import Tell, nobody
from mmn_registry.bundle.tables import TABLES, ancestors_of, parent_of
from mmn_registry.interchange import CheckedSheet, Column, Table
from patients.interchange import PATIENTS

RECORDS_PER_BLOCK = 20_000
# Rows that several files name are numbered apart: more than a file can have.
ROWS_PER_FILE = 2**40

COMMA = SQL(", ")
AND = SQL(" AND ")
OR = SQL(" OR ")
NAMED_PATIENTS = Identifier("named_patients")


class Staging:
    """The temporary tables of one bundle, made in the order in which tables depend."""

    def __init__(self, cursor, sheets: Mapping[Table, CheckedSheet]):
        self.cursor = cursor
        self.sheets = sheets
        self.tables = [table for table in TABLES if table in sheets or self.naming(table)]
        ancestors = {ancestor for table in self.tables for ancestor in ancestors_of(table)}
        asked = {table for table in self.tables if table.rules or table is PATIENTS}
        self.known = ancestors | asked
        self._made: list[Identifier] = []

    def naming(self, table: Table) -> list[Table]:
        """The tables of the bundle that name the rows of one without a file."""
        return [] if table.has_file else [t for t in self.sheets if parent_of(t) is table]

    def fill(self, tell: Tell = nobody) -> None:
        """Make them all."""
        self._name_patients()
        for table in self.sheets:
            tell(_("Sending %(file)s") % {"file": table.file}, None)
            self._stage(table)
        tell(_("Comparing with what is stored"), None)
        for table in TABLES:
            if self.naming(table):
                self._stage_what_others_name(table)
            if table in self.tables:
                self._find(table)
            if table in self.known:
                self._know(table)

    def drop(self) -> None:
        """For callers whose own transaction goes on."""
        self.cursor.execute(SQL("DROP TABLE {}").format(COMMA.join(self._made)))

    def _make(self, name: Identifier, select: Composable, *, filled: bool = True) -> None:
        make = SQL("CREATE TEMPORARY TABLE {} ON COMMIT DROP AS {} {}")
        self.cursor.execute(make.format(name, select, SQL("" if filled else "WITH NO DATA")))
        self._made.append(name)
        if filled:
            self._analyze(name)

    def _analyze(self, name: Identifier) -> None:
        # Without it PostgreSQL takes every temporary table for a small one.
        self.cursor.execute(SQL("ANALYZE {}").format(name))

    def _copy(self, name: Identifier, columns: Iterable[str], blocks: Iterable[str]) -> None:
        into = SQL("COPY {} ({}) FROM STDIN").format(name, listed(columns))
        with self.cursor.copy(into) as copy:
            for block in blocks:
                copy.write(block)
        self._analyze(name)

    def _name_patients(self) -> None:
        select = SQL("SELECT study_id FROM {}").format(stored(PATIENTS))
        self._make(NAMED_PATIENTS, select, filled=False)
        named = {
            value
            for checked in self.sheets.values()
            if "study_id" in checked.columns
            for value in checked.columns["study_id"].values
            if value is not None
        }
        self._copy(NAMED_PATIENTS, ["study_id"], (copy_text(name) + "\n" for name in sorted(named)))

    def _stage(self, table: Table) -> None:
        """Columns have the types and collations of the fields that will store them."""
        typed = [
            SQL("{}.{} AS {}").format(stored(field), Identifier(field.column), Identifier(name))
            for column in table.columns
            for field, name in zip(table.stored_in(column), table.stored_names(column), strict=True)
        ]
        sources = {table.field(column).model._meta.db_table for column in table.columns}
        select = SQL('SELECT 0::bigint AS "row", {} FROM {}').format(
            COMMA.join(typed), listed(sorted(sources))
        )
        self._make(staged(table), select, filled=False)
        checked = self.sheets[table]
        self._copy(staged(table), ["row", *checked.columns], copy_blocks(checked))

    def _stage_what_others_name(self, table: Table) -> None:
        """The rows of a table without a file, by the first row that names each."""
        named = SQL(" UNION ALL ").join(
            self._names(naming, position) for position, naming in enumerate(self.naming(table))
        )
        keys = [name for column in table.keys for name in table.stored_names(column)]
        select = SQL('SELECT min("row") AS "row", {keys} FROM ({named}) AS named GROUP BY {keys}')
        self._make(staged(table), select.format(keys=listed(keys), named=named))

    def _names(self, naming: Table, position: int) -> Composable:
        keys = COMMA.join(
            SQL("{} AS {}").format(Identifier(ours), Identifier(theirs))
            for ours, theirs in names_in_parent(naming)
        )
        row = SQL('"row" + {}').format(Literal(position * ROWS_PER_FILE))
        return SQL('SELECT {} AS "row", {} FROM {}').format(row, keys, staged(naming))

    def place(self, table: Table, row: int) -> tuple[CheckedSheet, int]:
        """The file that a row stands in, and where."""
        if table.has_file:
            return self.sheets[table], row
        position, row = divmod(row, ROWS_PER_FILE)
        return self.sheets[self.naming(table)[position]], row

    def _find(self, table: Table) -> None:
        select = SQL(
            "SELECT s.row, stored.id, {} AS version, {} AS differs "
            "FROM {} AS s {} JOIN {} AS stored ON {}"
        ).format(
            SQL("stored.version" if is_versioned(table) else "1"),
            self._differs(table),
            staged(table),
            join_parent(table),
            stored(table),
            AND.join([*same_key(table), standing(table)]),
        )
        self._make(found(table), select)

    def _differs(self, table: Table) -> Composable:
        pairs = [
            (of("s", field.column), of("stored", field.column))
            for column in table.own
            if not column.key and self._is_given(table, column)
            for field in table.stored_in(column)
        ]
        if table.parent and not table.keys_of_parent:
            pairs.append((SQL("parent.id"), of("stored", table.parent.column)))
        differ = [SQL("{} IS DISTINCT FROM {}").format(*pair) for pair in pairs]
        return SQL("({})").format(OR.join(differ or [SQL("false")]))

    def _is_given(self, table: Table, column: Column) -> bool:
        """Whether the file has the column at all; one that is absent changes nothing."""
        return table not in self.sheets or column.name in self.sheets[table].sheet.columns

    def rows(self, table: Table) -> Composable:
        """The staged rows as they would be stored: a column that the file lacks keeps its value."""
        lacking = [column for column in table.own if not self._is_given(table, column)]
        if not lacking:
            return staged(table)
        kept = {field for column in lacking for field in table.stored_in(column)}
        values = [_kept(f) if f in kept else of("s", f.column) for f in own_fields(table)]
        select = SQL(
            "(SELECT s.row, {} FROM {} AS s LEFT JOIN {} AS found ON found.row = s.row "
            "LEFT JOIN {} AS stored ON stored.id = found.id)"
        )
        values += [of("s", column.name) for column in table.inherited]
        return select.format(COMMA.join(values), staged(table), found(table), stored(table))

    def _know(self, table: Table) -> None:
        parts = [self._stored_and_not_named(table)]
        if table in self.tables:
            parts.insert(0, self._named(table))
        self._make(known(table), SQL(" UNION ALL ").join(parts))

    def _named(self, table: Table) -> Composable:
        """The rows of the bundle; those not stored yet get the id they will be stored with."""
        select = SQL(
            "SELECT s.row, {}, coalesce(found.id, gen_random_uuid()) AS id "
            "FROM {} AS s {} LEFT JOIN {} AS found ON found.row = s.row"
        )
        columns = [of("s", column.name) for column in table.inherited]
        columns += [SQL("parent.id AS parent_id")] if table.parent else []
        columns += [of("s", field.column) for field in own_fields(table)]
        return select.format(
            COMMA.join(columns), self.rows(table), join_parent(table), found(table)
        )

    def _stored_and_not_named(self, table: Table) -> Composable:
        """Stored rows that the bundle says nothing of, as far as a known row leads to them."""
        columns = [of("parent", name) for _ours, name in names_in_parent(table)]
        columns += [of("stored", table.parent.column)] if table.parent else []
        columns += [of("stored", field.column) for field in own_fields(table)]
        joined, conditions = SQL(""), [standing(table)]
        if table.parent:
            joined = SQL("JOIN {} AS parent ON parent.id = {}").format(
                known(parent_of(table)), of("stored", table.parent.column)
            )
        if "study_id" in (field.name for field in own_fields(table)):
            of_named = SQL("stored.study_id IN (SELECT study_id FROM {})")
            conditions.append(of_named.format(NAMED_PATIENTS))
        if table in self.tables:
            not_found = SQL("NOT EXISTS (SELECT FROM {} AS found WHERE found.id = stored.id)")
            conditions.append(not_found.format(found(table)))
        select = SQL('SELECT NULL::bigint AS "row", {}, stored.id FROM {} AS stored {} WHERE {}')
        return select.format(COMMA.join(columns), stored(table), joined, AND.join(conditions))


# --- names --------------------------------------------------------------------------------------


def staged(table: Table) -> Identifier:
    return Identifier(f"staged_{table.name}")


def found(table: Table) -> Identifier:
    return Identifier(f"found_{table.name}")


def known(table: Table) -> Identifier:
    return Identifier(f"known_{table.name}")


def stored(what: Table | models.Field) -> Identifier:
    """The permanent table, of a table of the bundle or of a field."""
    return Identifier(what.model._meta.db_table)


def of(alias: str, column: str) -> Composable:
    return Identifier(alias, column)


def listed(names: Iterable[str]) -> Composable:
    return COMMA.join(Identifier(name) for name in names)


def own_fields(table: Table) -> list[models.Field]:
    return [field for column in table.own for field in table.stored_in(column)]


def is_versioned(table: Table) -> bool:
    """Whether its rows are records, which have versions and may be voided."""
    return any(field.name == "voided_at" for field in table.model._meta.concrete_fields)


def standing(table: Table) -> Composable:
    return SQL("stored.voided_at IS NULL") if is_versioned(table) else SQL("true")


def names_in_parent(table: Table) -> list[tuple[str, str]]:
    """For each inherited column its name, and how the parent's temporary tables name it."""
    parent = parent_of(table)
    pairs = []
    for column in table.inherited:
        path = column.path.partition("__")[2]
        theirs = next(theirs for theirs in parent.columns if theirs.path == path)
        pairs.append((column.name, parent.stored_names(theirs)[0]))
    return pairs


def join_parent(table: Table) -> Composable:
    """Each row ``s`` with its ``parent``, the known row that it belongs to."""
    if not table.parent:
        return SQL("")
    same = [
        SQL("{} = {}").format(of("parent", theirs), of("s", ours))
        for ours, theirs in names_in_parent(table)
    ]
    join = SQL("LEFT JOIN {} AS parent ON {}")
    return join.format(known(parent_of(table)), AND.join(same))


def same_key(table: Table) -> list[Composable]:
    """That a row ``s`` of a ``parent`` and a ``stored`` one have the same natural key."""
    same = [
        SQL("{} = {}").format(of("stored", name), of("s", name))
        for column in table.keys
        if column.is_own
        for name in table.stored_names(column)
    ]
    if table.keys_of_parent:
        same.append(SQL("{} = parent.id").format(of("stored", table.parent.column)))
    return same


def is_new(table: Table) -> Composable:
    """That a row ``s`` is not stored yet."""
    missing = SQL("NOT EXISTS (SELECT FROM {} AS found WHERE found.row = s.row)")
    return missing.format(found(table))


def _kept(field: models.Field) -> Composable:
    value = SQL("coalesce(stored.{0}, '') AS {0}" if _empty_is_text(field) else "stored.{0}")
    return value.format(Identifier(field.column))


def _empty_is_text(field: models.Field) -> bool:
    return field.blank and not field.null


# --- COPY ---------------------------------------------------------------------------------------


def copy_blocks(checked: CheckedSheet) -> Iterator[str]:
    """The records of a sheet as COPY reads them; each distinct value is written once."""
    positions = np.flatnonzero(checked.kept)
    texts = [
        np.array([copy_text(value) for value in column.values], dtype=object)
        for column in checked.columns.values()
    ]
    for start in range(0, len(positions), RECORDS_PER_BLOCK):
        block = positions[start : start + RECORDS_PER_BLOCK]
        rows = map(str, checked.sheet.rows[block].tolist())
        cells = [
            of_column[column.codes[block]].tolist()
            for of_column, column in zip(texts, checked.columns.values(), strict=True)
        ]
        yield "\n".join(map("\t".join, zip(rows, *cells, strict=True))) + "\n"


_ESCAPED = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


def copy_text(value: object) -> str:
    """A value as PostgreSQL's COPY reads it."""
    if value is None:
        return r"\N"
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, date):
        return value.isoformat()
    return str(value).translate(_ESCAPED)
