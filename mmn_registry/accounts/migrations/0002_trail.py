"""Centres, people and their roles are in the trail; passwords only as having changed."""

from django.db import migrations

from mmn_registry.audit.audited import audited


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial"), ("audit", "0001_trail")]

    operations = [
        audited("accounts_centre", centre="r.id"),
        audited("accounts_user", secret=["password"], left_out=["last_login"]),
        audited("accounts_membership", centre="r.centre_id"),
    ]
