"""Who reads a cut; that nothing of it changes but its seal; and who withdrew since.

A migration of its own: foreign keys are checked when one ends, and must see the rows then.
"""

from django.db import migrations

from mmn_registry.audit.audited import audited
from mmn_registry.postgres.roles import APP, AUDIT, DERIVE, if_role, revoke

TABLE = "outcomes_frozencut"


def of_all(right: str) -> str:
    """A condition: the acting principal has a right in every centre of a cut."""
    return (
        f"((SELECT registry_everywhere('{right}')) "
        f"OR centre_ids <@ (SELECT registry_centres('{right}'))::uuid[])"
    )


OWN = "made_by_id = (SELECT (registry_context()->>'actor')::uuid)"
# What holds full days is none for those who read pseudonymised.
READ = f"{of_all('read')} OR (is_coarse AND {of_all('research')})"
POLICIES = {
    "reads": f"FOR SELECT USING ({READ})",
    "freezes": f"FOR INSERT WITH CHECK ({OWN} AND ({READ}))",
    "seals": f"FOR UPDATE USING ({READ}) WITH CHECK (sealed_at IS NOT NULL)",
}
# Of study ids that somebody holds already: whose patients must not be handed out any more.
WITHDRAWN = """
CREATE FUNCTION registry_withdrawn(study_ids text[]) RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT patient.study_id FROM public.patients_patient AS patient
    JOIN public.registry_withheld_patient AS withheld ON withheld.patient_id = patient.id
    WHERE patient.study_id = ANY (study_ids) ORDER BY patient.study_id COLLATE "C"
$$
"""


class Migration(migrations.Migration):
    dependencies = [("outcomes", "0008_frozen_cuts"), ("patients", "0005_identity")]

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
        audited(TABLE, left_out=["content"]),
        migrations.RunSQL(WITHDRAWN, "DROP FUNCTION registry_withdrawn(text[])"),
        *(
            migrations.RunSQL(statement, migrations.RunSQL.noop)
            for statement in (
                revoke("UPDATE", on=TABLE, from_=APP),
                if_role(APP, f"GRANT UPDATE (sealed_at) ON {TABLE} TO {APP}"),
                revoke("ALL", on=TABLE, from_=DERIVE),
                revoke("ALL", on=TABLE, from_=AUDIT),
            )
        ),
    ]
