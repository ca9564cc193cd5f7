"""The functions that write the trail, as its owner, whoever's statement it was.

Applied migrations stand on this file: what must change later is replaced by a new migration, as
``CREATE OR REPLACE FUNCTION``.
"""

FUNCTIONS = """
CREATE FUNCTION registry_refuse_truncate() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'Rows of % are never truncated: the trail could not tell which they were.',
        TG_TABLE_NAME USING ERRCODE = '42501';
END $$;

CREATE FUNCTION registry_append_only() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'Rows of % are never changed and never deleted.', TG_TABLE_NAME
        USING ERRCODE = '42501';
END $$;

CREATE FUNCTION registry_trail() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
-- What is joined here are this statement's rows, by one key: hashed, however many, however planned.
SET enable_nestloop = off AS $$
-- An entry for each row that a statement wrote.
-- Arguments, made by audited(): the column that identifies a row; SQL for patient, study id and
-- centre; the column that leads to the patient and the function that follows it; secret columns;
-- columns left out.
DECLARE
    key text := TG_ARGV[0];
    way text := TG_ARGV[4];
    secret text[] := TG_ARGV[6];
    left_out text[] := TG_ARGV[7];
    context jsonb;
    rows_of text := CASE TG_OP WHEN 'DELETE' THEN 'old_rows' ELSE 'new_rows' END;
    ways text := format('SELECT %I AS k FROM %I', way, rows_of);
    subjects text := '';
    old_values text := 'NULL::jsonb';
    new_values text := 'NULL::jsonb';
    changed text := 'NULL::text[]';
    columns text;
    compared text;
    told text[];
    written bigint;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        EXECUTE 'SELECT count(*) FROM (SELECT FROM new_rows LIMIT 1) AS any_row' INTO written;
        SELECT string_agg(format('coalesce(n.%1$I, o.%1$I) AS %1$I', attname), ', '),
            string_agg(
                format('CASE WHEN n.%1$I IS NOT DISTINCT FROM o.%1$I THEN %1$L END', attname), ', '
            ) FILTER (WHERE attname <> 'version')
        FROM pg_attribute WHERE attrelid = TG_RELID AND attnum > 0 AND NOT attisdropped
        INTO columns, compared;
        -- FULL: a key that changed is told as a row that went and one that came.
        rows_of := format(
            '(SELECT * FROM ('
                'SELECT %s, to_jsonb(o) - equal AS old_values, to_jsonb(n) - equal AS new_values '
                'FROM old_rows AS o FULL JOIN new_rows AS n ON n.%I = o.%I '
                'CROSS JOIN LATERAL (SELECT array_remove(ARRAY[%s], NULL) || %L::text[]) '
                'AS same(equal)'
            ') AS compared WHERE old_values IS DISTINCT FROM new_values) AS r',
            columns, key, key, compared, left_out);
        ways := ways || format(' UNION SELECT %I FROM old_rows', way);
        old_values := 'r.old_values';
        new_values := 'r.new_values';
        changed := 'ARRAY(SELECT jsonb_object_keys(coalesce(r.new_values, r.old_values)))';
    ELSE
        -- What is empty in all rows is left out, and the key, which is the entry's record_id: half
        -- the bytes, and with that half the time that a large import spends here.
        SELECT string_agg(format('CASE WHEN bool_or(%1$I %2$s) THEN %1$L END', attname,
            CASE typcategory WHEN 'S' THEN '<> ''''' ELSE 'IS NOT NULL' END), ', ')
        FROM pg_attribute JOIN pg_type ON pg_type.oid = atttypid
        WHERE attrelid = TG_RELID AND attnum > 0 AND NOT attisdropped
            AND attname <> key AND attname <> ALL (left_out)
        INTO columns;
        EXECUTE format(
            'SELECT count(*), array_remove(ARRAY[%s]::text[], NULL) FROM %I', columns, rows_of)
        INTO written, told;
        SELECT string_agg(format('r.%I', name), ', ') FROM unnest(told) AS name INTO columns;
        rows_of := format('%I AS r CROSS JOIN LATERAL (SELECT %s) AS told', rows_of, columns);
        IF TG_OP = 'INSERT' THEN
            new_values := 'to_jsonb(told)';
        ELSE
            old_values := 'to_jsonb(told)';
        END IF;
    END IF;
    IF written = 0 THEN
        RETURN NULL;
    END IF;
    IF secret <> '{}' THEN
        old_values := format('%s - %L::text[]', old_values, secret);
        new_values := format('public.registry_trail_hidden(%s, %L)', new_values, secret);
    END IF;
    IF way <> '' THEN
        subjects := format(
            'LEFT JOIN (SELECT * FROM (SELECT DISTINCT k FROM (%s) AS each_way) AS ways '
            'CROSS JOIN LATERAL public.%I(k)) AS s ON s.k = r.%I',
            ways, TG_ARGV[5], way);
    END IF;
    -- Raises where the context is not genuine: what cannot be written truly is not written.
    context := public.registry_context();
    EXECUTE format(
        'INSERT INTO public.audit_entry (at, xid, database_role, kind, '
            'actor_kind, actor_id, actor_name, action_id, verb, reason, request_id, route, '
            'table_name, operation, record_id, patient_id, study_id, centre_id, '
            'changed, old, new) '
        'SELECT $1, $2, $3, ''write'', $4, $5, $6, $7, $8, $9, $10, '''', '
            '$11, $12, r.%I::text, %s, %s, %s, %s, %s, %s FROM %s %s',
        key, TG_ARGV[1], TG_ARGV[2], TG_ARGV[3], changed, old_values, new_values,
        rows_of, subjects)
    USING clock_timestamp(), public.registry_trail_xid(), session_user::text,
        coalesce(context->>'kind', 'database'), (context->>'actor')::uuid,
        coalesce(context->>'name', 'db:' || session_user),
        coalesce((context->>'action')::uuid, public.registry_trail_transaction()),
        coalesce(context->>'verb', ''), coalesce(context->>'reason', ''),
        coalesce(context->>'request', ''), TG_TABLE_NAME, lower(TG_OP);
    RETURN NULL;
END $$;

CREATE FUNCTION registry_trail_hidden(told jsonb, secret text[]) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT told || coalesce(
        (SELECT jsonb_object_agg(name, 'changed') FROM unnest(secret) AS name WHERE told ? name),
        '{}')
$$;

CREATE FUNCTION registry_trail_xid() RETURNS bigint
LANGUAGE sql VOLATILE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT pg_current_xact_id()::text::bigint
$$;

CREATE FUNCTION registry_trail_transaction() RETURNS uuid
LANGUAGE sql VOLATILE SET search_path = pg_catalog, public, pg_temp AS $$
-- What stands for an action where none was named: the same during a transaction.
    SELECT md5(pg_current_xact_id()::text || '/' || extract(epoch FROM transaction_timestamp()))::uuid
$$;

CREATE FUNCTION registry_trail_note(kind text, route text, subject_table text, subject text,
    patient uuid, study_id text, centre uuid, rows bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
-- An entry for something that was not a row written. Not for the application: below is its door.
DECLARE
    context jsonb := public.registry_context();
    -- Before the entry gets its number: the seal counts on every number having a transaction.
    xid bigint := public.registry_trail_xid();
BEGIN
    IF kind = 'write' THEN
        RAISE EXCEPTION 'What was written is told by the rows themselves.' USING ERRCODE = '42501';
    ELSIF kind <> ALL (ARRAY['read', 'identity', 'export', 'sign_in', 'sign_out', 'sign_in_failed',
        'locked_out', 'refusal'])
    THEN
        RAISE EXCEPTION 'There is no kind of note called %.', left(kind, 40);
    END IF;
    INSERT INTO public.audit_entry (at, xid, database_role, kind, actor_kind, actor_id, actor_name,
        action_id, verb, reason, request_id, route, table_name, operation, record_id, patient_id,
        study_id, centre_id, rows)
    VALUES (clock_timestamp(), xid, session_user, kind, coalesce(context->>'kind', 'database'),
        (context->>'actor')::uuid, coalesce(context->>'name', 'db:' || session_user),
        coalesce((context->>'action')::uuid, public.registry_trail_transaction()),
        coalesce(context->>'verb', ''), coalesce(context->>'reason', ''),
        coalesce(context->>'request', ''), left(route, 200), left(subject_table, 63), '',
        left(subject, 100), patient, study_id, centre, rows);
END $$;

CREATE FUNCTION registry_note(kind text, route text, subject_table text, subject text,
    centre uuid, rows bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT public.registry_trail_note(
        kind, route, subject_table, subject, NULL, '', centre, rows)
$$;
"""
DROP_FUNCTIONS = """
DROP FUNCTION registry_note, registry_trail_note;
DROP FUNCTION registry_trail, registry_trail_hidden, registry_trail_xid, registry_trail_transaction;
DROP FUNCTION registry_append_only, registry_refuse_truncate;
"""
