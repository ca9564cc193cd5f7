"""Whether somebody is registered in another centre: one word, not too often, and in the trail."""

from django.db import migrations

from mmn_registry.postgres.roles import APP, AUDIT, DERIVE, if_role, revoke

# A hash of three keyed hashes, of name and birth date together. Neither table is of use to anybody
# but the functions here; the identities themselves stay closed to them.
PERSONS = """
CREATE TABLE registry_person_key (patient_id uuid PRIMARY KEY, key text NOT NULL);
CREATE INDEX registry_person_by_key ON registry_person_key (key);
CREATE TABLE registry_person_question (
    actor_id uuid NOT NULL, asked_at timestamptz NOT NULL DEFAULT clock_timestamp());
CREATE INDEX registry_person_question_of_actor ON registry_person_question (actor_id, asked_at);

CREATE FUNCTION registry_keep_person_key() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
-- Of whom name and birth date are recorded; of an erased identity nothing is left.
BEGIN
    DELETE FROM public.registry_person_key
    WHERE patient_id IN (SELECT patient_id FROM new_rows);
    INSERT INTO public.registry_person_key
    SELECT patient_id, encode(sha256(convert_to(
        family_name_index || given_name_index || born_on_index, 'UTF8')), 'hex')
    FROM new_rows
    WHERE family_name_index <> '' AND given_name_index <> '' AND born_on_index <> '';
    RETURN NULL;
END $$;

CREATE TRIGGER registry_5_keep_person_key_on_insert AFTER INSERT ON patients_identity
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION registry_keep_person_key();
CREATE TRIGGER registry_5_keep_person_key_on_update AFTER UPDATE ON patients_identity
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION registry_keep_person_key();
ALTER TABLE patients_identity ENABLE ALWAYS TRIGGER registry_5_keep_person_key_on_insert,
    ENABLE ALWAYS TRIGGER registry_5_keep_person_key_on_update;

-- Those recorded before this migration, which its own role may see only while nothing is forced.
ALTER TABLE patients_identity NO FORCE ROW LEVEL SECURITY;
INSERT INTO registry_person_key
SELECT patient_id, encode(sha256(convert_to(
    family_name_index || given_name_index || born_on_index, 'UTF8')), 'hex')
FROM patients_identity
WHERE family_name_index <> '' AND given_name_index <> '' AND born_on_index <> '';
ALTER TABLE patients_identity FORCE ROW LEVEL SECURITY;

CREATE FUNCTION registry_person_elsewhere(keys text[], route text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
-- 'ask', where somebody with one of these keys is registered in a centre that is not the asking
-- person's own, else 'new'; 'later' to who has asked thirty times within an hour. Never whose.
DECLARE
    actor uuid := (public.registry_context()->>'actor')::uuid;
BEGIN
    IF actor IS NULL
        OR NOT (public.registry_everywhere('write') OR cardinality(public.registry_centres('write')) > 0)
        OR NOT (public.registry_everywhere('identity') OR cardinality(public.registry_centres('identity')) > 0)
        OR cardinality(keys) > 10
    THEN
        RAISE EXCEPTION 'Only who registers patients may ask whether one is registered.'
            USING ERRCODE = '42501';
    END IF;
    -- Two questions at the same time are two questions.
    PERFORM pg_advisory_xact_lock(hashtextextended('registry_person_question ' || actor, 0));
    IF (SELECT count(*) FROM public.registry_person_question
        WHERE actor_id = actor AND asked_at > clock_timestamp() - interval '1 hour') >= 30
    THEN
        PERFORM public.registry_trail_note(
            'refusal', route, 'patients_identity', '', NULL, '', NULL, NULL);
        RETURN 'later';
    END IF;
    DELETE FROM public.registry_person_question
    WHERE actor_id = actor AND asked_at < clock_timestamp() - interval '1 hour';
    INSERT INTO public.registry_person_question (actor_id) VALUES (actor);
    PERFORM public.registry_trail_note(
        'identity', route, 'patients_identity', '', NULL, '', NULL, NULL);
    RETURN CASE WHEN EXISTS (
        SELECT FROM public.registry_person_key AS known
        JOIN public.patients_patient AS patient ON patient.id = known.patient_id
        WHERE known.key = ANY (keys) AND patient.voided_at IS NULL
        AND NOT public.registry_everywhere('identity')
        AND patient.centre_id <> ALL (public.registry_centres('identity'))
    ) THEN 'ask' ELSE 'new' END;
END $$;
"""
DROP_PERSONS = """
DROP FUNCTION registry_person_elsewhere;
DROP TRIGGER registry_5_keep_person_key_on_insert ON patients_identity;
DROP TRIGGER registry_5_keep_person_key_on_update ON patients_identity;
DROP FUNCTION registry_keep_person_key;
DROP TABLE registry_person_question;
DROP TABLE registry_person_key;
"""
ASKING = "registry_person_elsewhere(text[], text)"
# New tables are readable by default.
RIGHTS = [
    *(
        revoke("ALL", on=table, from_=role)
        for table in ("registry_person_key", "registry_person_question")
        for role in (APP, DERIVE, AUDIT)
    ),
    f"REVOKE EXECUTE ON FUNCTION {ASKING} FROM PUBLIC",
    if_role(APP, f"GRANT EXECUTE ON FUNCTION {ASKING} TO {APP}"),
]


class Migration(migrations.Migration):
    dependencies = [("patients", "0010_signed_visits")]

    operations = [
        migrations.RunSQL(PERSONS, DROP_PERSONS),
        migrations.RunSQL(RIGHTS, migrations.RunSQL.noop),
    ]
