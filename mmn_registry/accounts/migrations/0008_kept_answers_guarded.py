"""Row-level security of the answers that are kept.

A migration of its own: foreign keys are checked when one ends, and must see the rows then.
"""

from django.db import migrations

from mmn_registry.postgres.roles import APP, AUDIT, DERIVE, grant, revoke

TABLE = "accounts_keptanswer"
# Of one person, and by which token: `name` is the token's id, and empty for a browser.
OWN = (
    "(owner_id = (SELECT (registry_context()->>'actor')::uuid) "
    "AND token = (SELECT coalesce(registry_context()->>'name', '')))"
)
# Nobody reads an answer once its time is over; who tidies up removes it.
OVER = "kept_at < statement_timestamp() - interval '48 hours'"
TIDIES = "(SELECT registry_context()->>'kind' IN ('operator', 'worker'))"
POLICIES = {
    "reads": f"FOR SELECT USING ({OWN} OR ({TIDIES} AND {OVER}))",
    "records": f"FOR INSERT WITH CHECK ({OWN})",
    "amends": f"FOR UPDATE USING ({OWN}) WITH CHECK ({OWN})",
    "forgets": f"FOR DELETE USING ({OVER})",
}


def rights(statement: str) -> migrations.RunSQL:
    return migrations.RunSQL(statement, migrations.RunSQL.noop)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_tokens_that_write"),
        # Its function says who is acting.
        ("mmn_registry", "0003_context"),
    ]

    operations = [
        migrations.RunSQL(
            [
                *(f"CREATE POLICY {name} ON {TABLE} {rule}" for name, rule in POLICIES.items()),
                f"ALTER TABLE {TABLE} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
            ],
            [
                f"ALTER TABLE {TABLE} NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY",
                *(f"DROP POLICY {name} ON {TABLE}" for name in POLICIES),
            ],
        ),
        rights(grant("DELETE", on=TABLE, to=APP)),
        *(rights(revoke("ALL", on=TABLE, from_=role)) for role in (DERIVE, AUDIT)),
    ]
