"""Who is acting, verified: the functions that row-level security and the trail stand on."""

from django.db import migrations

from mmn_registry.postgres.roles import APP, AUDIT, DERIVE, if_role

# `mmn.context` is `<id of the key>:<HMAC-SHA256>:<JSON>`, made by mmn_registry/principal.py. Its
# key lies in a table that only the owner reads: whoever can send SQL as the application cannot
# sign. PostgreSQL without extensions has SHA-256 but no HMAC, hence the two padded keys.
CONTEXT = """
CREATE TABLE registry_context_key (
    id text PRIMARY KEY,
    inner_pad bytea NOT NULL,
    outer_pad bytea NOT NULL,
    told_at timestamptz NOT NULL DEFAULT now()
);

CREATE FUNCTION registry_knows_context_key(key_id text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM public.registry_context_key WHERE id = key_id)
$$;

CREATE FUNCTION registry_context() RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
-- Who acts, or NULL where nobody was named. A context that is not genuine is an error, never
-- silence: a list that is empty by mistake would be believed.
DECLARE
    carried text := current_setting('mmn.context', true);
    key_id text := split_part(carried, ':', 1);
    mac text := split_part(carried, ':', 2);
    told text := substr(carried, length(key_id) + length(mac) + 3);
    genuine boolean;
    context jsonb;
BEGIN
    IF carried IS NULL OR carried = '' THEN
        RETURN NULL;
    END IF;
    SELECT mac = encode(sha256(outer_pad || sha256(inner_pad || convert_to(told, 'UTF8'))), 'hex')
    FROM public.registry_context_key WHERE id = key_id INTO genuine;
    IF genuine IS NOT TRUE THEN
        RAISE EXCEPTION 'Who is acting cannot be verified.' USING ERRCODE = '42501';
    END IF;
    context := told::jsonb;
    IF (context->>'pid')::integer <> pg_backend_pid()
        OR (context->>'until')::double precision < extract(epoch FROM clock_timestamp())
    THEN
        RAISE EXCEPTION 'Who is acting was said of another time or connection.'
            USING ERRCODE = '42501';
    END IF;
    RETURN context;
END $$;

CREATE FUNCTION registry_everywhere(right_name text) RETURNS boolean
LANGUAGE sql STABLE PARALLEL RESTRICTED SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT coalesce(public.registry_context()->'reach'->>right_name = '*', false)
$$;

CREATE FUNCTION registry_centres(right_name text) RETURNS uuid[]
LANGUAGE sql STABLE PARALLEL RESTRICTED SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT coalesce(array_agg(centre::uuid), '{}')
    FROM (SELECT public.registry_context()->'reach'->right_name AS centres) AS reach,
    jsonb_array_elements_text(CASE jsonb_typeof(centres) WHEN 'array' THEN centres END) AS centre
$$;
"""
DROP_CONTEXT = """
DROP FUNCTION registry_centres, registry_everywhere, registry_context, registry_knows_context_key;
DROP TABLE registry_context_key;
"""
# New tables are readable by default (0001).
REVOKE = [
    if_role(role, f"REVOKE ALL ON registry_context_key FROM {role}")
    for role in (APP, DERIVE, AUDIT)
]


class Migration(migrations.Migration):
    dependencies = [("mmn_registry", "0002_sessions_may_be_deleted")]

    operations = [
        migrations.RunSQL(CONTEXT, DROP_CONTEXT),
        migrations.RunSQL(REVOKE, migrations.RunSQL.noop),
    ]
