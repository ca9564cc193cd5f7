"""The parts of the trail that know patients: who may read theirs, and notes about one.

Applied migrations stand on this file.
"""

from mmn_registry.postgres.isolation import reaches
from mmn_registry.postgres.roles import APP, if_role

# Where the patient is treated now: a patient who moved takes the whole history along.
OF_OWN_PATIENTS = f"""
CREATE POLICY reads_of_own_patients ON audit_entry FOR SELECT USING (
    patient_id IS NOT NULL AND EXISTS (
        SELECT FROM patients_patient AS p
        WHERE p.id = patient_id AND {reaches("read", "p.centre_id")}))
"""  # noqa: S608
OF_OWN_LIMITS = f"""
CREATE POLICY reads_of_own_limits ON audit_entry FOR SELECT USING (
    table_name = 'patients_lowerlimit' AND {reaches("read", "centre_id")})
"""
FUNCTIONS = """
CREATE FUNCTION registry_trail_values(entries bigint[])
RETURNS TABLE (seq bigint, old jsonb, new jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
-- What was written of a patient, for those who may read the patient's records; of anything else,
-- for those who may read the trail. Entries of others are left out.
    SELECT e.seq, e.old, e.new FROM public.audit_entry AS e
    LEFT JOIN public.patients_patient AS p ON p.id = e.patient_id
    WHERE e.seq = ANY (entries) AND CASE
        WHEN (SELECT public.registry_everywhere('read')) THEN true
        WHEN e.patient_id IS NOT NULL
            THEN p.centre_id = ANY ((SELECT public.registry_centres('read'))::uuid[])
        WHEN e.table_name = 'patients_lowerlimit'
            AND e.centre_id = ANY ((SELECT public.registry_centres('read'))::uuid[]) THEN true
        ELSE (SELECT public.registry_everywhere('trail'))
            OR e.centre_id = ANY ((SELECT public.registry_centres('trail'))::uuid[])
    END
$$;

CREATE FUNCTION registry_note_patient(kind text, route text, patient_study_id text, rows bigint)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
-- A patient was read, or somebody was refused one. A study id that nobody has is not written down:
-- who mistypes may type a name. Says nothing to the caller about whose patient it is.
DECLARE
    patient record;
BEGIN
    SELECT p.id, p.study_id, p.centre_id FROM public.patients_patient AS p
    WHERE p.study_id = patient_study_id ORDER BY p.voided_at IS NULL DESC LIMIT 1 INTO patient;
    PERFORM public.registry_trail_note(kind, route, 'patients_patient',
        coalesce(patient.id::text, ''), patient.id, coalesce(patient.study_id, ''),
        patient.centre_id, rows);
END $$;
"""
NOTE_PATIENT = "registry_note_patient(text, text, text, bigint)"
RIGHTS = [
    *(
        f"REVOKE EXECUTE ON FUNCTION {function} FROM PUBLIC"
        for function in ("registry_trail_values(bigint[])", NOTE_PATIENT)
    ),
    *(
        if_role(APP, f"GRANT EXECUTE ON FUNCTION {function} TO {APP}")
        for function in ("registry_trail_values(bigint[])", NOTE_PATIENT)
    ),
]
CREATE = [OF_OWN_PATIENTS, OF_OWN_LIMITS, FUNCTIONS, *RIGHTS]
DROP = [
    "DROP FUNCTION registry_note_patient, registry_trail_values",
    "DROP POLICY reads_of_own_limits ON audit_entry",
    "DROP POLICY reads_of_own_patients ON audit_entry",
]
