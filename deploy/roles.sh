#!/bin/sh
# Run once by the database's container, when its volume is new: the registry's roles and database.
set -eu
secrets=${SECRETS:-/run/secrets}

psql --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres --quiet \
    --set owner_password="$(cat "$secrets/owner_password")" \
    --set app_password="$(cat "$secrets/app_password")" \
    --set derive_password="$(cat "$secrets/derive_password")" \
    --set audit_password="$(cat "$secrets/audit_password")" \
    --set backup_password="$(cat "$secrets/backup_password")" <<'SQL'
CREATE ROLE mmn_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE mmn_app LOGIN PASSWORD :'app_password';
CREATE ROLE mmn_derive LOGIN PASSWORD :'derive_password';
CREATE ROLE mmn_audit LOGIN PASSWORD :'audit_password';
CREATE ROLE mmn_backup LOGIN REPLICATION BYPASSRLS PASSWORD :'backup_password';
GRANT pg_read_all_data TO mmn_backup;
CREATE DATABASE mmn OWNER mmn_owner;
REVOKE CONNECT, TEMPORARY ON DATABASE mmn FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE mmn TO mmn_app;
GRANT CONNECT ON DATABASE mmn TO mmn_derive, mmn_audit, mmn_backup;
\connect mmn
GRANT EXECUTE ON FUNCTION pg_switch_wal() TO mmn_backup;
SQL

# A base backup is a connection of its own kind, which "all" in pg_hba.conf does not mean.
if [ -n "${PGDATA:-}" ]; then
    echo "host replication mmn_backup samenet scram-sha-256" >>"$PGDATA/pg_hba.conf"
fi
