"""Load a bundle: all of it, or nothing with every problem named."""

from dataclasses import replace
from pathlib import Path

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from mmn_registry import principal
from mmn_registry.bundle.exported import MANIFEST, said_of_files
from mmn_registry.bundle.progress import Tell, nobody, share_of
from mmn_registry.bundle.report import BundleRefusedError, LoadReport
from mmn_registry.bundle.rules import Rules
from mmn_registry.bundle.staging import Staging
from mmn_registry.bundle.storing import (
    ROWS_LISTED_PER_TABLE,
    ChangedMeanwhileError,
    count,
    list_changes,
    new_centres,
    store,
)
from mmn_registry.bundle.tables import FILES, TABLES
from mmn_registry.bundle.unusual import confirm_all, unusual_rows
from mmn_registry.interchange import CheckedSheet, Table, check_cells
from mmn_registry.tabular import Problem, Problems, Source, read_file, reading
from outcomes.freshness import refresh
from patients.refusals import explain

# One import at a time, the others wait: a number of our own among PostgreSQL's advisory locks.
LOADING = 0x4D4D4E01
# From so many new or changed rows on, the planner must hear of them before the next page.
ROWS_TO_ANALYZE = 10_000
SETTINGS = {
    # A whole cohort takes longer than a page may, and is sorted and joined at once.
    "statement_timeout": "0",
    "work_mem": "64MB",
    # A table that was empty when its statistics were taken counts as one row: joins planned by
    # that took minutes. Hashed, and in the order written, they read each table once.
    "enable_nestloop": "off",
    "join_collapse_limit": "1",
}


def load_bundle(
    path: Path | str,
    by=None,
    dry_run: bool = False,
    confirm_unusual: bool = False,
    tell: Tell = nobody,
) -> LoadReport:
    """Store what a folder or .zip holds, or raise ``BundleRefusedError`` with all problems.

    ``by`` is the user who loads it, None for an operator's command. A dry run does all of it,
    the database's own last word included, and takes it back. ``tell`` hears what is being done.
    Broken off, it has stored nothing; from the report's ``outcomes_wait`` on, everything.
    """
    problems = Problems()
    with reading(Path(path), (*FILES, MANIFEST), problems) as source:
        sheets, unreadable = _read_tables(source, problems, tell)
    if not sheets:
        if not problems:
            problems.add(str(path), _("None of the bundle's tables is here. Check the path."))
        raise BundleRefusedError(problems.in_order(FILES), source.left_alone)
    imports = principal.named_action("imported a bundle")
    with imports, transaction.atomic(), connection.cursor() as cursor:
        _prepare(cursor)
        staging = Staging(cursor, sheets)
        staging.fill(tell)
        tell(_("Asking the rules"), None)
        Rules(staging, unreadable, problems).note_all_broken()
        if problems:
            raise BundleRefusedError(problems.in_order(FILES), source.left_alone)
        report = _store(staging, source, by, dry_run, tell)
        report = _asked(report, staging, by, confirm_unusual)
        staging.drop()
        _back_to_usual(cursor)
        if dry_run:
            transaction.set_rollback(True)
    return report if dry_run else _with_fresh_outcomes(report, tell)


def _with_fresh_outcomes(report: LoadReport, tell: Tell) -> LoadReport:
    """Who is told that it is stored reads its outcomes at once."""
    step = _("Deriving outcomes")
    try:
        refresh(tell=lambda done, of: tell(step, share_of(done, of)))
    except KeyboardInterrupt:  # too late to store nothing
        return replace(report, outcomes_wait=True)
    return report


def _read_tables(
    source: Source, problems: Problems, tell: Tell
) -> tuple[dict[Table, CheckedSheet], set[Table]]:
    """The tables as values, and those with rows that could not be read."""
    sheets, unreadable = {}, set()
    said = said_of_files(source)
    for table in TABLES:
        if table.file not in source.opens or not table.has_file:
            continue
        required = [column.name for column in table.columns if column.required]
        tell(_("Reading %(file)s") % {"file": table.file}, None)
        sheet = read_file(
            source,
            table.file,
            table.column_names,
            required,
            problems,
            said=said[table.file],
        )
        if sheet is not None:
            sheets[table] = check_cells(table, sheet, problems)
        if sheet is None or not sheet.complete or not table.has_keys_in(sheet):
            unreadable.add(table)
    return sheets, unreadable


def _prepare(cursor) -> None:
    cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOADING])
    for name, value in SETTINGS.items():
        cursor.execute(f"SET LOCAL {name} = '{value}'")


def _back_to_usual(cursor) -> None:
    """For a caller whose own transaction goes on; elsewhere they end with ours."""
    for name in SETTINGS:
        cursor.execute(f"SET LOCAL {name} TO DEFAULT")


def _store(staging: Staging, source: Source, by, dry_run: bool, tell: Tell) -> LoadReport:
    counts = {table: count(staging, table) for table in staging.tables}
    changed = [table for table in staging.sheets if counts[table].changed]
    report = LoadReport(
        dry_run=dry_run,
        tables=tuple(counts[table] for table in staging.sheets),
        changes=tuple(change for table in changed for change in list_changes(staging, table)),
        rows_not_listed=sum(
            max(0, counts[table].changed - ROWS_LISTED_PER_TABLE) for table in changed
        ),
        centres_created=new_centres(staging),
        left_alone=source.left_alone,
    )
    try:
        with transaction.atomic():
            store(staging, counts, by, tell)
            if sum(table.new + table.changed for table in counts.values()) >= ROWS_TO_ANALYZE:
                staging.cursor.execute("SELECT registry_analyze_records()")
    except ChangedMeanwhileError as error:
        message = _("Somebody changed a record of this table meanwhile. Load the bundle again.")
        raise BundleRefusedError([Problem(error.file, message)], source.left_alone) from error
    except IntegrityError as error:
        raise _refused_by_the_database(error, source) from error
    return report


def _asked(report: LoadReport, staging: Staging, by, confirm_unusual: bool) -> LoadReport:
    """The report with the questions that the stored rows raise."""
    unusual = tuple(unusual_rows(staging))
    confirmed = confirm_all(unusual, by=by) if confirm_unusual else 0
    return replace(report, unusual=unusual, confirmed=confirmed)


def _refused_by_the_database(error: IntegrityError, source: Source) -> Exception:
    """A rule that only the database found broken: no row, but its table and its sentence."""
    refusal = explain(error)
    if refusal is None:
        return error
    relation = error.__cause__.diag.table_name
    files = [table.file for table in TABLES if table.model._meta.db_table == relation]
    return BundleRefusedError(
        [Problem(file, " ".join(refusal.messages)) for file in files], source.left_alone
    )
