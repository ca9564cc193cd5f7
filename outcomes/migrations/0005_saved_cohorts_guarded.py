"""Who sees and changes a saved cohort, and that all of it is in the trail.

A migration of its own: foreign keys are checked when one ends, and must see the rows then.
"""

from django.db import migrations

from mmn_registry.audit.audited import audited
from mmn_registry.postgres.isolation import reaches
from mmn_registry.postgres.roles import APP, DERIVE, grant, revoke

TABLE = "outcomes_savedcohort"
OWN = "owner_id = (SELECT (registry_context()->>'actor')::uuid)"
OF_A_CENTRE = f"({reaches('read', 'shared_with_id')} OR {reaches('research', 'shared_with_id')})"
# Shared with those only whose patients one reads oneself.
KEEPS = f"{OWN} AND (shared_with_id IS NULL OR {OF_A_CENTRE})"
POLICIES = {
    "reads": f"FOR SELECT USING ({OWN} OR (shared_with_id IS NOT NULL AND {OF_A_CENTRE}))",
    "saves": f"FOR INSERT WITH CHECK ({KEEPS})",
    "changes": f"FOR UPDATE USING ({OWN}) WITH CHECK ({KEEPS})",
    "deletes": f"FOR DELETE USING ({OWN})",
}


class Migration(migrations.Migration):
    dependencies = [("outcomes", "0004_saved_cohorts"), ("audit", "0001_trail")]

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
        audited(TABLE, centre="r.shared_with_id"),
        migrations.RunSQL(
            [grant("DELETE", on=TABLE, to=APP), revoke("ALL", on=TABLE, from_=DERIVE)],
            migrations.RunSQL.noop,
        ),
    ]
