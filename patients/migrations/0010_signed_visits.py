"""What is signed does not change: the visit, what was examined at it, the findings of its day."""

from django.db import migrations

from mmn_registry.audit.audited import PATIENT, audited
from mmn_registry.postgres.isolation import isolate_part
from mmn_registry.postgres.roles import AUDIT, DERIVE, revoke

VISIT = ("patients_visit", "visit_id")
# Of each table: what its changed rows say of visits.
OF_ITSELF = "SELECT id AS visit_id FROM changed"
OF_PARTS = "SELECT visit_id FROM changed"
OF_DAYS = (
    "SELECT visit.id AS visit_id FROM changed JOIN public.patients_visit AS visit "
    "ON visit.patient_id = changed.patient_id AND visit.visited_on = changed.observed_on"
)
WAYS = {
    "patients_visit": OF_ITSELF,
    "patients_musclescore": OF_PARTS,
    "patients_gripstrength": OF_PARTS,
    "patients_finding": OF_DAYS,
}
EVENTS = {
    "insert": ("NEW TABLE AS new_rows", "TABLE new_rows"),
    "update": (
        "OLD TABLE AS old_rows NEW TABLE AS new_rows",
        "TABLE new_rows UNION ALL TABLE old_rows",
    ),
}
REFUSE_SIGNED = """
CREATE FUNCTION registry_refuse_signed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
-- Arguments: the changed rows, and what they say of visits. Planned anew for each statement: a
-- plan made for one row is not one for a million.
DECLARE
    signed_on date;
BEGIN
    EXECUTE format(
        'WITH changed AS (%s), visits AS (%s) SELECT signature.signed_at::date '
        'FROM public.patients_signature AS signature JOIN visits USING (visit_id) '
        'WHERE signature.withdrawn_at IS NULL LIMIT 1',
        TG_ARGV[0], TG_ARGV[1]) INTO signed_on;
    IF signed_on IS NOT NULL THEN
        PERFORM public.registry_refuse(TG_TABLE_NAME, 'signed_visit',
            'This visit is signed.',
            format('This visit was signed on %s. Take the signature back first, with a reason.',
                to_char(signed_on, 'FMDD Mon YYYY')));
    END IF;
    RETURN NULL;
END $$;
"""


def refuses_signed(table: str, way: str) -> migrations.RunSQL:
    names = {event: f"registry_5_refuse_signed_on_{event}" for event in EVENTS}
    create = [
        f"CREATE TRIGGER {names[event]} AFTER {event} ON {table} REFERENCING {rows} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION registry_refuse_signed('{changed}', '{way}')"
        for event, (rows, changed) in EVENTS.items()
    ]
    always = [f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}" for name in names.values()]
    drop = [f"DROP TRIGGER {name} ON {table}" for name in names.values()]
    return migrations.RunSQL([*create, *always], drop)


class Migration(migrations.Migration):
    dependencies = [("patients", "0009_signatures")]

    operations = [
        isolate_part("patients_signature", way=[VISIT, PATIENT]),
        audited("patients_signature", patient=[VISIT, PATIENT]),
        *(
            migrations.RunSQL(
                revoke("ALL", on="patients_signature", from_=role), migrations.RunSQL.noop
            )
            for role in (DERIVE, AUDIT)
        ),
        migrations.RunSQL(REFUSE_SIGNED, "DROP FUNCTION registry_refuse_signed"),
        *(refuses_signed(table, way) for table, way in WAYS.items()),
    ]
