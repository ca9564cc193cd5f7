from django.db import migrations

# Only an owner may ANALYZE. Plans made with the statistics of an empty table took minutes on the
# page that followed a large import; autovacuum comes a minute late.
STATISTICS = """
CREATE FUNCTION registry_analyze_records() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
-- Of every guarded table: those that hold patients' rows.
DECLARE
    guarded regclass;
BEGIN
    FOR guarded IN
        SELECT oid::regclass FROM pg_class
        WHERE relforcerowsecurity AND relnamespace = 'public'::regnamespace
    LOOP
        EXECUTE format('ANALYZE %s', guarded);
    END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("mmn_registry", "0003_context")]

    operations = [migrations.RunSQL(STATISTICS, "DROP FUNCTION registry_analyze_records")]
