"""Who sees and makes an offer of transfer, who decides one, and that all of it is in the trail.

A migration of its own: foreign keys are checked when one ends, and must see the rows then.
"""

from django.db import migrations

from mmn_registry.audit.audited import PATIENT, audited
from mmn_registry.postgres.isolation import definer_reads, reaches
from mmn_registry.postgres.roles import APP, DERIVE, if_role, revoke

TABLE = "patients_transfer"
SEES = f"{reaches('read', 'from_centre_id')} OR {reaches('read', 'to_centre_id')}"
# Open, of a patient who is there, under that patient's own id.
OFFERS = (
    f"outcome = '' AND decided_at IS NULL AND {reaches('write', 'from_centre_id')} "
    "AND EXISTS (SELECT FROM patients_patient AS patient WHERE patient.id = patient_id "
    "AND patient.centre_id = from_centre_id AND patient.study_id = patients_transfer.study_id "
    "AND patient.voided_at IS NULL)"
)
DECIDING = """
CREATE FUNCTION registry_decide_transfer(transfer uuid, decision text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
-- The receiving centre accepts or declines, the present one takes back. Accepting moves the
-- patient's row, and with it whose everything is that hangs on it. False: it was decided before.
DECLARE
    offered record;
    needed uuid;
    actor uuid := (public.registry_context()->>'actor')::uuid;
BEGIN
    SELECT * FROM public.patients_transfer WHERE id = transfer FOR UPDATE INTO offered;
    needed := CASE WHEN decision IN ('accepted', 'declined') THEN offered.to_centre_id
        WHEN decision = 'withdrawn' THEN offered.from_centre_id END;
    IF needed IS NULL OR NOT (public.registry_everywhere('write')
        OR needed = ANY (public.registry_centres('write')))
    THEN
        RAISE EXCEPTION 'This offer is not yours to decide.' USING ERRCODE = '42501';
    END IF;
    IF offered.outcome <> '' THEN
        RETURN false;
    END IF;
    UPDATE public.patients_transfer
    SET outcome = decision, decided_by_id = actor, decided_at = now() WHERE id = transfer;
    IF decision <> 'accepted' THEN
        RETURN true;
    END IF;
    UPDATE public.patients_patient SET centre_id = offered.to_centre_id, version = version + 1,
        recorded_at = now(), recorded_by_id = actor, amend_reason = 'Transferred to another centre.'
    WHERE id = offered.patient_id AND centre_id = offered.from_centre_id AND voided_at IS NULL;
    IF NOT FOUND THEN
        PERFORM public.registry_refuse('patients_transfer', 'voided_parent', 'No such patient.',
            'This patient is no longer there: the registration was voided. Decline the offer.');
    END IF;
    RETURN true;
END $$;
"""
FUNCTION = "registry_decide_transfer(uuid, text)"


class Migration(migrations.Migration):
    dependencies = [("patients", "0014_transfers"), ("audit", "0001_trail")]

    operations = [
        migrations.RunSQL(
            [
                f"CREATE POLICY reads ON {TABLE} FOR SELECT USING ({SEES})",
                f"CREATE POLICY offers ON {TABLE} FOR INSERT WITH CHECK ({OFFERS})",
                definer_reads(TABLE),
                f"ALTER TABLE {TABLE} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
            ],
            [
                f"ALTER TABLE {TABLE} NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY",
                *(f"DROP POLICY {name} ON {TABLE}" for name in ("reads", "offers", "definer")),
            ],
        ),
        audited(TABLE, patient=[PATIENT]),
        migrations.RunSQL(DECIDING, f"DROP FUNCTION {FUNCTION}"),
        migrations.RunSQL(
            [
                revoke("UPDATE", on=TABLE, from_=APP),
                revoke("ALL", on=TABLE, from_=DERIVE),
                f"REVOKE EXECUTE ON FUNCTION {FUNCTION} FROM PUBLIC",
                if_role(APP, f"GRANT EXECUTE ON FUNCTION {FUNCTION} TO {APP}"),
            ],
            migrations.RunSQL.noop,
        ),
    ]
