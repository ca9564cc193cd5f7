"""Who writes a record leaves a mark; who may see a patient may see the outcomes; who derives writes."""

from django.db import migrations

from mmn_registry.postgres.roles import APP, DERIVE, grant, if_role, revoke

OUTCOMES, MARKS = "outcomes_patientoutcome", "outcomes_stalemark"

# Of each recorded table: the column by which its rows lead to a patient, and the way from there.
ITSELF = "SELECT key FROM changed"
OF_CENTRE = (
    "SELECT id FROM public.patients_patient AS patient JOIN changed ON patient.centre_id = key "
    "WHERE EXISTS (SELECT FROM public.patients_nerveconductionstudy WHERE patient_id = patient.id)"
)


def through(parent: str) -> str:
    return f"SELECT patient_id FROM public.{parent} JOIN changed ON id = key"  # noqa: S608


WAYS = {
    "patients_patient": ("id", ITSELF),
    "patients_consent": ("patient_id", ITSELF),
    "patients_visit": ("patient_id", ITSELF),
    "patients_musclescore": ("visit_id", through("patients_visit")),
    "patients_gripstrength": ("visit_id", through("patients_visit")),
    "patients_nerveconductionstudy": ("patient_id", ITSELF),
    "patients_nervesegment": ("study_id", through("patients_nerveconductionstudy")),
    "patients_laboratoryresult": ("patient_id", ITSELF),
    "patients_finding": ("patient_id", ITSELF),
    # The limits of a centre judge the studies of all its patients.
    "patients_lowerlimit": ("centre_id", OF_CENTRE),
    "infusions_infusion": ("patient_id", ITSELF),
    "infusions_infusionlot": ("infusion_id", through("infusions_infusion")),
    "infusions_regimen": ("patient_id", ITSELF),
    "infusions_doseattempt": ("patient_id", ITSELF),
    "infusions_immunosuppressant": ("patient_id", ITSELF),
    "infusions_adversereaction": ("patient_id", ITSELF),
}

NOTE_STALE = """
CREATE FUNCTION registry_note_stale() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
-- Arguments: the column that leads to the patient, and the way from there.
-- Planned anew for each statement: a plan made for one row is not one for a million.
DECLARE
    new_keys text := format('SELECT %I AS key FROM new_rows', TG_ARGV[0]);
    old_keys text := format('SELECT %I AS key FROM old_rows', TG_ARGV[0]);
BEGIN
    EXECUTE format(
        'WITH changed AS (%s) INSERT INTO public.outcomes_stalemark (patient_id) '
        'SELECT DISTINCT * FROM (%s) AS patients',
        CASE TG_OP
            WHEN 'INSERT' THEN 'SELECT DISTINCT key FROM (' || new_keys || ') AS keys'
            WHEN 'DELETE' THEN 'SELECT DISTINCT key FROM (' || old_keys || ') AS keys'
            ELSE new_keys || ' UNION ' || old_keys
        END,
        TG_ARGV[1]);
    RETURN NULL;
END $$;
"""


# Two transition tables in one trigger only where there are two: an insert has no old rows.
EVENTS = {
    "insert": "NEW TABLE AS new_rows",
    "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "delete": "OLD TABLE AS old_rows",
}


def notes_stale(table: str, column: str, way: str) -> migrations.RunSQL:
    """Triggers that nothing switches off, not even a session that replays another's changes."""
    names = {event: f"registry_6_note_stale_on_{event}" for event in EVENTS}
    create = [
        f"CREATE TRIGGER {names[event]} AFTER {event} ON {table} REFERENCING {rows} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION registry_note_stale('{column}', '{way}')"
        for event, rows in EVENTS.items()
    ]
    always = [f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}" for name in names.values()]
    drop = [f"DROP TRIGGER {name} ON {table}" for name in names.values()]
    return migrations.RunSQL([*create, *always], drop)


# Where one role must do for all, it derives only while it says so.
DERIVING = (
    "(SELECT registry_context()->>'kind' = 'worker' AND registry_context()->>'name' = 'freshness')"
)


def kept_apart(table: str) -> migrations.RunSQL:
    """Seen as the patient is, written by who derives."""
    of_who_is_seen = f"EXISTS (SELECT FROM patients_patient WHERE id = {table}.patient_id)"
    seen = f"(SELECT registry_everywhere('read')) OR {of_who_is_seen}"
    return migrations.RunSQL(
        [
            f"CREATE POLICY reads ON {table} FOR SELECT USING ({seen})",
            f"CREATE POLICY derives_as_owner ON {table} TO CURRENT_USER USING ({DERIVING})",
            if_role(DERIVE, f"CREATE POLICY derives ON {table} TO {DERIVE} USING (true)"),
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
        ],
        [
            f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY",
            f"DROP POLICY reads ON {table}",
            f"DROP POLICY derives_as_owner ON {table}",
            f"DROP POLICY IF EXISTS derives ON {table}",
        ],
    )


class Migration(migrations.Migration):
    dependencies = [
        ("outcomes", "0001_kept_outcomes"),
        ("patients", "0003_isolation"),
        ("infusions", "0003_isolation"),
    ]

    operations = [
        kept_apart(OUTCOMES),
        kept_apart(MARKS),
        # The triggers run as the owner, whoever writes.
        migrations.RunSQL(
            f"CREATE POLICY notes ON {MARKS} FOR INSERT TO CURRENT_USER WITH CHECK (true)",
            f"DROP POLICY notes ON {MARKS}",
        ),
        *(
            migrations.RunSQL(statement, migrations.RunSQL.noop)
            for statement in (
                revoke("INSERT, UPDATE", on=OUTCOMES, from_=APP),
                revoke("INSERT, UPDATE", on=MARKS, from_=APP),
                grant("INSERT, UPDATE, DELETE", on=OUTCOMES, to=DERIVE),
                grant("INSERT, DELETE", on=MARKS, to=DERIVE),
            )
        ),
        migrations.RunSQL(NOTE_STALE, "DROP FUNCTION registry_note_stale"),
        *(notes_stale(table, *way) for table, way in WAYS.items()),
        # Whoever was recorded before has no outcomes yet.
        migrations.RunSQL(
            f"INSERT INTO {MARKS} (patient_id) SELECT id FROM patients_patient",  # noqa: S608
            migrations.RunSQL.noop,
        ),
    ]
