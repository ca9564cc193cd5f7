"""Patients' rows are their centre's, held by PostgreSQL."""

from django.db import migrations

from mmn_registry.postgres.isolation import isolate, isolate_part, reaches
from mmn_registry.postgres.roles import APP, revoke

PATIENT = ("patients_patient", "patient_id")
VISIT = ("patients_visit", "visit_id")
STUDY = ("patients_nerveconductionstudy", "study_id")

# A table of its own: the policy of patients cannot ask consents, whose policy asks patients.
WITHHELD = """
CREATE TABLE registry_withheld_patient (patient_id uuid PRIMARY KEY);

CREATE FUNCTION registry_withhold_from_research() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
-- Withheld is who withdrew the consent to research and has not given it again. Who was never
-- asked is not: which consent a patient needs to be included is the centre's to know.
BEGIN
    DELETE FROM public.registry_withheld_patient
    WHERE patient_id IN (SELECT patient_id FROM new_rows);
    INSERT INTO public.registry_withheld_patient
    SELECT patient_id FROM public.patients_consent
    WHERE patient_id IN (SELECT patient_id FROM new_rows)
        AND scope = 'research' AND voided_at IS NULL
    GROUP BY patient_id HAVING bool_and(withdrawn_on IS NOT NULL);
    RETURN NULL;
END $$;

CREATE TRIGGER registry_5_withhold_on_insert AFTER INSERT ON patients_consent
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION registry_withhold_from_research();
CREATE TRIGGER registry_5_withhold_on_update AFTER UPDATE ON patients_consent
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION registry_withhold_from_research();
ALTER TABLE patients_consent ENABLE ALWAYS TRIGGER registry_5_withhold_on_insert,
    ENABLE ALWAYS TRIGGER registry_5_withhold_on_update;

-- Those recorded before this migration.
INSERT INTO registry_withheld_patient
SELECT patient_id FROM patients_consent WHERE scope = 'research' AND voided_at IS NULL
GROUP BY patient_id HAVING bool_and(withdrawn_on IS NOT NULL);

CREATE FUNCTION registry_withheld_count() RETURNS bigint
LANGUAGE sql STABLE PARALLEL RESTRICTED SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
-- How many patients the acting principal would see for research, had they not withdrawn.
    SELECT count(*) FROM public.patients_patient AS patient
    JOIN public.registry_withheld_patient AS withheld ON withheld.patient_id = patient.id
    WHERE patient.voided_at IS NULL
    AND NOT (SELECT public.registry_everywhere('read'))
    AND patient.centre_id <> ALL ((SELECT public.registry_centres('read'))::uuid[])
    AND ((SELECT public.registry_everywhere('research'))
        OR patient.centre_id = ANY ((SELECT public.registry_centres('research'))::uuid[]))
$$;
"""
DROP_WITHHELD = """
DROP FUNCTION registry_withheld_count;
DROP TRIGGER registry_5_withhold_on_insert ON patients_consent;
DROP TRIGGER registry_5_withhold_on_update ON patients_consent;
DROP FUNCTION registry_withhold_from_research;
DROP TABLE registry_withheld_patient;
"""
FOR_RESEARCH = (
    f"{reaches('research', 'centre_id')} AND NOT EXISTS ("
    "SELECT FROM registry_withheld_patient WHERE patient_id = patients_patient.id)"
)


class Migration(migrations.Migration):
    dependencies = [("patients", "0002_guards"), ("mmn_registry", "0003_context")]

    operations = [
        migrations.RunSQL(WITHHELD, DROP_WITHHELD),
        migrations.RunSQL(
            revoke("INSERT, UPDATE", on="registry_withheld_patient", from_=APP),
            migrations.RunSQL.noop,
        ),
        isolate("patients_patient", also_read=FOR_RESEARCH),
        isolate("patients_lowerlimit", also_read=reaches("research", "centre_id")),
        isolate_part("patients_consent", way=[PATIENT]),
        isolate_part("patients_visit", way=[PATIENT]),
        isolate_part("patients_musclescore", way=[VISIT, PATIENT]),
        isolate_part("patients_gripstrength", way=[VISIT, PATIENT]),
        isolate_part("patients_nerveconductionstudy", way=[PATIENT]),
        isolate_part("patients_nervesegment", way=[STUDY, PATIENT]),
        isolate_part("patients_laboratoryresult", way=[PATIENT]),
        isolate_part("patients_finding", way=[PATIENT]),
    ]
