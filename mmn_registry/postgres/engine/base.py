"""Django's PostgreSQL engine with three habits of this registry.

It starts the embedded server before it connects to it; a registry in service never gets a
connection to a database that was born for demonstrations, whichever way it asks; and every
statement carries who is acting, for as long as its transaction lasts and no longer.
"""

import time

import psycopg
from django.core.exceptions import ImproperlyConfigured
from django.db import InterfaceError, OperationalError
from django.db.backends.postgresql import base
from django.db.backends.utils import CursorDebugWrapper, CursorWrapper
from psycopg.pq import TransactionStatus

from mmn_registry import principal
from mmn_registry.postgres import embedded, waits
from mmn_registry.postgres.counted import count_fault

EXPORT = waits.EXPORT_STATEMENT_SECONDS
BIRTH = "mmn_registry_birth"
KEYS = "registry_knows_context_key(text)"

# Longer than any statement of a page may run; a stream renews it on the way.
VALID_SECONDS = 15 * 60
OPERATOR_VALID_SECONDS = 24 * 60 * 60


class _CarriesCopies:
    """COPY goes past execute(): it gets its context here."""

    def copy(self, *args, **kwargs):
        self.db.carry_context()
        return self.cursor.copy(*args, **kwargs)


class Cursor(_CarriesCopies, CursorWrapper):
    pass


class DebugCursor(_CarriesCopies, CursorDebugWrapper):
    def copy(self, *args, **kwargs):
        with self.debug_sql(args[0] if args else str(kwargs.get("statement"))):
            return super().copy(*args, **kwargs)


class DatabaseWrapper(base.DatabaseWrapper):
    _checked_database: str | None = None

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.execute_wrappers.append(self._execute_in_context)
        self._carried: tuple[principal.InForce, float] | None = None

    # ── Connecting ───────────────────────────────────────────────────────────────────────────

    def get_connection_params(self):
        """Called before every connection, so that a server that ended is started again."""
        if self.settings_dict.get("EMBEDDED"):
            embedded.ensure_running()
        given = super().get_connection_params()
        # What the address in the environment says comes last, and holds.
        options = f"{self._waits().options()} {given.get('options', '')}".strip()
        return waits.NETWORK | given | {"options": options}

    def _waits(self) -> waits.Waits:
        """As who connects: a person waits for seconds, a command for as long as it takes."""
        now = principal.at_work()
        if now and now.principal.kind in (principal.Kind.OPERATOR, principal.Kind.WORKER):
            return waits.COMMAND
        return self.settings_dict.get("WAITS", waits.PAGE)

    def get_new_connection(self, conn_params):
        try:
            return super().get_new_connection(conn_params)
        except psycopg.Error as fault:
            count_fault(fault)
            raise

    def init_connection_state(self):
        super().init_connection_state()
        self._carried = None
        name = self.connection.info.dbname
        if self._checked_database != name:  # neither ever changes while we are connected
            with self.connection.cursor() as cursor:
                if self.settings_dict.get("REFUSES_DEMO"):
                    self._refuse_demo(cursor, name)
                if self.settings_dict.get("REFUSES_OWNER"):
                    self._refuse_owner(cursor, name)
                self._refuse_unknown_key(cursor, name)

    def _refuse_demo(self, cursor, name: str) -> None:
        if cursor.execute("SELECT to_regclass(%s)", [BIRTH]).fetchone()[0] is None:
            return  # not migrated yet, or another database than ours
        born = cursor.execute(f"SELECT kind FROM {BIRTH}").fetchone()  # noqa: S608
        if born is not None and born[0] == "demo":
            self.close()
            raise ImproperlyConfigured(
                f"The database {name} was made for demonstrations, and MMN_PRODUCTION is set. "
                "Name another, empty database in DATABASE_URL."
            )

    def _refuse_owner(self, cursor, name: str) -> None:
        """Who owns the tables could take row-level security away, and read the key."""
        above_it = cursor.execute(
            "SELECT rolsuper OR rolbypassrls OR EXISTS (SELECT FROM pg_class WHERE relname = %s "
            "AND pg_has_role(current_user, relowner, 'MEMBER')) "
            "FROM pg_roles WHERE rolname = current_user",
            [BIRTH],
        ).fetchone()[0]
        if above_it:
            role = self.connection.info.user
            self.close()
            raise ImproperlyConfigured(
                f"{role}, as whom DATABASE_URL connects to {name}, stands above row-level "
                "security: it owns the tables, or is a superuser. Name the role mmn_app in "
                "DATABASE_URL, and the owner in DATABASE_OWNER_URL for `manage.py migrate`."
            )

    def _refuse_unknown_key(self, cursor, name: str) -> None:
        """A context that nobody can verify would be an error on every page: say it once."""
        if self.settings_dict.get("TELLS_CONTEXT_KEY"):
            return
        if cursor.execute("SELECT to_regprocedure(%s)", [KEYS]).fetchone()[0] is None:
            return
        known = "SELECT registry_knows_context_key(%s)"
        if not cursor.execute(known, [self.context_key.id]).fetchone()[0]:
            self.close()
            raise ImproperlyConfigured(
                f"The database {name} does not know this SECRET_KEY, with which the registry says "
                "who is acting. Was it changed? Run `manage.py migrate`, which tells it."
            )
        self._checked_database = name

    # ── Who is acting ────────────────────────────────────────────────────────────────────────

    @property
    def context_key(self) -> principal.ContextKey:
        return self.settings_dict["CONTEXT_KEY"]

    def make_cursor(self, cursor):
        return Cursor(cursor, self)

    def make_debug_cursor(self, cursor):
        return DebugCursor(cursor, self)

    def _execute_in_context(self, execute, sql, params, many, context):
        try:
            return self._execute_told(execute, sql, params, many, context)
        except (OperationalError, InterfaceError) as fault:
            count_fault(fault)
            met = waits.met.get()
            if met is not None:
                met.append(fault)
            raise

    def _execute_told(self, execute, sql, params, many, context):
        if self.in_atomic_block or not self.get_autocommit():
            self.carry_context()
            return execute(sql, params, many, context)
        if principal.at_work() is None:
            return execute(sql, params, many, context)
        # Never for the session: a statement on its own gets a transaction of its own.
        with self.connection.transaction():
            self._carried = None
            self.carry_context()
            return execute(sql, params, many, context)

    def carry_context(self) -> None:
        """Tell this transaction who acts, unless it knows."""
        now, status = principal.at_work(), self.connection.info.transaction_status
        if status == TransactionStatus.IDLE:
            self._carried = None
            if now and self.get_autocommit():
                raise RuntimeError("COPY needs a transaction: who is acting lasts no longer.")
        if status == TransactionStatus.INERROR:
            return  # nothing but a rollback will be heard
        carried, renew_at = self._carried or (None, 0.0)
        if now is carried and (now is None or time.monotonic() < renew_at):
            return
        self._tell(now)

    def _tell(self, now: principal.InForce | None) -> None:
        text, seconds = "", OPERATOR_VALID_SECONDS
        if now is not None:
            if now.principal.kind in (principal.Kind.USER, principal.Kind.TOKEN):
                seconds = VALID_SECONDS
            backend_pid, until = self.connection.info.backend_pid, time.time() + seconds
            text = principal.context(now, backend_pid=backend_pid, valid_until=until)
            text = self.context_key.signed(text)
        # The driver's own cursor: not a query of the page that is counted or wrapped again.
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT set_config('mmn.context', %s, true)", [text])
            if now is not None and now.exports:
                cursor.execute(f"SET LOCAL statement_timeout = '{EXPORT}s'")
        self._carried = (now, time.monotonic() + seconds / 2) if now else None

    def _savepoint_rollback(self, sid):
        super()._savepoint_rollback(sid)
        self._carried = None  # what was told since is forgotten, too
