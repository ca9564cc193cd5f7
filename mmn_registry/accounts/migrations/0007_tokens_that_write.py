"""Tokens that write or export; what a program was answered, and how often it asked."""

import uuid

import django.contrib.postgres.functions
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

from mmn_registry.postgres.roles import APP, AUDIT, DERIVE, grant, revoke

# Not logged: after a crash nobody has asked yet.
COUNTS = """
CREATE UNLOGGED TABLE accounts_requestcount (
    who varchar(80) PRIMARY KEY,
    since timestamptz NOT NULL,
    requests integer NOT NULL
)
"""


def rights(statement: str) -> migrations.RunSQL:
    return migrations.RunSQL(statement, migrations.RunSQL.noop)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_trail_of_addresses")]

    operations = [
        migrations.RemoveConstraint("accesstoken", "accounts_accesstoken_scope_known"),
        migrations.AlterField(
            "accesstoken",
            "scope",
            models.CharField(
                choices=[("read", "read"), ("write", "write"), ("export", "export")],
                default="read",
                max_length=20,
                verbose_name="may",
            ),
        ),
        migrations.AddConstraint(
            "accesstoken",
            models.CheckConstraint(
                condition=models.Q(("scope__in", ["read", "write", "export"])),
                name="accounts_accesstoken_scope_known",
            ),
        ),
        migrations.CreateModel(
            name="KeptAnswer",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=django.contrib.postgres.functions.RandomUUID(),
                        default=uuid.uuid4,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("token", models.CharField(max_length=40)),
                ("key", models.CharField(max_length=200)),
                ("fingerprint", models.CharField(max_length=64)),
                ("status", models.SmallIntegerField(null=True)),
                ("etag", models.CharField(default="", max_length=80)),
                ("location", models.CharField(default="", max_length=200)),
                ("body", models.TextField(default="")),
                (
                    "kept_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("owner", "token", "key"), name="keptanswer_of_one_request"
                    )
                ],
            },
        ),
        migrations.RunSQL(COUNTS, "DROP TABLE accounts_requestcount"),
        rights(grant("DELETE", on="accounts_requestcount", to=APP)),
        *(
            rights(revoke("ALL", on="accounts_requestcount", from_=role))
            for role in (DERIVE, AUDIT)
        ),
    ]
