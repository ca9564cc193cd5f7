"""The database's roles by name, and SQL that is only run where a role exists.

An external server may have been given to us with one role and no right to make more. Grants to
a role that is not there are then left out: whoever connects as the owner may do it all anyway.
"""

SUPERUSER = "postgres"  # only the supervisor, to create the others
OWNER = "mmn_owner"  # owns every table; runs the migrations
APP = "mmn_app"  # owns nothing; the web server and the commands
DERIVE = "mmn_derive"  # rebuilds outcomes
AUDIT = "mmn_audit"  # reads the trail
BACKUP = "mmn_backup"  # copies the whole cluster; writes nothing

ROLES = (OWNER, APP, DERIVE, AUDIT, BACKUP)
# Beyond LOGIN. Who makes backups reads everything by that alone: so that it can also say, table by
# table, what it has copied, it passes row-level security.
ATTRIBUTES = {OWNER: "CREATEDB", BACKUP: "REPLICATION BYPASSRLS"}
# Said by a superuser in the registry's database. A segment of WAL that is not full is archived at
# once after a backup.
BACKUP_RIGHTS = (
    f"GRANT pg_read_all_data TO {BACKUP}",
    f"GRANT EXECUTE ON FUNCTION pg_switch_wal() TO {BACKUP}",
)


def if_role(role: str, statement: str) -> str:
    """``statement`` for a migration's RunSQL, run only where ``role`` exists."""
    if role not in ROLES:
        raise ValueError(f"{role!r} is not one of the registry's roles: {', '.join(ROLES)}.")
    return (
        "DO $if_role$ BEGIN "
        f"IF EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = '{role}') THEN "
        f"{statement.rstrip().rstrip(';')}; "
        "END IF; END $if_role$"
    )


def grant(privileges: str, *, on: str, to: str) -> str:
    """``GRANT SELECT, UPDATE ON patients_visit TO mmn_app`` where that role exists."""
    return if_role(to, f"GRANT {privileges} ON {on} TO {to}")


def revoke(privileges: str, *, on: str, from_: str) -> str:
    return if_role(from_, f"REVOKE {privileges} ON {on} FROM {from_}")
