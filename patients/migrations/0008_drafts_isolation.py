"""Row-level security of drafts, saved forms and confirmations.

A migration of its own: foreign keys are checked when one ends, and must see the rows then.
"""

from django.db import migrations

from mmn_registry.audit.audited import PATIENT, audited
from mmn_registry.postgres.isolation import isolate_part
from mmn_registry.postgres.roles import APP, AUDIT, DERIVE, grant, revoke

OWN = "owner_id = (SELECT (registry_context()->>'actor')::uuid)"
# Of a patient whom its owner may still see; the patient's own policy answers.
SEEN = (
    "(patient_id IS NULL OR EXISTS (SELECT FROM patients_patient "
    "WHERE patients_patient.id = patients_draft.patient_id))"
)


def own_rows(table: str, condition: str, *, amends: bool) -> migrations.RunSQL:
    """Rows that nobody but their owner sees: no centre, no operator, nobody who derives."""
    policies = {
        "reads": f"FOR SELECT USING ({condition})",
        "records": f"FOR INSERT WITH CHECK ({condition})",
    }
    if amends:
        policies |= {
            "amends": f"FOR UPDATE USING ({condition}) WITH CHECK ({condition})",
            # Also where the patient has gone to another centre since.
            "discards": f"FOR DELETE USING ({OWN})",
        }
    return migrations.RunSQL(
        [
            *(f"CREATE POLICY {name} ON {table} {rule}" for name, rule in policies.items()),
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
        ],
        [
            f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY",
            *(f"DROP POLICY {name} ON {table}" for name in policies),
        ],
    )


def rights(statement: str) -> migrations.RunSQL:
    return migrations.RunSQL(statement, migrations.RunSQL.noop)


class Migration(migrations.Migration):
    dependencies = [("patients", "0007_drafts_and_confirmations")]

    operations = [
        isolate_part("patients_confirmation", way=[PATIENT]),
        audited("patients_confirmation", patient=[PATIENT]),
        # What somebody confirmed stays said.
        rights(revoke("UPDATE", on="patients_confirmation", from_=APP)),
        own_rows("patients_draft", f"{OWN} AND {SEEN}", amends=True),
        rights(grant("DELETE", on="patients_draft", to=APP)),
        own_rows("patients_submission", OWN, amends=False),
        rights(revoke("UPDATE", on="patients_submission", from_=APP)),
        *(
            rights(revoke("ALL", on=table, from_=role))
            for table in ("patients_draft", "patients_submission")
            for role in (DERIVE, AUDIT)
        ),
    ]
