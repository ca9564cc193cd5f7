"""The trail and its seals: tables that only grow, the functions that write them, who may read."""

import django.contrib.postgres.fields
from django.db import migrations, models

from mmn_registry.audit.audited import TRUNCATE_TRIGGER, never_truncated
from mmn_registry.audit.migrations._functions import DROP_FUNCTIONS, FUNCTIONS
from mmn_registry.postgres.isolation import reaches
from mmn_registry.postgres.roles import APP, AUDIT, DERIVE, if_role

ENTRY, SEAL = "audit_entry", "audit_seal"
# All but the values, old and new: those are read through registry_trail_values().
READABLE = (
    "seq, at, xid, database_role, kind, actor_kind, actor_id, actor_name, action_id, verb, reason, "
    "request_id, route, table_name, operation, record_id, patient_id, study_id, centre_id, "
    "changed, rows"
)


def append_only(table: str) -> list[str]:
    """Also for the owner, whatever session_replication_role says."""
    return [
        f"CREATE TRIGGER trail_append_only BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION registry_append_only()",
        f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER trail_append_only",
        *never_truncated(table),
    ]


RIGHTS = [
    # 0001 of mmn_registry gives every new table to the application and to who derives.
    *(
        if_role(role, f"REVOKE ALL ON {table} FROM {role}")
        for role in (APP, DERIVE)
        for table in (ENTRY, SEAL)
    ),
    *(
        f"REVOKE EXECUTE ON FUNCTION {function} FROM PUBLIC"
        for function in (
            "registry_trail_note(text, text, text, text, uuid, text, uuid, bigint)",
            "registry_note(text, text, text, text, uuid, bigint)",
        )
    ),
    if_role(APP, f"GRANT SELECT ({READABLE}) ON {ENTRY} TO {APP}"),
    if_role(APP, f"GRANT SELECT ON {SEAL} TO {APP}"),
    if_role(
        APP,
        f"GRANT EXECUTE ON FUNCTION registry_note(text, text, text, text, uuid, bigint) TO {APP}",
    ),
    if_role(AUDIT, f"GRANT SELECT ON {ENTRY}, {ENTRY}_seq_seq TO {AUDIT}"),
    if_role(AUDIT, f"GRANT SELECT, INSERT ON {SEAL} TO {AUDIT}"),
]
POLICIES = [
    f"CREATE POLICY reads ON {ENTRY} FOR SELECT USING ({reaches('trail', 'centre_id')})",
    if_role(AUDIT, f"CREATE POLICY audits ON {ENTRY} FOR SELECT TO {AUDIT} USING (true)"),
    # The functions of 0001 run as the owner, who is the only one with the right to insert.
    f"CREATE POLICY writes ON {ENTRY} FOR INSERT TO CURRENT_USER WITH CHECK (true)",
    f"CREATE POLICY definer ON {ENTRY} FOR SELECT TO CURRENT_USER "
    "USING (current_user <> session_user)",
    f"ALTER TABLE {ENTRY} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
]


class Migration(migrations.Migration):
    initial = True
    dependencies = [("mmn_registry", "0003_context")]

    operations = [
        migrations.CreateModel(
            name="Entry",
            fields=[
                ("seq", models.BigAutoField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("xid", models.BigIntegerField()),
                ("database_role", models.TextField()),
                ("kind", models.TextField()),
                ("actor_kind", models.TextField()),
                ("actor_id", models.UUIDField(null=True)),
                ("actor_name", models.TextField()),
                ("action_id", models.UUIDField()),
                ("verb", models.TextField()),
                ("reason", models.TextField()),
                ("request_id", models.TextField()),
                ("route", models.TextField()),
                ("table_name", models.TextField()),
                ("operation", models.TextField()),
                ("record_id", models.TextField(db_collation="C")),
                ("patient_id", models.UUIDField(null=True)),
                ("study_id", models.TextField(db_collation="C")),
                ("centre_id", models.UUIDField(null=True)),
                (
                    "changed",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), null=True, size=None
                    ),
                ),
                ("rows", models.BigIntegerField(null=True)),
            ],
            options={
                "db_table": ENTRY,
                "indexes": [
                    models.Index(
                        condition=models.Q(("patient_id__isnull", False)),
                        fields=["patient_id"],
                        name="audit_entry_of_patient",
                    ),
                    models.Index(
                        condition=models.Q(("patient_id__isnull", True)),
                        fields=["table_name", "record_id", "seq"],
                        name="audit_entry_of_record",
                    ),
                    models.Index(fields=["action_id", "at"], name="audit_entry_of_action"),
                    models.Index(
                        fields=["centre_id", "at", "action_id"], name="audit_entry_of_centre"
                    ),
                ],
            },
        ),
        migrations.RunSQL(
            f"ALTER TABLE {ENTRY} ADD COLUMN old jsonb, ADD COLUMN new jsonb",
            f"ALTER TABLE {ENTRY} DROP COLUMN old, DROP COLUMN new",
        ),
        migrations.CreateModel(
            name="Seal",
            fields=[
                ("batch", models.BigIntegerField(primary_key=True, serialize=False)),
                ("sealed_at", models.DateTimeField()),
                ("formula", models.SmallIntegerField()),
                ("entries", models.TextField()),
                ("count", models.BigIntegerField()),
                ("last_seq", models.BigIntegerField()),
                ("settled", models.BigIntegerField()),
                ("drawn", models.BigIntegerField()),
                ("horizon", models.BigIntegerField()),
                ("root", models.BinaryField()),
                ("previous", models.BinaryField()),
                ("hash", models.BinaryField()),
            ],
            options={"db_table": SEAL},
        ),
        migrations.RunSQL(FUNCTIONS, DROP_FUNCTIONS),
        migrations.RunSQL(
            [*append_only(ENTRY), *append_only(SEAL)],
            [
                f"DROP TRIGGER {name} ON {table}"
                for table in (SEAL, ENTRY)
                for name in ("trail_append_only", TRUNCATE_TRIGGER)
            ],
        ),
        migrations.RunSQL([*RIGHTS, *POLICIES], migrations.RunSQL.noop),
    ]
