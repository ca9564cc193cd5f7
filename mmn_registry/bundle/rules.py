"""What only sets can tell: rules over a row, over several rows, and over several tables.

Each asks the temporary tables once per table and notes every row that breaks it. A rule says
nothing of a row until it has all the values that it speaks of.
"""

from collections.abc import Collection, Iterator
from datetime import datetime

import numpy as np
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from psycopg.sql import SQL, Composable, Identifier, Literal

from mmn_registry.bundle.staging import (
    AND,
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
    same_key,
    staged,
    stored,
)
from mmn_registry.bundle.tables import TABLES, parent_of
from mmn_registry.interchange import Table
from mmn_registry.tabular import Problems
from patients.interchange import PATIENTS
from patients.validators import AFTER_DEATH, BEFORE_BIRTH

# Read back from PostgreSQL, so that a bundle is asked exactly what will be asked of its rows.
CHECKS = """
SELECT relation.relname AS table, rule.conname AS name,
    pg_get_expr(rule.conbin, rule.conrelid) AS expression,
    array_agg(field.attname::text) AS columns
FROM pg_constraint AS rule
JOIN pg_class AS relation ON relation.oid = rule.conrelid AND pg_table_is_visible(relation.oid)
JOIN pg_attribute AS field ON field.attrelid = rule.conrelid AND field.attnum = ANY(rule.conkey)
WHERE rule.contype = 'c' AND relation.relname = ANY({tables})
GROUP BY rule.oid, relation.oid
ORDER BY rule.conname
"""


class Rules:
    """Rules to be asked of a staged bundle; ``unreadable`` are tables with rows nobody can read."""

    def __init__(self, staging: Staging, unreadable: Collection[Table], problems: Problems):
        self.staging = staging
        self.unreadable = unreadable
        self.problems = problems
        self._claims: dict[Table, set[tuple[str, ...]]] = {}

    def note_all_broken(self) -> None:
        checks = self._checks_of_the_database()
        for table in self.staging.tables:
            self._rows_without_parent(table)
            self._voided_keys(table)
            self._broken_checks(table, [check for check in checks if check["table"] == table.name])
            self._outside_life(table)
            for rule in table.rules:
                for row in self._ask(SQL(rule.sql).format(known=known(table))):
                    self._note(table, row["row"], rule.column, _(rule.message) % row, rule.column)
        if PATIENTS in self.staging.tables:
            self._stored_records_outside_life()

    def _ask(self, query: Composable) -> Iterator[dict[str, object]]:
        cursor = self.staging.cursor
        cursor.execute(query)
        names = [column.name for column in cursor.description]
        return (dict(zip(names, values, strict=True)) for values in cursor.fetchall())

    def _note(self, table: Table, row: int, column: str, message: str, kind: str) -> None:
        """A problem of a row, at the file that names it."""
        checked, row = self.staging.place(table, row)
        sheet = checked.sheet
        value = None
        if column in sheet.columns:
            value = sheet.columns[column].at([np.searchsorted(sheet.rows, row)])[0]
        self.problems.add(
            sheet.file, message, row=row, column=column, value=value or None, kind=kind
        )

    # --- what a row belongs to ---

    def _rows_without_parent(self, table: Table) -> None:
        """The patient, visit or infusion that a row names is in the bundle, or stored."""
        parent = parent_of(table)
        if parent is None or not parent.has_file or parent in self.unreadable:
            return
        named = [name for name, _theirs in names_in_parent(table)]
        query = SQL(
            "SELECT s.row, {named}, EXISTS ("
            "SELECT FROM {patients} AS patient WHERE patient.study_id = s.study_id"
            ") AS patient_is_known FROM {rows} AS s {with_parent} "
            "WHERE parent.id IS NULL AND {complete} ORDER BY s.row"
        ).format(
            named=COMMA.join(of("s", name) for name in named),
            patients=known(PATIENTS),
            rows=staged(table),
            with_parent=join_parent(table),
            complete=AND.join(SQL("{} IS NOT NULL").format(of("s", name)) for name in named),
        )
        for orphan in self._ask(query):
            key = tuple(str(orphan[name]) for name in named)
            patient = (str(orphan["study_id"]),)
            if self._is_claimed(parent, key):
                continue  # the row it belongs to has a problem of its own
            if orphan["patient_is_known"] or self._is_claimed(PATIENTS, patient):
                self._note_orphan(table, orphan["row"], named[-1], parent, key)
            elif PATIENTS not in self.unreadable:
                self._note_orphan(table, orphan["row"], "study_id", PATIENTS, patient)

    def _is_claimed(self, table: Table, key: tuple[str, ...]) -> bool:
        """Whether the file has a row of this key, be it with problems."""
        if table not in self._claims:
            self._claims[table] = set()
            checked = self.staging.sheets.get(table)
            if checked is not None and table.has_keys_in(checked.sheet):
                columns = (checked.sheet.columns[column.name] for column in table.keys)
                keys = (cells.at(np.arange(len(checked.sheet))) for cells in columns)
                self._claims[table] = set(zip(*keys, strict=True))
        return key in self._claims[table]

    def _note_orphan(
        self, table: Table, row: int, column: str, parent: Table, key: tuple[str, ...]
    ) -> None:
        message = _("No %(noun)s %(key)s is in %(file)s or in the registry. ") + _(
            "Add it there, or correct this row."
        )
        params = {"noun": parent.noun, "key": ", ".join(key), "file": parent.file}
        self._note(table, row, column, message % params, f"unknown {parent.noun}")

    # --- what was decided before ---

    def _voided_keys(self, table: Table) -> None:
        """A record that somebody voided does not come back by itself."""
        if not is_versioned(table):
            return
        query = SQL(
            "SELECT DISTINCT ON (s.row) s.row, stored.voided_at, stored.void_reason "
            "FROM {} AS s {} JOIN {} AS stored ON {} WHERE stored.voided_at IS NOT NULL AND {} "
            "ORDER BY s.row, stored.voided_at DESC"
        ).format(
            staged(table),
            join_parent(table),
            stored(table),
            AND.join(same_key(table)),
            is_new(table),
        )
        for voided in self._ask(query):
            params = {"day": _day(voided["voided_at"]), "reason": voided["void_reason"]}
            message = _(
                "A record with this key was voided on %(day)s (“%(reason)s”). "
                "Leave this row out, or record it anew by hand."
            )
            self._note(table, voided["row"], table.keys[-1].name, message % params, "voided key")

    # --- what the database will ask ---

    def _checks_of_the_database(self) -> list[dict[str, object]]:
        """The CHECK constraints of all staged tables, with the table by its name in the bundle."""
        names = {table.model._meta.db_table: table.name for table in self.staging.tables}
        checks = self._ask(SQL(CHECKS).format(tables=Literal(list(names))))
        return [check | {"table": names[check["table"]]} for check in checks]

    def _broken_checks(self, table: Table, checks: list[dict[str, object]]) -> None:
        own = {field.column for field in own_fields(table)}
        asked = [check for check in checks if set(check["columns"]) <= own]
        if not asked:
            return
        sentences = {rule.name: rule for rule in table.model._meta.constraints}
        broken = [
            SQL("NOT ({}) AS {}").format(SQL(check["expression"]), Identifier(check["name"]))
            for check in asked
        ]
        holds = AND.join(SQL("({})").format(SQL(check["expression"])) for check in asked)
        query = SQL("SELECT s.row, {}, {} FROM {} AS s WHERE NOT ({}) ORDER BY s.row").format(
            COMMA.join(broken),
            COMMA.join(of("s", field.column) for field in own_fields(table)),
            self.staging.rows(table),
            holds,
        )
        for row in self._ask(query):
            said = _said_by_the_model(table, row)
            for check in asked:
                if row[check["name"]]:
                    rule = sentences[check["name"]]
                    column = _last_column(table, check["columns"])
                    message = said.get((column, rule.violation_error_code))
                    message = message or rule.get_violation_error_message()
                    self._note(table, row["row"], column, message, check["name"])

    # --- the patient's life ---

    def _outside_life(self, table: Table) -> None:
        """Nothing is observed, given or begun after death, or before the year of birth."""
        if not hasattr(table.model, "dated_by"):
            return
        query = SQL(
            "SELECT s.row, {day} AS day, parent.deceased_on, parent.birth_year FROM {} AS s {} "
            "WHERE {day} > parent.deceased_on OR extract(year FROM {day}) < parent.birth_year "
            "ORDER BY s.row"
        ).format(staged(table), join_parent(table), day=of("s", table.model.dated_by))
        column = _last_column(table, [table.model.dated_by])
        for row in self._ask(query):
            message = _misplaced(row["day"], row["deceased_on"])
            self._note(table, row["row"], column, message % row, "outside life")

    def _stored_records_outside_life(self) -> None:
        """A death or a year of birth that stored records contradict."""
        dated = [table.model for table in TABLES if hasattr(table.model, "dated_by")]
        days = SQL(" UNION ALL ").join(
            SQL("SELECT patient_id, {} AS day FROM {} WHERE voided_at IS NULL").format(
                Identifier(model.dated_by), Identifier(model._meta.db_table)
            )
            for model in dated
        )
        query = SQL(
            "SELECT p.row, max(day) AS last, min(day) AS first, p.deceased_on, p.birth_year "
            "FROM {} AS p JOIN {} AS found ON found.row = p.row AND found.differs "
            "JOIN ({}) AS record ON record.patient_id = p.id "
            "GROUP BY p.row, p.deceased_on, p.birth_year "
            "HAVING max(day) > p.deceased_on OR extract(year FROM min(day)) < p.birth_year"
        ).format(known(PATIENTS), found(PATIENTS), days)
        for row in self._ask(query):
            if row["deceased_on"] and row["last"] > row["deceased_on"]:
                message = AFTER_DEATH % (row | {"day": row["last"]})
                self._note(PATIENTS, row["row"], "deceased_on", message, "outside life")
            if row["birth_year"] and row["first"].year < row["birth_year"]:
                message = BEFORE_BIRTH % (row | {"day": row["first"]})
                self._note(PATIENTS, row["row"], "birth_year", message, "outside life")


def _said_by_the_model(table: Table, row: dict[str, object]) -> dict[tuple[str, str], str]:
    """What the model's own rules over several values say of a row, by column and code."""
    record = table.model(**{field.attname: row[field.column] for field in own_fields(table)})
    try:
        record.clean()
    except ValidationError as refusal:
        named = {table.field(column).name: column.name for column in table.own}
        return {
            (named[name], error.code): " ".join(error.messages)
            for name, errors in refusal.error_dict.items()
            for error in errors
            if name in named
        }
    return {}


def _misplaced(day, deceased_on) -> str:
    return AFTER_DEATH if deceased_on is not None and day > deceased_on else BEFORE_BIRTH


def _last_column(table: Table, stored_names: Collection[str]) -> str:
    """The column to correct: of two that contradict each other, the later in the table."""
    named = [c.name for c in table.columns if set(table.stored_names(c)) & set(stored_names)]
    return named[-1]


def _day(moment: datetime) -> str:
    return timezone.localtime(moment).date().isoformat()
