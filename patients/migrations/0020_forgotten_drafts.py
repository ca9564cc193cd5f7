"""Drafts and keys of saved forms that nobody has touched for 90 days are forgotten.

The registry itself may delete those, and only those: by policy, so that the statement needs no
condition, and the registry no right to read what somebody typed.
"""

from django.db import migrations

from mmn_registry.postgres.roles import APP, grant, revoke

TABLES = ("patients_draft", "patients_submission")
FORGETS = (
    "CREATE POLICY forgets ON {} FOR DELETE USING ("
    "(SELECT registry_context()->>'kind') = 'worker' "
    "AND saved_at < now() - interval '90 days')"
)


class Migration(migrations.Migration):
    dependencies = [("patients", "0019_attachments_guards")]

    operations = [
        migrations.RunSQL(
            [FORGETS.format(table) for table in TABLES],
            [f"DROP POLICY forgets ON {table}" for table in TABLES],
        ),
        migrations.RunSQL(
            grant("DELETE", on="patients_submission", to=APP),
            revoke("DELETE", on="patients_submission", from_=APP),
        ),
    ]
