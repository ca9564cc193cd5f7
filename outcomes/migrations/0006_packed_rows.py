"""A cohort of any size is read from one column."""

from django.db import migrations, models

from outcomes.migrations._packed import TABLE, pack_rows


class Migration(migrations.Migration):
    dependencies = [("outcomes", "0005_saved_cohorts_guarded")]

    operations = [
        pack_rows,
        migrations.SeparateDatabaseAndState(
            [
                migrations.RunSQL(
                    migrations.RunSQL.noop, f"ALTER TABLE {TABLE} DROP COLUMN IF EXISTS packed"
                )
            ],
            [
                migrations.AddField(
                    "patientoutcome", "packed", models.BinaryField(editable=False, null=True)
                )
            ],
        ),
    ]
