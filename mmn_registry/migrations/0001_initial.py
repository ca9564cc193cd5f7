"""What every other table stands on: rights that follow new tables, an extension, and the birth."""

from django.contrib.postgres.operations import BtreeGistExtension
from django.db import migrations, models
from django.db.models.functions import Now

from mmn_registry.postgres.roles import APP, DERIVE, grant, if_role, revoke

IMMUTABLE = """
CREATE FUNCTION mmn_registry_birth_is_for_life() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'What a database was born as never changes. Make another database instead.';
END $$;
CREATE TRIGGER birth_never_changes BEFORE UPDATE OR DELETE ON mmn_registry_birth
    FOR EACH ROW EXECUTE FUNCTION mmn_registry_birth_is_for_life();
CREATE TRIGGER birth_is_never_truncated BEFORE TRUNCATE ON mmn_registry_birth
    FOR EACH STATEMENT EXECUTE FUNCTION mmn_registry_birth_is_for_life();
"""
MUTABLE = """
DROP TRIGGER birth_never_changes ON mmn_registry_birth;
DROP TRIGGER birth_is_never_truncated ON mmn_registry_birth;
DROP FUNCTION mmn_registry_birth_is_for_life();
"""


def for_new_tables(privileges: str, *, to: str) -> migrations.RunSQL:
    """Rights on every table that the migrating role makes from now on."""
    rule = "ALTER DEFAULT PRIVILEGES IN SCHEMA public"
    return migrations.RunSQL(
        if_role(to, f"{rule} GRANT {privileges} ON TABLES TO {to}"),
        if_role(to, f"{rule} REVOKE {privileges} ON TABLES FROM {to}"),
    )


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    # The rights below must stand before any other table is made.
    run_before = [("contenttypes", "0001_initial"), ("sessions", "0001_initial")]

    operations = [
        # Trusted, so the database's owner may: regimens of one route must not overlap.
        BtreeGistExtension(),
        # No DELETE: what was recorded is amended or voided. Where Django's own tables need it,
        # a migration says so by name.
        for_new_tables("SELECT, INSERT, UPDATE", to=APP),
        for_new_tables("SELECT", to=DERIVE),
        # django_migrations is older than these rules.
        migrations.RunSQL(
            grant("SELECT", on="ALL TABLES IN SCHEMA public", to=APP), migrations.RunSQL.noop
        ),
        migrations.CreateModel(
            name="Birth",
            fields=[
                (
                    "only",
                    models.BooleanField(
                        default=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("demo", "demonstration"), ("registry", "registry")], max_length=8
                    ),
                ),
                ("born_at", models.DateTimeField(db_default=Now())),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("only", True)), name="birth_is_one_row"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["demo", "registry"])),
                        name="birth_kind_is_known",
                    ),
                ],
            },
        ),
        migrations.RunSQL(IMMUTABLE, MUTABLE),
        migrations.RunSQL(
            revoke("INSERT, UPDATE", on="mmn_registry_birth", from_=APP), migrations.RunSQL.noop
        ),
    ]
