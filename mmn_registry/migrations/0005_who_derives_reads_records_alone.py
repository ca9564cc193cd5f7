from django.db import migrations

from mmn_registry.postgres.roles import DERIVE, revoke

# New tables are readable by default (0001). Outcomes follow from records, not from who signs in.
OF_PEOPLE = (
    "accounts_accesstoken",
    "accounts_cache",
    "accounts_invitation",
    "accounts_membership",
    "accounts_user",
    "account_emailaddress",
    "account_emailconfirmation",
    "auth_group",
    "auth_group_permissions",
    "auth_permission",
    "django_content_type",
    "django_session",
    "mfa_authenticator",
    "socialaccount_socialaccount",
    "socialaccount_socialapp",
    "socialaccount_socialtoken",
    "usersessions_usersession",
)


class Migration(migrations.Migration):
    dependencies = [
        ("mmn_registry", "0004_statistics"),
        ("accounts", "0006_trail_of_addresses"),
        ("account", "0009_emailaddress_unique_primary_email"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("mfa", "0003_authenticator_type_uniq"),
        ("sessions", "0001_initial"),
        ("socialaccount", "0006_alter_socialaccount_extra_data"),
        ("usersessions", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(revoke("ALL", on=table, from_=DERIVE), migrations.RunSQL.noop)
        for table in OF_PEOPLE
    ]
