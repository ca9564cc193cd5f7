"""Django's PostgreSQL engine with two habits of this registry.

It starts the embedded server before it connects to it, and a registry in service never gets a
connection to a database that was born for demonstrations — whichever way it asks.
"""

from django.core.exceptions import ImproperlyConfigured
from django.db.backends.postgresql import base

from mmn_registry.postgres import embedded

BIRTH = "mmn_registry_birth"


class DatabaseWrapper(base.DatabaseWrapper):
    _checked_database: str | None = None

    def get_connection_params(self):
        """Called before every connection, so that a server that ended is started again."""
        if self.settings_dict.get("EMBEDDED"):
            embedded.ensure_running()
        return super().get_connection_params()

    def init_connection_state(self):
        super().init_connection_state()
        if self.settings_dict.get("REFUSES_DEMO"):
            self._refuse_demo()

    def _refuse_demo(self) -> None:
        """Once per database: what it was born as never changes."""
        name = self.connection.info.dbname
        if self._checked_database == name:
            return
        with self.connection.cursor() as cursor:
            if cursor.execute("SELECT to_regclass(%s)", [BIRTH]).fetchone()[0] is None:
                return  # not migrated yet, or another database than ours
            born = cursor.execute(f"SELECT kind FROM {BIRTH}").fetchone()  # noqa: S608
        if born is not None and born[0] == "demo":
            self.close()
            raise ImproperlyConfigured(
                f"The database {name} was made for demonstrations, and MMN_PRODUCTION is set. "
                "Name another, empty database in DATABASE_URL."
            )
        self._checked_database = name
