"""Courses over the years are kept beside the outcomes; what was kept before is derived anew."""

from django.db import migrations, models

from outcomes.migrations._packed import pack_rows

TABLE = "outcomes_patientoutcome"
COURSES = ("strength_course", "block_course", "status_course", "infusions_given")


class Migration(migrations.Migration):
    dependencies = [("outcomes", "0006_packed_rows")]

    operations = [
        *(
            migrations.AddField(
                "patientoutcome", name, models.TextField(default=""), preserve_default=False
            )
            for name in COURSES
        ),
        migrations.AddField("patientoutcome", "switched_to_sc_on", models.DateField(null=True)),
        migrations.AddField(
            "patientoutcome",
            "last_route",
            models.CharField(default="", max_length=40),
            preserve_default=False,
        ),
        pack_rows,
        # Rows of no rules are rows that are missing: they are derived when they are read next.
        migrations.RunSQL(
            [
                f"ALTER TABLE {TABLE} NO FORCE ROW LEVEL SECURITY",
                f"UPDATE {TABLE} SET rule_id = ''",  # noqa: S608
                f"ALTER TABLE {TABLE} FORCE ROW LEVEL SECURITY",
            ],
            migrations.RunSQL.noop,
        ),
    ]
