#!/bin/sh
# Makes up what docker-compose.yml needs in secrets/ and can be made up; what is there stays.
set -eu
umask 077
mkdir -p secrets

for name in superuser_password owner_password app_password derive_password audit_password \
    backup_password secret_key identity_key backup_key metrics_token; do
    if [ ! -e "secrets/$name" ]; then
        head -c 48 /dev/urandom | base64 | tr -d '\n' | tr '/+' '_-' >"secrets/$name"
        # A container runs as another user than whoever calls this.
        chmod 0644 "secrets/$name"
        echo "secrets/$name was made."
    fi
done
chmod 0700 secrets

for name in tls_certificate tls_key smtp_password; do
    [ -e "secrets/$name" ] || echo "secrets/$name is still to be put there."
done
echo "Copy identity_key and backup_key into a safe: without them nobody can be named, and nothing restored."
