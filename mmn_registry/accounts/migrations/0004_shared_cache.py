"""A cache that all processes share, and rights that signing in and out need."""

from django.db import migrations

from mmn_registry.postgres.roles import APP, grant, revoke

# As Django's `createcachetable` makes it; the application itself may make no table.
CACHE = """
CREATE TABLE accounts_cache (
    cache_key varchar(255) PRIMARY KEY,
    value text NOT NULL,
    expires timestamptz NOT NULL
);
CREATE INDEX accounts_cache_expires ON accounts_cache (expires);
"""
# What was counted is forgotten, a session ends, a second factor is taken away.
MAY_BE_DELETED_FROM = ("accounts_cache", "usersessions_usersession", "mfa_authenticator")


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_invitations_and_tokens"),
        ("mfa", "0003_authenticator_type_uniq"),
        ("usersessions", "0001_initial"),
        ("socialaccount", "0006_alter_socialaccount_extra_data"),
    ]

    operations = [
        migrations.RunSQL(CACHE, "DROP TABLE accounts_cache"),
        *(
            migrations.RunSQL(
                grant("DELETE", on=table, to=APP), revoke("DELETE", on=table, from_=APP)
            )
            for table in MAY_BE_DELETED_FROM
        ),
        # Where single sign-on leads is said by the environment alone.
        migrations.RunSQL(
            revoke("INSERT, UPDATE", on="socialaccount_socialapp", from_=APP),
            grant("INSERT, UPDATE", on="socialaccount_socialapp", to=APP),
        ),
    ]
