"""Rules that no CHECK can say, because they look at today, at the parent or at the version before.

Migrations call ``guard()`` for each recorded table. Applied migrations stand on this file: what
must change later is replaced by a new migration, as ``CREATE OR REPLACE FUNCTION``.

All but one are statement-level triggers over transition tables: a million loaded rows cost one
join, not a million calls. A refusal carries, like those of CHECK constraints, a name that says
which rule it was (``CONSTRAINT``: the error code of the same rule in Python), and its sentence
with the values in DETAIL, which a server with terse logs keeps to itself.
"""

from django.db import migrations

FUNCTIONS = """
CREATE FUNCTION registry_today() RETURNS date LANGUAGE sql STABLE PARALLEL SAFE
RETURN (statement_timestamp() AT TIME ZONE registry_time_zone())::date;

CREATE FUNCTION registry_refuse(relation name, code text, summary text, sentence text)
RETURNS void LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', TABLE = relation, CONSTRAINT = code,
        MESSAGE = summary, DETAIL = sentence;
END $$;

CREATE FUNCTION registry_refuse_after_death(relation name, day date, deceased_on date)
RETURNS void LANGUAGE sql SET search_path = public, pg_temp AS $$
    SELECT registry_refuse(relation, 'after_death', 'A record lies after death.', format(
        'A record of %s lies after this patient''s death on %s. Correct one of the dates.',
        day, deceased_on))
$$;

CREATE FUNCTION registry_refuse_before_birth(relation name, day date, birth_year integer)
RETURNS void LANGUAGE sql SET search_path = public, pg_temp AS $$
    SELECT registry_refuse(relation, 'before_birth', 'A record lies before birth.', format(
        'A record of %s lies before this patient''s year of birth, %s. Correct one of the two.',
        day, birth_year))
$$;

CREATE FUNCTION registry_no_date_after_today() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
-- Arguments: the date columns.
DECLARE
    date_column text;
    refused date;
BEGIN
    FOREACH date_column IN ARRAY TG_ARGV LOOP
        EXECUTE format(
            'SELECT max(%1$I) FROM new_rows WHERE voided_at IS NULL AND %1$I > registry_today()',
            date_column) INTO refused;
        IF refused IS NOT NULL THEN
            PERFORM registry_refuse(TG_TABLE_NAME, 'date_after_today', 'A date lies after today.',
                format('%s lies after today, %s. Correct the date.', refused, registry_today()));
        END IF;
    END LOOP;
    RETURN NULL;
END $$;

CREATE FUNCTION registry_parent_stands() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
-- On insert only: a record never moves, and never rises from being voided.
-- Arguments: the parent's table, the column that names the parent.
DECLARE
    voided boolean;
BEGIN
    -- The lock makes a concurrent void of the parent, or a death, wait for these rows, or these
    -- rows see it: the foreign key's own lock lets both pass each other.
    EXECUTE format(
        'SELECT bool_or(parent.voided_at IS NOT NULL) FROM (SELECT voided_at FROM %1$I WHERE id IN '
        '(SELECT %2$I FROM new_rows WHERE voided_at IS NULL) ORDER BY id FOR SHARE) parent',
        TG_ARGV[0], TG_ARGV[1]) INTO voided;
    IF voided THEN
        PERFORM registry_refuse(TG_TABLE_NAME, 'voided_parent', 'The parent was voided.',
            'What this belongs to was voided. Record that anew first.');
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION registry_within_life() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
-- Arguments: the column with the record's day. On insert, registry_parent_stands has locked.
DECLARE
    written text := 'new_rows';
    refused record;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        written := format(
            '(SELECT n.* FROM new_rows n JOIN old_rows o ON o.id = n.id WHERE n.%1$I <> o.%1$I)',
            TG_ARGV[0]);
        EXECUTE format(
            'SELECT FROM patients_patient WHERE id IN (SELECT patient_id FROM %s r) '
            'ORDER BY id FOR SHARE', written);
    END IF;
    EXECUTE format(
        'SELECT r.%1$I AS day, p.deceased_on, p.birth_year '
        'FROM %2$s r JOIN patients_patient p ON p.id = r.patient_id WHERE r.voided_at IS NULL '
        'AND (r.%1$I > p.deceased_on OR extract(year FROM r.%1$I) < p.birth_year) LIMIT 1',
        TG_ARGV[0], written) INTO refused;
    IF refused.day > refused.deceased_on THEN
        PERFORM registry_refuse_after_death(TG_TABLE_NAME, refused.day, refused.deceased_on);
    ELSIF refused.day IS NOT NULL THEN
        PERFORM registry_refuse_before_birth(TG_TABLE_NAME, refused.day, refused.birth_year);
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION registry_records_within_life() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
-- On patients. Arguments: a table of records, the column with their day.
DECLARE
    refused record;
BEGIN
    EXECUTE format(
        'SELECT r.%1$I AS day, n.deceased_on, n.birth_year FROM new_rows n '
        'JOIN old_rows o ON o.id = n.id JOIN %2$I r ON r.patient_id = n.id '
        'WHERE n.voided_at IS NULL AND r.voided_at IS NULL '
        'AND (n.deceased_on, n.birth_year) IS DISTINCT FROM (o.deceased_on, o.birth_year) '
        'AND (r.%1$I > n.deceased_on OR extract(year FROM r.%1$I) < n.birth_year) LIMIT 1',
        TG_ARGV[1], TG_ARGV[0]) INTO refused;
    IF refused.day > refused.deceased_on THEN
        PERFORM registry_refuse_after_death(TG_TABLE_NAME, refused.day, refused.deceased_on);
    ELSIF refused.day IS NOT NULL THEN
        PERFORM registry_refuse_before_birth(TG_TABLE_NAME, refused.day, refused.birth_year);
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION registry_parts_are_voided() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
-- On a parent. Arguments: a table of its parts, their column that names the parent.
DECLARE
    left_standing boolean;
BEGIN
    EXECUTE format(
        'SELECT EXISTS (SELECT FROM new_rows n JOIN %1$I part ON part.%2$I = n.id '
        'WHERE n.voided_at IS NOT NULL AND part.voided_at IS NULL)',
        TG_ARGV[0], TG_ARGV[1]) INTO left_standing;
    IF left_standing THEN
        PERFORM registry_refuse(TG_TABLE_NAME, 'standing_parts', 'Parts of it still stand.',
            'This has records that still count. Void them first.');
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION registry_refuse_rewriting() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
-- Per row, but called only for what is refused: the condition stands in the trigger.
BEGIN
    IF OLD.voided_at IS NOT NULL THEN
        PERFORM registry_refuse(TG_TABLE_NAME, 'voided_record', 'A voided record never changes.',
            'This record was voided. Record it anew instead.');
    ELSIF NEW.version IS DISTINCT FROM OLD.version + 1 THEN
        PERFORM registry_refuse(TG_TABLE_NAME, 'stale_record', 'The version must rise by one.',
            'This record was changed meanwhile. Read it again, then repeat the change.');
    END IF;
    PERFORM registry_refuse(TG_TABLE_NAME, 'moved_record', 'A record stays where it belongs.',
        'A record stays with what it was recorded of. Void it and record it anew.');
    RETURN NULL;
END $$;
"""
DROP_FUNCTIONS = """
DROP FUNCTION registry_refuse_rewriting, registry_parts_are_voided, registry_records_within_life,
    registry_within_life, registry_parent_stands, registry_no_date_after_today;
DROP FUNCTION registry_refuse_before_birth, registry_refuse_after_death, registry_refuse;
DROP FUNCTION registry_today;
"""


def guard(
    table: str, *, dates: list[str], parent: str = "", parent_column: str = "", dated_by: str = ""
) -> migrations.RunSQL:
    """Triggers of one recorded table.

    ``dates`` are never after today. With ``parent``, rows need one that was not voided, and a
    void of the parent needs its rows voided. With ``dated_by``, rows of a patient lie in the
    patient's life.
    """
    triggers = [_not_rewritten(table, parent_column)]
    if dates:
        check = _call("registry_no_date_after_today", *dates)
        triggers += _on_write(table, "1_no_date_after_today", check)
    if parent:
        stands = _call("registry_parent_stands", parent, parent_column)
        voided = _call("registry_parts_are_voided", table, parent_column)
        triggers += [_on_insert(table, "2_parent_stands", stands)]
        triggers += [_on_update(parent, f"4_{table}_voided", voided)]
    if dated_by:
        life = _call("registry_within_life", dated_by)
        records = _call("registry_records_within_life", table, dated_by)
        triggers += _on_write(table, "3_within_life", life)
        triggers += [_on_update("patients_patient", f"4_{table}_within_life", records)]
    return migrations.RunSQL(
        [create for create, _ in triggers], [drop for _, drop in reversed(triggers)]
    )


def _call(function: str, *arguments: str) -> str:
    return f"EXECUTE FUNCTION {function}({', '.join(repr(argument) for argument in arguments)})"


def _on_write(table: str, name: str, call: str) -> list[tuple[str, str]]:
    """A trigger with transition tables belongs to one event, so there are two."""
    return [_on_insert(table, name, call), _on_update(table, name, call)]


def _on_insert(table: str, name: str, call: str) -> tuple[str, str]:
    timing = f"AFTER INSERT ON {table} REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT"
    return _trigger(table, f"{name}_on_insert", f"{timing} {call}")


def _on_update(table: str, name: str, call: str) -> tuple[str, str]:
    rows = "OLD TABLE AS old_rows NEW TABLE AS new_rows"
    timing = f"AFTER UPDATE ON {table} REFERENCING {rows} FOR EACH STATEMENT"
    return _trigger(table, f"{name}_on_update", f"{timing} {call}")


def _not_rewritten(table: str, parent_column: str) -> tuple[str, str]:
    fixed = ["id", parent_column] if parent_column else ["id"]
    moved = " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in fixed)
    return _trigger(
        table,
        "0_not_rewritten",
        f"BEFORE UPDATE ON {table} FOR EACH ROW WHEN (OLD.voided_at IS NOT NULL "
        f"OR NEW.version IS DISTINCT FROM OLD.version + 1 OR {moved}) "
        f"{_call('registry_refuse_rewriting')}",
    )


def _trigger(table: str, name: str, definition: str) -> tuple[str, str]:
    """How to make it and how to drop it.

    PostgreSQL fires triggers in the order of their names: the number in a name is its turn.
    """
    name = f"registry_{name}"
    return f"CREATE TRIGGER {name} {definition}", f"DROP TRIGGER {name} ON {table}"
