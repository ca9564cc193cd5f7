"""By which addresses and which other accounts people sign in is in the trail."""

from django.db import migrations

from mmn_registry.audit.audited import audited


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_trail_of_access"),
        ("account", "0009_emailaddress_unique_primary_email"),
        ("socialaccount", "0006_alter_socialaccount_extra_data"),
    ]

    operations = [
        audited("account_emailaddress"),
        audited("socialaccount_socialaccount", secret=["extra_data"], left_out=["last_login"]),
    ]
