"""Documents are for those who may see who a patient is; the trail never holds their content."""

from django.db import migrations

from mmn_registry.audit.audited import PATIENT, audited
from mmn_registry.postgres.isolation import reaches
from mmn_registry.postgres.roles import APP, AUDIT, DERIVE, if_role, revoke
from patients.migrations._guards import guard

TABLE = "patients_attachment"


def isolated() -> migrations.RunSQL:
    """As identities: seen with that right where the patient is, written with the right to write.

    No policy for owners' functions nor for who derives: neither has business here.
    """
    patient = f"SELECT FROM patients_patient WHERE patients_patient.id = {TABLE}.patient_id AND "
    read = f"EXISTS ({patient}{reaches('identity', 'centre_id')})"
    write = (
        f"EXISTS ({patient}{reaches('identity', 'centre_id')} AND {reaches('write', 'centre_id')})"
    )
    return migrations.RunSQL(
        [
            f"CREATE POLICY reads ON {TABLE} FOR SELECT USING ({read})",
            f"CREATE POLICY records ON {TABLE} FOR INSERT WITH CHECK ({write})",
            f"CREATE POLICY amends ON {TABLE} FOR UPDATE USING ({write}) WITH CHECK ({write})",
            f"ALTER TABLE {TABLE} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
        ],
        [
            f"ALTER TABLE {TABLE} NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY",
            *(f"DROP POLICY {name} ON {TABLE}" for name in ("reads", "records", "amends")),
        ],
    )


# A document is never changed, whatever somebody may write: it is voided.
VOIDED_ONLY = f"GRANT UPDATE (version, voided_at, voided_by_id, void_reason) ON {TABLE} TO {APP}"


class Migration(migrations.Migration):
    dependencies = [("patients", "0018_attachments"), ("patients", "0006_identity_trail")]

    operations = [
        guard(
            TABLE,
            dates=["dated_on"],
            parent="patients_patient",
            parent_column="patient_id",
            dated_by="dated_on",
        ),
        isolated(),
        audited(TABLE, patient=[PATIENT], left_out=["content"]),
        *(
            migrations.RunSQL(statement, migrations.RunSQL.noop)
            for statement in (
                revoke("UPDATE", on=TABLE, from_=APP),
                if_role(APP, VOIDED_ONLY),
                revoke("ALL", on=TABLE, from_=DERIVE),
                revoke("ALL", on=TABLE, from_=AUDIT),
            )
        ),
    ]
